"""Excel workbooks, old and new, as the same tables that CSV files give. Read with python-calamine, in memory.

Ids above 15 digits are rounded in a workbook's numbers; they are written in the scientific form, so that the reader of
ids refuses them with its own sentence.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from connectors.files.intake import Progress, no_progress
from connectors.files.tabular import HEADER_LINES, Row, Table, clean_name
from models.errors import ImportRefused

EXACT = 10**15
OLD = b"\xd0\xcf\x11\xe0"
SECTOR = 512
"""Old workbooks are made of sectors of this size (MS-CFB, version 3)."""


@dataclass(frozen=True)
class Sheet(Table):
    """A table whose lines are in memory: one sheet of a workbook, or lines regrouped from a file of many blocks."""

    lines: tuple[tuple[int, tuple[str, ...]], ...] = ()
    digest: str = ""

    def rows(self, progress: Progress = no_progress, hasher: Any = None, expected: str | None = None) -> Iterator[Row]:
        """Every row below the header. `hasher` is fed the digest of the file that the lines were read from."""
        if hasher is not None:
            hasher.update(f"{self.part}\n{self.digest}".encode())
        for line, cells in self.lines:
            if line > self.header_line:
                yield self._fitted(line, list(cells))
        progress(self.size)


def sheets_in(path: Path) -> Iterator[list[Table]]:
    """For each sheet, the tables it holds if its first, second … line is the header. Raises `ImportRefused`."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    for name, grid in _grids(path, content):
        lines = tuple((number, tuple(map(_text, row))) for number, row in enumerate(grid, start=1))
        yield list(_tables(path, name, lines, digest, len(content)))


def _grids(path: Path, content: bytes) -> list[tuple[str, list[list[Any]]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    if content.startswith(OLD) and _is_cut(content):
        raise _damaged(path, "it ends before its last sector")
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        return [(name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names]
    except (CalamineError, OSError, ValueError) as error:
        raise _damaged(path, str(error).rstrip(".")) from None
    except BaseException as error:
        # A panic of the Rust reader arrives as a BaseException of no importable type (seen with a file cut short).
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(path, "its parts do not fit together") from None


def _is_cut(content: bytes) -> bool:
    """Whether an old workbook ends inside a sector, or before one that its header names (MS-CFB 2.2, DIFAT)."""
    named = [sector for (sector,) in struct.iter_unpack("<I", content[0x4C:SECTOR]) if sector < 0xFFFFFFFA]
    return len(content) % SECTOR != 0 or any((sector + 2) * SECTOR > len(content) for sector in named)


def _damaged(path: Path, reason: str) -> ImportRefused:
    return ImportRefused(
        f"{path.name} begins as an Excel workbook but cannot be read as one ({reason}): it was cut short or is no "
        "workbook; download it again."
    )


def _tables(
    path: Path, name: str, lines: tuple[tuple[int, tuple[str, ...]], ...], digest: str, size: int
) -> Iterator[Table]:
    preamble: tuple[str, ...] = ()
    for number, cells in lines[:HEADER_LINES]:
        if not any(cells):
            continue
        width = max(index for index, cell in enumerate(cells, start=1) if cell)
        columns = tuple(clean_name(cell) for cell in cells[:width])
        yield Sheet(path, "xls", "\t", columns, number, size, preamble, name, lines, digest)
        preamble += tuple(cell for cell in columns if cell)


def _text(value: Any) -> str:
    """A cell as an export would write it."""
    match value:
        case bool():
            return str(value)
        case float() if value.is_integer():
            return f"{value:.5E}" if abs(value) >= EXACT else str(int(value))
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value.total_seconds())
        case _:
            return str(value).strip()
