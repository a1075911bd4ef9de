"""Columns that repeat the sum of others, such as `Reactions, Comments and Shares`: verified, never stored."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.files.binding import Binding
from connectors.files.tabular import Row
from connectors.files.values import CellError, parse_number


@dataclass
class _Mismatches:
    count: int = 0
    first: str = ""


@dataclass
class CheckSums:
    """Fed every row before the file's decimal sign is known, so it keeps a verdict for either."""

    binding: Binding
    verdicts: dict[str, _Mismatches] = field(default_factory=lambda: {".": _Mismatches(), ",": _Mismatches()})

    def add(self, row: Row) -> None:
        for check in self.binding.checks:
            texts = [row.cells[index].strip() for index in (check.total, *check.indexes)]
            if all(text.isascii() and text.isdigit() for text in texts) and int(texts[0]) == sum(map(int, texts[1:])):
                continue
            for decimal, verdict in self.verdicts.items():
                try:
                    total, *parts = (parse_number(text, decimal) for text in texts)
                except CellError:
                    continue
                if total != sum(parts):
                    verdict.count += 1
                    verdict.first = verdict.first or (
                        f"line {row.line} says {total:g} where its parts add up to {sum(parts):g}"
                    )

    def note(self, decimal: str) -> str | None:
        """A sentence about the rows whose sum does not hold, or None."""
        found = self.verdicts[decimal]
        if not found.count:
            return None
        columns = " and ".join(repr(check.column) for check in self.binding.checks)
        rows = "1 row" if found.count == 1 else f"{found.count:,} rows"
        return f"The check sum {columns} does not hold in {rows}: {found.first}; the parts are stored as they stand."
