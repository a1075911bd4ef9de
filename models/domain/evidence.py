"""Evidence: a number together with the query that gives it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Fact:
    """One observed or computed number, with everything needed to show and re-run it.

    `query` is complete SQL over the contracted marts; it returns one row with one column, equal to `value`. `unit` is a
    registry unit (`count`, `ratio`, `seconds`, `hours`, `usd`, `percent`, `per_week`, `posts`, `weekday`, `hour`, `percentile`).
    `n` is how many posts stand behind the value (None where that means nothing).
    `value` is None when nothing was observed; such a fact is shown as missing, never as 0.
    """

    id: str
    label: str
    value: float | None
    unit: str
    mart: str
    query: str
    as_of: datetime
    n: int | None = None
