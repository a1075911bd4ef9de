"""What collecting one source must remember between runs, as plain data that the caller stores (JSON both ways).

All instants are timezone-aware UTC. Losing a state costs requests, never data: what was landed lands once.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

KEPT_ITEMS = 20_000
"""Entries remembered per source; the oldest are forgotten first."""


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PageMemory(_Plain):
    """One address that is asked again and again: its validators (RFC 9110 § 8.8), where it moved, until when to wait."""

    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    gone_since: datetime | None = None
    wait_until: datetime | None = None


class RobotsVerdict(StrEnum):
    RULES = "rules"
    ALLOW = "allow"
    """The site has no robots.txt (any 4xx)."""
    DISALLOW = "disallow"
    """The site could not be asked (5xx, no answer): nothing may be read."""


class RobotsCopy(_Plain):
    """A site's robots.txt as read at `fetched_at`."""

    fetched_at: datetime
    verdict: RobotsVerdict
    text: str = ""


class Item(_Plain):
    """One entry or page that was seen. `digest` is of what its feed or sitemap said; `tries` counts failed readings.

    `sketch` is of its text (see `duplicates`); `copy_of` names the item whose text it repeats.
    """

    digest: str
    seen_at: datetime
    tries: int = 0
    sketch: tuple[int, ...] = ()
    copy_of: str | None = None


class SourceState(_Plain):
    """All that is remembered of one source. `items` are by identity, in the order in which they were last seen."""

    pages: dict[str, PageMemory] = Field(default_factory=dict)
    robots: dict[str, RobotsCopy] = Field(default_factory=dict)
    items: dict[str, Item] = Field(default_factory=dict)

    @property
    def sketches(self) -> dict[str, tuple[int, ...]]:
        """The texts that a new one may repeat."""
        return {name: item.sketch for name, item in self.items.items() if item.sketch and item.copy_of is None}

    def keep(self, identity: str, item: Item) -> None:
        """Remembers an item as the newest."""
        self.items.pop(identity, None)
        self.items[identity] = item
        while len(self.items) > KEPT_ITEMS:
            self.items.pop(next(iter(self.items)))
