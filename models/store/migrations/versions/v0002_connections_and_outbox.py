"""Connections with their sealed credentials, media of drafts, and the outbox with its append-only log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LOG = "publish_attempts"


def _workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id"], ["workspaces.id"], name=f"fk_{table}_workspace_id", ondelete="CASCADE"
    )


def _inside(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id", column],
        [f"{target}.workspace_id", f"{target}.id"],
        name=f"fk_{table}_workspace_id_{column}",
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "workspace_keys",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("master_id", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        _workspace("workspace_keys"),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_workspace_keys"),
    )
    op.create_table(
        "connections",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("account_name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("sandbox", sa.Boolean(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("refresh_expires_at", _INSTANT, nullable=True),
        sa.Column("synced_through", _INSTANT, nullable=True),
        sa.Column("last_sync_at", _INSTANT, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("quota", sa.JSON(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        _workspace("connections"),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
        sa.UniqueConstraint("workspace_id", "id", name="uq_connections_workspace_id_id"),
        sa.UniqueConstraint(
            "workspace_id",
            "vendor",
            "account_id",
            "sandbox",
            name="uq_connections_workspace_id_vendor_account_id_sandbox",
        ),
    )
    op.create_table(
        "credentials",
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("renewing_until", _INSTANT, nullable=True),
        _inside("credentials", "connection_id", "connections"),
        sa.PrimaryKeyConstraint("connection_id", name="pk_credentials"),
    )
    op.create_index("ix_credentials_workspace_id_connection_id", "credentials", ["workspace_id", "connection_id"])
    op.create_table(
        "sync_runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("until", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("contents", sa.Integer(), nullable=False),
        sa.Column("observations", sa.Integer(), nullable=False),
        sa.Column("rejections", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        _inside("sync_runs", "connection_id", "connections"),
        sa.PrimaryKeyConstraint("id", name="pk_sync_runs"),
    )
    op.create_index("ix_sync_runs_workspace_id_connection_id", "sync_runs", ["workspace_id", "connection_id"])
    op.create_table(
        "assets",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration_seconds", sa.Float(), nullable=True),
        _workspace("assets"),
        sa.PrimaryKeyConstraint("workspace_id", "id", name="pk_assets"),
    )
    op.create_table(
        "draft_assets",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("asset_id", sa.String(), nullable=False),
        sa.Column("alt_text", sa.Text(), nullable=False),
        _inside("draft_assets", "draft_id", "drafts"),
        _inside("draft_assets", "asset_id", "assets"),
        sa.PrimaryKeyConstraint("draft_id", "position", name="pk_draft_assets"),
        sa.UniqueConstraint("draft_id", "asset_id", name="uq_draft_assets_draft_id_asset_id"),
    )
    op.create_index("ix_draft_assets_workspace_id_draft_id", "draft_assets", ["workspace_id", "draft_id"])
    op.create_index("ix_draft_assets_workspace_id_asset_id", "draft_assets", ["workspace_id", "asset_id"])
    op.create_table(
        "outbox",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("connection_id", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("sending_since", _INSTANT, nullable=True),
        sa.Column("not_before", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("phases", sa.JSON(), nullable=False),
        sa.Column("phases_after_sending", sa.JSON(), nullable=False),
        sa.Column("post_id", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        _inside("outbox", "draft_id", "drafts"),
        _inside("outbox", "connection_id", "connections"),
        sa.PrimaryKeyConstraint("key", name="pk_outbox"),
        sa.UniqueConstraint("workspace_id", "key", name="uq_outbox_workspace_id_key"),
    )
    op.create_index("ix_outbox_status_due_at_key", "outbox", ["status", "due_at", "key"])
    op.create_index("ix_outbox_workspace_id_draft_id", "outbox", ["workspace_id", "draft_id"])
    op.create_index("ix_outbox_workspace_id_connection_id", "outbox", ["workspace_id", "connection_id"])
    op.create_index("ix_outbox_connection_id_post_id", "outbox", ["connection_id", "post_id"])
    op.create_table(
        _LOG,
        sa.Column("id", _BIG_KEY, autoincrement=True, nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "key"],
            ["outbox.workspace_id", "outbox.key"],
            name=f"fk_{_LOG}_workspace_id_key",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{_LOG}"),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{_LOG}_workspace_id_key", _LOG, ["workspace_id", "key"])

    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"create trigger {_LOG}_append_only before update or delete on {_LOG} "
            "for each row execute function fabric_append_only()"
        )
        op.execute(
            f"create trigger {_LOG}_no_truncate before truncate on {_LOG} "
            "for each statement execute function fabric_append_only()"
        )
    else:
        refuse = f"begin select raise(abort, '{_LOG} is append-only'); end"
        exists = "when exists (select 1 from workspaces where id = old.workspace_id)"
        op.execute(f"create trigger {_LOG}_no_update before update on {_LOG} {refuse}")
        op.execute(f"create trigger {_LOG}_no_delete before delete on {_LOG} {exists} {refuse}")
