"""Numbers, times and missing values as people read them.

Cards show at most three significant digits (`12.4 k`) with the exact value in the help; percentages have one decimal;
times are in the workspace's zone. A missing value is an en dash and comes with its reason, never a 0.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

MISSING = "–"

_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_STATES = {
    "unsupported": "the platform has no such number",
    "unavailable": "the source did not carry it",
    "delayed": "the platform has not published it yet",
    "retired": "the platform no longer reports it",
    "privacy_limited": "withheld by the platform for privacy",
}


def short(value: float | None) -> str:
    """At most three significant digits with a magnitude letter: `12.4 k`, `980`, `0.42`; missing is an en dash."""
    if value is None:
        return MISSING
    for size, letter in _STEPS:
        # 999 500 is shown as 1 M, not as 1000 k.
        if abs(value) >= size * 0.9995:
            return f"{_three(value / size)} {letter}"
    return _three(value)


def _three(value: float) -> str:
    rounded = float(f"{value:.3g}")
    if abs(rounded) >= 100 or rounded == int(rounded):
        return f"{rounded:,.0f}"
    return f"{rounded:.2f}".rstrip("0").rstrip(".") if abs(rounded) < 10 else f"{rounded:.1f}".rstrip("0").rstrip(".")


def exact(value: float | None) -> str:
    """Every digit that means something, with thousands separators."""
    if value is None:
        return MISSING
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def percent(ratio: float | None) -> str:
    """A ratio (0–1) as a percentage with one decimal; a small one that is not 0 is `<0.1%`."""
    if ratio is None:
        return MISSING
    if 0 < abs(ratio) < 0.0005:
        return "<0.1%" if ratio > 0 else ">-0.1%"
    return f"{ratio * 100:,.1f}%"


def share(ratio: float) -> str:
    """A proposed share as a whole percentage."""
    return f"{ratio * 100:.0f}%"


def signed_percent(ratio: float) -> str:
    """A relative change with its sign and one decimal, e.g. `+12.3%`; exactly none is `0.0%`."""
    return f"{ratio * 100:+,.1f}%" if round(ratio, 3) else "0.0%"


def signed_points(difference: float) -> str:
    """A difference of two ratios in percentage points, e.g. `-0.4 pp`."""
    return f"{difference * 100:+,.1f} pp" if round(difference, 3) else "0.0 pp"


def signed_count(difference: float) -> str:
    return f"{difference:+,.0f}" if difference else "0"


def size(count: int) -> str:
    """A file's size: `640 bytes`, `12.4 kB`, `3 MB`."""
    for step, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= step * 0.9995:
            return f"{_three(count / step)} {unit}"
    return f"{count:,} bytes"


def fact_value(value: float | None, unit: str) -> str:
    """A fact's number in its unit's own words (units of `models.domain.evidence.Fact`)."""
    if value is None:
        return MISSING
    words: dict[str, Callable[[float], str]] = {
        "ratio": percent,
        "percent": lambda v: f"{v:,.1f}%",
        "percentile": lambda v: f"{ordinal_percentile(v)} percentile",
        "per_week": lambda v: f"{_three(v)} a week",
        "posts": lambda v: f"{v:,.0f} post" + ("" if v == 1 else "s"),
        "weekday": lambda v: weekday(int(v)),
        "hour": lambda v: f"{int(v):02d}:00",
        "hours": lambda v: f"{_three(v)} h",
        "seconds": lambda v: f"{_three(v)} s",
        "usd": lambda v: f"${v:,.2f}",
    }
    return words[unit](value) if unit in words else exact(value)


def ordinal_percentile(ratio: float | None) -> str:
    """A percentile (0–1) as people say it: `92nd`; missing is an en dash."""
    if ratio is None:
        return MISSING
    number = round(ratio * 100)
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def weekday(number: int) -> str:
    """Name of an ISO weekday (1 = Monday)."""
    return _WEEKDAYS[number - 1]


def day(value: date | None) -> str:
    return MISSING if value is None else f"{value.day} {value:%b %Y}"


def instant(value: datetime | None, zone: ZoneInfo) -> str:
    """Day and time in the workspace's zone (the zone itself is named once on the page)."""
    return MISSING if value is None else f"{day(value.astimezone(zone).date())}, {value.astimezone(zone):%H:%M}"


def age(hours: float | None) -> str:
    """A post's age: hours below two days, then days, then weeks from 10 weeks on."""
    if hours is None:
        return MISSING
    if hours < 48:
        return f"{hours:.0f} h"
    days = hours / 24
    return f"{days:.0f} d" if days < 70 else f"{days / 7:,.0f} wk"


def state_reason(state: str | None) -> str:
    """Why a value is not there, in words."""
    return _STATES.get(state or "", "not observed")
