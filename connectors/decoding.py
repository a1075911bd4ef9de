"""Foreign bodies decoded in small steps, so that a bomb is noticed after the bytes it may cost and not after its whole.

Only what the standard library decodes is asked for (`ACCEPT_ENCODING`); an answer in anything else was not asked for and
is refused, and so is one that was compressed twice, which no server needs to do.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.errors import ImportRefused

ACCEPT_ENCODING = "gzip, deflate"
STEP = 64 * 1024
"""Bytes decoded at a time: what a bomb can cost beyond the bound."""
GZIP_MAGIC = b"\x1f\x8b"
_PLAIN = ("", "identity")
_GZIP = ("gzip", "x-gzip")
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Bounds:
    """What one document may cost. `max_bytes` counts decoded bytes; a stream that is to be cut there sets `cut`.

    `max_ratio` is decoded by compressed bytes, looked at from `free_bytes` on: pages of text stay below 40, sitemaps below
    100; zlib cannot pass 1,032.
    """

    max_bytes: int
    seconds: float = 60.0
    max_ratio: float = 200.0
    free_bytes: int = _MIB
    cut: bool = False


def read_bounded(name: str, parts: Iterable[bytes], encoding: str, bounds: Bounds, deadline: float) -> bytes:
    """The whole decoded body. Raises `ImportRefused` with one sentence that begins with `name`."""
    content = bytearray()
    for step in _decoded(name, parts, encoding, bounds):
        content += step
        if len(content) > bounds.max_bytes:
            if bounds.cut:
                return bytes(content[: bounds.max_bytes])
            raise ImportRefused(f"{name} is larger than {bounds.max_bytes / _MIB:.0f} MiB, which is more than is read.")
        if time.monotonic() > deadline:
            raise ImportRefused(f"{name} took longer than {bounds.seconds:.0f} seconds: try again later.")
    return bytes(content)


def gunzip(name: str, content: bytes, bounds: Bounds) -> bytes:
    """A file that is gzip itself (a `.xml.gz`), decompressed; any other content as it is. Raises `ImportRefused`."""
    if not content.startswith(GZIP_MAGIC):
        return content
    view = memoryview(content)
    parts = (bytes(view[start : start + STEP]) for start in range(0, len(content), STEP))
    return read_bounded(name, parts, "gzip", bounds, time.monotonic() + bounds.seconds)


def _decoded(name: str, parts: Iterable[bytes], encoding: str, bounds: Bounds) -> Iterator[bytes]:
    kind = encoding.strip().lower()
    if kind in _PLAIN:
        yield from parts
        return
    if kind not in _GZIP and kind != "deflate":
        raise ImportRefused(f"{name} was sent as {kind[:40]!r}, which was not asked for, so it cannot be read.")
    produced = 0
    inflater = _Inflater(gzip=kind in _GZIP)
    try:
        for part in parts:
            for step in inflater.feed(part):
                produced += len(step)
                if produced > bounds.free_bytes and produced > inflater.consumed * bounds.max_ratio:
                    raise ImportRefused(
                        f"{name} unpacks to more than {bounds.max_ratio:.0f} times its size, so it was not read on."
                    )
                yield step
    except zlib.error as error:
        raise ImportRefused(f"{name} is not the {kind} it claims to be ({error}): try again later.") from None
    if not inflater.finished and not bounds.cut:
        raise ImportRefused(f"{name} ends in the middle of its {kind} data: try again later.")


class _Inflater:
    """gzip (several members in a row too) or deflate (with zlib's head, or raw as some servers send it)."""

    def __init__(self, *, gzip: bool) -> None:
        self.consumed = 0
        """Compressed bytes decoded so far, not those that only arrived."""
        self._gzip = gzip
        self._stream: zlib._Decompress | None = None
        self._started = False
        self._rest = b""

    @property
    def finished(self) -> bool:
        """Whether the data ended where it may end."""
        return not self._started or self._stream is None

    def feed(self, data: bytes) -> Iterator[bytes]:
        pending = self._rest + data
        self._rest = b""
        while pending:
            if self._stream is None:
                if self._started and not (self._gzip and pending.startswith(GZIP_MAGIC[: len(pending)])):
                    return  # padding after the end
                if len(pending) < 2:
                    self._rest = pending
                    return
                self._stream = zlib.decompressobj(self._window(pending))
                self._started = True
            before = len(pending)
            step = self._stream.decompress(pending, STEP)
            pending = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            self.consumed += before - len(pending)
            if self._stream.eof:
                self._stream = None
            if step:
                yield step
            elif not pending:
                return

    def _window(self, head: bytes) -> int:
        if self._gzip:
            return zlib.MAX_WBITS | 16
        zlib_head = head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
        return zlib.MAX_WBITS if zlib_head else -zlib.MAX_WBITS
