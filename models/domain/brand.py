"""What a workspace says about itself and whom it compares itself with."""

from __future__ import annotations

from dataclasses import dataclass


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
