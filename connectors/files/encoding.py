"""Which encoding a text file has: UTF-8, UTF-16, or Windows-1252 where a Windows spreadsheet saved it.

Windows-1252 gives every file some reading, so it is believed only of a file that is no UTF-8, has nothing in it that
UTF-8 alone would write, and carries a Windows spreadsheet's marks: CRLF line ends, or semicolons or tabs between cells.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from models.errors import ImportRefused

CHUNK = 64 * 1024
_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
CUT = ("unexpected end of data", "truncated data")
"""What a decoder says of a file that ends inside a character."""


def encoding_of(path: Path, head: bytes) -> str:
    """The encoding by the file's first bytes. Raises `ImportRefused` for a binary file."""
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


def saved_by_windows(path: Path, head: bytes, delimiter: str) -> bool:
    """Whether a file taken for UTF-8 is a Windows spreadsheet's Windows-1252 instead; reads the file."""
    lines = head.split(b"\n")[:-1]
    windows = delimiter != "," or (len(lines) > 1 and all(line.endswith(b"\r") for line in lines))
    return windows and not head.startswith(codecs.BOM_UTF8) and _is_windows_text(path)


def _is_windows_text(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    broken = False
    rest = b""
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            if _NOT_1252.search(chunk) or _UTF8_LETTER.search(rest + chunk):
                return False
            rest = chunk[-3:]
            try:
                if not broken:
                    decoder.decode(chunk)
            except UnicodeDecodeError:
                broken = True
    return broken


def undecodable(path: Path, encoding: str) -> ImportRefused:
    """The refusal that names the first byte of a file that is not in `encoding`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset, line = 0, 1
    with path.open("rb") as handle:
        while True:
            chunk = handle.read(CHUNK)
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
