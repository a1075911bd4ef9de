"""Connected accounts: connect, disconnect, their credentials, and the record of what was collected.

A credential leaves the store only for the system, decrypted at that moment. Renewing one is guarded by a lease that is
committed before the vendor is asked, because a refresh token often works once: while one process renews, all others wait
for its answer. A process killed between the vendor's answer and the commit loses the new token. Then the lease runs out and
the old refresh token is tried once more: either the vendor never saw the first request and it works, or the vendor refuses
it and the connection says that the person must sign in again. No wrong state can follow, only that request to sign in.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from models.domain.connection import (
    ConnectedAccount,
    Connection,
    ConnectionStatus,
    Credential,
    SyncRun,
    SyncStatus,
    Vendor,
)
from models.domain.workspace import Principal
from models.errors import AuthExpired, Conflict, InvalidInput, NotFound, StoreCorrupt
from models.ports import Cipher
from models.services._outgoing import cancel
from models.services._recording import new_id, record
from models.services._wording import clean_line
from models.services.policy import CONNECTION, SYNC, Action, policy, public
from models.store.unit_of_work import UnitOfWork

RENEWAL_LEASE = timedelta(minutes=3)
"""Longer than one refresh with all its time-outs takes."""
_POLL_SECONDS = 0.5


@policy(Action.MANAGE_CONNECTIONS)
def connect_account(
    uow: UnitOfWork, principal: Principal, workspace_id: str, vendor: Vendor, account: ConnectedAccount, *,
    cipher: Cipher, sandbox: bool, now: datetime,
) -> Connection:  # fmt: skip
    """Links the account to the workspace. An account that was connected before keeps its id, options and history."""
    uow.commit()  # the cipher may have to write the workspace's key, and SQLite has one lock for all writers
    sealed = cipher.seal(workspace_id, _PURPOSE, _packed(account.credential))
    return _store_account(uow, principal, workspace_id, vendor, account, sealed, sandbox=sandbox, now=now)


@policy(Action.MANAGE_CONNECTIONS)
def _store_account(
    uow: UnitOfWork, principal: Principal, workspace_id: str, vendor: Vendor, account: ConnectedAccount, sealed: bytes, *,
    sandbox: bool, now: datetime,
) -> Connection:  # fmt: skip
    """The second half of `connect_account`, which checks the role again in the transaction that writes."""
    known = uow.connections.of_account(workspace_id, vendor, account.account_id, sandbox=sandbox)
    fresh = Connection(
        id=new_id(), workspace_id=workspace_id, vendor=vendor, account_id=account.account_id, account_name="",
        status=ConnectionStatus.CONNECTED, sandbox=sandbox, scopes=(), created_at=now,
    )  # fmt: skip
    connection = _with_credential(
        replace(known or fresh, account_name=clean_line(account.name, "The account's name", limit=500)),
        account.credential,
    )
    if known is None:
        uow.connections.add(connection)
    else:
        uow.connections.save(connection)
    uow.credentials.put(connection.id, workspace_id, sealed)
    kind = "connection.added" if known is None else "connection.renewed"
    record(uow, principal, workspace_id, kind, connection.id, now, vendor=vendor.value, sandbox=sandbox)
    return connection


@policy(Action.VIEW_CONNECTIONS)
def list_connections(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[Connection]:
    """Every account that is or was connected, by vendor and name."""
    return uow.connections.of_workspace(workspace_id)


@policy(Action.VIEW_CONNECTIONS, CONNECTION)
def get_connection(uow: UnitOfWork, principal: Principal, connection_id: str) -> Connection:
    return _get(uow, connection_id)


@policy(Action.MANAGE_CONNECTIONS, CONNECTION)
def disconnect(uow: UnitOfWork, principal: Principal, connection_id: str, *, now: datetime) -> Connection:
    """Deletes the credential and cancels what waits to go out there; the connection and its history stay."""
    connection = _get(uow, connection_id, lock=True)
    uow.credentials.remove(connection_id)
    ended = replace(
        connection, status=ConnectionStatus.DISCONNECTED, expires_at=None, refresh_expires_at=None, message="", quota={}
    )
    uow.connections.save(ended)
    for item in uow.outbox.waiting_on(connection_id):
        cancel(uow, item, because="The account was disconnected.", by=principal.user_id, now=now)
    record(uow, principal, connection.workspace_id, "connection.ended", connection_id, now)
    return ended


@policy(Action.MANAGE_CONNECTIONS, CONNECTION)
def set_options(
    uow: UnitOfWork, principal: Principal, connection_id: str, options: Mapping[str, str], *, now: datetime
) -> Connection:
    """Stores the vendor settings for what goes out to the account, in place of the former ones."""
    connection = _get(uow, connection_id, lock=True)
    cleaned = {
        clean_line(name, "An option's name", limit=100): clean_line(value, f"The option {name}", limit=2_000, required=False)
        for name, value in options.items()
    }  # fmt: skip
    changed = replace(connection, options=cleaned)
    uow.connections.save(changed)
    record(uow, principal, connection.workspace_id, "connection.changed", connection_id, now)
    return changed


@policy(Action.READ_CREDENTIALS, CONNECTION)
def credential_of(uow: UnitOfWork, principal: Principal, connection_id: str, *, cipher: Cipher) -> Credential:
    """The credential, decrypted. Raises `Conflict` for an account that was disconnected."""
    return _opened(uow, _get(uow, connection_id), cipher)


@public("asks the vendor between two transactions; each of its steps has the policy of collecting")
def renew_credential(
    uow: UnitOfWork, principal: Principal, connection_id: str, used: Credential,
    refresh: Callable[[Credential], Credential], *, cipher: Cipher, now: datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> Credential:  # fmt: skip
    """A credential newer than `used`: the stored one where another process renewed it, else what `refresh` gives.

    Over all processes at most one asks the vendor at a time; the others wait for its answer. `AuthExpired` marks the
    connection as expired and is raised again; every other error of `refresh` leaves the credential as it was. `now` is real
    time, for sandbox accounts too, because the processes that wait for each other share no other clock.
    """
    waited = timedelta(0)
    while True:
        stored = _begin_renewal(uow, principal, connection_id, used, cipher=cipher, now=now + waited)
        if stored is not None:
            if stored.access_token != used.access_token:
                return stored
            break
        sleep(_POLL_SECONDS)
        waited += timedelta(seconds=_POLL_SECONDS)
    try:
        fresh = stored.renewed(refresh(stored))
    except AuthExpired as error:
        newer = _end_renewal(uow, principal, connection_id, used, str(error), cipher=cipher, now=now + waited)
        if newer is not None:
            return newer
        raise
    except Exception:
        _end_renewal(uow, principal, connection_id, used, None, cipher=cipher, now=now + waited)
        raise
    workspace_id = get_connection(uow, principal, connection_id).workspace_id
    sealed = cipher.seal(workspace_id, _PURPOSE, _packed(fresh))
    return _store_renewed(uow, principal, connection_id, used, fresh, sealed, cipher=cipher, now=now + waited)


@policy(Action.COLLECT, CONNECTION)
def _begin_renewal(
    uow: UnitOfWork, principal: Principal, connection_id: str, used: Credential, *, cipher: Cipher, now: datetime
) -> Credential | None:
    """The stored credential, after taking the lease if it is still the used one; None while another process has it."""
    sealed = uow.credentials.get(connection_id, lock=True)
    stored = _opened(uow, _get(uow, connection_id), cipher)
    if sealed is None or stored.access_token != used.access_token:
        return stored
    if sealed.renewing_until is not None and now < sealed.renewing_until <= now + RENEWAL_LEASE:
        return None
    uow.credentials.set_renewing(connection_id, now + RENEWAL_LEASE)
    return stored


@policy(Action.COLLECT, CONNECTION)
def _end_renewal(
    uow: UnitOfWork, principal: Principal, connection_id: str, used: Credential, expired: str | None, *, cipher: Cipher,
    now: datetime,
) -> Credential | None:  # fmt: skip
    """Gives up the lease after a refusal, which `expired` words if it is final; a credential stored meanwhile wins."""
    connection = _get(uow, connection_id, lock=True)
    if uow.credentials.get(connection_id, lock=True) is None:
        return None
    stored = _opened(uow, connection, cipher)
    if stored.access_token != used.access_token:
        return stored
    uow.credentials.set_renewing(connection_id, None)
    if expired is not None:
        uow.connections.save(replace(connection, status=ConnectionStatus.EXPIRED, message=expired))
        record(uow, principal, connection.workspace_id, "connection.expired", connection_id, now)
    return None


@policy(Action.COLLECT, CONNECTION)
def _store_renewed(
    uow: UnitOfWork, principal: Principal, connection_id: str, used: Credential, fresh: Credential, sealed: bytes, *,
    cipher: Cipher, now: datetime,
) -> Credential:  # fmt: skip
    """Stores the fresh credential unless another one was stored, or the account disconnected, meanwhile."""
    connection = _get(uow, connection_id, lock=True)
    if uow.credentials.get(connection_id, lock=True) is None:
        return fresh
    stored = _opened(uow, connection, cipher)
    if stored.access_token != used.access_token:
        return stored
    uow.credentials.put(connection_id, connection.workspace_id, sealed)
    uow.connections.save(_with_credential(connection, fresh))
    return fresh


@policy(Action.COLLECT, CONNECTION)
def mark_expired(
    uow: UnitOfWork, principal: Principal, connection_id: str, message: str, *, now: datetime
) -> Connection:
    """The vendor no longer takes the credential: nothing goes out or comes in until a person reconnects the account."""
    connection = _get(uow, connection_id, lock=True)
    if connection.status is not ConnectionStatus.CONNECTED:
        return connection
    expired = replace(connection, status=ConnectionStatus.EXPIRED, message=message)
    uow.connections.save(expired)
    record(uow, principal, connection.workspace_id, "connection.expired", connection_id, now)
    return expired


@policy(Action.COLLECT, SYNC)
def record_sync(
    uow: UnitOfWork, principal: Principal, run: SyncRun, *, quota: Mapping[str, str], synced_through: datetime | None
) -> Connection:
    """Keeps the run, and on its connection when it was, what quota is left and, unless None, how far it reaches."""
    connection = _get(uow, run.connection_id, lock=True)
    if connection.workspace_id != run.workspace_id:
        raise InvalidInput(f"Run {run.id!r} is of another workspace than its connection: record it where it belongs.")
    if not uow.syncs.add_new(run):
        return connection
    synced = replace(
        connection,
        last_sync_at=max(run.finished_at, connection.last_sync_at or run.finished_at),
        quota=dict(quota),
        synced_through=synced_through or connection.synced_through,
        message=connection.message if connection.status is ConnectionStatus.EXPIRED else run.message,
    )
    uow.connections.save(synced)
    return synced


@policy(Action.VIEW_CONNECTIONS, CONNECTION)
def list_syncs(uow: UnitOfWork, principal: Principal, connection_id: str, *, limit: int | None = None) -> list[SyncRun]:
    """What was collected through the connection, newest first."""
    return uow.syncs.of_connection(connection_id, limit=limit)


@policy(Action.VIEW_CONNECTIONS, CONNECTION)
def gaps(uow: UnitOfWork, principal: Principal, connection_id: str) -> list[SyncRun]:
    """Failed and partial runs whose window later complete runs of the same stream have not covered, oldest first."""
    runs = sorted(uow.syncs.of_connection(connection_id), key=lambda run: (run.started_at, run.id))
    return [
        run
        for index, run in enumerate(runs)
        if run.status in (SyncStatus.FAILED, SyncStatus.PARTIAL) and not _covered(run, [r for r in runs[index + 1 :] if r.stream == run.stream])
    ]  # fmt: skip


def _covered(run: SyncRun, later: list[SyncRun]) -> bool:
    """Whether the complete ones among the later runs reach over the whole window, alone or together."""
    reached = run.since
    for done in sorted((r for r in later if r.status is SyncStatus.DONE), key=lambda r: r.since):
        if done.since <= reached:
            reached = max(reached, done.until)
    return reached >= run.until


_PURPOSE = "credential"


def _packed(credential: Credential) -> bytes:
    return json.dumps(
        {
            "access_token": credential.access_token,
            "refresh_token": credential.refresh_token,
            "expires_at": credential.expires_at.isoformat() if credential.expires_at else None,
            "refresh_expires_at": credential.refresh_expires_at.isoformat() if credential.refresh_expires_at else None,
            "scopes": list(credential.scopes),
            "extra": dict(credential.extra),
        }
    ).encode()


def _opened(uow: UnitOfWork, connection: Connection, cipher: Cipher) -> Credential:
    sealed = uow.credentials.get(connection.id)
    if sealed is None:
        raise Conflict(
            f"{connection.vendor.label} account {connection.account_name} is disconnected: connect it again."
        )
    try:
        kept = json.loads(cipher.open(connection.workspace_id, _PURPOSE, sealed.sealed))
    except ValueError as error:
        raise StoreCorrupt(
            f"The credential of {connection.vendor.label} account {connection.account_name} cannot be read: connect it again."
        ) from error
    return Credential(
        access_token=kept["access_token"],
        refresh_token=kept["refresh_token"],
        expires_at=datetime.fromisoformat(kept["expires_at"]) if kept["expires_at"] else None,
        refresh_expires_at=datetime.fromisoformat(kept["refresh_expires_at"]) if kept["refresh_expires_at"] else None,
        scopes=tuple(kept["scopes"]),
        extra=kept["extra"],
    )


def _with_credential(connection: Connection, credential: Credential) -> Connection:
    return replace(
        connection,
        status=ConnectionStatus.CONNECTED,
        scopes=credential.scopes,
        expires_at=credential.expires_at,
        refresh_expires_at=credential.refresh_expires_at,
        message="",
    )


def _get(uow: UnitOfWork, connection_id: str, *, lock: bool = False) -> Connection:
    connection = uow.connections.get(connection_id, lock=lock)
    if connection is None:
        raise NotFound(f"Connection {connection_id!r} does not exist: reload the list of accounts.")
    return connection
