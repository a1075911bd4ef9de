"""Dagster's home, and what killed processes leave in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from orchestration.instance import COMMAND_TAG, ensure_dagster_home, open_instance, release_dead_runs

from .conftest import World


@pytest.fixture
def instance(new_world: Callable[[], World]) -> Iterator[dg.DagsterInstance]:
    with open_instance(new_world().settings) as opened:
        yield opened


def started(instance: dg.DagsterInstance, pid: int | None = None, **tags: str) -> str:
    """A run that began and never ended, as a killed process leaves it, holding the pool's slot."""
    run = instance.create_run_for_job(dg.GraphDefinition(name="build").to_job(), tags=tags)
    instance.handle_run_event(run.run_id, dg.DagsterEvent("PIPELINE_START", run.job_name))
    if pid is not None:
        instance.report_engine_event("Executing", run, EngineEventData.in_process(pid))
    instance.event_log_storage.initialize_concurrency_limit_to_default("warehouse")
    instance.event_log_storage.claim_concurrency_slot("warehouse", run.run_id, "dbt_models")
    return run.run_id


def slots(instance: dg.DagsterInstance) -> int:
    return instance.event_log_storage.get_concurrency_info("warehouse").active_slot_count


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_pool_has_one_slot_and_telemetry_is_off(instance: dg.DagsterInstance) -> None:
    assert instance.event_log_storage.get_pool_config().default_pool_limit == 1
    assert instance.telemetry_enabled is False


def test_an_edited_dagster_yaml_is_left_alone(new_world: Callable[[], World]) -> None:
    settings = new_world().settings
    path = ensure_dagster_home(settings) / "dagster.yaml"
    path.write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    ensure_dagster_home(settings)
    assert path.read_text(encoding="utf-8") == "telemetry:\n  enabled: false\n"


def test_an_unfinished_run_of_the_command_whose_lock_is_held_is_dead(instance: dg.DagsterInstance) -> None:
    run_id = started(instance, os.getpid(), **{COMMAND_TAG: "build"})
    assert slots(instance) == 1
    assert release_dead_runs(instance, "build") == [run_id]
    assert slots(instance) == 0
    assert instance.get_run_by_id(run_id).status is dg.DagsterRunStatus.CANCELED


def test_a_run_of_another_command_is_left_to_it(instance: dg.DagsterInstance) -> None:
    started(instance, dead_pid(), **{COMMAND_TAG: "generate"})
    assert release_dead_runs(instance, "build") == []
    assert slots(instance) == 1


def test_a_daemons_run_lives_as_long_as_its_process(instance: dg.DagsterInstance) -> None:
    alive = started(instance, os.getpid())
    assert release_dead_runs(instance, "build") == []
    instance.report_run_canceled(instance.get_run_by_id(alive))
    dead = started(instance, dead_pid())
    assert release_dead_runs(instance, "build") == [dead]
    assert slots(instance) == 0
