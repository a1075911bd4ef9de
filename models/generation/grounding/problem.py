"""What the number checker refuses, in words that a marketer understands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of statement a text makes at one place, or what is wrong there."""

    NUMBER = "number"
    PERCENT = "percent"
    POINTS = "percentage points"
    MONEY = "money"
    DATE = "date"
    TIME = "time"
    WEEKDAY = "weekday"
    PERIOD = "period"
    SUPERLATIVE = "superlative"
    COMPARISON = "comparison"
    CHANGE = "change"
    RANKING = "ranking"
    MISSING = "missing value"
    UNIT = "unit"
    FORMAT = "format"
    METRIC = "metric"
    SUBJECT = "subject"
    DIRECTION = "direction"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Problem:
    """One refusal. `span` is (start, end) in the text or template that was checked, `found` the words there.

    `reason` is one sentence: what was found, and why no query result stands behind it.
    """

    kind: Kind
    span: tuple[int, int]
    found: str
    reason: str
