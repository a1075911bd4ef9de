"""Length and picture size of MP4 and QuickTime files, from their `moov` box (ISO/IEC 14496-12, sections 8.2.2 and 8.3.2)."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_MOST_MOOV_BYTES = 64 * 1024 * 1024
_FIXED_POINT = 65_536
_UNKNOWN = (0, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)


@dataclass(frozen=True)
class Movie:
    """Seconds, and pixels as shown (after the track's rotation); None for what the file does not say."""

    duration_seconds: float | None
    width: int | None
    height: int | None


def read_movie(path: Path) -> Movie | None:
    """What the file says of itself; None when it has no readable `moov` box."""
    with path.open("rb") as file:
        moov = _moov(file, os.fstat(file.fileno()).st_size)
    if moov is None:
        return None
    try:
        width, height = _picture(moov)
        return Movie(_duration(moov), width, height)
    except (struct.error, ValueError):
        return None


def _moov(file: BinaryIO, end: int) -> memoryview | None:
    at = 0
    while at + 8 <= end:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:
            large = file.read(8)
            if len(large) < 8:
                return None
            size, header = int.from_bytes(large, "big"), 16
        elif size == 0:
            size = end - at
        if size < header:
            return None
        if kind == b"moov":
            length = size - header
            return memoryview(file.read(length)) if at + size <= end and length <= _MOST_MOOV_BYTES else None
        at += size
    return None


def _boxes(inside: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at = 0
    while at + 8 <= len(inside):
        size, kind = struct.unpack_from(">I4s", inside, at)
        if size < 8 or at + size > len(inside):
            raise ValueError("a box reaches beyond the box around it")
        yield kind, inside[at + 8 : at + size]
        at += size


def _box(inside: memoryview, *path: bytes) -> memoryview | None:
    for kind in path:
        found = next((content for name, content in _boxes(inside) if name == kind), None)
        if found is None:
            return None
        inside = found
    return inside


def _duration(moov: memoryview) -> float | None:
    header = _box(moov, b"mvhd")
    if header is None:
        return None
    scale, length = struct.unpack_from(">IQ", header, 20) if header[0] == 1 else struct.unpack_from(">II", header, 12)
    if length in _UNKNOWN and (whole := _box(moov, b"mvex", b"mehd")) is not None:  # fragmented files
        length = int.from_bytes(whole[4:12] if whole[0] == 1 else whole[4:8], "big")
    return length / scale if scale and length not in _UNKNOWN else None


def _picture(moov: memoryview) -> tuple[int | None, int | None]:
    for kind, track in _boxes(moov):
        handler = _box(track, b"mdia", b"hdlr") if kind == b"trak" else None
        header = _box(track, b"tkhd") if handler is not None and bytes(handler[8:12]) == b"vide" else None
        if header is None:
            continue
        at = 52 if header[0] == 1 else 40  # of the matrix; width and height follow it
        a, b, _u, c, d = struct.unpack_from(">5i", header, at)
        width, height = (side // _FIXED_POINT for side in struct.unpack_from(">2I", header, at + 36))
        if width and height:
            return (height, width) if a == d == 0 and b and c else (width, height)
    return None, None
