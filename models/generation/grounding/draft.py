"""The number checker for drafts: what a social post states must be a fact, or words that people of the workspace wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from models.domain.brand import BrandProfile
from models.domain.evidence import Fact
from models.generation.grounding.finding import Found, find
from models.generation.grounding.line import COUNTED, DATED
from models.generation.grounding.problem import Kind, Problem
from models.generation.grounding.subject import name_pattern
from models.generation.grounding.value import Value, values_of
from models.generation.grounding.vocabulary import COPY_NAMES, COPY_NEUTRAL
from models.generation.x_length import link_spans

_PLACES = re.compile(r"\[[^\[\]\n]{3,}\](?!\()")
"""What a person still has to fill in: what stands in it is no statement yet."""
_LISTED = re.compile(r"(?m)^\s*\d{1,2}[.)]\s|^\s*\d\ufe0f?\u20e3\s?")
"""The number of an item of a list."""


def own_words(brand: BrandProfile, said: Iterable[str] = ()) -> tuple[str, ...]:
    """What may stand in a draft as it is: `said`, such as the name of its pillar, and what the brand says of itself."""
    return tuple(
        words for words in (*said, *brand.required_phrases, brand.description, brand.audience) if words.strip()
    )


def check_copy(text: str, facts: Sequence[Fact] = (), *, said: Iterable[str] = ()) -> tuple[Problem, ...]:
    """What a draft states without a fact: numbers, dates, superlatives and comparisons.

    `facts` are those it may use; a number passes when the renderer writes it so for one of them. `said` are words of the
    workspace's own people (profile, brief, campaign, planned dates) that may stand as they are. Links and unfilled places
    in square brackets are not read; set phrases (`vocabulary.COPY_NEUTRAL`) state nothing.
    """
    own = [pattern for words in said if (pattern := name_pattern(words)) is not None]
    closed = [
        *link_spans(text),
        *(m.span() for pattern in (_PLACES, _LISTED, COPY_NAMES, *own) for m in pattern.finditer(text)),
        *(m.span() for m in re.finditer(r"(?:https?://|www\.)\S+", text)),
    ]
    values = values_of(facts)
    found = find(text, neutral=(COPY_NEUTRAL,), names=closed)
    return tuple(problem for token in found if (problem := _problem(token, values, found)) is not None)


def _problem(token: Found, values: Sequence[Value], found: Sequence[Found]) -> Problem | None:
    if token.kind is Kind.MISSING:
        return None
    span = (token.start, token.end)
    if token.kind in COUNTED or token.kind in DATED:
        if any(value.shows(token) and _noun_fits(token, value) for value in values):
            return None
        reason = f"“{token.text.strip()}” states a {_word(token.kind)} that no fact of this draft gives: leave it out or have it confirmed."
        return Problem(token.kind, span, token.text, reason)
    reason = f"“{token.text.strip()}” claims a {_word(token.kind)} that no fact of this draft supports: say it without."
    return Problem(token.kind, span, token.text, reason)


def _noun_fits(token: Found, value: Value) -> bool:
    if token.kind is not Kind.NUMBER or not token.unit:
        return True
    spoken = {value.unit.replace("_", " "), *value.subject.metric.split("_"), value.subject.metric.replace("_", " ")}
    return any(token.unit.rstrip("s").split(" ")[0] in word for word in spoken)


def _word(kind: Kind) -> str:
    return {Kind.SUPERLATIVE: "superlative", Kind.RANKING: "rank"}.get(kind, kind.value)
