"""Stored access of workspaces to model providers; keys are sealed by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select, update

from models.domain.spending import ProviderSetup
from models.store.ai_tables import ai_providers as table
from models.store.session import Session


@dataclass(frozen=True)
class SealedProvider:
    setup: ProviderSetup
    sealed: bytes | None


class ProviderRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, setup: ProviderSetup, sealed: bytes | None) -> None:
        """Stores the access in place of a former one to the same provider."""
        key = {"workspace_id": setup.workspace_id, "provider": setup.provider}
        values = {
            "base_url": setup.base_url, "models": dict(setup.models), "sealed_key": sealed, "enabled": setup.enabled, "local": setup.local,
            "updated_at": setup.updated_at,
        }  # fmt: skip
        if not self._session.insert_new(table, {**key, **values}):
            self._session.write(update(table).where(*_is(setup.workspace_id, setup.provider)).values(values))

    def get(self, workspace_id: str, provider: str) -> SealedProvider | None:
        row = self._session.row(select(table).where(*_is(workspace_id, provider)))
        return None if row is None else _sealed(row)

    def of_workspace(self, workspace_id: str) -> list[SealedProvider]:
        """By provider."""
        query = select(table).where(table.c.workspace_id == workspace_id).order_by(table.c.provider)
        return [_sealed(row) for row in self._session.rows(query)]

    def remove(self, workspace_id: str, provider: str) -> bool:
        """True if it was there."""
        return self._session.write(delete(table).where(*_is(workspace_id, provider))) == 1


def _is(workspace_id: str, provider: str) -> tuple[Any, Any]:
    return table.c.workspace_id == workspace_id, table.c.provider == provider


def _sealed(row: Row[Any]) -> SealedProvider:
    setup = ProviderSetup(
        row.workspace_id, row.provider, row.base_url, dict(row.models), row.sealed_key is not None, row.enabled,
        row.updated_at, row.local,
    )  # fmt: skip
    return SealedProvider(setup, None if row.sealed_key is None else bytes(row.sealed_key))
