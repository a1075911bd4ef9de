"""A mapping laid over one file's header: column names become positions, or the import is refused.

Raises `ImportRefused` naming the columns that the mapping wants and the file lacks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.files.columns import Fixed, MetricColumn, TimeColumn
from connectors.files.mapping import Mapping
from connectors.files.tabular import Table, column_key
from connectors.files.values import Conversion, TimeParser
from models.errors import ImportRefused
from models.metrics.registry import Metric, registry


@dataclass(frozen=True)
class BoundMetric:
    column: str
    index: int
    metric: Metric
    conversion: Conversion
    scale: float


@dataclass(frozen=True)
class BoundTime:
    column: str
    index: int
    parser: TimeParser


@dataclass(frozen=True)
class BoundSum:
    """Columns that add up to a metric."""

    column: str
    indexes: tuple[int, ...]
    metric: Metric


@dataclass(frozen=True)
class BoundCheck:
    """A column that repeats the sum of others."""

    column: str
    indexes: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class BoundText:
    """A cell that must equal a text, in lower case."""

    column: str
    index: int
    equals: str
    reason: str = ""


@dataclass(frozen=True)
class Binding:
    """Positions of everything the mapping names. None: the mapping does not say, or the file may lack it."""

    id: int | None
    id_from: int | None
    time: BoundTime | None
    day: BoundTime | None
    observed: BoundTime | None
    account: int | None
    account_name: int | None
    title: int | None
    body: int | None
    caption: tuple[int, ...]
    url: int | None
    content_type: int | None
    content_type_from: int | None
    fixed_type: str | None
    tags: int | None
    metrics: tuple[BoundMetric, ...]
    sums: tuple[BoundSum, ...]
    checks: tuple[BoundCheck, ...]
    skip: tuple[BoundText, ...]
    only: tuple[BoundText, ...]
    payload_keys: tuple[str, ...]
    missing: frozenset[str]
    decimal: Literal[".", ","]

    @property
    def clock(self) -> BoundTime | None:
        """The column whose times place the rows."""
        return self.time or self.day

    @property
    def number_columns(self) -> dict[int, tuple[str, bool]]:
        """Position → (name, whether it holds counts) of every column that is read as a number."""
        found = {
            m.index: (m.column, m.metric.unit == "count" and m.conversion in ("number", "compact"))
            for m in self.metrics
        }
        groups: tuple[BoundSum | BoundCheck, ...] = (*self.sums, *self.checks)
        for group in groups:
            for index in group.indexes:
                found.setdefault(index, (group.column, True))
        return found


def bind(mapping: Mapping, table: Table) -> Binding:
    """The mapping's positions in this table."""
    finder = _Finder(mapping, table)
    metrics = finder.metrics()
    content_type = mapping.content_type
    observed = mapping.observed_at if isinstance(mapping.observed_at, TimeColumn) else None
    binding = Binding(
        id=finder.found(mapping.id) if mapping.id_from else finder.needed(mapping.id),
        id_from=finder.needed(mapping.id_from.column) if mapping.id_from else None,
        time=finder.time(mapping.time),
        day=finder.time(mapping.day),
        observed=finder.time(observed),
        account=finder.needed(mapping.account.column),
        account_name=finder.found(mapping.account.name_column),
        title=finder.found(mapping.title),
        body=finder.found(mapping.body),
        caption=finder.every(mapping.caption),
        url=finder.found(mapping.url),
        content_type=finder.found(content_type) if isinstance(content_type, tuple) else None,
        content_type_from=finder.found(mapping.content_type_from.column) if mapping.content_type_from else None,
        fixed_type=content_type.fixed if isinstance(content_type, Fixed) else None,
        tags=finder.found(mapping.tags.column) if mapping.tags else None,
        metrics=metrics,
        sums=finder.sums({metric.metric.id for metric in metrics}),
        checks=finder.checks(),
        skip=tuple(
            BoundText(table.columns[index], index, rule.equals.strip().casefold())
            for rule in mapping.skip_rows
            if (index := finder.found(rule.column)) is not None
        ),
        only=tuple(
            BoundText(table.columns[index], index, rule.equals.strip().casefold(), rule.reason)
            for rule in mapping.only_rows
            if (index := finder.found(rule.column)) is not None
        ),
        payload_keys=_payload_keys(table),
        missing=frozenset({"", *(value.strip().casefold() for value in mapping.missing_values)}),
        decimal=mapping.decimal,
    )
    finder.refuse_missing()
    return binding


