"""Insights of Meta's vendors: which names to ask for, what a refused one becomes, numbers out of rows, days.

One wrong name fails a whole insights request (code 100), so a refused request is asked name by name and only the
refused ones get a state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors import readings
from connectors.social.meta.graph import moment
from models.domain.content import ObservationState
from models.domain.social import Platform
from models.errors import PermissionMissing, Rejected
from models.metrics.registry import registry

PACIFIC = ZoneInfo("America/Los_Angeles")
"""Days of page and account insights end at midnight there (Graph API insights)."""
_NO_SUCH_NAME = ("valid insights metric", "must be one of the following values")
"""What is said of a name that is no metric. Only names that were valid once are asked for, so it has been retired."""
LATE = timedelta(hours=48)
"""Insights may come this late (Instagram insights reference); a missing day is delayed until then."""


@dataclass(frozen=True)
class Asked:
    """One metric and the vendor's name for it; the vendor's number is divided by `divisor`."""

    metric: str
    name: str
    divisor: float = 1.0


def asked_for(platform: Platform, entity: str, at: datetime) -> tuple[Asked, ...]:
    """The metrics of an entity (post, account, audience) under the names that are valid at an instant."""
    known = registry()
    found: list[Asked] = []
    for row in known.fields:
        if row.platform != platform.value or known.metrics[row.metric].entity != entity:
            continue
        if "interface" not in row.read_by:
            continue
        if (row.valid_from and at.date() < row.valid_from) or (row.valid_to and at.date() >= row.valid_to):
            continue
        name, _, divisor = row.field.partition(" / ")
        found.append(Asked(row.metric, name, float(divisor or 1)))
    return tuple(found)


class Verdicts:
    """Which names the vendor has refused in this run, and what that means for their metrics."""

    def __init__(self) -> None:
        self.refused: dict[str, ObservationState] = {}

    def live(self, asked: Iterable[Asked]) -> list[Asked]:
        return [one for one in asked if one.name not in self.refused]

    def settle(
        self, asked: Sequence[Asked], probe: Callable[[str], object], error: Rejected | PermissionMissing
    ) -> None:
        """Asks each name alone after a refused request. Raises the error when no name is to blame."""
        if isinstance(error, Rejected) and (error.code or "").partition("/")[0] != "100":
            raise error
        before = len(self.refused)
        for one in self.live(asked):
            try:
                probe(one.name)
            except PermissionMissing:
                self.refused[one.name] = ObservationState.UNAVAILABLE
            except Rejected as refused:
                unknown = any(words in refused.cause for words in _NO_SUCH_NAME)
                self.refused[one.name] = ObservationState.RETIRED if unknown else ObservationState.UNSUPPORTED
        if len(self.refused) == before:
            raise error


def number(value: Any) -> float | None:
    """The number in a value. An object (by type, paid and organic) is summed; with a part missing there is none.

    Lists and objects that a later version may add are no part of the sum; an object of numbers is a sum not understood.
    """
    if isinstance(value, str):
        return float(value) if value.isdigit() else None
    if not isinstance(value, dict):
        return readings.number(value)
    parts = [part for part in value.values() if not isinstance(part, dict | list)]
    known = [part for part in map(readings.number, parts) if part is not None]
    deeper = any(
        isinstance(part, dict) and part and None not in map(readings.number, part.values()) for part in value.values()
    )
    return None if deeper or len(known) < len(parts) else float(sum(known))


def nested_values(row: Mapping[str, Any]) -> dict[str, float]:
    """Numbers by name from the insights that stand inside a post's or media's own row."""
    held = row.get("insights")
    data = held.get("data") if isinstance(held, dict) else None
    return lifetime_values(one for one in data if isinstance(one, dict)) if isinstance(data, list) else {}


def lifetime_values(rows: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Numbers by name from lifetime insights (`data` of a post's or media's insights)."""
    found: dict[str, float] = {}
    for row in _named(rows):
        values = row.get("values")
        last = values[-1] if isinstance(values, list) and values and isinstance(values[-1], dict) else {}
        total = row.get("total_value")
        held = total.get("value") if isinstance(total, dict) else last.get("value")
        value = number(held)
        if value is not None and not (held == {} and row["name"] != "post_reactions_by_type_total"):
            found[row["name"]] = value
    return found


def daily_values(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, datetime, float]]:
    """(name, end of the day, number) from insights by day; days without a number are left out."""
    for row in _named(rows):
        for value in row["values"] if isinstance(row.get("values"), list) else ():
            end = moment(value.get("end_time")) if isinstance(value, dict) else None
            held = number(value.get("value")) if end is not None and value.get("value") != {} else None
            if end is not None and held is not None:
                yield row["name"], end, held


def whole_days(since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """(start, end) of the vendor's days that end in `(since, until]`; the day that `since` falls in is among them."""
    day = since.astimezone(PACIFIC).date()
    found: list[tuple[datetime, datetime]] = []
    while (end := _midnight(day + timedelta(days=1))) <= until:
        found.append((_midnight(day), end))
        day += timedelta(days=1)
    return found


def missing(end: datetime, at: datetime) -> ObservationState:
    """Why a day has no number: late for two days, not available afterwards."""
    return ObservationState.DELAYED if at - end < LATE else ObservationState.UNAVAILABLE


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PACIFIC).astimezone(UTC)


def _named(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (row for row in rows if isinstance(row.get("name"), str))
