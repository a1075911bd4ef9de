"""Copies of texts: what counts as one, and that the estimate is near the truth."""

from __future__ import annotations

import random

from connectors.competitors.duplicates import SHINGLE, copy_of, similarity, sketch

WORDS = [f"word{n}" for n in range(3_000)]


def text(rng: random.Random, count: int = 400) -> list[str]:
    return [rng.choice(WORDS) for _ in range(count)]


def jaccard(one: list[str], other: list[str]) -> float:
    a, b = ({tuple(t[i : i + SHINGLE]) for i in range(len(t) - SHINGLE + 1)} for t in (one, other))
    return len(a & b) / len(a | b)


def test_the_estimate_is_near_the_truth() -> None:
    rng = random.Random(1)
    errors = []
    for _ in range(200):
        one = text(rng)
        other = one.copy()
        for _ in range(rng.randrange(60)):
            other[rng.randrange(len(other))] = rng.choice(WORDS)
        errors.append(similarity(sketch(" ".join(one)), sketch(" ".join(other))) - jaccard(one, other))
    assert abs(sum(errors)) / len(errors) < 0.02
    assert (sum(e * e for e in errors) / len(errors)) ** 0.5 < 0.08


def test_a_new_headline_and_footer_make_no_new_text() -> None:
    rng = random.Random(2)
    body = " ".join(text(rng))
    known = {"a": sketch(body), "b": sketch(" ".join(text(rng)))}
    assert copy_of(sketch(f"A fresh headline. {body.upper()} All rights reserved, as ever."), known, besides="c") == "a"
    assert copy_of(sketch(body), known, besides="a") is None
    assert copy_of(sketch(" ".join(text(rng))), known, besides="c") is None


def test_short_texts_are_never_copies() -> None:
    teaser = "Read the whole story on our site, where you will find much more of it."
    assert sketch(teaser) == ()
    assert copy_of(sketch(teaser), {"a": sketch(teaser)}, besides="b") is None


def test_languages_without_spaces() -> None:
    rng = random.Random(3)
    signs = [chr(rng.randrange(0x4E00, 0x9FFF)) for _ in range(300)]
    copied = signs.copy()
    copied[10] = "々"
    assert copy_of(sketch("".join(copied)), {"a": sketch("".join(signs))}, besides="b") == "a"
    rng.shuffle(copied)
    assert copy_of(sketch("".join(copied)), {"a": sketch("".join(signs))}, besides="b") is None
