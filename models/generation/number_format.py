"""How a value is written in a sentence: rounding, separators, units, singular and plural, and words for what is missing."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

UNIT_FORMATS = {
    "count": "count", "posts": "posts", "ratio": "percent", "percentile": "whole_percent", "percent": "points",
    "per_week": "per_week", "weekday": "weekday", "hour": "clock", "seconds": "seconds", "hours": "hours", "usd": "usd",
}  # fmt: skip
"""The format a unit of `models.domain.evidence.Fact` has when the template names none."""

MISSING = "not observed"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip


def format_value(value: Any, style: str) -> str:
    """The value as text. Raises KeyError for an unknown style. None gives words, whatever the style."""
    write = _STYLES[style]
    return MISSING if value is None else write(value)


def _count(value: float) -> str:
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 0.1 else f"{value:.2g}"


def _of(singular: str, plural: str) -> Callable[[float], str]:
    return lambda value: f"{_count(value)} {singular if _count(value) == '1' else plural}"


def _percent(ratio: float) -> str:
    """One decimal; rates below one percent keep two, so that a goal differs from its baseline."""
    percent = ratio * 100
    if percent == 0 or abs(percent) >= 1:
        return f"{percent:,.1f}%"
    return f"{percent:.2f}%" if abs(percent) >= 0.1 else f"{percent:.2g}%"


def _whole_percent(ratio: float) -> str:
    if 0 < ratio < 0.005:
        return "less than 1%"
    if 0.995 < ratio < 1:
        return "more than 99%"
    return f"{math.floor(ratio * 100 + 0.5)}%"


def _pace(value: float) -> str:
    return "fewer than 0.1" if 0 < value < 0.05 else f"{value:,.1f}".removesuffix(".0")


def _per_week(value: float) -> str:
    shown = _pace(value)
    return f"{shown} {'post' if shown == '1' else 'posts'} a week"


def _words(value: float) -> str:
    return _WORDS[int(value)] if float(value).is_integer() and 0 <= value < len(_WORDS) else _count(value)


def _date(value: date | datetime) -> str:
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_STYLES: dict[str, Callable[[Any], str]] = {
    "count": _count,
    "posts": _of("post", "posts"),
    "engagements": _of("public engagement", "public engagements"),
    "seconds": _of("second", "seconds"),
    "hours": _of("hour", "hours"),
    "usd": lambda value: f"{value:,.2f} US dollars",
    "percent": _percent,
    "whole_percent": _whole_percent,
    "points": lambda value: f"{value:,.1f}%",
    "per_week": _per_week,
    "pace": _pace,
    "weekday": lambda value: _WEEKDAYS[int(value) - 1],
    "clock": lambda value: f"{int(value):02d}:00",
    "date": _date,
    "words": _words,
    "name": str,
    "capital": lambda value: str(value)[:1].upper() + str(value)[1:],
}
