"""Stored connections, their sealed credentials, and what was collected through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from models.domain.connection import Connection, ConnectionStatus, SyncRun, SyncStatus, Vendor
from models.domain.social import Platform
from models.store.session import Session
from models.store.tables import connections, credentials, sync_runs


class ConnectionRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, connection: Connection) -> None:
        """Raises `Conflict` when someone else connected the same account meanwhile."""
        self._session.write(
            insert(connections).values(id=connection.id, created_at=connection.created_at, **_values(connection)),
            conflict=f"{connection.vendor.label} account {connection.account_name} was connected by someone else: reload.",
        )

    def save(self, connection: Connection) -> None:
        """Stores the connection in place of its former state."""
        self._session.write(
            update(connections).where(connections.c.id == connection.id).values(_values(connection))
        )  # fmt: skip

    def get(self, connection_id: str, *, lock: bool = False) -> Connection | None:
        query = select(connections).where(connections.c.id == connection_id)
        if lock:
            query = query.with_for_update(key_share=True)
        row = self._session.row(query)
        return None if row is None else _connection(row)

    def of_account(self, workspace_id: str, vendor: Vendor, account_id: str, *, sandbox: bool) -> Connection | None:
        """The account's connection, locked."""
        query = select(connections).where(
            connections.c.workspace_id == workspace_id,
            connections.c.vendor == vendor.value,
            connections.c.account_id == account_id,
            connections.c.sandbox == sandbox,
        )
        row = self._session.row(query.with_for_update(key_share=True))
        return None if row is None else _connection(row)

    def of_workspace(self, workspace_id: str) -> list[Connection]:
        """By vendor, then account name."""
        query = select(connections).where(connections.c.workspace_id == workspace_id)
        ordered = query.order_by(connections.c.vendor, connections.c.account_name, connections.c.id)
        return [_connection(row) for row in self._session.rows(ordered)]

    def publishing_to(self, workspace_id: str, platform: Platform) -> list[Connection]:
        """The accounts that a draft for the platform goes to: all but those that a person disconnected."""
        vendors = [vendor.value for vendor in Vendor if vendor.platform is platform]
        query = select(connections).where(
            connections.c.workspace_id == workspace_id,
            connections.c.vendor.in_(vendors),
            connections.c.status != ConnectionStatus.DISCONNECTED.value,
        )
        return [_connection(row) for row in self._session.rows(query.order_by(connections.c.id))]

    def workspace_of(self, connection_id: str) -> str | None:
        row = self._session.row(select(connections.c.workspace_id).where(connections.c.id == connection_id))
        return None if row is None else str(row.workspace_id)


@dataclass(frozen=True)
class SealedCredential:
    """A credential as stored. `renewing_until` is set while a process renews it, and names when that process is given up."""

    connection_id: str
    workspace_id: str
    sealed: bytes
    renewing_until: datetime | None


class CredentialRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, connection_id: str, *, lock: bool = False) -> SealedCredential | None:
        query = select(credentials).where(credentials.c.connection_id == connection_id)
        if lock:
            query = query.with_for_update(key_share=True)
        row = self._session.row(query)
        if row is None:
            return None
        return SealedCredential(row.connection_id, row.workspace_id, bytes(row.sealed), row.renewing_until)

    def put(self, connection_id: str, workspace_id: str, sealed: bytes) -> None:
        """Stores the credential in place of the former one; ends a renewal."""
        values = {"sealed": sealed, "renewing_until": None}
        statement = update(credentials).where(credentials.c.connection_id == connection_id).values(values)
        if not self._session.write(statement):
            self._session.write(
                insert(credentials).values(connection_id=connection_id, workspace_id=workspace_id, **values)
            )

    def set_renewing(self, connection_id: str, until: datetime | None) -> None:
        self._session.write(
            update(credentials).where(credentials.c.connection_id == connection_id).values(renewing_until=until)
        )

    def remove(self, connection_id: str) -> None:
        self._session.write(delete(credentials).where(credentials.c.connection_id == connection_id))


class SyncRunRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add_new(self, run: SyncRun) -> bool:
        """Stores the run unless its id is known; True if it was stored."""
        return self._session.insert_new(
            sync_runs,
            {
                "id": run.id,
                "workspace_id": run.workspace_id,
                "connection_id": run.connection_id,
                "stream": run.stream,
                "since": run.since,
                "until": run.until,
                "started_at": run.started_at,
                "finished_at": run.finished_at,
                "status": run.status.value,
                "contents": run.contents,
                "observations": run.observations,
                "rejections": run.rejections,
                "message": run.message,
            },
        )

    def of_connection(self, connection_id: str, *, limit: int | None = None) -> list[SyncRun]:
        """Newest first."""
        query = select(sync_runs).where(sync_runs.c.connection_id == connection_id)
        ordered = query.order_by(sync_runs.c.started_at.desc(), sync_runs.c.id).limit(limit)
        return [_run(row) for row in self._session.rows(ordered)]


def _values(connection: Connection) -> Mapping[str, Any]:
    return {
        "workspace_id": connection.workspace_id,
        "vendor": connection.vendor.value,
        "account_id": connection.account_id,
        "account_name": connection.account_name,
        "status": connection.status.value,
        "sandbox": connection.sandbox,
        "scopes": list(connection.scopes),
        "expires_at": connection.expires_at,
        "refresh_expires_at": connection.refresh_expires_at,
        "synced_through": connection.synced_through,
        "last_sync_at": connection.last_sync_at,
        "message": connection.message,
        "quota": dict(connection.quota),
        "options": dict(connection.options),
    }


def _connection(row: Row[Any]) -> Connection:
    return Connection(
        id=row.id,
        workspace_id=row.workspace_id,
        vendor=Vendor(row.vendor),
        account_id=row.account_id,
        account_name=row.account_name,
        status=ConnectionStatus(row.status),
        sandbox=row.sandbox,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        refresh_expires_at=row.refresh_expires_at,
        synced_through=row.synced_through,
        last_sync_at=row.last_sync_at,
        message=row.message,
        quota=dict(row.quota),
        options=dict(row.options),
    )


def _run(row: Row[Any]) -> SyncRun:
    return SyncRun(
        id=row.id,
        connection_id=row.connection_id,
        workspace_id=row.workspace_id,
        stream=row.stream,
        since=row.since,
        until=row.until,
        started_at=row.started_at,
        finished_at=row.finished_at,
        status=SyncStatus(row.status),
        contents=row.contents,
        observations=row.observations,
        rejections=row.rejections,
        message=row.message,
    )
