"""Secret files of an installation: made once, whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from models.errors import InvalidInput


def read_or_make(path: Path, content: bytes) -> bytes:
    """What the file holds; where it is absent it is made with `content`. Of several processes at once the first one wins."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InvalidInput(
            f"The secret file {path} cannot be read ({error.strerror}): give its owner the right."
        ) from error
    temporary = _written(path, content)
    try:
        os.link(temporary, path)  # unlike a rename it never replaces
        _flush(path.parent)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return path.read_bytes()


def replace(path: Path, content: bytes) -> None:
    """Puts `content` in place of what the file held."""
    temporary = _written(path, content)
    os.replace(temporary, path)
    _flush(path.parent)


def _written(path: Path, content: bytes) -> Path:
    """A flushed file beside `path`. `mkstemp` gives it mode 0600."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise InvalidInput(
            f"The secret file {path} cannot be made ({error.strerror}): set FABRIC_HOME to a directory you own."
        ) from error
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    return Path(name)


def _flush(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
