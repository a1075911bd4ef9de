"""What models are asked for: keys, budgets, kept answers, manifests, what was found out about a brand; progress of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_APPEND_ONLY = ("manifests", "brand_studies", "strategy_decisions")


def upgrade() -> None:
    op.create_table(
        "ai_answers",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("input_hash", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.String(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_ai_answers_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "input_hash", name="pk_ai_answers"),
    )
    op.create_table(
        "ai_budgets",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("monthly_microusd", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_ai_budgets_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_ai_budgets"),
    )
    op.create_table(
        "ai_providers",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=True),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_ai_providers_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "provider", name="pk_ai_providers"),
    )
    op.create_table(
        "ai_reservations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("microusd", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("until", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_ai_reservations_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ai_reservations"),
    )
    op.create_index("ix_ai_reservations_workspace_id_until", "ai_reservations", ["workspace_id", "until"], unique=False)
    op.create_table(
        "brand_studies",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("input_hash", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_brand_studies_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_brand_studies"),
        sa.UniqueConstraint("workspace_id", "kind", "version", name="uq_brand_studies_workspace_id_kind_version"),
    )
    op.create_table(
        "content_extracts",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("entity_id", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("extract", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_content_extracts_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "platform", "account_id", "entity_id", name="pk_content_extracts"),
    )
    op.create_index(
        "ix_content_extracts_workspace_id_content_hash",
        "content_extracts",
        ["workspace_id", "content_hash"],
        unique=False,
    )
    op.create_table(
        "manifests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("artefact_kind", sa.String(), nullable=False),
        sa.Column("artefact_id", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_manifests_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_manifests"),
    )
    op.create_index(
        "ix_manifests_workspace_id_artefact_kind_artefact_id",
        "manifests",
        ["workspace_id", "artefact_kind", "artefact_id"],
        unique=False,
    )
    op.create_table(
        "media_jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("modality", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("work", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("share", sa.Float(), nullable=True),
        sa.Column("draft_id", sa.String(), nullable=True),
        sa.Column("asset_id", sa.String(), nullable=True),
        sa.Column("reservation", sa.String(), nullable=True),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=True),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_media_jobs_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_media_jobs"),
    )
    op.create_index("ix_media_jobs_state_due_at", "media_jobs", ["state", "due_at"], unique=False)
    op.create_index("ix_media_jobs_workspace_id_created_at", "media_jobs", ["workspace_id", "created_at"], unique=False)
    op.create_table(
        "planning_dates",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("pillar", sa.String(), nullable=False),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_planning_dates_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_planning_dates"),
    )
    op.create_index(
        "ix_planning_dates_workspace_id_starts_on", "planning_dates", ["workspace_id", "starts_on"], unique=False
    )
    op.create_table(
        "strategy_decisions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("strategy_id", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "strategy_id"],
            ["strategies.workspace_id", "strategies.id"],
            name="fk_strategy_decisions_workspace_id_strategy_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_strategy_decisions"),
    )
    op.create_index(
        "ix_strategy_decisions_workspace_id_strategy_id",
        "strategy_decisions",
        ["workspace_id", "strategy_id"],
        unique=False,
    )
    op.add_column("jobs", sa.Column("progress", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("heartbeat_at", _INSTANT, nullable=True))

    for table in _APPEND_ONLY:
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"create trigger {table}_append_only before update or delete on {table} "
            "for each row execute function fabric_append_only()"
        )
        op.execute(
            f"create trigger {table}_no_truncate before truncate on {table} "
            "for each statement execute function fabric_append_only()"
        )
        return
    refuse = f"begin select raise(abort, '{table} is append-only'); end"
    exists = "when exists (select 1 from workspaces where id = old.workspace_id)"
    op.execute(f"create trigger {table}_no_update before update on {table} {refuse}")
    op.execute(f"create trigger {table}_no_delete before delete on {table} {exists} {refuse}")
