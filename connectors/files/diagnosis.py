"""Why a CSV file without a known layout cannot be imported as it is: one sentence about this very file."""

from __future__ import annotations

import re
from itertools import islice

from connectors.files.sampling import Sample, take_sample
from connectors.files.tabular import DELIMITERS, Row, Table
from models.errors import ImportRefused

_PART_OF_DATE = re.compile(r"\b(year|month|week ?day|day of week|hour)\b", re.IGNORECASE)
_CODED = re.compile(r"\b(category|type|kind|group|class)\b", re.IGNORECASE)
SHOWN = 5


def refuse_unknown(table: Table) -> ImportRefused:
    """The refusal for a file that no shipped mapping fits."""
    sample = take_sample(table)
    if is_undated(table, sample):
        return _undated(table, sample, _parts_of_date(table))
    return ImportRefused(
        f"{table.path.name} has a layout that is not known; its columns are {_listed(table.columns)}: run "
        f"fabric import --suggest-mapping {table.path.name} to draft a mapping, then import with --mapping."
    )


def is_undated(table: Table, sample: Sample) -> bool:
    """Whether a file has columns such as month or hour, but none that holds a date."""
    return bool(_parts_of_date(table)) and not any(column.time_formats for column in sample.columns)


def _parts_of_date(table: Table) -> list[str]:
    return [name for name in table.columns if _PART_OF_DATE.search(name)]


def _undated(table: Table, sample: Sample, parts: list[str]) -> ImportRefused:
    no_id = "" if any(column.looks_like_id for column in sample.columns) else " and no post id"
    name = table.path.name
    also = [trait for trait in (_delimiter(table), _unnamed(table), _bad_cells(table), _codes(table, sample)) if trait]
    return ImportRefused(
        f"{name} has no publish date{no_id}: {_listed(parts)} are not a date, so its rows cannot be placed in time"
        f"{''.join(f'; also, {trait}' for trait in also)}; export the posts again with their id and publish time."
    )


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = [repr(name) if name else "one without a name" for name in names]
    return ", ".join(shown[:-1]) + " and " + shown[-1] if len(shown) > 1 else shown[0]


def _delimiter(table: Table) -> str | None:
    if table.delimiter == ",":
        return None
    return f"its cells are separated by {DELIMITERS[table.delimiter]} instead of a comma"


def _unnamed(table: Table) -> str | None:
    empty = [number for number, name in enumerate(table.columns, start=1) if not name]
    if not empty:
        return None
    return f"every line ends in a separator, which makes an unnamed empty column (column {empty[0]})"


def _codes(table: Table, sample: Sample) -> str | None:
    for name, column in zip(table.columns, sample.columns, strict=True):
        codes = sorted({value.strip() for value in column.values if value.strip()})
        if _CODED.search(name) and codes and len(codes) <= 9 and all(re.fullmatch(r"\d{1,2}", code) for code in codes):
            return f"column {name!r} holds codes ({', '.join(codes)}) instead of names"
    return None


def _bad_cells(table: Table) -> str | None:
    """Cells that are not numbers, or blank, in a column of date parts where nearly all are numbers."""
    rows = [row for row in islice(table.rows(), 1_000) if row.problem is None and not row.blank]
    found: list[str] = []
    for index, name in enumerate(table.columns):
        if not _PART_OF_DATE.search(name):
            continue
        odd = [row for row in rows if not row.cells[index].strip().isdigit()]
        if rows and 0 < len(odd) <= 0.1 * len(rows):
            found += [_cell(name, row, index) for row in odd]
    if not found:
        return None
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return f"{', '.join(found[:SHOWN])}{more} in date columns cannot be read"


def _cell(name: str, row: Row, index: int) -> str:
    text = row.cells[index].strip()
    return f"line {row.line} {name!r} = {text!r}" if text else f"line {row.line} {name!r} is blank"
