"""Stored workspaces."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select

from models.domain.workspace import Plan, Workspace
from models.store.session import Session
from models.store.tables import domain_events, memberships, workspaces


class WorkspaceRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, workspace: Workspace) -> None:
        """Raises `Conflict` when the id is taken."""
        self._session.write(
            insert(workspaces).values(
                id=workspace.id, name=workspace.name, zone=workspace.zone, plan=workspace.plan.value,
                synthetic=workspace.synthetic, settings={}, created_at=workspace.created_at,
            ),
            conflict=f"A workspace {workspace.id!r} exists already: choose another name, or give an id of your own.",
        )  # fmt: skip

    def get(self, workspace_id: str, *, lock: bool = False) -> Workspace | None:
        """`lock` keeps others from changing what belongs to the workspace until commit."""
        query = select(workspaces).where(workspaces.c.id == workspace_id)
        if lock:
            query = query.with_for_update(key_share=True)
        row = self._session.row(query)
        return None if row is None else _workspace(row)

    def all(self) -> list[Workspace]:
        """By id."""
        return [_workspace(row) for row in self._session.rows(select(workspaces).order_by(workspaces.c.id))]

    def of_user(self, user_id: str) -> list[Workspace]:
        """Those the user is a member of, by id."""
        query = select(workspaces).join(memberships).where(memberships.c.user_id == user_id).order_by(workspaces.c.id)
        return [_workspace(row) for row in self._session.rows(query)]

    def delete(self, workspace_id: str) -> bool:
        """Deletes the workspace with everything in it, its events included; True if it was there."""
        found = self._session.write(delete(workspaces).where(workspaces.c.id == workspace_id)) == 1
        if found:
            self._session.write(delete(domain_events).where(domain_events.c.workspace_id == workspace_id))
        return found


def _workspace(row: Row[Any]) -> Workspace:
    return Workspace(
        id=row.id, name=row.name, zone=row.zone, plan=Plan(row.plan), created_at=row.created_at, synthetic=row.synthetic
    )
