"""The time at a mail service: what is queued for now and what for later is told by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connectors.answers import Answer, Limit, LimitReader

SOON = timedelta(minutes=1)
"""A campaign queued for less than this ahead is being sent: the Date header has whole seconds, and clocks differ."""


class ServerClock:
    """The server's time by the Date header of its last answer; used as a client's limit reader, it sees every answer."""

    def __init__(self, read_limits: LimitReader) -> None:
        self._read_limits = read_limits
        self._ahead = timedelta(0)

    def read(self, answer: Answer) -> Sequence[Limit]:
        self._ahead = answer.now - datetime.now(UTC)
        return self._read_limits(answer)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def later(self, at: datetime | None) -> bool:
        """Whether an instant is so far ahead that what is planned for it can still be stopped."""
        return at is not None and at > self.now() + SOON
