"""Stored decisions on strategies: append-only."""

from __future__ import annotations

from sqlalchemy import insert, select

from models.domain.strategy import StrategyDecision, Verdict
from models.store.ai_tables import strategy_decisions
from models.store.session import Session


class StrategyDecisionRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, decision: StrategyDecision) -> None:
        self._session.write(
            insert(strategy_decisions).values(
                id=decision.id,
                workspace_id=decision.workspace_id,
                strategy_id=decision.strategy_id,
                decision=decision.verdict.value,
                part=decision.part,
                note=decision.note,
                decided_by=decision.decided_by,
                decided_at=decision.decided_at,
            )
        )

    def of_workspace(self, workspace_id: str) -> list[StrategyDecision]:
        """Oldest first."""
        query = select(strategy_decisions).where(strategy_decisions.c.workspace_id == workspace_id)
        ordered = query.order_by(strategy_decisions.c.decided_at, strategy_decisions.c.id)
        return [
            StrategyDecision(
                id=row.id, workspace_id=row.workspace_id, strategy_id=row.strategy_id, verdict=Verdict(row.decision),
                part=row.part, note=row.note, decided_by=row.decided_by, decided_at=row.decided_at,
            )
            for row in self._session.rows(ordered)
        ]  # fmt: skip
