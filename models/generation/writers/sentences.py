"""Sentences of a model made into claims: each is checked against the facts it cites, and one that fails is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.domain.evidence import Fact
from models.domain.strategy import Claim
from models.errors import InvalidInput
from models.generation.evidence import PLACEHOLDER, cited
from models.generation.grounding.checker import NOTHING, check_claim
from models.generation.grounding.subject import Subject
from models.generation.writers.citing import cited_readings
from models.generation.writers.copy import foreign_links, mentions
from models.generation.writers.offered import Offered

LONGEST = 400
"""Characters of one sentence with its placeholders."""


@dataclass(frozen=True)
class Taken:
    """`claim` holds the sentences that passed, None when none did; `problems` says what was wrong with the others."""

    claim: Claim | None
    problems: tuple[str, ...]


def take(
    sentences: Sequence[str],
    offered: Offered,
    facts: Mapping[str, Fact],
    *,
    where: str,
    also: tuple[str, ...] = (),
    about: Subject = NOTHING,
    must_cite: bool = False,
) -> Taken:
    """The sentences as one claim. `facts` are those of the whole snapshot, which superlatives are held against; `also` names
    facts the claim rests on without printing them, `about` what the claim stands under. With `must_cite` the sentences are nothing unless one shows a fact: what
    gives a reason shows what it rests on."""
    passed: list[str] = []
    problems: list[str] = []
    for sentence in sentences:
        resolved, wrong = check(sentence, offered, facts, about)
        if wrong:
            problems += [f"{where}: {problem}" for problem in wrong]
        elif resolved:
            passed.append(resolved)
    if not passed:
        return Taken(None, tuple(problems) or (f"{where}: no sentence was written.",))
    template = " ".join(passed)
    if must_cite and not cited(template):
        return Taken(None, (*problems, f"{where}: no sentence that passes shows one of its numbers."))
    return Taken(
        Claim(template=template, text="", fact_ids=tuple(dict.fromkeys((*cited(template), *also)))), tuple(problems)
    )


def check(
    sentence: str, offered: Offered, facts: Mapping[str, Fact], about: Subject = NOTHING
) -> tuple[str, tuple[str, ...]]:
    """The sentence with references in place of short names, and what is wrong with it."""
    plain = " ".join(sentence.split())
    if not plain:
        return "", ()
    if len(plain) > LONGEST:
        return "", (f"a sentence is longer than {LONGEST} characters",)
    said = PLACEHOLDER.sub("so", plain)
    if (
        any(not char.isprintable() for char in plain)
        or "<" in plain
        or "](" in plain
        or foreign_links(said)
        or mentions(said)
    ):
        return "", ("a sentence holds markup, a link or a control character",)
    try:
        resolved = offered.resolve(plain)
    except InvalidInput as error:
        return "", (f"{error!s}: use the listed ones only",)
    problems = _problems(resolved, offered, facts, about)
    if not problems:
        return _ended(resolved), ()
    for reading in cited_readings(resolved, offered):
        if not _problems(reading, offered, facts, about):
            return _ended(reading), ()
    return "", problems


def _problems(resolved: str, offered: Offered, facts: Mapping[str, Fact], about: Subject) -> tuple[str, ...]:
    left = resolved
    for one in offered.planned.values():
        for style in (one.style, "pace"):
            left = left.replace(f"{{{one.path}|{style}}}", "as planned")
    if "{@" in left or "{rule:" in left:
        return ("a placeholder was not offered",)
    return tuple(problem.reason for problem in check_claim(left, facts, about=about))


def plain(text: str, offered: Offered, facts: Mapping[str, Fact]) -> str:
    """The sentence if it passes and cites no number; else nothing."""
    resolved, problems = check(text, offered, facts)
    return "" if problems or "{" in resolved else resolved


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!", "…")) else f"{sentence}."
