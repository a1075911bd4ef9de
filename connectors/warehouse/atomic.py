"""Files that appear whole or not at all: written beside their place, flushed, then renamed into it.

A process killed while writing leaves only a hidden temporary file, which no reader looks at and which a later writer
clears once nothing has been written to it for an hour.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STALE_SECONDS = 3600


@contextmanager
def replacing(final: Path) -> Iterator[Path]:
    """A temporary path in the directory of `final`; what was written there becomes `final` when the block ends well."""
    final.parent.mkdir(parents=True, exist_ok=True)
    _clear_stale(final.parent)
    temporary = final.with_name(f".{final.name}.{uuid.uuid4().hex}.tmp")
    try:
        yield temporary
        _flush(temporary)
        os.replace(temporary, final)
        _flush(final.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _clear_stale(directory: Path) -> None:
    limit = time.time() - STALE_SECONDS
    for leftover in directory.glob(".*.tmp*"):
        try:
            if leftover.stat().st_mtime < limit:
                leftover.unlink()
        except FileNotFoundError:
            continue
