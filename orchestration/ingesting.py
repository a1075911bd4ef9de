"""Collects what connected accounts have to tell: one landing file a stream, one recorded run for each attempt."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.ingestion import Collected, collect_stream
from connectors.rhythms import Rhythm, due, lost, rhythm, streams_of, window
from models.domain.connection import Connection, SyncRun, SyncStatus, Vendor
from models.domain.workspace import SYSTEM
from models.errors import AuthExpired, FabricError, InvalidInput, NotFound
from models.ports import Connector, Stream
from models.services import connections
from orchestration.locks import exclusive
from orchestration.progress import Log, silent
from orchestration.resources import Stores

BACKFILL = timedelta(days=180)
"""How far back the first reading of an account goes."""
BUSY_SECONDS = 600.0

_logger = logging.getLogger(__name__)


@dataclass
class IngestReport:
    """The attempts of one call, in order. `skipped` names streams that were not due; `problems` are accounts that could not
    even be asked, a sentence each."""

    workspace_id: str
    runs: list[SyncRun] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[SyncRun]:
        return [run for run in self.runs if run.status is SyncStatus.FAILED]


def connected_vendors(stores: Stores, workspace_id: str) -> set[Vendor]:
    """Vendors with a connected account that has something to read."""
    return {c.vendor for c in stores.connected(workspace_id) if streams_of(c.vendor)}


def due_vendors(stores: Stores, workspace_id: str) -> set[Vendor]:
    """Vendors of which at least one stream is to be read now, by the time where the account lives.

    Sandbox accounts are not due while no sandbox answers.
    """
    found = set()
    for connection in stores.connected(workspace_id):
        earlier = _earlier(stores, connection)
        try:
            now = stores.vendor_now(connection)
        except FabricError as error:
            _logger.info("%s %s is left out: %s", connection.vendor.label, connection.account_name, error)
            continue
        if any(_due(connection, stream, _of_stream(earlier, stream), now) for stream in streams_of(connection.vendor)):
            found.add(connection.vendor)
    return found


def ingest(
    stores: Stores,
    workspace_id: str,
    *,
    vendor: Vendor | None = None,
    since: datetime | None = None,
    only_due: bool = False,
    log: Log = silent,
) -> IngestReport:
    """Reads every stream of the workspace's connected accounts (of one vendor, or all).

    The window of a stream begins at `since`, else at the trailing window before what has been read, else 180 days ago, and
    in any case where an open gap does. A stream that fails is recorded as a gap and does not stop the others. Raises
    `NotFound` without a connected account, `InvalidInput` when no account at all could be asked.
    """
    chosen = [c for c in stores.connected(workspace_id) if vendor in (None, c.vendor)]
    if not chosen:
        which = f" for {vendor.label}" if vendor else ""
        raise NotFound(
            f"Workspace {workspace_id} has no connected account{which}: connect one with fabric connect "
            f"{vendor.value if vendor else 'PLATFORM'} --workspace {workspace_id}."
        )
    report = IngestReport(workspace_id)
    for connection in chosen:
        busy = f"Another process is reading {connection.vendor.label} {connection.account_name}: wait for it to end."
        lock = stores.settings.home / "locks" / f"ingest-{connection.id}.lock"
        try:
            with exclusive(lock, wait_seconds=BUSY_SECONDS, busy=busy):
                _read_account(stores, connection, report, since=since, only_due=only_due, log=log)
        except FabricError as error:
            report.problems.append(f"{connection.vendor.label} {connection.account_name}: not read ({error})")
            log(report.problems[-1])
    if len(report.problems) == len(chosen):
        raise InvalidInput(report.problems[0])
    return report


def sentence(connection: Connection, run: SyncRun) -> str:
    """One line about a run for a person."""
    what = f"{connection.vendor.label} {connection.account_name}, {run.stream}"
    span = f"{run.since:%Y-%m-%d} to {run.until:%Y-%m-%d %H:%M}"
    if run.status is SyncStatus.FAILED:
        return f"{what}: not read ({run.message})"
    if run.status is SyncStatus.LOST:
        return f"{what}: {span} is lost ({run.message})"
    more = f"; {run.message}" if run.message else ""
    return f"{what}: {run.contents:,} posts, {run.observations:,} readings of {span}{more}"


def _earlier(stores: Stores, connection: Connection) -> Sequence[SyncRun]:
    with stores.open_store() as store, store.unit_of_work() as uow:
        return connections.list_syncs(uow, SYSTEM, connection.id)


def _of_stream(runs: Sequence[SyncRun], stream: Stream) -> Sequence[SyncRun]:
    return [run for run in runs if run.stream == stream.value]


def _due(connection: Connection, stream: Stream, earlier: Sequence[SyncRun], now: datetime) -> bool:
    """A stream that failed stays due."""
    started = max((run.started_at for run in earlier if run.status is SyncStatus.DONE), default=None)
    return due(rhythm(connection.vendor, stream), last_started=started, now=now)


def _read_account(
    stores: Stores,
    connection: Connection,
    report: IngestReport,
    *,
    since: datetime | None,
    only_due: bool,
    log: Log,
) -> None:
    """Reads the account's streams one after the other; ends early when the vendor no longer takes its credential."""
    now = stores.vendor_now(connection)
    connector = stores.connector(connection)
    earlier = _earlier(stores, connection)
    for stream in connector.streams:
        of_stream = _of_stream(earlier, stream)
        through = max((run.until for run in of_stream if run.status is SyncStatus.DONE), default=None)
        late = only_due and not _due(connection, stream, of_stream, now)
        if late or (through is not None and through >= now and since is None):
            report.skipped.append(f"{connection.vendor.label} {connection.account_name}, {stream.value}")
            continue
        told, runs = _read_stream(stores, connection, connector, stream, through=through, since=since, now=now)
        report.runs += runs
        for run in runs:
            log(sentence(connection, run))
        if isinstance(told.error, AuthExpired):
            with stores.open_store() as store, store.unit_of_work() as uow:
                connections.mark_expired(uow, SYSTEM, connection.id, str(told.error), now=stores.now())
            return