class _Finder:
    def __init__(self, mapping: Mapping, table: Table) -> None:
        self._mapping, self._table = mapping, table
        self._positions: dict[str, list[int]] = {}
        for index, key in enumerate(table.keys):
            self._positions.setdefault(key, []).append(index)
        self._missing: list[str] = []

    def needed(self, names: tuple[str, ...] | None) -> int | None:
        return self._find(names, optional=False)

    def found(self, names: tuple[str, ...] | None) -> int | None:
        return self._find(names, optional=self._mapping.absent_columns == "allowed")

    def time(self, column: TimeColumn | None) -> BoundTime | None:
        index = self.needed(column.column) if column else None
        if column is None or index is None:
            return None
        return BoundTime(self._table.columns[index], index, TimeParser(column.formats, ZoneInfo(column.zone)))

    def metrics(self) -> tuple[BoundMetric, ...]:
        bound: dict[str, BoundMetric] = {}
        for column, spec in (*self._mapping.metrics.items(), *self._titled()):
            index = self.found((column,))
            if index is None:
                continue
            if spec.metric in bound:
                raise ImportRefused(
                    f"{self._table.path.name} has two columns for {spec.metric}, {bound[spec.metric].column!r} and "
                    f"{self._table.columns[index]!r}: map one of them only."
                )
            bound[spec.metric] = BoundMetric(
                self._table.columns[index], index, registry().metric(spec.metric), spec.conversion, spec.scale
            )
        return tuple(bound.values())

    def _titled(self) -> Iterator[tuple[str, MetricColumn]]:
        """The number column of a series, with the metric that the line above the header names."""
        series = self._mapping.titled
        if series is None:
            return
        titles = {column_key(title): spec for title, spec in series.titles.items()}
        for line in self._table.preamble:
            if spec := titles.get(column_key(line)):
                yield series.column[0], spec
                return

    def every(self, names: tuple[str, ...] | None) -> tuple[int, ...]:
        """The positions of all of the names that the table has."""
        found = (self._find((name,), optional=True) for name in names or ())
        return tuple(index for index in found if index is not None)

    def sums(self, present: set[str]) -> tuple[BoundSum, ...]:
        """Sums for metrics without a column of their own, where the table has every part."""
        found = []
        for metric, names in self._mapping.sums.items():
            indexes = self.every(names)
            if metric not in present and len(indexes) == len(names):
                columns = " + ".join(self._table.columns[index] for index in indexes)
                found.append(BoundSum(columns, indexes, registry().metric(metric)))
        return tuple(found)

    def checks(self) -> tuple[BoundCheck, ...]:
        found = []
        for check in self._mapping.checks:
            total, parts = self._find(check.column, optional=True), self.every(check.parts)
            if total is not None and len(parts) == len(check.parts):
                found.append(BoundCheck(self._table.columns[total], parts, total))
        return tuple(found)

    def refuse_missing(self) -> None:
        if self._missing:
            seen = ", ".join(repr(name) for name in self._table.columns if name)
            wanted = ", ".join(dict.fromkeys(self._missing))
            raise ImportRefused(
                f"{self._table.path.name} lacks what mapping {self._mapping.name!r} names: {wanted}; its columns are {seen}."
            )

    def _find(self, names: tuple[str, ...] | None, *, optional: bool) -> int | None:
        if names is None:
            return None
        for name in names:
            places = self._positions.get(column_key(name), [])
            if len(places) > 1:
                raise ImportRefused(
                    f"{self._table.path.name} has {len(places)} columns named {name!r}: rename all but one of them."
                )
            if places:
                return places[0]
        if not optional:
            self._missing.append(" or ".join(repr(name) for name in names))
        return None


def _payload_keys(table: Table) -> tuple[str, ...]:
    """One distinct key a column, so that no cell of the vendor's row is lost to a doubled or empty name."""
    keys: list[str] = []
    for number, name in enumerate(table.columns, start=1):
        keys.append(name if name and name not in keys else f"{name or 'column'}#{number}")
    return tuple(keys)
