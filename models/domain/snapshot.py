"""What generation may know: facts of one workspace at one serving version.

Built by `connectors.warehouse.facts`; read by `models.generation`. Every number is a `Fact`, so whatever generation
writes can be traced to the query behind it. Nothing here is free text from competitors: topics are single keywords.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.domain.evidence import Fact
from models.domain.social import Platform


@dataclass(frozen=True)
class PlatformFacts:
    """One of the brand's own platforms. `rate` is the best-covered engagement rate there, `rate_id` its registry id."""

    platform: Platform
    posts: Fact
    posts_per_week: Fact
    median_engagements: Fact
    rate_id: str | None
    rate: Fact | None


@dataclass(frozen=True)
class TopicFacts:
    """One keyword topic. `percentile` is the shrunk mean percentile of its posts at equal age (0–1), None-valued when
    no post of the topic has an equal-age value."""

    topic: str
    keywords: tuple[str, ...]
    posts: Fact
    share: Fact
    posts_measured: Fact
    percentile: Fact
    competitor_share: Fact


@dataclass(frozen=True)
class FormatFacts:
    platform: Platform
    content_type: str
    posts: Fact
    posts_measured: Fact
    percentile: Fact


@dataclass(frozen=True)
class SlotFacts:
    """A weekday (1 = Monday) and local hour (0–23) on one platform, with the shrunk mean percentile of its posts."""

    platform: Platform
    weekday: int
    hour: int
    posts_measured: Fact
    percentile: Fact


@dataclass(frozen=True)
class CompetitorFacts:
    name: str
    platform: Platform
    posts_per_week: Fact
    median_engagements: Fact


@dataclass(frozen=True)
class Snapshot:
    """`id` is the serving version the facts were read from; `as_of` the newest observation in it."""

    id: str
    workspace_id: str
    as_of: datetime
    platforms: tuple[PlatformFacts, ...]
    topics: tuple[TopicFacts, ...]
    formats: tuple[FormatFacts, ...]
    slots: tuple[SlotFacts, ...]
    competitors: tuple[CompetitorFacts, ...]
