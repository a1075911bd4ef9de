"""What was received from outside: content, observations of metrics, and rows that were refused.

These three are the only things a landing batch holds. All instants are timezone-aware UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.domain.social import Platform


class Owner(StrEnum):
    OWN = "own"
    COMPETITOR = "competitor"


class EntityType(StrEnum):
    ACCOUNT = "account"
    POST = "post"
    """Anything published once on a platform: post, video, reel, mail campaign, article."""
    AUDIENCE = "audience"
    """A segment of an account's audience; `entity_id` names it as `dimension=value`, e.g. `country=DE`."""


class ObservationState(StrEnum):
    """Why a value is there or not. Only `observed` carries a number; missing is never zero."""

    OBSERVED = "observed"
    UNSUPPORTED = "unsupported"
    UNAVAILABLE = "unavailable"
    DELAYED = "delayed"
    RETIRED = "retired"
    PRIVACY_LIMITED = "privacy_limited"


@dataclass(frozen=True, slots=True)
class ContentRecord:
    """One post, video or article as the source described it at `observed_at`.

    `entity_id` is unique inside (workspace, platform, account). `payload` is the vendor's own row, unchanged.
    """

    platform: Platform
    account_id: str
    account_name: str
    owner: Owner
    entity_type: EntityType
    entity_id: str
    content_type: str | None
    title: str | None
    body: str | None
    url: str | None
    published_at: datetime | None
    observed_at: datetime
    tags: tuple[str, ...] = ()
    payload: dict[str, Any] = field(default_factory=dict)
    source_line: int | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One reading of one metric of one entity.

    Lifetime counters: `period_start` is the publish time (or None when unknown) and `period_end` is `observed_at`.
    `value` is None exactly when `state` is not `observed`.
    """

    platform: Platform
    account_id: str
    account_name: str
    owner: Owner
    entity_type: EntityType
    entity_id: str
    metric: str
    period_start: datetime | None
    period_end: datetime
    value: float | None
    state: ObservationState
    observed_at: datetime
    source_line: int | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.state is ObservationState.OBSERVED):
            raise ValueError(f"{self.metric} of {self.entity_id}: a value stands with state observed, and only there")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row or cell that was refused, with where and why. The rest of the file still loads."""

    source_file: str
    source_line: int | None
    column: str | None
    reason: str
    raw: str


Record = ContentRecord | Observation | Rejection


@dataclass(frozen=True)
class Batch:
    """The unit of landing: everything one import or one fetch received, written as one file.

    `batch_id` is a digest of what was received (bytes, mapping, account), so the same content gives the same id and
    lands once. `records` is read once, so a large file streams through. `source` is the kind of source (e.g. `youtube_studio`); `observed_at` is the time the numbers speak of.
    """

    workspace_id: str
    source: str
    batch_id: str
    observed_at: datetime
    source_file: str
    records: Iterable[Record]
