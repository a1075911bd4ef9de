"""The first rows of an unknown CSV, column by column: what its values look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from zoneinfo import ZoneInfo

from connectors.files.tabular import Table
from connectors.files.values import CellError, TimeParser, parse_value

ROWS = 500
FORMATS = (
    "iso",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%y %H:%M",
    "%m/%d/%y",
    "%m-%d-%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d, %Y %H:%M",
    "%d %b %Y",
    "%d %B %Y",
    "%a, %b %d, %Y",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a %b %d %H:%M:%S %z %Y",
)


@dataclass(frozen=True)
class ColumnSample:
    """The sampled cells of one column."""

    name: str
    values: tuple[str, ...]

    @cached_property
    def filled(self) -> tuple[str, ...]:
        return tuple(value.strip() for value in self.values if value.strip())

    @cached_property
    def time_formats(self) -> tuple[str, ...]:
        """Formats that read at least 90 % of the filled cells together, fewest first; empty for anything but times."""
        values = self.filled
        if not values or all(re.fullmatch(r"-?\d{1,8}(\.\d+)?", value) for value in values):
            return ()
        scored = sorted(
            ((self._read_by(pattern), -rank, pattern) for rank, pattern in enumerate(FORMATS)), reverse=True
        )
        chosen: list[str] = []
        left = list(values)
        for hits, _, pattern in scored:
            if not hits or len(left) <= 0.1 * len(values):
                break
            parser = TimeParser((pattern,), ZoneInfo("UTC"))
            still = [value for value in left if not _reads(parser, value)]
            if len(still) < len(left):
                chosen.append(pattern)
                left = still
        return tuple(chosen) if len(left) <= 0.1 * len(values) else ()

    @property
    def reads_day_first_too(self) -> bool:
        """Whether the cells are dates in digits whose day and month could both come first."""
        first = [re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d", value) for value in self.filled]
        return all(match and int(match[1]) <= 12 and int(match[2]) <= 12 for match in first) and bool(first)

    @property
    def looks_like_id(self) -> bool:
        """Distinct, filled, without spaces, and not a small number nor a time."""
        values = self.values
        return (
            len(values) > 0
            and len(self.filled) == len(values)
            and len(set(values)) >= 0.98 * len(values)
            and all(re.fullmatch(r"[\w.:=-]{5,}", value) for value in self.filled)
            and not all(re.fullmatch(r"\d{1,5}|\d*\.\d+", value) for value in self.filled)
            and not self.time_formats
        )

    @property
    def conversion(self) -> str | None:
        """How the cells read as numbers: number, percent, duration or compact; None if they do not."""
        values = self.filled
        if not values:
            return None
        if all(value.endswith("%") for value in values):
            return "percent" if self._numbers("percent") else None
        if all(":" in value for value in values):
            return "duration" if self._numbers("duration") else None
        if self._numbers("number"):
            return "number"
        return "compact" if self._numbers("compact") else None

    def _numbers(self, conversion: str) -> bool:
        good = 0
        for value in self.filled:
            try:
                parse_value(value, conversion)  # type: ignore[arg-type]
                good += 1
            except CellError:
                continue
        return good >= 0.9 * len(self.filled)

    def _read_by(self, pattern: str) -> int:
        parser = TimeParser((pattern,), ZoneInfo("UTC"))
        return sum(_reads(parser, value) for value in self.filled)


def _reads(parser: TimeParser, value: str) -> bool:
    try:
        parser.parse(value)
    except CellError:
        return False
    return True


@dataclass(frozen=True)
class Sample:
    columns: tuple[ColumnSample, ...]


def take_sample(table: Table) -> Sample:
    """The first `ROWS` readable rows."""
    rows = [row.cells for row in islice(table.rows(), ROWS) if row.problem is None and not row.blank]
    return Sample(tuple(ColumnSample(name, tuple(row[i] for row in rows)) for i, name in enumerate(table.columns)))
