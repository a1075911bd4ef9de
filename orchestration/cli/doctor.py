"""`fabric doctor`: what is set, reachable, stale or broken, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import typer

from models.errors import FabricError
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, table

if TYPE_CHECKING:
    from models.settings import Settings

MIN_FREE_BYTES = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One check: `state` is ok, warn (works, but act soon) or fail (something does not work)."""

    what: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    next_step: str = ""


def doctor(as_json: JsonFlag = False) -> None:
    """Check this installation; exit code 1 when something does not work. Example: fabric doctor --json"""
    settings = context.settings()
    findings = [*_machine(settings), *_stores(settings)]
    if not any(f.what == "Operational store" and f.state == "fail" for f in findings):
        findings += [*_accounts(settings), *_outgoing()]
    if as_json:
        emit_json({"findings": findings})
    else:
        rows = [(f.state, f.what, f.detail, f.next_step) for f in findings]
        table("", ("", "what", "found", "what to do"), rows)
    if any(f.state == "fail" for f in findings):
        raise typer.Exit(1)


def _machine(settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", "ok", version)
    parent = settings.home if settings.home.exists() else settings.home.parent
    if os.access(parent, os.W_OK):
        yield Finding("Home", "ok", str(settings.home))
    else:
        yield Finding("Home", "fail", f"{settings.home} cannot be written", "set FABRIC_HOME to a directory you own")
    free = shutil.disk_usage(parent).free
    enough = free >= MIN_FREE_BYTES
    yield Finding(
        "Disk", "ok" if enough else "warn", f"{free / 2**30:.1f} GiB free", "" if enough else "free at least 1 GiB"
    )


def _stores(settings: Settings) -> Iterator[Finding]:
    from models.domain.workspace import SYSTEM
    from models.services import onboarding

    try:
        with context.store().unit_of_work() as uow:
            workspaces = onboarding.list_workspaces(uow, SYSTEM)
    except FabricError as error:
        yield Finding("Operational store", "fail", str(error), "check FABRIC_DATABASE_URL and that the server runs")
        return
    kind = "PostgreSQL" if settings.store_url.startswith("postgresql") else "SQLite"
    yield Finding("Operational store", "ok", f"{kind}, {len(workspaces)} workspaces")
    if not workspaces:
        yield Finding("Workspaces", "warn", "none", "fabric workspace create NAME, or fabric demo")
    from connectors.warehouse.landing import LandingStore
    from connectors.warehouse.reader import ServingReader

    landing, reader = LandingStore(settings.landing_dir), ServingReader(settings.serving_dir)
    for workspace in workspaces:
        batches = landing.batches(workspace.id)
        newest = max((batch.landed_at for batch in batches), default=None)
        if newest is None:
            yield Finding(workspace.id, "warn", "nothing imported", f"fabric import FILE --workspace {workspace.id}")
            continue
        try:
            served = reader.current(workspace.id)
        except FabricError as error:
            yield Finding(workspace.id, "warn", str(error), "fabric build")
            continue
        built = served.path.stat().st_mtime
        pending = sum(batch.path.stat().st_mtime > built for batch in batches)
        detail = f"{len(batches)} batches, serving version {served.version}, as of {served.as_of:%Y-%m-%d %H:%M} UTC"
        if pending:
            yield Finding(workspace.id, "warn", f"{detail}; {pending} batches newer than it", "fabric build")
        else:
            yield Finding(workspace.id, "ok", detail)


def _accounts(settings: Settings) -> Iterator[Finding]:
    """Accounts that a person must look after: sign-ins that ended, gaps, sandbox accounts without a sandbox."""
    from models.domain.connection import ConnectionStatus
    from models.domain.workspace import SYSTEM
    from models.services import connections, onboarding

    with context.store().unit_of_work() as uow:
        known = [
            (connection, connections.gaps(uow, SYSTEM, connection.id))
            for workspace in onboarding.list_workspaces(uow, SYSTEM)
            for connection in connections.list_connections(uow, SYSTEM, workspace.id)
            if connection.status is not ConnectionStatus.DISCONNECTED
        ]
    if any(connection.sandbox for connection, _ in known):
        yield _sandbox(settings)
    for connection, gaps in known:
        name = f"{connection.workspace_id}: {connection.vendor.label} {connection.account_name}"
        again = f"fabric connect {connection.vendor.value} --workspace {connection.workspace_id}"
        if connection.status is ConnectionStatus.EXPIRED:
            again += " --sandbox" if connection.sandbox else ""
            yield Finding(name, "fail", f"the sign-in has ended ({connection.message})", again)
        elif gaps:
            first, streams = min(gap.since for gap in gaps), ", ".join(sorted({gap.stream for gap in gaps}))
            detail = f"gap in {streams} since {first:%Y-%m-%d %H:%M} UTC ({gaps[-1].message})"
            yield Finding(name, "warn", detail, f"fabric ingest --workspace {connection.workspace_id}")
        else:
            last = (
                f"last read {connection.last_sync_at:%Y-%m-%d %H:%M} UTC" if connection.last_sync_at else "never read"
            )
            yield Finding(name, "ok", f"connected, {last}")


def _sandbox(settings: Settings) -> Finding:
    from connectors.sandbox.control import SandboxControl

    try:
        now = SandboxControl(settings.sandbox_url).now()
    except FabricError as error:
        return Finding("Sandbox", "warn", str(error), "fabric sandbox serve, or disconnect its accounts")
    return Finding("Sandbox", "ok", f"{settings.sandbox_url}, {now:%Y-%m-%d %H:%M} UTC there")


def _outgoing() -> Iterator[Finding]:
    """Posts that did not go out, or of which nobody knows."""
    from models.domain.publishing import OutboxStatus
    from models.domain.workspace import SYSTEM
    from models.services import onboarding, outbox

    wrong = (OutboxStatus.UNKNOWN, OutboxStatus.FAILED)
    with context.store().unit_of_work() as uow:
        items = [
            item
            for workspace in onboarding.list_workspaces(uow, SYSTEM)
            for item in outbox.list_outbox(uow, SYSTEM, workspace.id, statuses=wrong)
        ]
    for item in items:
        what = f"{item.workspace_id}: post to {item.vendor.label} due {item.due_at:%Y-%m-%d %H:%M} UTC"
        if item.status is OutboxStatus.UNKNOWN:
            yield Finding(what, "warn", f"not known whether it went out: {item.message}", "fabric publish")
        else:
            yield Finding(what, "fail", item.message, "remove the cause, then retry it on the app's Publishing page")
