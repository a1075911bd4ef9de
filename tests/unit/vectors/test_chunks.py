"""Texts in pieces: nothing is lost, nothing is too long, and equal pieces are known by their hash."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vectors.chunks import LONGEST, MOST_WORDS, OVERLAP, WORDS, chunks_of, split
from connectors.vectors.sources import clean
from models.domain.retrieval import Document, Source, Trust

POST = Document(Source.OWN, "x", "acc", "Harbour", "1", "", "Oak planks, steamed")


@pytest.mark.parametrize("count", [1, WORDS, 200, 201, 260, 1_000, 5_003])
def test_pieces_hold_every_word_in_order_and_repeat_only_the_overlap(count: int) -> None:
    words = [f"w{n}" for n in range(count)]
    pieces = [piece.split() for piece in split(" ".join(words))]
    rebuilt = pieces[0] + [word for piece in pieces[1:] for word in piece[OVERLAP:]]
    assert rebuilt == words
    assert all(len(piece) <= MOST_WORDS for piece in pieces)
    assert len({len(piece) for piece in pieces[:-1]}) <= 1
    assert len(pieces) == 1 or len(pieces[-1]) > WORDS / 2


@given(st.text(max_size=5_000))
def test_any_text_is_covered_and_bounded(text: str) -> None:
    pieces = split(text)
    assert all(0 < len(piece) <= LONGEST for piece in pieces)
    assert bool(pieces) == bool(text.split())
    kept = {word for piece in pieces for word in piece.split()}
    assert {word for word in text.split() if len(word) <= 20} <= kept or len(text) > LONGEST


def test_text_without_spaces_is_cut() -> None:
    assert [len(piece) for piece in split("字" * (2 * LONGEST + 5))] == [LONGEST, LONGEST, 5]


def test_white_space_between_words_stays() -> None:
    assert split("  one\n\ntwo  three ") == ["one\n\ntwo  three"]


def test_a_piece_knows_its_title_once() -> None:
    assert chunks_of(replace(POST, title="Boats"))[0].embedded == "Boats\nOak planks, steamed"
    assert chunks_of(replace(POST, title="Oak planks"))[0].embedded == "Oak planks, steamed"
    assert [chunk.embedded for chunk in chunks_of(replace(POST, title="Boats", text=""))] == ["Boats"]
    assert chunks_of(replace(POST, text=" \n ")) == []


def test_the_hash_is_that_of_what_is_embedded() -> None:
    one = chunks_of(POST)[0]
    assert one.hash == chunks_of(replace(POST, entity_id="2", platform="linkedin"))[0].hash
    assert one.hash != chunks_of(replace(POST, text="Oak planks, steamed."))[0].hash
    assert one.hash != chunks_of(replace(POST, title="Boats"))[0].hash


def test_ids_are_distinct_by_where_a_thing_is_published() -> None:
    rival = replace(POST, source=Source.COMPETITOR)
    draft = replace(POST, source=Source.DRAFT, account_id="")
    assert (
        len({POST.id, rival.id, draft.id, replace(POST, platform="tiktok").id, replace(POST, account_id="b").id}) == 5
    )
    assert (POST.trust, draft.trust, rival.trust) == (Trust.OWN, Trust.OWN, Trust.COMPETITOR)


@given(st.text())
def test_cleaned_text_can_be_stored(text: str) -> None:
    assert "\0" not in clean(text)
    clean(text + "\ud800").encode()
