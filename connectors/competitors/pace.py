"""A polite pace: one request at a time to a host, and a pause between two."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SECONDS = 1.0
LONGEST_SECONDS = 30.0
"""The longest Crawl-delay that is honoured by waiting; RFC 9309 does not know the line, and some ask for hours."""


class Pace:
    """When each host may be asked next. Thread-safe; shared by all sources of a run. Waits are in seconds."""

    def __init__(
        self,
        seconds: float = SECONDS,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._sleep = sleep
        self._clock = clock
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, origin: str, crawl_delay: float | None = None) -> None:
        """Returns when the host may be asked, and books that request."""
        pause = min(max(self._seconds, crawl_delay or 0.0), LONGEST_SECONDS)
        with self._lock:
            now = self._clock()
            at = max(now, self._next.get(origin, now))
            self._next[origin] = at + pause
        if at > now:
            self._sleep(at - now)
