"""One writer of a workspace's index at a time."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import Conflict

_POLL_SECONDS = 0.1


@contextmanager
def writing(directory: Path, workspace_id: str, *, wait_seconds: float) -> Iterator[None]:
    """Holds the writer's lock of an index. Raises `Conflict` when another process keeps it longer than `wait_seconds`.

    A killed holder leaves no lock behind: `flock` ends with its process.
    """
    directory.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with (directory / "writer.lock").open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Conflict(
                        f"The search index of {workspace_id} is being written by another process: try again when the "
                        "running build or search has ended."
                    ) from None
                time.sleep(_POLL_SECONDS)
        yield
