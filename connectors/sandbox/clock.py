"""The sandbox's time: it runs like the machine's and can be moved forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models.errors import InvalidInput


class Clock:
    """Simulated UTC time. A frozen clock (`at` given) stands still until it is moved; otherwise it runs in real time."""

    def __init__(self, at: datetime | None = None) -> None:
        self._frozen = at
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return (self._frozen or datetime.now(UTC)) + self._ahead

    def advance(self, by: timedelta) -> datetime:
        """Moves the clock; time does not run backwards."""
        if by < timedelta(0):
            raise InvalidInput("The sandbox's clock moves forward only: give a positive time, such as 7d or 6h.")
        self._ahead += by
        return self.now()
