"""The tables of the operational store.

Every tenant row carries its `workspace_id`, and references between tenant rows include it, so a row of one workspace
cannot point at a row of another. `strategies`, `draft_versions`, `approvals`, `publish_attempts`, `ai_usage` and `domain_events`
are append-only: triggers of the migrations refuse updates, and deletes as long as the workspace exists.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from models.store.types import UtcDateTime

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _in_workspace() -> Column[str]:
    return Column("workspace_id", String, ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False)


def _of_connection() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["workspace_id", "connection_id"], ["connections.workspace_id", "connections.id"], ondelete="CASCADE"
    )


workspaces = Table(
    "workspaces",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("plan", String, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),
    Column("email", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

memberships = Table(
    "memberships",
    metadata,
    Column("workspace_id", String, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("role", String, nullable=False),
)

brand_profiles = Table(
    "brand_profiles",
    metadata,
    Column("workspace_id", String, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("description", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("tone", Text, nullable=False),
    Column("banned_phrases", JSON, nullable=False),
    Column("required_phrases", JSON, nullable=False),
    Column("links", JSON, nullable=False),
)

competitors = Table(
    "competitors",
    metadata,
    Column("workspace_id", String, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
)

strategies = Table(
    "strategies",
    metadata,
    Column("id", String, primary_key=True),
    _in_workspace(),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String, nullable=False),
    Column("document", JSON, nullable=False),
    Column("document_hash", String, nullable=False),
    UniqueConstraint("workspace_id", "version"),
    UniqueConstraint("workspace_id", "id"),
)

calendar_entries = Table(
    "calendar_entries",
    metadata,
    Column("id", String, primary_key=True),
    Column("workspace_id", String, nullable=False),
    Column("strategy_id", String, nullable=False),
    Column("slot_at", UtcDateTime, nullable=False),
    Column("pillar", String, nullable=False),
    Column("brief", Text, nullable=False),
    Column("platforms", JSON, nullable=False),
    Column("fact_ids", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "strategy_id"], ["strategies.workspace_id", "strategies.id"], ondelete="CASCADE"
    ),
    UniqueConstraint("workspace_id", "id"),
    Index(None, "workspace_id", "slot_at"),
    Index(None, "workspace_id", "strategy_id"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String, primary_key=True),
    Column("workspace_id", String, nullable=False),
    Column("entry_id", String, nullable=False),
    Column("platform", String, nullable=False),
    Column("status", String, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "entry_id"], ["calendar_entries.workspace_id", "calendar_entries.id"], ondelete="CASCADE"
    ),
    UniqueConstraint("workspace_id", "id"),
    UniqueConstraint("entry_id", "platform"),
    Index(None, "workspace_id", "status"),
    Index(None, "workspace_id", "entry_id"),
)

draft_versions = Table(
    "draft_versions",
    metadata,
    Column("draft_id", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("workspace_id", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("variants", JSON, nullable=False),
    Column("author", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
    ForeignKeyConstraint(["workspace_id", "draft_id"], ["drafts.workspace_id", "drafts.id"], ondelete="CASCADE"),
    Index(None, "workspace_id", "draft_id"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("draft_id", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("id", String, nullable=False, unique=True),
    Column("workspace_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
    ForeignKeyConstraint(["workspace_id", "draft_id"], ["drafts.workspace_id", "drafts.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["draft_id", "version"], ["draft_versions.draft_id", "draft_versions.number"], ondelete="CASCADE"
    ),
    Index(None, "workspace_id", "draft_id"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String, primary_key=True),
    _in_workspace(),
    Column("kind", String, nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("status", String, nullable=False),
    Column("requested_by", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("message", Text, nullable=False),
    Column("progress", Text),
    Column("heartbeat_at", UtcDateTime),
    Index(None, "status", "created_at"),
    Index(None, "workspace_id", "created_at"),
)

domain_events = Table(
    "domain_events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("workspace_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("subject_id", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("data", JSON, nullable=False),
    Index(None, "workspace_id", "id"),
    sqlite_autoincrement=True,
)

workspace_keys = Table(
    "workspace_keys",
    metadata,
    Column("workspace_id", String, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("key_id", String, nullable=False),
    Column("master_id", String, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

connections = Table(
    "connections",
    metadata,
    Column("id", String, primary_key=True),
    _in_workspace(),
    Column("vendor", String, nullable=False),
    Column("account_id", String, nullable=False),
    Column("account_name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("sandbox", Boolean, nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("refresh_expires_at", UtcDateTime),
    Column("synced_through", UtcDateTime),
    Column("last_sync_at", UtcDateTime),
    Column("message", Text, nullable=False),
    Column("quota", JSON, nullable=False),
    Column("options", JSON, nullable=False),
    UniqueConstraint("workspace_id", "id"),
    UniqueConstraint("workspace_id", "vendor", "account_id", "sandbox"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("connection_id", String, primary_key=True),
    Column("workspace_id", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("renewing_until", UtcDateTime),
    _of_connection(),
    Index(None, "workspace_id", "connection_id"),
)

sync_runs = Table(
    "sync_runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("workspace_id", String, nullable=False),
    Column("connection_id", String, nullable=False),
    Column("stream", String, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime, nullable=False),
    Column("status", String, nullable=False),
    Column("contents", Integer, nullable=False),
    Column("observations", Integer, nullable=False),
    Column("rejections", Integer, nullable=False),
    Column("message", Text, nullable=False),
    _of_connection(),
    Index(None, "workspace_id", "connection_id"),
)

assets = Table(
    "assets",
    metadata,
    Column("workspace_id", String, ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("content_type", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("name", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("duration_seconds", Float),
)

draft_assets = Table(
    "draft_assets",
    metadata,
    Column("draft_id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("workspace_id", String, nullable=False),
    Column("asset_id", String, nullable=False),
    Column("alt_text", Text, nullable=False),
    ForeignKeyConstraint(["workspace_id", "draft_id"], ["drafts.workspace_id", "drafts.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["workspace_id", "asset_id"], ["assets.workspace_id", "assets.id"], ondelete="CASCADE"),
    UniqueConstraint("draft_id", "asset_id"),
    Index(None, "workspace_id", "draft_id"),
    Index(None, "workspace_id", "asset_id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", String, primary_key=True),
    Column("workspace_id", String, nullable=False),
    Column("draft_id", String, nullable=False),
    Column("connection_id", String, nullable=False),
    Column("vendor", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("status", String, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("sending_since", UtcDateTime),
    Column("not_before", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("phases", JSON, nullable=False),
    Column("phases_after_sending", JSON, nullable=False),
    Column("post_id", String),
    Column("url", String),
    Column("message", Text, nullable=False),
    ForeignKeyConstraint(["workspace_id", "draft_id"], ["drafts.workspace_id", "drafts.id"], ondelete="CASCADE"),
    _of_connection(),
    UniqueConstraint("workspace_id", "key"),
    Index(None, "status", "due_at", "key"),
    Index(None, "workspace_id", "draft_id"),
    Index(None, "workspace_id", "connection_id"),
    Index(None, "connection_id", "post_id"),
)

publish_attempts = Table(
    "publish_attempts",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("workspace_id", String, nullable=False),
    Column("key", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("worker", String, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("message", Text, nullable=False),
    ForeignKeyConstraint(["workspace_id", "key"], ["outbox.workspace_id", "outbox.key"], ondelete="CASCADE"),
    Index(None, "workspace_id", "key"),
    sqlite_autoincrement=True,
)

competitor_sources = Table(
    "competitor_sources",
    metadata,
    Column("id", String, primary_key=True),
    Column("workspace_id", String, nullable=False),
    Column("competitor_id", String, nullable=False),
    Column("url", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_read_at", UtcDateTime),
    Column("message", Text, nullable=False),
    Column("memory", JSON, nullable=False),
    ForeignKeyConstraint(
        ["workspace_id", "competitor_id"], ["competitors.workspace_id", "competitors.id"], ondelete="CASCADE"
    ),
    UniqueConstraint("workspace_id", "url"),
    Index(None, "workspace_id", "competitor_id"),
)

ai_usage = Table(
    "ai_usage",
    metadata,
    Column("id", String, primary_key=True),
    _in_workspace(),
    Column("at", UtcDateTime, nullable=False),
    Column("task", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("provider", String, nullable=False),
    Column("model", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("cache_hit", Boolean, nullable=False),
    Column("latency_ms", Float, nullable=False),
    Column("tokens_in", Integer),
    Column("tokens_out", Integer),
    Column("tokens_cached", Integer),
    Column("cost_microusd", BigInteger),
    Column("input_hash", String),
    Column("prompt_version", String),
    Column("artefact_kind", String),
    Column("artefact_id", String),
    Index(None, "workspace_id", "at"),
)

saved_queries = Table(
    "saved_queries",
    metadata,
    Column("id", String, primary_key=True),
    _in_workspace(),
    Column("name", String, nullable=False),
    Column("sql", Text, nullable=False),
    Column("saved_by", String, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Index(None, "workspace_id"),
)
