"""Reading CSV: encoding, delimiter, header, and rows with the physical line they start on.

Accepts UTF-8 (with or without byte-order mark), UTF-16 and a Windows spreadsheet's Windows-1252, and comma, semicolon or
tab. Everything else is refused with one sentence. Nothing here knows what a column means.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.files.encoding import CHUNK, CUT, encoding_of, saved_by_windows, undecodable
from connectors.files.intake import Progress, changed_while_read, no_progress
from models.errors import ImportRefused

DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab"}
_BINARY = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive, such as an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How Excel workbooks begin, new and old."""
HEADER_LINES = 12
"""How far below the top of a file a header may stand."""
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\ufeff\u200b\u200c\u200d\u2060"))


def column_key(name: str) -> str:
    """A column name as compared: NFKC, no soft hyphens or byte-order marks, single spaces, case-folded."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name).translate(_INVISIBLE)).strip().casefold()


def clean_name(name: str) -> str:
    """A column name as shown: without byte-order marks, soft hyphens and other invisible signs."""
    return name.translate(_INVISIBLE).strip()


@dataclass(frozen=True)
class Row:
    """One record. `line` is the physical line it starts on (from 1); `problem` is set when it cannot be read as a row."""

    line: int
    cells: list[str]
    problem: str | None = None

    @property
    def blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Table:
    """A CSV file whose header has been read. `columns` are the names as written, without marks and invisible signs.

    `preamble` are the filled cells above the header. `part` names the sheet or block of the file, where it has several.
    """

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    header_line: int
    size: int
    preamble: tuple[str, ...] = ()
    part: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(column_key(name) for name in self.columns)

    def rows(self, progress: Progress = no_progress, hasher: Any = None, expected: str | None = None) -> Iterator[Row]:
        """Every row below the header, streamed; `hasher` is fed the file's bytes.

        With `expected` (a hex SHA-256) the file is refused at its end if it changed since. Raises `ImportRefused` where
        it cannot be decoded.
        """
        digest = hasher if hasher is not None else hashlib.sha256()
        with self.path.open("rb") as raw:
            text = io.TextIOWrapper(io.BufferedReader(_Tap(raw, digest, progress)), encoding=self.encoding, newline="")
            reader = csv.reader(text, delimiter=self.delimiter, strict=True)
            yield from self._below_header(reader)
        if expected is not None and digest.hexdigest() != expected:
            raise changed_while_read(self.path.name)

    def _below_header(self, reader: Any) -> Iterator[Row]:
        before = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except UnicodeDecodeError as error:
                if error.reason not in CUT:
                    raise undecodable(self.path, self.encoding) from error
                yield Row(before + 1, [], "the file ends in the middle of a character, so it was cut short here")
                return
            except csv.Error as error:
                problem = _csv_problem(str(error), before + 1, reader.line_num)
                yield Row(before + 1, [], problem)
            else:
                if before + 1 > self.header_line:
                    yield self._fitted(before + 1, cells)
            before = reader.line_num

    def _fitted(self, line: int, cells: list[str]) -> Row:
        width = len(self.columns)
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            cells = cells[:width]
        row = Row(line, cells)
        if len(cells) == width or row.blank:
            return row
        hint = "an unquoted delimiter inside a text" if len(cells) > width else "a line that was cut off"
        return Row(line, cells, f"the row has {len(cells)} cells where the header has {width}, which points to {hint}")


class _Tap(io.RawIOBase):
    """A raw stream that counts and hashes what passes through it."""

    def __init__(self, raw: Any, digest: Any, progress: Progress) -> None:
        self._raw, self._digest, self._progress, self._done = raw, digest, progress, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._raw.readinto(buffer)
        self._digest.update(memoryview(buffer)[:count])
        self._done += count
        self._progress(self._done)
        return count


def _csv_problem(error: str, first: int, last: int) -> str:
    where = f"line {first}" if first >= last else f"lines {first} to {last}"
    if "end of data" in error or "field larger" in error:
        return f"a quote that is never closed swallows {where}"
    return f"{where} cannot be read as CSV ({error})"


def read_head(path: Path, *, workbooks: bool = False) -> bytes:
    """The first bytes of a file. Raises `ImportRefused` for what is missing, unreadable, empty or plainly binary; with
    `workbooks`, Excel workbooks are let through."""
    try:
        with path.open("rb") as handle:
            head = handle.read(CHUNK)
    except FileNotFoundError:
        raise ImportRefused(f"{path} does not exist: check the path.") from None
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read ({error.strerror or error}): check its permissions.") from error
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise ImportRefused(f"{path.name} is empty: export it again.")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise ImportRefused(
            f"{path.name} is a web page, not an export, as a sign-in that ran out gives: download it again."
        )
    if workbooks and head.startswith(WORKBOOKS):
        return head
    for magic, kind in _BINARY.items():
        if head.startswith(magic):
            raise ImportRefused(f"{path.name} is {kind}, not a CSV file: export or save it as CSV (UTF-8) first.")
    return head


def open_table(path: Path) -> Table:
    """Recognises encoding, delimiter and header of a CSV file. Raises `ImportRefused` where that is impossible."""
    table = next(tables_in(path), None)
    if table is None:
        raise ImportRefused(f"{path.name} is not a CSV file: its first line is no header of column names.") from None
    if len(table.columns) < 2:
        raise ImportRefused(
            f"{path.name} is not a CSV file with columns: its first line, {table.columns[0][:60]!r}, has no comma, "
            "semicolon or tab; export the table itself as CSV."
        )
    return table


def tables_in(path: Path) -> Iterator[Table]:
    """The file with each of its first lines taken for the header, top first: exports put titles and sentences there."""
    head = read_head(path)
    encoding = encoding_of(path, head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    first, given = 1, None
    if match := re.match(r"sep=([,;\t])\r?\n", text):
        given, first, text = match[1], 2, text[match.end() :]
    delimiter = given or _delimiter(text)
    if encoding == "utf-8-sig" and saved_by_windows(path, head, delimiter):
        encoding = "cp1252"
    size = path.stat().st_size
    preamble: list[str] = []
    for line, cells in _first_lines(text, delimiter):
        if any(cells):
            columns = tuple(clean_name(name) for name in cells)
            yield Table(path, encoding, delimiter, columns, first - 1 + line, size, tuple(preamble))
            preamble += [cell for cell in columns if cell]


def _first_lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(last physical line, cells) of the first rows of a text."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for _ in range(HEADER_LINES):
        try:
            cells = next(reader)
        except (csv.Error, StopIteration):
            return
        yield reader.line_num, [cell.strip() for cell in cells]


def _delimiter(text: str) -> str:
    """The delimiter that splits the header into most columns, outside quotes; the header is among the first lines."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines() if line.strip()][:HEADER_LINES]
    top = max(DELIMITERS, key=lambda sign: lines[0].count(sign)) if lines else ","
    if not lines or top in lines[0]:
        return top
    return max(DELIMITERS, key=lambda sign: max(line.count(sign) for line in lines[:4]))
