"""Audience exports of Meta Business Suite: several small tables below each other in one file, as one table of segments.

A block begins with a line that holds its title alone and ends at a blank line. A table is either a header of names over
rows that begin with a label (age groups by gender), or one line of names over one line of values (cities, countries).
Blocks without a meaning here are skipped to the next blank line and named in a note.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.files.countries import country_code
from connectors.files.encoding import encoding_of
from connectors.files.sheets import Sheet
from connectors.files.tabular import Table, clean_name, column_key
from models.errors import ImportRefused

SEGMENT, BLOCK, SHARE, FOLLOWERS = "Audience segment", "Audience block", "Audience share", "Audience followers"
LARGEST = 4 * 1024 * 1024
"""Bytes up to which a file is looked at as an audience export; real ones have a few hundred lines."""
DIMENSIONS = (
    (re.compile(r"age.*gender|gender.*age"), "age_gender"),
    (re.compile(r"\bcit(y|ies)\b|\btowns"), "city"),
    (re.compile(r"\bcountr(y|ies)\b"), "country"),
    (re.compile(r"^top pages$"), "page"),
    (re.compile(r"^age( range| group)?s?$"), "age"),
    (re.compile(r"^gender$"), "gender"),
)
GENDERS = {"women": "F", "female": "F", "men": "M", "male": "M", "unknown": "U", "undisclosed": "U", "other": "U"}
_NUMBER = re.compile(r"[-+]?[\d.,' \u00a0]*\d\s*%?")
_WHOLE = re.compile(r"[1-9]\d{0,2}([,. '\u00a0]\d{3})+|\d+")
_HINT = re.compile(r"top (cit|countr|town)|age.{0,12}gender|gender.{0,12}age", re.IGNORECASE)
Line = tuple[int, list[str]]


@dataclass(frozen=True)
class Audience:
    """The segments of one file: a table of shares, one of follower counts, or both. `titles` are all blocks' titles."""

    tables: tuple[Table, ...]
    titles: tuple[str, ...]
    notes: tuple[str, ...]


def audience_in(path: Path, head: bytes) -> Audience | None:
    """The segments of an audience export, or None where the file is none. Raises `ImportRefused` for a broken one."""
    encoding = encoding_of(path, head)
    if path.stat().st_size > LARGEST or not _HINT.search(head.decode(encoding, "replace")):
        return None
    content = path.read_bytes()
    text = content.decode(encoding, "replace")
    delimiter = ","
    if match := re.match(r"\ufeff?sep=([,;\t])\r?\n", text):
        delimiter = match[1]
    lines = list(_lines(text, delimiter))
    first = next(([cell for cell in cells if cell] for _, cells in lines if any(cells)), [])
    if len([cell for cell in first if not cell.startswith("sep=")]) > 1:
        return None
    blocks = [(title, body) for title, body in _blocks(lines) if body]
    known = [(title, dimension, body) for title, body in blocks if (dimension := _dimension(title[1]))]
    if not known:
        return None
    size, digest = len(content), hashlib.sha256(content).hexdigest()
    found: dict[str, list[tuple[int, tuple[str, ...]]]] = {SHARE: [], FOLLOWERS: []}
    for (_, title), dimension, body in known:
        kind = FOLLOWERS if _are_counts(body) else SHARE
        found[kind] += [(line, (segment, title, *value)) for line, segment, value in _segments(dimension, body)]
    taken = {title for title, _, _ in known}
    titles = tuple(title for _, title in sorted(taken))
    tables = tuple(
        Sheet(
            path, encoding, delimiter, (SEGMENT, BLOCK, kind), 0, size, titles, kind if all(found.values()) else "",
            tuple(rows), digest,
        )
        for kind, rows in found.items()
        if rows
    )  # fmt: skip
    if not tables:
        raise ImportRefused(
            f"{path.name} has the titles of an audience export but no numbers below them: export it again."
        )
    left = [title for title, _ in blocks if title not in taken]
    return Audience(tables, tuple(title for (_, title), _ in blocks), tuple(_notes(left)))


def _notes(left: list[tuple[int, str]]) -> Iterator[str]:
    if left:
        listed = ", ".join(f"{title!r} (line {line})" for line, title in left)
        yield f"Not taken from the audience export: {listed}; a daily series has an export of its own."


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [clean_name(cell) for cell in cells]
    except csv.Error:
        return


def _blocks(lines: list[Line]) -> Iterator[tuple[tuple[int, str], list[Line]]]:
    """((line, title), the lines below it). A known title begins a block even without a blank line before it."""
    title: tuple[int, str] | None = None
    body: list[Line] = []
    for line, cells in lines:
        filled = [cell for cell in cells if cell]
        alone = len(filled) == 1 and not _NUMBER.fullmatch(filled[0]) and not filled[0].startswith("sep=")
        if alone and (title is None or _dimension(filled[0]) or not body):
            if title is not None:
                yield title, body
            title, body = (line, filled[0]), []
        elif not filled and body:
            if title is not None:
                yield title, body
            title, body = None, []
        elif filled:
            body.append((line, cells))
    if title is not None:
        yield title, body


def _dimension(title: str) -> str | None:
    key = column_key(title)
    return next((name for pattern, name in DIMENSIONS if pattern.search(key)), None)


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _are_counts(body: list[Line]) -> bool:
    """Whether the numbers are followers: whole, without a percent sign, and more in all than percents can be."""
    cells = [cell for _, line in body for cell in line if cell and _is_number(cell)]
    whole = [re.sub(r"[,. '\u00a0]", "", cell) for cell in cells if _WHOLE.fullmatch(cell)]
    return len(cells) > 0 and len(whole) == len(cells) and sum(map(int, whole)) > 101


def _segments(dimension: str, body: list[Line]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """(line, segment id, one cell). A cell that is not there is left out, so that its row is refused as cut off."""
    (_, names), *rest = body
    flat = len(rest) == 1 and not any(_is_number(n) for n in names) and all(_is_number(c) for c in rest[0][1] if c)
    if flat and rest[0][1] and _is_number(rest[0][1][0]):
        line, values = rest[0]
        for index, name in enumerate(names):
            if name:
                yield line, _segment(dimension, name, ""), tuple(values[index : index + 1])
        return
    if any(_is_number(cell) for cell in names[1:]):
        names, rest = ["", ""], body
    for line, cells in rest:
        for index, name in enumerate(names[1:], start=1):
            column = name if len(names) > 2 or dimension == "age_gender" else ""
            yield line, _segment(dimension, cells[0], column), tuple(cells[index : index + 1])


def _segment(dimension: str, label: str, column: str) -> str:
    value = country_code(label) if dimension == "country" else GENDERS.get(column_key(label), label)
    if column:
        value = f"{value}.{GENDERS.get(column_key(column), column)}"
    return f"{dimension}={value}"
