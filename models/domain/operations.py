"""What happened to a workspace's plans, drafts and posts, as flat rows for analysis.

Field names are the columns of the warehouse's `op_` tables, beside the workspace. People are user ids; no text of a person,
no address and no secret is in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class StrategyRow:
    """One version of the strategy."""

    strategy_id: str
    version: int
    created_at: datetime
    created_by: str
    writer: str
    snapshot_id: str
    as_of: datetime


@dataclass(frozen=True)
class RecommendationRow:
    """One thing a strategy advised, said as a prediction, or one it would not say.

    `baseline` and `target` are in `unit`. `window_start` is the day of the numbers that it rests on, `due_on` the day by
    which it can be held against what happened. `subject` is a pillar, or a weekday and an hour such as `2 09`.
    """

    recommendation_id: str
    strategy_id: str
    kind: str
    platform: str | None
    subject: str | None
    weekday: int | None
    hour: int | None
    metric: str | None
    unit: str | None
    direction: str | None
    baseline: float | None
    target: float | None
    confidence: str | None
    abstained: bool
    made_at: datetime
    window_start: date
    due_on: date
    fact_ids: str
    statement: str


@dataclass(frozen=True)
class PlannedRow:
    """One calendar entry on one platform."""

    entry_id: str
    strategy_id: str
    platform: str
    pillar: str
    slot_at: datetime
    created_at: datetime


@dataclass(frozen=True)
class DraftRow:
    """One draft, as it stands now."""

    draft_id: str
    entry_id: str
    platform: str
    status: str
    version: int


@dataclass(frozen=True)
class VersionRow:
    """One version of a draft's text. `edit_distance` is how far it lies from the first version, between 0 and 1."""

    draft_id: str
    version: int
    author: str
    created_at: datetime
    text_hash: str
    characters: int
    edit_distance: float


@dataclass(frozen=True)
class VariantRow:
    """One text of a version: position 0 is the text itself, the others are its variants."""

    draft_id: str
    version: int
    position: int
    label: str
    dimension: str
    text_hash: str
    characters: int
    created_at: datetime


@dataclass(frozen=True)
class DraftEventRow:
    """One step of a draft's review. `sequence` orders the steps of a draft, also those of one instant."""

    draft_id: str
    sequence: int
    kind: str
    version: int
    actor: str
    happened_at: datetime


@dataclass(frozen=True)
class OutboxRow:
    """One approved version on its way to one account."""

    outbox_key: str
    draft_id: str
    version: int
    platform: str
    vendor: str
    account_id: str
    status: str
    attempts: int
    due_at: datetime
    created_at: datetime
    sending_since: datetime | None
    finished_at: datetime | None
    post_id: str | None
    url: str | None


@dataclass(frozen=True)
class PublishStepRow:
    """One line of an outbox item's log. `sequence` orders the lines of an item."""

    outbox_key: str
    sequence: int
    status: str
    happened_at: datetime


@dataclass(frozen=True)
class UsageRow:
    """One call of a writer; see `ModelUsage`."""

    usage_id: str
    called_at: datetime
    task: str
    tier: str
    provider: str
    model: str
    outcome: str
    cache_hit: bool
    latency_ms: float
    tokens_in: int | None
    tokens_out: int | None
    tokens_cached: int | None
    cost_microusd: int | None
    input_hash: str | None
    prompt_version: str | None
    artefact_kind: str | None
    artefact_id: str | None


@dataclass(frozen=True)
class Operations:
    """All rows of one workspace, each kind in a total order."""

    workspace_id: str
    strategies: tuple[StrategyRow, ...] = ()
    recommendations: tuple[RecommendationRow, ...] = ()
    planned: tuple[PlannedRow, ...] = ()
    drafts: tuple[DraftRow, ...] = ()
    versions: tuple[VersionRow, ...] = ()
    variants: tuple[VariantRow, ...] = ()
    draft_events: tuple[DraftEventRow, ...] = ()
    outbox: tuple[OutboxRow, ...] = ()
    publish_steps: tuple[PublishStepRow, ...] = ()
    usage: tuple[UsageRow, ...] = ()
