"""Public addresses of competitors that are read again and again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "competitor_sources",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("competitor_id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_read_at", _INSTANT, nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "competitor_id"],
            ["competitors.workspace_id", "competitors.id"],
            name="fk_competitor_sources_workspace_id_competitor_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_competitor_sources"),
        sa.UniqueConstraint("workspace_id", "url", name="uq_competitor_sources_workspace_id_url"),
    )
    op.create_index(
        "ix_competitor_sources_workspace_id_competitor_id", "competitor_sources", ["workspace_id", "competitor_id"]
    )
