"""The values a text may state, and every way the renderer writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isfinite
from typing import Literal

from models.domain.evidence import Fact
from models.generation.grounding.finding import Found, find
from models.generation.grounding.problem import Kind
from models.generation.grounding.subject import Subject, subject_of
from models.generation.grounding.vocabulary import MONTHS
from models.generation.number_format import format_value

Role = Literal["observed", "proposed", "rule"]

FORMATS: dict[str, tuple[str, ...]] = {
    "count": ("count", "engagements", "words"), "posts": ("posts", "count", "words"), "ratio": ("percent", "whole_percent"),
    "percentile": ("whole_percent",), "percent": ("points",), "per_week": ("per_week", "pace"), "weekday": ("weekday",),
    "hour": ("clock",), "seconds": ("seconds", "count"), "hours": ("hours", "count"), "usd": ("usd",), "days": ("count", "words"),
}  # fmt: skip
"""The formats that fit a unit; the first is the default."""

COMMON_FORMATS = ("date",)
"""Formats of what stands with a fact: `date` is the day up to which its data were read."""

SLOT_FORMATS = ("weekday", "clock")
"""Of facts about a weekday and an hour: that weekday, that hour."""


@dataclass(frozen=True)
class Value:
    """A value with what it is about. `role` tells an observation from a proposal of the strategy and a rule's constant.

    `value` is None when nothing was observed; `day` is set instead of it for a date. `n` is how many posts stand behind.
    """

    id: str
    value: float | None
    unit: str
    subject: Subject
    role: Role = "observed"
    day: date | None = None
    n: float | None = None

    @cached_property
    def shown(self) -> tuple[Found, ...]:
        """What stands in a text that shows this value, one for each format."""
        if self.day is not None:
            return find(format_value(self.day, "date"))
        if self.value is None or self.subject.metric == "part":
            return ()
        found: list[Found] = []
        for style in FORMATS.get(self.unit, ("count",)):
            if style == "engagements" and "engagements" not in self.subject.metric:
                continue
            found += find(format_value(self.value, style))
            if style == "words":
                found += find(format_value(self.value, style).capitalize())
        if self.unit in ("weekday", "hour"):
            return tuple(found)
        if self.subject.weekday is not None:
            found += find(format_value(self.subject.weekday, "weekday"))
        if self.subject.hour is not None:
            found += find(format_value(self.subject.hour, "clock"))
        if self.role == "rule" and self.unit == "ratio":
            found += [Found(Kind.NUMBER, 0, 0, "", self.value)]
        return tuple(found)

    def shows(self, token: Found) -> bool:
        """Whether the renderer could have written the token's number for this value; its noun is not looked at."""
        return token.text.isascii() and any(_same(token, shown) for shown in self.shown)


def value_of(fact: Fact) -> Value:
    """A fact as a value; one that is not a finite number counts as missing."""
    there = fact.value is not None and isfinite(fact.value)
    return Value(fact.id, fact.value if there else None, fact.unit, subject_of(fact), n=fact.n)


def values_of(facts: Sequence[Fact]) -> tuple[Value, ...]:
    """Facts as values, with the days up to which they were read, each once."""
    values = [value_of(fact) for fact in facts]
    return (*values, *days_of(facts))


def days_of(facts: Sequence[Fact]) -> tuple[Value, ...]:
    days = dict.fromkeys(fact.as_of.date() for fact in facts)
    return tuple(Value(f"as_of.{day}", None, "date", Subject("as_of"), day=day) for day in days)


def _same(token: Found, shown: Found) -> bool:
    if token.kind is not shown.kind:
        return False
    if token.kind is Kind.DATE:
        wanted, given = _day(shown.text), _day(token.text)
        return (
            given is not None and wanted is not None and all(g in (None, w) for g, w in zip(given, wanted, strict=True))
        )
    if token.kind is Kind.TIME:
        return _minutes(token.text) is not None and _minutes(token.text) == _minutes(shown.text)
    if token.kind is Kind.WEEKDAY:
        return token.text[:3].lower() == shown.text[:3].lower() and not token.text.lower().startswith("weekend")
    if token.value is None or shown.value is None:
        return False
    bounded, wanted_bound = _bound(token.text), _bound(shown.text)
    units = token.kind is Kind.NUMBER or token.unit in (shown.unit, "us dollars", "us dollar", "dollars", "$", "usd")
    return bounded == wanted_bound and units and token.value == shown.value and "‰" not in token.text


def _bound(text: str) -> str:
    match = re.match(r"(?:fewer|less|more) than", text, re.IGNORECASE)
    return "" if match is None else match[0].lower()


def _day(text: str) -> tuple[int | None, int | None, int | None] | None:
    """(year, month, day), each None where the text leaves it out; None for a text that is not read for certain."""
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        return int(match[1]), int(match[2]), int(match[3])
    month = next((number for number, name in enumerate(MONTHS, 1) if re.search(rf"\b{name[:3]}", text)), None)
    if month is None:
        return None
    year = re.search(r"\b\d{4}\b", text)
    day = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?!\d)", text)
    return (int(year[0]) if year else None), month, (int(day[1]) if day else None)


def _minutes(text: str) -> int | None:
    match = re.fullmatch(r"(\d{1,2})(?:[:.](\d\d))?(?::00)?\s?(?:([ap])\.?m\.?)?", text.strip(), re.IGNORECASE)
    if match is None:
        return {"noon": 720, "midday": 720, "midnight": 0}.get(text.lower())
    hour = int(match[1])
    if match[3]:
        hour = hour % 12 + (12 if match[3].lower() == "p" else 0)
    return hour * 60 + int(match[2] or 0)
