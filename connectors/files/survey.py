"""The first pass over an export: its digest, its span of time, its accounts, and how it writes dates and numbers."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from connectors.files.binding import Binding, BoundMetric, BoundTime
from connectors.files.checksums import CheckSums
from connectors.files.dateorder import DateOrder
from connectors.files.datestyle import DateStyle
from connectors.files.identity import PRECISE_DIGITS, Identity, RowRefused, is_rounded
from connectors.files.intake import Progress
from connectors.files.mapping import Mapping
from connectors.files.numberstyle import NumberStyle
from connectors.files.tabular import Row, Table
from connectors.files.values import CellError, mangled_id
from models.errors import ImportRefused

CERTAIN_ZEROS = 4
"""Zeros that a file's long ids must end in together before they count as rounded: by chance 1 file in 10,000."""


@dataclass(frozen=True)
class Survey:
    """`first` and `newest` are the span of publish times or days, none of them after the limit given."""

    digest: str
    binding: Binding
    first: datetime | None
    newest: datetime | None
    newest_reading: datetime | None
    notes: tuple[str, ...]
    accounts: tuple[tuple[str, str | None], ...] = ()
    rounded_ids: bool = False
    rows: int = 0
    has_hours: bool = True


def survey(table: Table, mapping: Mapping, binding: Binding, identity: Identity, progress: Progress) -> Survey:
    """One pass over the rows. Raises `ImportRefused` where a spreadsheet spoilt the numbers beyond reading."""
    limit = identity.arguments.landed_at
    hasher = hashlib.sha256()
    times = _clock_of(mapping, binding.clock, limit)
    reading = _Span(binding.observed, limit)
    numbers, ids, hours = NumberStyle(), _Ids(binding), _Hours(binding.clock)
    rows = 0
    checks, shares = CheckSums(binding), _Shares(binding)
    accounts: Counter[tuple[str, str | None]] = Counter()
    columns = {} if mapping.decimal_is_given else binding.number_columns
    for row in table.rows(progress, hasher):
        if row.problem is not None or row.blank or is_skipped(binding, row):
            continue
        rows += 1
        times.add(row)
        hours.add(row)
        reading.add(row)
        ids.add(row)
        checks.add(row)
        shares.add(row)
        for index, (name, is_count) in columns.items():
            numbers.add(row.cells[index].strip(), line=row.line, column=name, is_count=is_count)
        if binding.account is not None:
            try:
                if told := identity.told_account(row):
                    accounts[told] += 1
            except RowRefused:
                continue
    decimal = mapping.decimal if mapping.decimal_is_given else numbers.decimal
    if numbers.broken and (decimal == "," or table.delimiter == ";"):
        raise _spoilt(table, numbers.broken)
    bound = replace(binding, decimal=decimal, metrics=shares.settle())
    settled = times.settle()
    bound = replace(bound, time=settled) if binding.time is not None else replace(bound, day=settled)
    notes = (times.note(), None if mapping.decimal_is_given else numbers.note(), checks.note(decimal), ids.note())
    return Survey(
        digest=hasher.hexdigest(),
        binding=bound,
        first=times.span.first,
        newest=times.span.newest,
        newest_reading=reading.newest,
        notes=tuple(note for note in notes if note),
        accounts=tuple(account for account, _ in accounts.most_common()),
        rounded_ids=ids.rounded,
        rows=rows,
        has_hours=hours.any,
    )


def is_skipped(binding: Binding, row: Row) -> bool:
    """Whether the mapping says that the row is no record."""
    return any(row.cells[rule.index].strip().casefold() == rule.equals for rule in binding.skip)


def _spoilt(table: Table, broken: tuple[int, str, str]) -> ImportRefused:
    line, column, text = broken
    return ImportRefused(
        f"{table.path.name} was saved by a spreadsheet that took the comma between thousands for a decimal sign (line "
        f"{line}, {column!r} is {text!r}), so 12,000 may stand there as 12: export it again and import it without opening "
        "it in a spreadsheet."
    )


class _Span:
    """The oldest and newest times of a column that are not after a limit."""

    def __init__(self, time: BoundTime | None, limit: datetime) -> None:
        self._time, self._limit = time, limit
        self.first: datetime | None = None
        self.newest: datetime | None = None

    def add(self, row: Row) -> None:
        if self._time is not None:
            self.read(row.cells[self._time.index])

    def read(self, text: str) -> None:
        if self._time is None:
            return
        try:
            at = self._time.parser.parse(text)
        except CellError:
            return
        if at <= self._limit:
            self.newest = at if self.newest is None or at > self.newest else self.newest
            self.first = at if self.first is None or at < self.first else self.first


