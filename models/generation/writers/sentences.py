"""Sentences of a model made into claims: each is checked against the facts it cites, and one that fails is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.domain.evidence import Fact
from models.domain.social import Platform
from models.domain.strategy import Claim
from models.errors import InvalidInput
from models.generation.evidence import PLACEHOLDER, cited
from models.generation.grounding.checker import NOTHING, check_claim
from models.generation.grounding.subject import Subject
from models.generation.writers.citing import cited_readings
from models.generation.writers.copy import foreign_links, mentions
from models.generation.writers.offered import Offered

_RESULTS = re.compile(
    r"\b(?:perform\w*|popular\w*|engag\w+|well[- ]represented|(?:high|low|large|small|significant|substantial|strong) "
    r"(?:share|part|portion|number|percentage|rate|interest)|success\w*|effective\w*|resonat\w+|proven|crucial|essential|"
    r"the brand['’]s (?:own )?posts)\b",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?<=[.!?])\s+(?=[A-Z“{])")
_EMPTY = frozenset(word for platform in Platform for word in platform.label.casefold().split()) | frozenset(
    [
        "a",
        "an",
        "and",
        "for",
        "of",
        "on",
        "the",
        "to",
        "this",
        "is",
        "with",
        "brand",
        "brands",
        "channel",
        "channels",
        "content",
        "creation",
        "distribution",
        "lead",
        "leads",
        "main",
        "marketing",
        "media",
        "platform",
        "platforms",
        "post",
        "posts",
        "primary",
        "publishing",
        "sharing",
        "social",
    ]
)
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
    own: str = "",
) -> Taken:
    """The sentences as one claim. `facts` are those of the whole snapshot, which superlatives are held against; `also` names
    facts the claim rests on without printing them, `about` what the claim stands under, `own` what the
    rules say there: a sentence out of it is as true as it was."""
    passed: list[str] = []
    problems: list[str] = []

    def try_one(sentence: str) -> tuple[str, ...]:
        """What is wrong with it; one that is fine is kept."""
        kept = sentence.endswith(".") and sentence in own
        resolved, wrong = (offered.resolve(sentence), ()) if kept else check(sentence, offered, facts, about)
        if resolved:
            passed.append(resolved)
        return wrong

    for several in (" ".join(sentence.split()) for sentence in sentences):
        wrong = try_one(several)
        parts = _BETWEEN.split(several)
        if wrong and len(parts) > 1:  # one of them may be at fault alone
            wrong = tuple(problem for part in parts for problem in try_one(part))
        problems += [f"{where}: {problem}" for problem in wrong]
    if not passed:
        return Taken(None, tuple(problems) or (f"{where}: no sentence was written.",))
    template = " ".join(passed)
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
    return tuple(problem.reason for problem in check_claim(resolved, facts, given=offered.given, about=about))


def plain(text: str, offered: Offered, facts: Mapping[str, Fact]) -> str:
    """The sentence if it passes and cites no number; else nothing."""
    resolved, problems = check(text, offered, facts)
    return "" if problems or "{" in resolved else resolved


def says_something(phrase: str) -> bool:
    """Whether a phrase holds a word that not every channel of every brand could be described with."""
    return any(word not in _EMPTY for word in re.findall(r"[^\W\d_]+", phrase.casefold()))


def speaks_of_results(text: str) -> bool:
    """Whether a text that shows no number judges how posts do, which only numbers can."""
    return _RESULTS.search(text) is not None


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!", "…")) else f"{sentence}."
