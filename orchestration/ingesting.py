"""Collects what connected accounts have to tell: one landing file a stream, one recorded run for each attempt."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.ingestion import Collected, collect_stream
from connectors.rhythms import due, lost, rhythm, streams_of, window
from models.domain.connection import Connection, ConnectionStatus, SyncRun, SyncStatus, Vendor
from models.domain.workspace import SYSTEM
from models.errors import NotFound
from models.ports import Stream
from models.services import connections
from orchestration.locks import exclusive
from orchestration.resources import Stores

BACKFILL = timedelta(days=180)
"""How far back the first reading of an account goes."""


def _silent(message: str) -> None:
    """The default log: says nothing."""


@dataclass(frozen=True)
class IngestReport:
    """The attempts of one call, in order. `skipped` names streams that were not due."""

    workspace_id: str
    runs: tuple[SyncRun, ...]
    skipped: tuple[str, ...]

    @property
    def failed(self) -> tuple[SyncRun, ...]:
        return tuple(run for run in self.runs if run.status is SyncStatus.FAILED)


def connected_vendors(stores: Stores, workspace_id: str) -> set[Vendor]:
    """Vendors with a connected account that has something to read."""
    return {c.vendor for c in _connected(stores, workspace_id) if streams_of(c.vendor)}


def due_vendors(stores: Stores, workspace_id: str, *, now: datetime) -> set[Vendor]:
    """Vendors of which at least one stream is to be read now; reads the store only."""
    found = set()
    for connection in _connected(stores, workspace_id):
        earlier = _earlier(stores, connection)
        for stream in streams_of(connection.vendor):
            last = max((run.started_at for run in earlier if run.stream == stream.value), default=None)
            if due(rhythm(connection.vendor, stream), last_started=last, now=now):
                found.add(connection.vendor)
    return found


def _connected(stores: Stores, workspace_id: str) -> list[Connection]:
    with stores.open_store() as store, store.unit_of_work() as uow:
        known = connections.list_connections(uow, SYSTEM, workspace_id)
    return [connection for connection in known if connection.status is ConnectionStatus.CONNECTED]


def ingest(
    stores: Stores,
    workspace_id: str,
    *,
    vendor: Vendor | None = None,
    since: datetime | None = None,
    only_due: bool = False,
    log: Callable[[str], None] = _silent,
) -> IngestReport:
    """Reads every stream of the workspace's connected accounts (of one vendor, or all).

    The window of a stream begins at `since`, else at the trailing window before what has been read, else 180 days ago. A
    stream that fails is recorded as a gap and does not stop the others. Raises `NotFound` without a connected account.
    """
    chosen = [c for c in _connected(stores, workspace_id) if vendor in (None, c.vendor)]
    if not chosen:
        which = f" for {vendor.label}" if vendor else ""
        raise NotFound(
            f"Workspace {workspace_id} has no connected account{which}: connect one with fabric connect "
            f"{vendor.value if vendor else 'PLATFORM'} --workspace {workspace_id}."
        )
    runs: list[SyncRun] = []
    skipped: list[str] = []
    for connection in chosen:
        busy = f"Another process is reading {connection.vendor.label} {connection.account_name}: wait for it to end."
        with exclusive(stores.settings.home / "locks" / f"ingest-{connection.id}.lock", wait_seconds=600, busy=busy):
            _read_account(stores, connection, since, only_due, runs, skipped, log)
    return IngestReport(workspace_id, tuple(runs), tuple(skipped))


def _read_account(
    stores: Stores,
    connection: Connection,
    since: datetime | None,
    only_due: bool,
    runs: list[SyncRun],
    skipped: list[str],
    log: Callable[[str], None],
) -> None:
    earlier = _earlier(stores, connection)
    now = stores.vendor_now(connection)
    connector = stores.connector(connection)
    for stream in connector.streams:
        beat = rhythm(connection.vendor, stream)
        of_stream = [run for run in earlier if run.stream == stream.value]
        if only_due and not due(beat, last_started=max((r.started_at for r in of_stream), default=None), now=now):
            skipped.append(f"{connection.vendor.label} {connection.account_name}, {stream.value}")
            continue
        read = max((r.until for r in of_stream if r.status is not SyncStatus.FAILED), default=None)
        if read is not None and read >= now and since is None:
            skipped.append(f"{connection.vendor.label} {connection.account_name}, {stream.value}")
            continue
        if (gone := lost(beat, through=read, now=now)) is not None and since is None:
            message = f"nobody read this in time, and {connection.vendor.label} no longer tells it ({beat.source})"
            runs.append(_recorded(stores, _run(connection, stream, *gone, now, now, SyncStatus.FAILED, message), {}))
        begin, end = window(beat, through=read, now=now, backfill=BACKFILL, since=since)
        told = collect_stream(
            connection, connector, stream, since=begin, until=end, landing=stores.landing,
            landed_at=max(stores.now(), now),
        )  # fmt: skip
        run = _of(connection, told, started_at=now, finished_at=max(stores.now(), now))
        runs.append(_recorded(stores, run, connector.quota()))
        log(sentence(connection, run))


def _earlier(stores: Stores, connection: Connection) -> Sequence[SyncRun]:
    with stores.open_store() as store, store.unit_of_work() as uow:
        return connections.list_syncs(uow, SYSTEM, connection.id)


def _of(connection: Connection, told: Collected, *, started_at: datetime, finished_at: datetime) -> SyncRun:
    status = SyncStatus.FAILED if told.error else SyncStatus.DONE
    return SyncRun(
        id=uuid.uuid4().hex, connection_id=connection.id, workspace_id=connection.workspace_id,
        stream=told.stream.value, since=told.since, until=told.until, started_at=started_at, finished_at=finished_at,
        status=status, contents=told.contents if told.landed else 0, observations=told.observations if told.landed else 0,
        rejections=told.rejections if told.landed else 0, calls=0, message=told.message,
    )  # fmt: skip


def _run(
    connection: Connection, stream: Stream, since: datetime, until: datetime, started_at: datetime, finished_at: datetime,
    status: SyncStatus, message: str,
) -> SyncRun:  # fmt: skip
    return SyncRun(
        uuid.uuid4().hex, connection.id, connection.workspace_id, stream.value, since, until, started_at, finished_at,
        status, 0, 0, 0, 0, message,
    )  # fmt: skip


def _recorded(stores: Stores, run: SyncRun, quota: Mapping[str, str]) -> SyncRun:
    reaches = run.until if run.stream == Stream.POSTS and run.status is not SyncStatus.FAILED else None
    with stores.open_store() as store, store.unit_of_work() as uow:
        connections.record_sync(uow, SYSTEM, run, quota=quota, synced_through=reaches)
    return run


def sentence(connection: Connection, run: SyncRun) -> str:
    """One line about a run for a person."""
    what = f"{connection.vendor.label} {connection.account_name}, {run.stream}"
    if run.status is SyncStatus.FAILED:
        return f"{what}: not read ({run.message})"
    span = f"{run.since:%Y-%m-%d} to {run.until:%Y-%m-%d %H:%M}"
    more = f"; {run.message}" if run.message else ""
    return f"{what}: {run.contents:,} posts, {run.observations:,} readings of {span}{more}"
