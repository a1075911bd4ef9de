"""Stored monthly budgets, what is set aside of them, and sums over the usage ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, func, insert, select, update

from models.domain.spending import Month, SpendingLine
from models.domain.usage import Outcome
from models.store.ai_tables import ai_budgets, ai_reservations
from models.store.session import Session
from models.store.tables import ai_usage


@dataclass(frozen=True)
class StoredBudget:
    """A workspace's own budget in millionths of a US dollar; None means that it wants no limit."""

    monthly_microusd: int | None


class BudgetRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, workspace_id: str) -> StoredBudget | None:
        """The workspace's own budget, None where it never set one."""
        row = self._session.row(select(ai_budgets).where(ai_budgets.c.workspace_id == workspace_id))
        return None if row is None else StoredBudget(row.monthly_microusd)

    def put(self, workspace_id: str, monthly_microusd: int | None, at: datetime) -> None:
        values = {"monthly_microusd": monthly_microusd, "updated_at": at}
        if not self._session.insert_new(ai_budgets, {"workspace_id": workspace_id, **values}):
            self._session.write(update(ai_budgets).where(ai_budgets.c.workspace_id == workspace_id).values(values))

    def spent(self, workspace_id: str, month: Month) -> int:
        """Sum of the known costs of the month."""
        query = select(func.coalesce(func.sum(ai_usage.c.cost_microusd), 0).label("sum")).where(
            ai_usage.c.workspace_id == workspace_id, ai_usage.c.at >= month.start, ai_usage.c.at < month.end
        )
        return int(self._session.rows(query)[0].sum)

    def held(self, workspace_id: str, month: Month) -> int:
        """Sum of what was set aside in the month and still stands."""
        query = select(func.coalesce(func.sum(ai_reservations.c.microusd), 0).label("sum")).where(
            ai_reservations.c.workspace_id == workspace_id,
            ai_reservations.c.at >= month.start,
            ai_reservations.c.at < month.end,
        )
        return int(self._session.rows(query)[0].sum)

    def reserve(self, reservation_id: str, workspace_id: str, microusd: int, *, at: datetime, until: datetime) -> None:
        self._session.write(
            insert(ai_reservations).values(
                id=reservation_id, workspace_id=workspace_id, microusd=microusd, at=at, until=until
            )
        )

    def reserved_at(self, workspace_id: str, reservation_id: str) -> datetime | None:
        """When it was made; None when there is no such reservation of the workspace."""
        row = self._session.row(
            select(ai_reservations.c.at).where(
                ai_reservations.c.workspace_id == workspace_id, ai_reservations.c.id == reservation_id
            )
        )
        return None if row is None else row.at

    def release(self, workspace_id: str, reservation_id: str) -> None:
        self._session.write(
            delete(ai_reservations).where(
                ai_reservations.c.workspace_id == workspace_id, ai_reservations.c.id == reservation_id
            )
        )

    def forget(self, workspace_id: str, before: datetime) -> None:
        """Deletes reservations whose month had ended by then."""
        self._session.write(
            delete(ai_reservations).where(
                ai_reservations.c.workspace_id == workspace_id, ai_reservations.c.until <= before
            )
        )

    def lines(self, workspace_id: str, month: Month) -> list[SpendingLine]:
        """The month's calls by task, provider and model, the dearest first."""
        keys = (ai_usage.c.task, ai_usage.c.provider, ai_usage.c.model)
        failed = case((ai_usage.c.outcome != Outcome.WRITTEN.value, 1))
        query = (
            select(
                *keys,
                func.count().label("calls"),
                func.count(failed).label("failed"),
                func.count(case((ai_usage.c.cache_hit, 1))).label("cache_hits"),
                func.count(ai_usage.c.cost_microusd).label("priced"),
                func.sum(ai_usage.c.tokens_in).label("tokens_in"),
                func.sum(ai_usage.c.tokens_out).label("tokens_out"),
                func.sum(ai_usage.c.cost_microusd).label("cost"),
            )
            .where(ai_usage.c.workspace_id == workspace_id, ai_usage.c.at >= month.start, ai_usage.c.at < month.end)
            .group_by(*keys)
        )
        found = [
            SpendingLine(
                row.task, row.provider, row.model, row.calls, row.failed, row.cache_hits, row.priced,
                _whole(row.tokens_in), _whole(row.tokens_out), _whole(row.cost),
            )
            for row in self._session.rows(query)
        ]  # fmt: skip
        return sorted(found, key=lambda line: (-(line.cost_microusd or 0), line.task, line.provider, line.model))


def _whole(value: object) -> int | None:
    """A sum as an integer: PostgreSQL gives a decimal."""
    return None if value is None else int(str(value))
