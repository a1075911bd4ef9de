"""What the command line calls: build and generate, run to their end in this process on the installation's Dagster.

Dagster is imported only when there is something to do, so a build with nothing new answers in about a second.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from models.domain.workspace import Workspace
from models.errors import InvalidInput, NotFound
from models.settings import Settings
from orchestration.errors import BuildFailed, GenerateFailed
from orchestration.jobs import GENERATED
from orchestration.ledger import BuiltState, fingerprint, forget_state, read_state, write_state
from orchestration.locks import exclusive
from orchestration.progress import Log, silent
from orchestration.resources import Stores

if TYPE_CHECKING:
    from connectors.warehouse.pointer import ServedVersion
    from orchestration.writing import Span

BUILD_WAIT_SECONDS = 600.0
GENERATE_WAIT_SECONDS = 120.0


@dataclass(frozen=True)
class BuildReport:
    """`digest` covers `marts`: the digests by mart of each reported workspace that has something to serve. `loaded` counts
    batches; `changed` is False when nothing had to be done. `refused` names landed batches that cannot be loaded and stopped nothing else."""

    digest: str
    marts: dict[str, dict[str, str]]
    loaded: int
    served: tuple[ServedVersion, ...]
    changed: bool
    seconds: float
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class GenerateReport:
    """What a generation left behind. Counts are of new rows; `evidence_checked` numbers were re-run and equal."""

    workspace_id: str
    strategy_version: int
    entries_added: int
    drafts_added: int
    evidence_checked: int
    changed: bool
    seconds: float


def build(
    settings: Settings,
    *,
    workspaces: Sequence[str] | None = None,
    from_landing: bool = False,
    log: Log = silent,
) -> BuildReport:
    """Loads what has landed, models it, checks it and publishes every workspace.

    `workspaces` restricts which workspaces' new batches are loaded and which are reported; models and serving files are
    always brought up to date for all. `from_landing` deletes the warehouse first. Raises `BuildFailed` naming the step or
    check that failed (the last published version stays up), `Conflict` when another build does not end in time,
    `NotFound` without any workspace or for an unknown one.
    """
    started = time.monotonic()
    stores = Stores(settings, patience=BUILD_WAIT_SECONDS)
    known, inputs = _inputs(stores)
    chosen = _chosen(known, workspaces)
    if not from_landing and (report := _unchanged(stores, inputs, known, chosen, started)):
        return report
    busy = (
        f"Another build of {settings.home} has been running for over {BUILD_WAIT_SECONDS:.0f} s: wait for it to end, "
        "then run fabric build again."
    )
    with exclusive(
        settings.home / "build.lock",
        wait_seconds=BUILD_WAIT_SECONDS,
        busy=busy,
        on_wait=lambda: log("Another build is running; waiting for it to end."),
    ):
        known, inputs = _inputs(stores)
        chosen = _chosen(known, workspaces)
        if not from_landing and (report := _unchanged(stores, inputs, known, chosen, started)):
            return report
        if from_landing:
            forget_state(settings)
            log("Deleting the warehouse; it is rebuilt from the landing files.")
            stores.warehouse.discard()
        loaded = _run_build(settings, stores, known, chosen, log)
        stores.warehouse.tidy()
        served = _served(stores, known)
        refused = tuple(stores.warehouse.refusals(chosen))
        if len(chosen) == len(known) and not refused:
            write_state(settings, BuiltState(inputs, {s.workspace_id: s.version for s in served}))
    report = _report(served, chosen, loaded=loaded, changed=True, started=started)
    return replace(report, refused=refused)


def _inputs(stores: Stores) -> tuple[Sequence[Workspace], str]:
    known = stores.workspaces()
    return known, fingerprint(stores, known)


def _chosen(known: Sequence[Workspace], asked: Sequence[str] | None) -> list[str]:
    ids = [workspace.id for workspace in known]
    if not ids:
        raise NotFound("There is no workspace yet: create one with fabric workspace create NAME.")
    for workspace_id in asked or ():
        if workspace_id not in ids:
            raise NotFound(f"Workspace {workspace_id!r} does not exist; there are: {', '.join(ids)}.")
    return sorted(set(asked)) if asked else ids


def _unchanged(
    stores: Stores, inputs: str, known: Sequence[Workspace], chosen: Sequence[str], started: float
) -> BuildReport | None:
    """The last build's report if its inputs are today's and what it made is still there; None otherwise."""
    state = read_state(stores.settings)
    if state is None or state.inputs != inputs or not stores.warehouse.exists():
        return None
    served = _served(stores, known)
    if {s.workspace_id: s.version for s in served} != state.versions or not all(s.path.exists() for s in served):
        return None
    return _report(served, chosen, loaded=0, changed=False, started=started)


def _served(stores: Stores, known: Sequence[Workspace]) -> list[ServedVersion]:
    from connectors.warehouse.pointer import read_pointer
    from models.errors import NothingServed

    found = []
    for workspace in known:
        try:
            found.append(read_pointer(stores.settings.serving_dir, workspace.id))
        except NothingServed:
            continue
    return found


def _report(
    served: Sequence[ServedVersion],
    chosen: Sequence[str],
    *,
    loaded: int,
    changed: bool,
    started: float,
) -> BuildReport:
    versions = tuple(s for s in served if s.workspace_id in chosen)
    reported = {s.workspace_id: dict(s.marts) for s in versions}
    digest = hashlib.sha256(json.dumps(reported, sort_keys=True).encode()).hexdigest()
    return BuildReport(digest, reported, loaded, versions, changed, round(time.monotonic() - started, 3))


def _run_build(
    settings: Settings,
    stores: Stores,
    known: Sequence[Workspace],
    chosen: Sequence[str],
    log: Log,
) -> int:
    """One ingestion run per workspace with pending days, then one run for the rest; how many batches were loaded."""
    from orchestration.execution import executor
    from orchestration.loading import pending

    stores.warehouse.prepare()
    with executor(settings, "build") as dagster:
        dagster.add_workspaces([workspace.id for workspace in known])
        if dagster.warehouse_in_use():
            log("A run of the Dagster daemon is using the warehouse; waiting for it to end.")
        loaded = 0
        waiting = pending(stores, set(chosen))
        for workspace_id in sorted({partition.workspace_id for partition in waiting}):
            days = sorted(partition for partition in waiting if partition.workspace_id == workspace_id)
            count = sum(len(waiting[day]) for day in days)
            log(f"Loading {count} batches of {workspace_id}, landed from {days[0].day} to {days[-1].day}")
            ended = dagster.run("ingest", partition=days[0].key, through=days[-1].key)
            told = ended.metadata.get("landed_batches", {})
            if ended.problem is not None and not told.get("refused"):
                raise BuildFailed(f"Build stopped: {ended.problem} {_KEEPS}")
            loaded += int(told["batches"])
        forget_state(settings)  # it speaks of marts and serving files, which only the next run touches
        log("Topics, models, tests, serving files")
        ended = dagster.run("build")
        if ended.problem is not None:
            raise BuildFailed(f"Build stopped: {ended.problem} {_KEEPS}")
    return loaded


_KEEPS = "The last published version stays up; run fabric build again once this is mended."


def generate(
    settings: Settings,
    workspace_id: str,
    what: str = "all",
    *,
    weeks: int = 4,
    start: date | None = None,
    log: Log = silent,
) -> GenerateReport:
    """Generates `what` (strategy, calendar, drafts, variants or all) for one workspace from its published marts.

    Raises `NothingServed` before the first build, `GenerateFailed` naming the step or check that failed, `NotFound` for
    an unknown workspace and `InvalidInput` for an unknown `what`.
    """
    from orchestration.writing import Span, Writer

    started = time.monotonic()
    if what not in GENERATED:
        raise InvalidInput(f"{what!r} cannot be generated: choose one of {', '.join(GENERATED)}.")
    stores = Stores(settings)
    writer = Writer(stores, workspace_id, now=stores.now())
    busy = f"Another generation is running in {settings.home}: wait for it to end, then run fabric generate again."
    try:
        span = Span.of(writer.workspace(), start=start, weeks=weeks, now=stores.now())
        with exclusive(settings.home / "generate.lock", wait_seconds=GENERATE_WAIT_SECONDS, busy=busy):
            changed = not writer.up_to_date(GENERATED[what], span)
            added = _run_generate(settings, workspace_id, what, span, log) if changed else (0, 0)
        return GenerateReport(
            workspace_id=workspace_id,
            strategy_version=writer.strategy().version,
            entries_added=added[0],
            drafts_added=added[1],
            evidence_checked=writer.verify_evidence(),
            changed=changed,
            seconds=round(time.monotonic() - started, 3),
        )
    finally:
        writer.close()


def _run_generate(settings: Settings, workspace_id: str, what: str, span: Span, log: Log) -> tuple[int, int]:
    """Entries and drafts added by one run over the workspace's partition."""
    from orchestration.automation import calendar_config
    from orchestration.execution import executor

    steps = GENERATED[what]
    log(f"Generating {what} of {workspace_id}")
    with executor(settings, "generate") as dagster:
        dagster.add_workspaces([workspace.id for workspace in Stores(settings).workspaces()])
        config = calendar_config(steps, weeks=span.weeks, start=span.start.isoformat())
        ended = dagster.run("generate", partition=workspace_id, assets=steps, config=config)
    if ended.problem is not None:
        raise GenerateFailed(f"Generation for {workspace_id} stopped: {ended.problem}")
    entries, drafts = (int(ended.metadata.get(asset, {}).get("added", 0)) for asset in ("calendars", "drafts"))
    return entries, drafts


def dagster_command(settings: Settings) -> list[str]:
    """The command line that serves the Dagster UI and its daemon on loopback.

    Start it with `orchestration.environment.child_environment(settings)` on top of the caller's environment.
    """
    from orchestration.instance import open_instance

    with open_instance(settings):
        pass  # its storage is there before the UI and the daemon begin
    root = Path(__file__).resolve().parents[1]
    return [
        sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1", "--port", str(settings.dagster_port),
        "--module-name", "orchestration.definitions", "--working-directory", str(root), "--log-level", "warning",
    ]  # fmt: skip
