"""Stored queries of analysts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select

from models.domain.analysis import SavedQuery
from models.store.session import Session
from models.store.tables import saved_queries as table


class QueryRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, query: SavedQuery) -> None:
        """Stores the query in place of one with its id."""
        self.remove(query.id)
        self._session.write(
            insert(table).values(
                id=query.id,
                workspace_id=query.workspace_id,
                name=query.name,
                sql=query.sql,
                saved_by=query.saved_by,
                saved_at=query.saved_at,
            )
        )

    def get(self, query_id: str) -> SavedQuery | None:
        row = self._session.row(select(table).where(table.c.id == query_id))
        return None if row is None else _query(row)

    def workspace_of(self, query_id: str) -> str | None:
        row = self._session.row(select(table.c.workspace_id).where(table.c.id == query_id))
        return None if row is None else str(row.workspace_id)

    def of_workspace(self, workspace_id: str) -> list[SavedQuery]:
        """By name."""
        rows = self._session.rows(select(table).where(table.c.workspace_id == workspace_id))
        return sorted((_query(row) for row in rows), key=lambda query: (query.name.casefold(), query.id))

    def remove(self, query_id: str) -> None:
        self._session.write(delete(table).where(table.c.id == query_id))


def _query(row: Row[Any]) -> SavedQuery:
    return SavedQuery(row.id, row.workspace_id, row.name, row.sql, row.saved_by, row.saved_at)
