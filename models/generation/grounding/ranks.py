"""Superlatives and ranks: the cited value must be the extreme of its family."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from models.generation.estimate import MIDDLE, critical, standard_error
from models.generation.grounding.cues import family, metrics_named
from models.generation.grounding.finding import Found
from models.generation.grounding.line import Line
from models.generation.grounding.operands import Bound
from models.generation.grounding.problem import Kind
from models.generation.grounding.subject import fold
from models.generation.grounding.value import Value
from models.generation.rules import RULES

_UNIVERSAL = re.compile(
    r"always|never|unrivalled|unrivaled|unmatched|unbeatable|unparalleled|the only|everyone|everybody|no one|nobody|all-time|"
    r"record|nothing else|unlike any other|second to none|world-class|ultimate|supreme|favou?rite",
    re.IGNORECASE,
)
Reading = Callable[[Value], float | None]


def rank_problem(line: Line, token: Found, bound: Sequence[Bound], universe: Sequence[Value]) -> str:
    """Why a superlative or a rank is not supported, or an empty text. `universe` holds every family whole."""
    if _UNIVERSAL.fullmatch(token.text):
        return "no query can show that it holds for all"
    cited = _cited(line, token, bound, universe)
    if cited is None:
        return "no number in the sentence shows it"
    if cited.value is None:
        return "the value was not observed"
    members = [v for v in universe if v.role == "observed" and v.value is not None and _ranked_together(cited, v)]
    if len(members) < 2 and token.text.lower() != "fullest":
        return "there is nothing that it could be ranked against"
    place, direction = _place(line, token)
    for reading in _readings(cited, members, universe):
        if _stands_at(cited, members, reading, place, direction):
            return ""
    best = (max if direction > 0 else min)(members, key=lambda v: v.value or 0.0)
    return f"by the numbers it is {_spoken(best)}" if place == 1 else "by the numbers it has another place"


def _cited(line: Line, token: Found, bound: Sequence[Bound], universe: Sequence[Value]) -> Value | None:
    here = [b for b in bound if b.value.role == "observed" and b.value.day is None]
    begin, end = line.segment(token.start)
    local = [b for b in here if begin <= b.token.start < end] or here
    if local:
        return min(local, key=lambda b: min(abs(b.token.start - token.end), abs(token.start - b.token.end))).value
    metrics = metrics_named(line.text)
    platforms = {m.key for m in line.mentions if m.dimension == "platform"}
    topics = {m.key for m in line.mentions if m.dimension == "topic"}
    named = [
        v for v in universe
        if family(v.subject.metric) in metrics and not v.subject.rival and v.role == "observed"
        and ((v.subject.platform and v.subject.platform.value in platforms and not v.subject.topic)
             or (v.subject.topic and fold(v.subject.topic) in topics))
    ]  # fmt: skip
    return named[0] if len(named) == 1 else None


def _ranked_together(cited: Value, other: Value) -> bool:
    a, b = cited.subject, other.subject
    if a.group != b.group or cited.unit != other.unit:
        return False
    bound_to_platform = a.rival or bool(a.content_type) or a.weekday is not None
    return not bound_to_platform or a.platform is b.platform


def _place(line: Line, token: Found) -> tuple[int, int]:
    """The place that is claimed and from which end."""
    after = line.text[token.end - line.start :]
    if token.kind is Kind.RANKING:
        lowest = re.match(r"[\s-](?:lowest|smallest|weakest|worst|slowest|least)", after, re.IGNORECASE)
        return int(token.value or 1), -1 if lowest else 1
    if re.match(r"\s(?:weak|bad|poor)", after) and token.text.lower() == "least":
        return 1, 1
    return 1, token.direction


def _readings(cited: Value, members: Sequence[Value], universe: Sequence[Value]) -> list[Reading]:
    """The orders a family is ranked in: by value, and for percentiles also by the two the rule-based writer uses."""
    readings: list[Reading] = [lambda v: v.value]
    if cited.unit != "percentile":
        return readings
    counts = {v.id: v.value for v in universe if v.unit == "posts"}
    z = critical(RULES.slot_error, len(members))

    def measured(value: Value) -> float:
        return value.n or counts.get(value.id.removesuffix("percentile") + "posts_measured") or 0.0

    def covered(value: Value) -> float | None:
        posts = counts.get(value.id.removesuffix("percentile") + "posts")
        if not posts or measured(value) < RULES.pillar_min_posts or value.value is None:
            return None
        return (value.value - MIDDLE) * min(1.0, measured(value) / posts)

    def certain(value: Value) -> float | None:
        n = measured(value)
        return None if value.value is None or n < RULES.slot_min_posts else value.value - z * standard_error(n)

    return [*readings, covered, certain]


def _stands_at(cited: Value, members: Sequence[Value], reading: Reading, place: int, direction: int) -> bool:
    mine = reading(cited)
    if mine is None:
        return False
    ahead = 0
    for other in members:
        theirs = reading(other)
        if other.id == cited.id or theirs is None:
            continue
        if theirs == mine and cited.subject.metric != "posts_measured":
            return False
        if (theirs > mine) == (direction > 0) and theirs != mine:
            ahead += 1
    return ahead == place - 1


def _spoken(value: Value) -> str:
    subject = value.subject
    parts = [subject.topic, subject.name, subject.content_type, subject.platform.label if subject.platform else ""]
    return " on ".join(part for part in parts if part) or "another"
