"""The first schema: workspaces, people, plans, drafts, approvals, jobs and events.

Append-only tables refuse updates, and refuse deletes while the row's workspace exists: deleting a workspace takes its
rows with it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_APPEND_ONLY = ("strategies", "draft_versions", "approvals", "domain_events")

_WORKSPACE_EXISTS = "when exists (select 1 from workspaces where id = old.workspace_id)"
_POSTGRES_FUNCTION = """
create function fabric_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if not exists (select 1 from workspaces where id = old.workspace_id) then
            return old;
        end if;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$
"""


def upgrade() -> None:
    op.create_table(
        "domain_events",
        sa.Column("id", _BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_domain_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_domain_events_workspace_id_id", "domain_events", ["workspace_id", "id"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_table(
        "workspaces",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
    )
    op.create_table(
        "brand_profiles",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("banned_phrases", sa.JSON(), nullable=False),
        sa.Column("required_phrases", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_brand_profiles_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_brand_profiles"),
    )
    op.create_table(
        "competitors",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_competitors_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_competitors"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name="fk_jobs_workspace_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_status_created_at", "jobs", ["status", "created_at"], unique=False)
    op.create_index("ix_jobs_workspace_id_created_at", "jobs", ["workspace_id", "created_at"], unique=False)
    op.create_table(
        "memberships",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_memberships_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_memberships_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"], unique=False)
    op.create_table(
        "strategies",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("document_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_strategies_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_strategies"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_strategies_workspace_id_id"),
        sa.UniqueConstraint("workspace_id", "version", name="uq_strategies_workspace_id_version"),
    )
    op.create_table(
        "calendar_entries",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("strategy_id", sa.String(), nullable=False),
        sa.Column("slot_at", _INSTANT, nullable=False),
        sa.Column("pillar", sa.String(), nullable=False),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("platforms", sa.JSON(), nullable=False),
        sa.Column("fact_ids", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "strategy_id"],
            ["strategies.workspace_id", "strategies.id"],
            name="fk_calendar_entries_workspace_id_strategy_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_entries"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_calendar_entries_workspace_id_id"),
    )
    op.create_index(
        "ix_calendar_entries_workspace_id_slot_at", "calendar_entries", ["workspace_id", "slot_at"], unique=False
    )
    op.create_index(
        "ix_calendar_entries_workspace_id_strategy_id",
        "calendar_entries",
        ["workspace_id", "strategy_id"],
        unique=False,
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "entry_id"],
            ["calendar_entries.workspace_id", "calendar_entries.id"],
            name="fk_drafts_workspace_id_entry_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.UniqueConstraint("entry_id", "platform", name="uq_drafts_entry_id_platform"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_drafts_workspace_id_id"),
    )
    op.create_index("ix_drafts_workspace_id_entry_id", "drafts", ["workspace_id", "entry_id"], unique=False)
    op.create_index("ix_drafts_workspace_id_status", "drafts", ["workspace_id", "status"], unique=False)
    op.create_table(
        "draft_versions",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "draft_id"],
            ["drafts.workspace_id", "drafts.id"],
            name="fk_draft_versions_workspace_id_draft_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("draft_id", "number", name="pk_draft_versions"),
    )
    op.create_index(
        "ix_draft_versions_workspace_id_draft_id", "draft_versions", ["workspace_id", "draft_id"], unique=False
    )
    op.create_table(
        "approvals",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id", "version"],
            ["draft_versions.draft_id", "draft_versions.number"],
            name="fk_approvals_draft_id_version",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "draft_id"],
            ["drafts.workspace_id", "drafts.id"],
            name="fk_approvals_workspace_id_draft_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("draft_id", "number", name="pk_approvals"),
        sa.UniqueConstraint("id", name="uq_approvals_id"),
    )
    op.create_index("ix_approvals_workspace_id_draft_id", "approvals", ["workspace_id", "draft_id"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRES_FUNCTION)
        for table in _APPEND_ONLY:
            op.execute(
                f"create trigger {table}_append_only before update or delete on {table} "
                "for each row execute function fabric_append_only()"
            )
            op.execute(
                f"create trigger {table}_no_truncate before truncate on {table} "
                "for each statement execute function fabric_append_only()"
            )
    else:
        for table in _APPEND_ONLY:
            refuse = f"begin select raise(abort, '{table} is append-only'); end"
            op.execute(f"create trigger {table}_no_update before update on {table} {refuse}")
            op.execute(f"create trigger {table}_no_delete before delete on {table} {_WORKSPACE_EXISTS} {refuse}")
