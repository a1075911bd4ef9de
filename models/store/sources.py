"""Stored public addresses of competitors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from models.domain.brand import WatchedSource
from models.store.session import Session
from models.store.tables import competitor_sources as table


class SourceRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, source: WatchedSource) -> None:
        self._session.write(
            insert(table).values(
                id=source.id,
                workspace_id=source.workspace_id,
                competitor_id=source.competitor_id,
                url=source.url,
                created_at=source.created_at,
                last_read_at=source.last_read_at,
                message=source.message,
                memory=dict(source.memory),
            )
        )

    def get(self, source_id: str) -> WatchedSource | None:
        row = self._session.row(select(table).where(table.c.id == source_id))
        return None if row is None else _source(row)

    def workspace_of(self, source_id: str) -> str | None:
        row = self._session.row(select(table.c.workspace_id).where(table.c.id == source_id))
        return None if row is None else str(row.workspace_id)

    def of_workspace(self, workspace_id: str) -> list[WatchedSource]:
        """By competitor and address."""
        query = select(table).where(table.c.workspace_id == workspace_id).order_by(table.c.competitor_id, table.c.url)
        return [_source(row) for row in self._session.rows(query)]

    def keep(self, source_id: str, memory: Mapping[str, Any], at: datetime, message: str) -> None:
        values = {"memory": dict(memory), "last_read_at": at, "message": message}
        self._session.write(update(table).where(table.c.id == source_id).values(values))

    def remove(self, source_id: str) -> None:
        self._session.write(delete(table).where(table.c.id == source_id))


def _source(row: Row[Any]) -> WatchedSource:
    return WatchedSource(
        row.id, row.workspace_id, row.competitor_id, row.url, row.created_at, row.last_read_at, row.message,
        dict(row.memory),
    )  # fmt: skip
