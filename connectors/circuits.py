"""What calls of one process share: the pace of each account, and a circuit for each host that keeps failing."""

from __future__ import annotations

from functools import lru_cache

import pybreaker
from pyrate_limiter import Limiter, Rate

BREAK_AFTER = 8
BREAK_SECONDS = 30.0


@lru_cache(maxsize=1024)
def limiter(vendor: str, account: str, rates: tuple[tuple[int, float], ...]) -> Limiter | None:
    """One limiter per account and process; `rates` are (calls, seconds)."""
    return Limiter([Rate(calls, int(seconds * 1000)) for calls, seconds in rates]) if rates else None


@lru_cache(maxsize=256)
def breaker(vendor: str, host: str) -> pybreaker.CircuitBreaker:
    """One circuit per vendor and host: after `BREAK_AFTER` failed calls in a row it refuses at once for a while.

    The call that trips it still raises its own error: a commit of unknown outcome must not look like one never sent.
    """
    return pybreaker.CircuitBreaker(
        fail_max=BREAK_AFTER, reset_timeout=BREAK_SECONDS, name=f"{vendor} {host}", throw_new_error_on_trip=False
    )
