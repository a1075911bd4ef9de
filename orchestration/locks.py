"""One process at a time: a lock on a file that the operating system drops when its holder dies."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import Conflict

_POLL_SECONDS = 0.2


@contextmanager
def exclusive(
    path: Path, *, wait_seconds: float, busy: str, on_wait: Callable[[], None] | None = None
) -> Iterator[None]:
    """Holds the lock file `path`; waits at most `wait_seconds` for another holder, then raises `Conflict(busy)`.

    `on_wait` is called once when it has to wait. A killed holder leaves no lock behind: `flock` ends with its process.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    waiting = False
    with path.open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Conflict(busy) from None
                if on_wait is not None and not waiting:
                    on_wait()
                waiting = True
                time.sleep(_POLL_SECONDS)
        yield
