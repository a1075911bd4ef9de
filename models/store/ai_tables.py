"""The tables of what models are asked for: keys, budgets, kept answers, what was found out about a brand, manifests.

`manifests`, `strategy_decisions` and `brand_studies` are append-only, as the migrations' triggers see to.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from models.store.tables import metadata
from models.store.types import UtcDateTime


def _of_workspace(*, key: bool = False) -> Column[str]:
    return Column(
        "workspace_id", String, ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False, primary_key=key
    )


ai_providers = Table(
    "ai_providers",
    metadata,
    _of_workspace(key=True),
    Column("provider", String, primary_key=True),
    Column("base_url", String, nullable=False),
    Column("models", JSON, nullable=False),
    Column("sealed_key", LargeBinary),
    Column("local", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""A workspace's own key and address for a provider; `models` lists the names it may use, by tier.

`local` says that it runs on own machines and that its calls cost nothing.
"""

ai_budgets = Table(
    "ai_budgets",
    metadata,
    _of_workspace(key=True),
    Column("monthly_microusd", BigInteger),
    Column("updated_at", UtcDateTime, nullable=False),
)

ai_reservations = Table(
    "ai_reservations",
    metadata,
    Column("id", String, primary_key=True),
    _of_workspace(),
    Column("microusd", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Index(None, "workspace_id", "until"),
)
"""What calls may cost at most, against the budget of the month of `at`, which ends with `until`.

One of a call that ended with a known cost is deleted. One of a killed process, or of a call whose cost nobody told, stands:
it may be on the bill.
"""

ai_answers = Table(
    "ai_answers",
    metadata,
    _of_workspace(key=True),
    Column("input_hash", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("provider", String, nullable=False),
    Column("model", String, nullable=False),
    Column("prompt_version", String, nullable=False),
    Column("answer", JSON, nullable=False),
)
"""Answers kept so that an equal request makes no call."""

manifests = Table(
    "manifests",
    metadata,
    Column("id", String, primary_key=True),
    _of_workspace(),
    Column("artefact_kind", String, nullable=False),
    Column("artefact_id", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("manifest", JSON, nullable=False),
    Index(None, "workspace_id", "artefact_kind", "artefact_id"),
)

brand_studies = Table(
    "brand_studies",
    metadata,
    Column("id", String, primary_key=True),
    _of_workspace(),
    Column("kind", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String, nullable=False),
    Column("input_hash", String, nullable=False),
    Column("document", JSON, nullable=False),
    UniqueConstraint("workspace_id", "kind", "version"),
)
"""What was found out about the brand: kind is business or voice; versions count from 1 per kind."""

content_extracts = Table(
    "content_extracts",
    metadata,
    _of_workspace(key=True),
    Column("platform", String, primary_key=True),
    Column("account_id", String, primary_key=True),
    Column("entity_id", String, primary_key=True),
    Column("content_hash", String, nullable=False),
    Column("asked", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("extract", JSON, nullable=False),
    Index(None, "workspace_id", "content_hash"),
)
"""What the quarantined reader took out of a competitor's text: closed values and verified spans, never the text."""

strategy_decisions = Table(
    "strategy_decisions",
    metadata,
    Column("id", String, primary_key=True),
    Column("workspace_id", String, nullable=False),
    Column("strategy_id", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("part", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "strategy_id"], ["strategies.workspace_id", "strategies.id"], ondelete="CASCADE"
    ),
    Index(None, "workspace_id", "strategy_id"),
)
"""approved, or revise with a note; `part` names what is to be planned anew, empty for the whole."""

planning_dates = Table(
    "planning_dates",
    metadata,
    Column("id", String, primary_key=True),
    _of_workspace(),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("pillar", String, nullable=False),
    Column("brief", Text, nullable=False),
    Column("share", Float, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "workspace_id", "starts_on"),
)
"""Spans of days, both ends included: kind is campaign or blackout; `share` of the slots is a campaign's."""

media_jobs = Table(
    "media_jobs",
    metadata,
    Column("id", String, primary_key=True),
    _of_workspace(),
    Column("modality", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("model", String, nullable=False),
    Column("chosen", Boolean, nullable=False),
    Column("request", JSON, nullable=False),
    Column("work", String),
    Column("state", String, nullable=False),
    Column("share", Float),
    Column("draft_id", String),
    Column("asset_id", String),
    Column("reservation", String),
    Column("cost_microusd", BigInteger),
    Column("requested_by", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("message", Text, nullable=False),
    Index(None, "workspace_id", "created_at"),
    Index(None, "state", "due_at"),
)
"""Pictures, videos and recordings that were asked for; `work` is the provider's id of a video under way."""
