"""The usage ledger: what writers were called for, at which cost."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_TABLE = "ai_usage"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("cache_hit", sa.Boolean(), nullable=False),
        sa.Column("latency_ms", sa.Float(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("tokens_cached", sa.Integer(), nullable=True),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=True),
        sa.Column("input_hash", sa.String(), nullable=True),
        sa.Column("prompt_version", sa.String(), nullable=True),
        sa.Column("artefact_kind", sa.String(), nullable=True),
        sa.Column("artefact_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=f"fk_{_TABLE}_workspace_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{_TABLE}"),
    )
    op.create_index(f"ix_{_TABLE}_workspace_id_at", _TABLE, ["workspace_id", "at"])

    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"create trigger {_TABLE}_append_only before update or delete on {_TABLE} "
            "for each row execute function fabric_append_only()"
        )
        op.execute(
            f"create trigger {_TABLE}_no_truncate before truncate on {_TABLE} "
            "for each statement execute function fabric_append_only()"
        )
    else:
        refuse = f"begin select raise(abort, '{_TABLE} is append-only'); end"
        exists = "when exists (select 1 from workspaces where id = old.workspace_id)"
        op.execute(f"create trigger {_TABLE}_no_update before update on {_TABLE} {refuse}")
        op.execute(f"create trigger {_TABLE}_no_delete before delete on {_TABLE} {exists} {refuse}")
