"""What a workspace says about itself and whom it compares itself with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class BrandProfile:
    """A brand's own words about itself. Empty fields mean "not said", and generation must not invent them."""

    workspace_id: str
    description: str = ""
    audience: str = ""
    tone: str = ""
    banned_phrases: tuple[str, ...] = ()
    required_phrases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True)
class Competitor:
    """A tracked competitor. Deleting it stops tracking; what was observed stays."""

    workspace_id: str
    id: str
    name: str


@dataclass(frozen=True)
class WatchedSource:
    """A public address (feed or sitemap) of a tracked competitor that is read again and again.

    `memory` is what reading must remember between runs, as plain JSON; `message` says how the last run ended.
    """

    id: str
    workspace_id: str
    competitor_id: str
    url: str
    created_at: datetime
    last_read_at: datetime | None = None
    message: str = ""
    memory: Mapping[str, Any] = field(default_factory=dict)
