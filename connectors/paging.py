"""The guard of every loop over pages."""

from __future__ import annotations

from collections.abc import Hashable

from connectors.http import VendorClient
from models.errors import Transient

MOST_PAGES = 20_000
"""More than the largest account has; beyond it a vendor goes on making cursors."""


class Trail:
    """The cursors of one walk over pages. One that comes again would lead round for ever, so it ends the walk."""

    def __init__(self, client: VendorClient) -> None:
        self._client = client
        self._seen: set[Hashable] = set()

    def step(self, cursor: Hashable) -> None:
        """Notes where the next page begins, or what a page without a cursor holds. Raises `Transient`."""
        if cursor in self._seen or len(self._seen) >= MOST_PAGES:
            raise self._client.error(
                Transient, "its pages lead round in a circle, so they cannot be read to the end", "it is tried again"
            )
        self._seen.add(cursor)
