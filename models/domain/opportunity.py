"""Openings for content: what the marts show of them, and what is recommended from it.

`*Facts` are numbers with their queries, read by `connectors.warehouse.openings`; an `Opportunity` is what
`models.generation.opportunities` makes of them. Of competitors' text only cleaned keywords and addresses are in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.domain.evidence import Fact
from models.domain.social import Platform
from models.domain.strategy import Confidence


class OpportunityKind(StrEnum):
    GAP = "gap"
    RISING = "rising"
    BREAKOUT = "breakout"
    STALE = "stale"
    FORMAT = "format"

    @property
    def label(self) -> str:
        return {
            "gap": "Topic gap",
            "rising": "Rising topic",
            "breakout": "Breakout of a competitor",
            "stale": "Stale pillar",
            "format": "Format left out",
        }[self.value]


@dataclass(frozen=True)
class GapFacts:
    """One topic in the window: own share, competitors' pooled share and the median of their accounts, all of posts with a topic.

    `accounts_above` of `accounts` competitors give it more than the brand; `percentile` is how their posts on it do among
    their own at equal age, shrunk.
    """

    topic: str
    own_posts: Fact
    own_total: Fact
    own_share: Fact
    other_posts: Fact
    other_total: Fact
    other_share: Fact
    median_share: Fact
    accounts_above: Fact
    accounts: Fact
    percentile: Fact


@dataclass(frozen=True)
class RisingFacts:
    """One topic among all posts with a topic, own and competitors': the last six weeks and the half year before."""

    topic: str
    recent_posts: Fact
    recent_total: Fact
    recent_share: Fact
    before_posts: Fact
    before_total: Fact
    before_share: Fact
    accounts: Fact


@dataclass(frozen=True)
class BreakoutFacts:
    """One post of a competitor far above its account's usual engagements. `topic` is a keyword or empty."""

    name: str
    platform: Platform
    url: str
    published_on: date
    topic: str
    age_hours: int
    engagements: Fact
    usual: Fact
    z: Fact
    compared: Fact


@dataclass(frozen=True)
class PillarFacts:
    """One topic of own posts: days from its last post to the brand's newest, and how often it came in the year before."""

    topic: str
    posts: Fact
    days_since: Fact
    per_week: Fact


@dataclass(frozen=True)
class FormatUseFacts:
    """One own format on one platform: how it does at equal age, its share of all posts and of the last eight weeks'."""

    platform: Platform
    content_type: str
    posts_measured: Fact
    percentile: Fact
    share: Fact
    recent_posts: Fact
    recent_total: Fact


@dataclass(frozen=True)
class Openings:
    """Everything found at one serving version. `own_until` and `all_until` are the newest posts, own and of anyone."""

    version: str
    workspace_id: str
    as_of: datetime
    own_until: datetime | None
    all_until: datetime | None
    gaps: tuple[GapFacts, ...] = ()
    rising: tuple[RisingFacts, ...] = ()
    breakouts: tuple[BreakoutFacts, ...] = ()
    pillars: tuple[PillarFacts, ...] = ()
    formats: tuple[FormatUseFacts, ...] = ()


@dataclass(frozen=True)
class Opportunity:
    """One recommendation. `id` is the same for the same kind and subject; `topic` is what to plan, cleaned."""

    id: str
    kind: OpportunityKind
    title: str
    reason: str
    confidence: Confidence
    topic: str
    facts: tuple[Fact, ...]
    platform: Platform | None = None
    url: str = ""


@dataclass(frozen=True)
class OpportunityFeed:
    """Best first. `abstentions` say in words what cannot be said, and what it would take."""

    workspace_id: str
    version: str
    as_of: datetime
    items: tuple[Opportunity, ...]
    abstentions: tuple[str, ...]
