"""A workspace's rows out of the store, and back into one: for `fabric export` and `fabric import`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from models.domain.archive import Row, WorkspaceRows
from models.domain.connection import ConnectionStatus
from models.domain.publishing import OutboxStatus
from models.domain.workspace import Principal, Workspace
from models.errors import Conflict, InvalidInput, NotFound
from models.services._recording import record
from models.services.policy import INSTALLATION, Action, policy
from models.store.archive import ARCHIVED, columns_of
from models.store.unit_of_work import UnitOfWork

_RECONNECT = "Came with an import, which carries no credentials: connect the account again."
_ENDED = {OutboxStatus.SENT, OutboxStatus.CANCELLED}


@policy(Action.EXPORT_WORKSPACE)
def workspace_rows(uow: UnitOfWork, principal: Principal, workspace_id: str) -> WorkspaceRows:
    """Everything of the workspace that may leave the installation; no credential, key, person or job."""
    workspace = uow.workspaces.get(workspace_id)
    if workspace is None:
        raise NotFound(f"Workspace {workspace_id!r} does not exist: check the id.")
    tables = uow.archive.rows(workspace_id)
    return WorkspaceRows(workspace, {**tables, "outbox": [_without_recipients(row) for row in tables["outbox"]]})


@policy(Action.RESTORE_WORKSPACE, INSTALLATION)
def restore_workspace(uow: UnitOfWork, principal: Principal, rows: WorkspaceRows, *, now: datetime) -> Workspace:
    """Puts an exported workspace into this store, all of it or nothing; it has no members until someone adds them.

    Accounts must be connected again. Raises `Conflict` when the workspace, or one of its rows, is here already, and
    `InvalidInput` for rows that no export has.
    """
    workspace = rows.workspace
    if uow.workspaces.get(workspace.id) is not None:
        raise Conflict(
            f"Workspace {workspace.id} is here already: delete it first with fabric workspace delete {workspace.id}, or "
            "import into another home."
        )
    _check(workspace.id, rows.tables)
    uow.workspaces.add(workspace)
    uow.archive.add({**rows.tables, "connections": [_without_access(row) for row in rows.tables["connections"]]})
    record(uow, principal, workspace.id, "workspace.restored", workspace.id, now)
    return workspace


def _check(workspace_id: str, tables: Mapping[str, Sequence[Row]]) -> None:
    if set(tables) != set(ARCHIVED):
        raise InvalidInput(f"An export holds exactly the tables {', '.join(ARCHIVED)}: this one is not an export.")
    for name, rows in tables.items():
        wanted = columns_of(name).keys()
        for row in rows:
            if row.keys() != wanted:
                raise InvalidInput(f"A row of {name} in the export has other columns than this version of FABRIC.")
            if row["workspace_id"] != workspace_id:
                raise InvalidInput(f"A row of {name} in the export belongs to another workspace than {workspace_id}.")


def _without_recipients(item: Row) -> Row:
    """The item without what its phases kept, once it ended: that of a mail names who received it."""
    return {**item, "phases": {}, "phases_after_sending": {}} if item["status"] in _ENDED else item


def _without_access(connection: Row) -> Row:
    """The connection as one whose token ran out: nothing goes out through it until a person connects it again."""
    if connection["status"] == ConnectionStatus.DISCONNECTED.value:
        return connection
    return {**connection, "status": ConnectionStatus.EXPIRED.value, "message": _RECONNECT}
