"""Reading CSV: encoding, delimiter, header, and rows with the physical line they start on.

Accepts UTF-8 (with or without byte-order mark) and UTF-16, and comma, semicolon or tab. Everything else is refused with
one sentence. Nothing here knows what a column means.
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

from connectors.files.intake import Progress, changed_while_read, no_progress
from models.errors import ImportRefused

HEAD_BYTES = 64 * 1024
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
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\ufeff\u200b\u200c\u200d\u2060"))


def column_key(name: str) -> str:
    """A column name as compared: NFKC, no soft hyphens or byte-order marks, single spaces, case-folded."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name).translate(_INVISIBLE)).strip().casefold()


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
    """A CSV file whose header has been read. `columns` are the names as written, without marks and invisible signs."""

    path: Path
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    header_line: int
    size: int

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
            try:
                yield from self._below_header(reader)
            except UnicodeDecodeError as error:
                raise undecodable(self.path, self.encoding) from error
        if expected is not None and digest.hexdigest() != expected:
            raise changed_while_read(self.path.name)

    def _below_header(self, reader: Any) -> Iterator[Row]:
        before = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
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


def read_head(path: Path) -> bytes:
    """The first bytes of a file. Raises `ImportRefused` for what is missing, unreadable, empty or plainly binary."""
    try:
        with path.open("rb") as handle:
            head = handle.read(HEAD_BYTES)
    except FileNotFoundError:
        raise ImportRefused(f"{path} does not exist: check the path.") from None
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read ({error.strerror or error}): check its permissions.") from error
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise ImportRefused(f"{path.name} is empty: export it again.")
    for magic, kind in _BINARY.items():
        if head.startswith(magic):
            raise ImportRefused(f"{path.name} is {kind}, not a CSV file: export or save it as CSV (UTF-8) first.")
    return head


def open_table(path: Path) -> Table:
    """Recognises encoding, delimiter and header of a CSV file. Raises `ImportRefused` where that is impossible."""
    head = read_head(path)
    encoding = _encoding(path, head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    first = 1
    delimiter = None
    if match := re.match(r"sep=([,;\t])\r?\n", text):
        delimiter, first, text = match[1], 2, text[match.end() :]
    delimiter = delimiter or _delimiter(text)
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        header = next(row for row in reader if any(cell.strip() for cell in row))
    except (csv.Error, StopIteration):
        raise ImportRefused(f"{path.name} is not a CSV file: its first line is no header of column names.") from None
    if len(header) < 2:
        raise ImportRefused(
            f"{path.name} is not a CSV file with columns: its first line, {header[0].strip()[:60]!r}, has no comma, "
            "semicolon or tab; export the table itself as CSV."
        )
    columns = tuple(name.translate(_INVISIBLE).strip() for name in header)
    return Table(path, encoding, delimiter, columns, first - 1 + reader.line_num, path.stat().st_size)


def _encoding(path: Path, head: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in head:
        even, odd = head[0:512:2].count(0), head[1:512:2].count(0)
        if odd > 100 * even and odd > len(head[1:512:2]) * 0.7:
            return "utf-16-le"
        if even > 100 * odd and even > len(head[0:512:2]) * 0.7:
            return "utf-16-be"
        raise ImportRefused(f"{path.name} is a binary file, not a CSV file: export the table as CSV (UTF-8).")
    return "utf-8-sig"


def _delimiter(text: str) -> str:
    """The delimiter that splits the header into most columns, outside quotes."""
    header = re.sub(r'"[^"]*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    return max(DELIMITERS, key=header.count)


def undecodable(path: Path, encoding: str) -> ImportRefused:
    """The refusal that names the first byte of a file that is not in `encoding`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, line = 0, 1
    with path.open("rb") as handle:
        while True:
            chunk = handle.read(HEAD_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                # A decoder drops the byte-order mark before it decodes, which shifts the position it reports.
                shift = pending + len(chunk) - len(error.object)
                at = offset - pending + shift + error.start
                line += chunk[: max(at - offset, 0)].count(b"\n")
                byte = error.object[error.start]
                return ImportRefused(
                    f"{path.name} is not {'UTF-8' if encoding == 'utf-8-sig' else 'UTF-16'} text: byte 0x{byte:02X} at "
                    f"offset {at:,} (line {line}) cannot be decoded; save the file as UTF-8 and import it again."
                )
            if not chunk:
                return ImportRefused(f"{path.name} could not be decoded: save the file as UTF-8 and import it again.")
            offset += len(chunk)
            line += chunk.count(b"\n")
