"""A mapping laid over one file's header: column names become positions, or the import is refused.

Raises `ImportRefused` naming the columns that the mapping wants and the file lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.files.mapping import Fixed, Mapping, TimeColumn
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
class Binding:
    """Positions of everything the mapping names. None: the mapping does not say, or the file may lack it."""

    id: int | None
    time: BoundTime | None
    observed: BoundTime | None
    account: int | None
    account_name: int | None
    title: int | None
    body: int | None
    url: int | None
    content_type: int | None
    fixed_type: str | None
    tags: int | None
    metrics: tuple[BoundMetric, ...]
    skip: tuple[tuple[int, str], ...]
    payload_keys: tuple[str, ...]
    missing: frozenset[str]


def bind(mapping: Mapping, table: Table) -> Binding:
    """The mapping's positions in this table."""
    finder = _Finder(mapping, table)
    metrics = finder.metrics()
    content_type = mapping.content_type
    observed = mapping.observed_at if isinstance(mapping.observed_at, TimeColumn) else None
    binding = Binding(
        id=finder.needed(mapping.id),
        time=finder.time(mapping.time),
        observed=finder.time(observed),
        account=finder.needed(mapping.account.column),
        account_name=finder.found(mapping.account.name_column),
        title=finder.found(mapping.title),
        body=finder.found(mapping.body),
        url=finder.found(mapping.url),
        content_type=finder.found(content_type) if isinstance(content_type, tuple) else None,
        fixed_type=content_type.fixed if isinstance(content_type, Fixed) else None,
        tags=finder.found(mapping.tags.column) if mapping.tags else None,
        metrics=metrics,
        skip=tuple(
            (index, rule.equals.strip().casefold())
            for rule in mapping.skip_rows
            if (index := finder.found(rule.column)) is not None
        ),
        payload_keys=_payload_keys(table),
        missing=frozenset({"", *(value.strip().casefold() for value in mapping.missing_values)}),
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
        for column, spec in self._mapping.metrics.items():
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
