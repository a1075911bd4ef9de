"""Stored strategies: append-only versions, numbered from 1 per workspace."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import Row, insert, select

from models.domain.strategy import Strategy, StrategyDocument
from models.store.session import Session
from models.store.tables import strategies


class StrategyRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, strategy: Strategy) -> None:
        """Raises `Conflict` when the version number is taken."""
        self._session.write(
            insert(strategies).values(
                id=strategy.id,
                workspace_id=strategy.workspace_id,
                version=strategy.version,
                created_at=strategy.created_at,
                created_by=strategy.created_by,
                document=strategy.document.model_dump(mode="json"),
                document_hash=_hash(strategy.document),
            ),
            conflict=f"Version {strategy.version} of the strategy was saved by someone else: reload and save again.",
        )

    def get(self, strategy_id: str) -> Strategy | None:
        row = self._session.row(select(strategies).where(strategies.c.id == strategy_id))
        return None if row is None else _strategy(row)

    def latest(self, workspace_id: str) -> Strategy | None:
        found = self.of_workspace(workspace_id, limit=1)
        return found[0] if found else None

    def of_workspace(self, workspace_id: str, *, limit: int | None = None) -> list[Strategy]:
        """Newest version first."""
        query = select(strategies).where(strategies.c.workspace_id == workspace_id)
        return [_strategy(row) for row in self._session.rows(query.order_by(strategies.c.version.desc()).limit(limit))]

    def holds(self, strategy_id: str, document: StrategyDocument) -> bool:
        """True if the stored version has exactly this document, evidence included."""
        row = self._session.row(select(strategies.c.document_hash).where(strategies.c.id == strategy_id))
        return row is not None and row.document_hash == _hash(document)

    def workspace_of(self, strategy_id: str) -> str | None:
        row = self._session.row(select(strategies.c.workspace_id).where(strategies.c.id == strategy_id))
        return None if row is None else str(row.workspace_id)


def _hash(document: StrategyDocument) -> str:
    text = json.dumps(document.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _strategy(row: Row[Any]) -> Strategy:
    return Strategy(
        id=row.id,
        workspace_id=row.workspace_id,
        version=row.version,
        created_at=row.created_at,
        created_by=row.created_by,
        document=StrategyDocument.model_validate(row.document),
    )