def _read_stream(
    stores: Stores,
    connection: Connection,
    connector: Connector,
    stream: Stream,
    *,
    through: datetime | None,
    since: datetime | None,
    now: datetime,
) -> tuple[Collected, list[SyncRun]]:
    """Reads and records one stream: the attempt, and after a successful one what had been lost before it."""
    beat = rhythm(connection.vendor, stream)
    gap = _open_gap(stores, connection, stream)
    begin, end = window(beat, through=through, now=now, backfill=BACKFILL, since=since, gap=gap)
    told = collect_stream(
        connection, connector, stream, since=begin, until=end, landing=stores.landing, landed_at=max(stores.now(), now)
    )
    # A gap closes with the next reading, as far as the vendor still tells: what it no longer does is recorded as lost.
    covers = min(begin, gap) if gap else begin
    runs = [_attempt(connection, told, since=covers, started_at=now, finished_at=max(stores.now(), now))]
    _record(stores, runs[0], connector)
    if told.error is None and (gone := lost(beat, through=through, now=now)) is not None:
        runs.append(_lost(connection, stream, beat, gone, now))
        _record(stores, runs[1], connector)
    return told, runs


def _open_gap(stores: Stores, connection: Connection, stream: Stream) -> datetime | None:
    """Where the earliest open gap of the stream begins."""
    with stores.open_store() as store, store.unit_of_work() as uow:
        gaps = connections.gaps(uow, SYSTEM, connection.id)
    return min((run.since for run in _of_stream(gaps, stream)), default=None)


def _attempt(
    connection: Connection, told: Collected, *, since: datetime, started_at: datetime, finished_at: datetime
) -> SyncRun:
    landed = told.landed is not None
    return SyncRun(
        id=uuid.uuid4().hex, connection_id=connection.id, workspace_id=connection.workspace_id,
        stream=told.stream.value, since=since, until=told.until, started_at=started_at, finished_at=finished_at,
        status=SyncStatus.FAILED if told.error else SyncStatus.DONE, contents=told.contents if landed else 0,
        observations=told.observations if landed else 0, rejections=told.rejections if landed else 0,
        message=told.message,
    )  # fmt: skip


def _lost(
    connection: Connection, stream: Stream, beat: Rhythm, gone: tuple[datetime, datetime], now: datetime
) -> SyncRun:
    message = f"nobody read this in time, and {connection.vendor.label} no longer tells it: {beat.source}"
    return SyncRun(
        id=uuid.uuid4().hex, connection_id=connection.id, workspace_id=connection.workspace_id, stream=stream.value,
        since=gone[0], until=gone[1], started_at=now, finished_at=now, status=SyncStatus.LOST, contents=0,
        observations=0, rejections=0, message=message,
    )  # fmt: skip


def _record(stores: Stores, run: SyncRun, connector: Connector) -> None:
    reaches = run.until if run.stream == Stream.POSTS and run.status is SyncStatus.DONE else None
    with stores.open_store() as store, store.unit_of_work() as uow:
        connections.record_sync(uow, SYSTEM, run, quota=connector.quota(), synced_through=reaches)
