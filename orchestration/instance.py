"""Dagster's own home inside FABRIC's, and what a killed process may have left in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.warehouse.atomic import replacing
from models.errors import InvalidInput
from models.settings import Settings
from orchestration.environment import DAGSTER_STORAGE, dagster_storage, quiet_telemetry
from orchestration.resources import WAREHOUSE_POOL

if TYPE_CHECKING:
    import dagster as dg

COMMAND_TAG = "fabric/command"
"""Tag of a run that a command executes in its own process; its value is the command's name."""

LAKE_STEPS = 8
"""How many steps may have a lake open at once; locks in its catalogue keep apart what must be."""

_PID_LABEL = "pid"

_SQLITE = "# Written by FABRIC; storage is SQLite in this directory.\n"
_POSTGRES = f"""\
# Written by FABRIC; storage is PostgreSQL, shared by every machine of the team.
storage:
  postgres:
    postgres_url:
      env: {DAGSTER_STORAGE}

"""
_REST = """\
telemetry:
  enabled: false

run_coordinator:
  module: dagster.core.run_coordinator
  class: QueuedRunCoordinator

# The warehouse is one DuckDB file with one writer: the pool `warehouse` lets one step at a time open it. Every pool gets
# this limit unless it is given another in the UI; a lake has many writers, and FABRIC raises the limit of its pool.
concurrency:
  pools:
    granularity: op
    default_limit: 1
  runs:
    max_concurrent_runs: 4

# A run whose process vanished is noticed, and its pool slots are freed.
run_monitoring:
  enabled: true
  free_slots_after_run_end_seconds: 30

# Steps report through events and their own log; raw stdout of a step is not kept (it would start two helper processes a
# step and write into the stdout of `fabric --json`).
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
"""


def ensure_dagster_home(settings: Settings) -> Path:
    """Dagster's directory with its `dagster.yaml`, as the settings ask; a file someone edited is left as it is.

    Raises `InvalidInput` when Dagster is to use PostgreSQL and the package for it is missing.
    """
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    path = home / "dagster.yaml"
    shared = bool(dagster_storage(settings))
    if shared and find_spec("dagster_postgres") is None:
        raise InvalidInput(
            "With a lake and an operational store in PostgreSQL, Dagster keeps its runs there too, which needs the package "
            "dagster-postgres: install FABRIC with its extra lake."
        )
    known = [_SQLITE + _REST, _POSTGRES + _REST]
    if not path.exists() or (
        path.read_text(encoding="utf-8") in known and path.read_text(encoding="utf-8") != known[shared]
    ):
        with replacing(path) as temporary:
            temporary.write_text(known[shared], encoding="utf-8")
    return home


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """This installation's Dagster instance, the one its UI shows."""
    quiet_telemetry()
    home = ensure_dagster_home(settings)
    os.environ.update(dagster_storage(settings) | {"DAGSTER_HOME": str(home)})
    if dagster_storage(settings):
        _make_schema(settings.store_url)
    import dagster as dg

    with dg.DagsterInstance.from_config(str(home)) as instance:
        _limit_pool(instance, LAKE_STEPS if settings.warehouse_url.startswith("ducklake:") else 1)
        yield instance


def _make_schema(url: str) -> None:
    import psycopg

    with psycopg.connect(f"postgresql://{url.partition('://')[2]}", autocommit=True) as connection:
        connection.execute("create schema if not exists dagster")


def _limit_pool(instance: dg.DagsterInstance, steps: int) -> None:
    """Lets so many steps at once open the warehouse; 1 is every pool's limit already."""
    storage = instance.event_log_storage
    now = storage.get_concurrency_info(WAREHOUSE_POOL).slot_count or 1
    if now != steps:
        storage.set_concurrency_slots(WAREHOUSE_POOL, steps)


def release_dead_runs(instance: dg.DagsterInstance, command: str) -> list[str]:
    """Ends the runs whose process is gone and frees their pool slots; returns their ids.

    The caller holds the lock of `command`, so every unfinished run tagged with it is a dead one. A run that the daemon
    started is dead when the process it reported is.
    """
    import dagster as dg
    from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

    dead = []
    for run in instance.get_runs(dg.RunsFilter(statuses=list(NOT_FINISHED_STATUSES))):
        by_command = run.tags.get(COMMAND_TAG)
        if by_command == command or (by_command is None and not _alive(instance, run.run_id)):
            instance.report_run_canceled(run, message="The process of this run is gone; a later command ended the run.")
            dead.append(run.run_id)
    holders = instance.event_log_storage.get_concurrency_run_ids()
    for run_id in holders:
        holder = instance.get_run_by_id(run_id)
        if holder is None or holder.is_finished:
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
    return dead


def _alive(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the process that a run's events name exists; a run that has not named one yet counts as alive."""
    import dagster as dg

    pids = [
        str(metadata[_PID_LABEL].value)
        for record in instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT).records
        if (event := record.event_log_entry.dagster_event) is not None
        and _PID_LABEL in (metadata := event.engine_event_data.metadata)
    ]
    return not pids or _is_python(int(pids[-1]))


def _is_python(pid: int) -> bool:
    """Whether a Python process has this id; the id of a dead run's process may have been given to another program."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    command = Path(f"/proc/{pid}/cmdline")
    return b"python" in command.read_bytes() if command.exists() else True
