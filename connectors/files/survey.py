"""The first pass over an export: its digest, its newest times, and how its dates are written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.files.binding import Binding, BoundTime
from connectors.files.datestyle import DateStyle
from connectors.files.intake import Progress
from connectors.files.mapping import Mapping
from connectors.files.tabular import Row, Table
from connectors.files.values import CellError


@dataclass(frozen=True)
class Survey:
    digest: str
    binding: Binding
    newest: datetime | None
    newest_reading: datetime | None
    notes: tuple[str, ...]


def survey(table: Table, mapping: Mapping, binding: Binding, landed_at: datetime, progress: Progress) -> Survey:
    """One pass for the digest, the newest times not after `landed_at`, and how the dates are written."""
    hasher = hashlib.sha256()
    style = DateStyle() if mapping.time and mapping.time.swapped_dates == "by_weekday" else None
    plain, swapped = _Newest(binding.time, landed_at), _Newest(_swapped(binding.time), landed_at)
    reading = _Newest(binding.observed, landed_at)
    for row in table.rows(progress, hasher):
        if row.problem is not None or row.blank:
            continue
        plain.add(row)
        reading.add(row)
        if style is not None and binding.time is not None:
            swapped.add(row)
            style.add(row.cells[binding.time.index])
    if style is not None and style.swapped:
        bound = replace(binding, time=_swapped(binding.time))
        return Survey(hasher.hexdigest(), bound, swapped.value, reading.value, (style.note(),))
    return Survey(hasher.hexdigest(), binding, plain.value, reading.value, ())


def _swapped(time: BoundTime | None) -> BoundTime | None:
    return replace(time, parser=replace(time.parser, swapped=True)) if time else None


class _Newest:
    """The newest time of a column that is not after a limit."""

    def __init__(self, time: BoundTime | None, limit: datetime) -> None:
        self._time, self._limit = time, limit
        self.value: datetime | None = None

    def add(self, row: Row) -> None:
        if self._time is None:
            return
        try:
            at = self._time.parser.parse(row.cells[self._time.index])
        except CellError:
            return
        if at <= self._limit and (self.value is None or at > self.value):
            self.value = at