class _Clock:
    """Dates as they are written."""

    def __init__(self, time: BoundTime | None, limit: datetime) -> None:
        self.time, self.limit = time, limit
        self.span = _Span(time, limit)

    def add(self, row: Row) -> None:
        self.span.add(row)

    def settle(self) -> BoundTime | None:
        return self.time

    def note(self) -> str | None:
        return None


class _ByWeekday(_Clock):
    """Dates that a spreadsheet may have swapped, told by their weekdays."""

    def __init__(self, time: BoundTime, limit: datetime) -> None:
        super().__init__(time, limit)
        self._column = time.index
        self._turned = replace(time, parser=replace(time.parser, swapped=True))
        self._other, self._style = _Span(self._turned, limit), DateStyle()

    def add(self, row: Row) -> None:
        super().add(row)
        self._other.add(row)
        self._style.add(row.cells[self._column])

    def settle(self) -> BoundTime | None:
        if self._style.swapped:
            self.span = self._other
            return self._turned
        return self.time

    def note(self) -> str | None:
        return self._style.note() if self._style.swapped else None


class _ByFile(_Clock):
    """Dates whose order of day and month the certain ones of the file decide. Keeps the texts of the column."""

    def __init__(self, time: BoundTime, limit: datetime) -> None:
        super().__init__(time, limit)
        self._bound, self._order, self._texts = time, DateOrder(), list[str]()

    def add(self, row: Row) -> None:
        text = row.cells[self._bound.index]
        self._order.add(text)
        self._texts.append(text)

    def settle(self) -> BoundTime | None:
        settled = replace(self._bound, parser=replace(self._bound.parser, order=self._order.order))
        self.span = _Span(settled, self.limit)
        for text in self._texts:
            self.span.read(text)
        return settled

    def note(self) -> str | None:
        return self._order.note()


def _clock_of(mapping: Mapping, time: BoundTime | None, limit: datetime) -> _Clock:
    column = mapping.clock
    if time is None or column is None:
        return _Clock(time, limit)
    if column.order == "by_file":
        return _ByFile(time, limit)
    return _ByWeekday(time, limit) if column.swapped_dates == "by_weekday" else _Clock(time, limit)


@dataclass
class _Ids:
    """Whether the long ids of a file all end in the zeros that a spreadsheet leaves of them."""

    binding: Binding
    zeros: int = 0
    whole: int = 0
    spoilt: int = 0

    def add(self, row: Row) -> None:
        if self.binding.id is None:
            return
        text = row.cells[self.binding.id].strip()
        if self.binding.id_from is not None and mangled_id(text):
            self.spoilt += 1
        if len(text) > PRECISE_DIGITS and text.isascii() and text.isdigit():
            if is_rounded(text):
                self.zeros += len(text) - PRECISE_DIGITS
            else:
                self.whole += 1

    @property
    def rounded(self) -> bool:
        return self.whole == 0 and self.zeros >= CERTAIN_ZEROS

    def note(self) -> str | None:
        """A sentence about ids that are taken from links, or None."""
        if self.binding.id_from is None or not (self.spoilt or self.rounded):
            return None
        return "Ids that a spreadsheet rounded are read from the links of their posts."


class _Hours:
    """Whether any time of a column has an hour in it."""

    def __init__(self, time: BoundTime | None) -> None:
        self._index = time.index if time is not None else None
        self.any = time is None

    def add(self, row: Row) -> None:
        if not self.any and self._index is not None:
            text = row.cells[self._index]
            self.any = ":" in text or text.strip().isdigit()


@dataclass
class _Shares:
    """Percent or fraction, for columns that are written either way: told by a percent sign or a value above 1."""

    binding: Binding
    percent: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._columns = [metric.index for metric in self.binding.metrics if metric.conversion == "share"]

    def add(self, row: Row) -> None:
        for index in self._columns:
            text = row.cells[index].strip().replace(",", ".")
            if text.endswith("%"):
                self.percent.add(index)
                continue
            try:
                above = float(text) > 1
            except ValueError:
                continue
            if above:
                self.percent.add(index)

    def settle(self) -> tuple[BoundMetric, ...]:
        def kind(index: int) -> Literal["percent", "fraction"]:
            return "percent" if index in self.percent else "fraction"

        return tuple(
            replace(metric, conversion=kind(metric.index)) if metric.conversion == "share" else metric
            for metric in self.binding.metrics
        )
