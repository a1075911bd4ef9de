"""Stored planning dates, and the planning settings of a workspace."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from models.domain.planning import DateKind, PlanningDate, PlanningRules
from models.store.ai_tables import planning_dates as table
from models.store.session import Session
from models.store.tables import workspaces

_SETTING = "planning"
"""Where the rules stand in a workspace's settings."""


class PlanningDateRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, date: PlanningDate) -> None:
        self._session.write(
            insert(table).values(
                id=date.id, workspace_id=date.workspace_id, kind=date.kind.value, name=date.name,
                starts_on=date.starts_on, ends_on=date.ends_on, pillar=date.pillar, brief=date.brief, share=date.share,
                created_by=date.created_by, created_at=date.created_at,
            )
        )  # fmt: skip

    def of_workspace(self, workspace_id: str) -> list[PlanningDate]:
        """By first day, then name."""
        query = select(table).where(table.c.workspace_id == workspace_id)
        return [_date(row) for row in self._session.rows(query.order_by(table.c.starts_on, table.c.name, table.c.id))]

    def remove(self, date_id: str) -> None:
        self._session.write(delete(table).where(table.c.id == date_id))

    def workspace_of(self, date_id: str) -> str | None:
        row = self._session.row(select(table.c.workspace_id).where(table.c.id == date_id))
        return None if row is None else str(row.workspace_id)

    def rules(self, workspace_id: str) -> PlanningRules:
        """The workspace's settings; the defaults for what was never set."""
        row = self._session.row(select(workspaces.c.settings).where(workspaces.c.id == workspace_id))
        return PlanningRules(**(row.settings or {}).get(_SETTING, {})) if row is not None else PlanningRules()

    def set_rules(self, workspace_id: str, rules: PlanningRules) -> None:
        """Stores the settings; the workspace's other settings stay."""
        row = self._session.row(select(workspaces.c.settings).where(workspaces.c.id == workspace_id))
        kept = dict(row.settings or {}) if row is not None else {}
        kept[_SETTING] = {"country": rules.country, "holidays": rules.holidays, "topic_days": rules.topic_days}
        self._session.write(update(workspaces).where(workspaces.c.id == workspace_id).values(settings=kept))


def _date(row: Row[Any]) -> PlanningDate:
    return PlanningDate(
        id=row.id, workspace_id=row.workspace_id, kind=DateKind(row.kind), name=row.name, starts_on=row.starts_on,
        ends_on=row.ends_on, pillar=row.pillar, brief=row.brief, share=row.share, created_by=row.created_by,
        created_at=row.created_at,
    )  # fmt: skip
