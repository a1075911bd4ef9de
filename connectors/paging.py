"""The guard of every loop over pages."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from connectors.http import Effect
from models.errors import VendorError

MOST_PAGES = 20_000
"""More than the largest account has; beyond it a vendor goes on making cursors."""


class Client(Protocol):
    def unreadable(self, effect: Effect, cause: str, post: str | None = None) -> VendorError: ...


class Trail:
    """The cursors of one walk over pages. One that comes again would lead round for ever, so it ends the walk."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._seen: set[Hashable] = set()

    def step(self, cursor: Hashable) -> None:
        """Notes where the next page begins, or what a page without a cursor holds. Raises `Transient`."""
        if cursor in self._seen or len(self._seen) >= MOST_PAGES:
            raise self._client.unreadable(Effect.READ, "its pages lead round in a circle and have no end")
        self._seen.add(cursor)
