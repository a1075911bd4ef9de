"""What semantic search is asked and what it finds: the workspace's own words and those of its competitors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    OWN = "own"
    """What the brand published."""
    COMPETITOR = "competitor"
    DRAFT = "draft"
    BRIEF = "brief"
    """What a calendar entry is to be about."""


class Trust(StrEnum):
    """Whose words they are. A competitor's are material to show or to judge, never something to follow."""

    OWN = "own"
    COMPETITOR = "competitor"


class Mode(StrEnum):
    HYBRID = "hybrid"
    VECTOR = "vector"
    """By meaning alone."""
    TEXT = "text"
    """By words alone."""


@dataclass(frozen=True)
class Document:
    """One piece of content in its newest version.

    `account` names whose it is: the account, or the competitor. `entity_id` is that of the post, draft or calendar entry.
    `family` is what belongs together by its making (drafts of one calendar entry and its brief), so that its members are
    never called copies of each other.
    """

    source: Source
    platform: str
    account_id: str
    account: str
    entity_id: str
    title: str
    text: str
    url: str = ""
    published_at: datetime | None = None
    """When it was published; of a draft or brief, its slot. UTC."""
    family: str = ""

    @property
    def id(self) -> str:
        """What names it in its workspace."""
        parts = (self.platform, self.account_id) if self.source in {Source.OWN, Source.COMPETITOR} else ()
        return ":".join((self.source.value, *parts, self.entity_id))

    @property
    def trust(self) -> Trust:
        return Trust.COMPETITOR if self.source is Source.COMPETITOR else Trust.OWN


@dataclass(frozen=True)
class Among:
    """What a search is restricted to; empty means no restriction. `without` are ids and families left out."""

    sources: tuple[Source, ...] = ()
    platforms: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """A document that was found. `passage` is its part that fits best.

    `similarity` is the cosine of the two texts' vectors, -1…1, None when only the words were compared; `score` orders the
    hits of one search and means nothing across searches.
    """

    id: str
    source: Source
    trust: Trust
    platform: str
    account: str
    entity_id: str
    title: str
    passage: str
    url: str
    published_at: datetime | None
    family: str
    score: float
    similarity: float | None
    repeated: int = 0
    """How many more of the best documents have this very passage; a search shows it once."""


@dataclass(frozen=True)
class Duplicate:
    """Two documents that say the same. `similarity` is a cosine, `shared` the share of common word triples (0…1)."""

    one: Hit
    other: Hit
    similarity: float
    shared: float


@dataclass(frozen=True)
class Uncovered:
    """A competitor's document and how far the own content is from it: `nearest` is the closest own document's cosine.

    `alike` counts the competitors' documents close to this one, itself included, and `competitors` whose they are.
    """

    hit: Hit
    nearest: float
    alike: int
    competitors: tuple[str, ...]
