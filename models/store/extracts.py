"""Stored extracts of competitors' content: one row for each piece of content."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select

from models.domain.extracts import StoredExtract
from models.domain.social import Platform
from models.store.ai_tables import content_extracts as table
from models.store.session import Session


class ExtractRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, kept: StoredExtract) -> None:
        """Stores the extract in place of the one of the same piece of content."""
        self._session.write(
            delete(table).where(
                table.c.workspace_id == kept.workspace_id,
                table.c.platform == kept.platform.value,
                table.c.account_id == kept.account_id,
                table.c.entity_id == kept.entity_id,
            )
        )
        self._session.write(
            insert(table).values(
                workspace_id=kept.workspace_id, platform=kept.platform.value, account_id=kept.account_id,
                entity_id=kept.entity_id, content_hash=kept.content_hash, asked=kept.asked, at=kept.at,
                extract=dict(kept.extract),
            )
        )  # fmt: skip

    def of_workspace(self, workspace_id: str) -> list[StoredExtract]:
        """By platform, account and piece of content."""
        query = select(table).where(table.c.workspace_id == workspace_id)
        ordered = query.order_by(table.c.platform, table.c.account_id, table.c.entity_id)
        return [_stored(row) for row in self._session.rows(ordered)]


def _stored(row: Row[Any]) -> StoredExtract:
    return StoredExtract(
        workspace_id=row.workspace_id, platform=Platform(row.platform), account_id=row.account_id,
        entity_id=row.entity_id, content_hash=row.content_hash, asked=row.asked, at=row.at, extract=row.extract,
    )  # fmt: skip
