"""Stored data keys of workspaces, wrapped by a master key that is not in the store."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select, text, update

from models.store.session import Session
from models.store.tables import workspace_keys


@dataclass(frozen=True)
class WrappedKey:
    """A workspace's data key, encrypted with the master key that `master_id` names."""

    workspace_id: str
    key_id: str
    master_id: str
    wrapped: bytes


class WorkspaceKeyRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self) -> None:
        """Keeps all others from adding or rewrapping keys until commit; readers go on."""
        self._session.begin_write()
        if self._session.backend == "postgresql":
            self._session.write(text("lock table workspace_keys in share row exclusive mode"))

    def get(self, workspace_id: str) -> WrappedKey | None:
        row = self._session.row(select(workspace_keys).where(workspace_keys.c.workspace_id == workspace_id))
        return None if row is None else WrappedKey(row.workspace_id, row.key_id, row.master_id, bytes(row.wrapped))

    def all(self) -> list[WrappedKey]:
        """By workspace."""
        query = select(workspace_keys).order_by(workspace_keys.c.workspace_id)
        return [
            WrappedKey(row.workspace_id, row.key_id, row.master_id, bytes(row.wrapped))
            for row in self._session.rows(query)
        ]

    def add(self, key: WrappedKey) -> None:
        self._session.write(
            insert(workspace_keys).values(
                workspace_id=key.workspace_id, key_id=key.key_id, master_id=key.master_id, wrapped=key.wrapped
            ),
            conflict=f"Workspace {key.workspace_id!r} does not exist, or got its key from another process: try again.",
        )

    def rewrap(self, key: WrappedKey) -> None:
        """Replaces the wrap of the same data key."""
        self._session.write(
            update(workspace_keys)
            .where(workspace_keys.c.workspace_id == key.workspace_id, workspace_keys.c.key_id == key.key_id)
            .values(master_id=key.master_id, wrapped=key.wrapped)
        )
