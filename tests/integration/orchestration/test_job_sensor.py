"""The sensors: what they ask Dagster to run, and how a job's end reaches the person who asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest

from models.domain.usage import Job, JobKind, JobStatus
from models.domain.workspace import SYSTEM
from models.services import jobs
from models.store.database import open_store
from orchestration.automation import job_sensor, landing_sensor, weekly_generation
from orchestration.definitions import build_definitions
from orchestration.instance import open_instance

from .conftest import LANDED, World


@pytest.fixture
def place(new_world: Callable[[], World]) -> Iterator[tuple[World, dg.DagsterInstance, Callable[..., Any]]]:
    """A world, its Dagster instance, and a way to tick a sensor."""
    world = new_world()
    world.add_workspace("magazine")
    with open_instance(world.settings) as instance:

        def tick(sensor: Any, cursor: str | None = None) -> Any:
            context = dg.build_sensor_context(
                instance=instance, cursor=cursor, resources={"stores": world.stores},
                repository_def=build_definitions(world.settings).get_repository_def(),
            )  # fmt: skip
            return sensor(context)

        yield world, instance, tick


def ask(world: World, kind: JobKind, **arguments: Any) -> str:
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        asked_before = len(jobs.list_jobs(uow, SYSTEM, "magazine"))
        now = LANDED + timedelta(seconds=asked_before)
        return jobs.request_job(uow, SYSTEM, "magazine", kind, arguments, now=now).id


def job(world: World, job_id: str) -> Job:
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        return next(job for job in jobs.list_jobs(uow, SYSTEM, "magazine") if job.id == job_id)


def run_of(instance: dg.DagsterInstance, request: dg.RunRequest, status: dg.DagsterRunStatus) -> None:
    """Leaves behind what the daemon and the run would: a run with the request's tags that ended so."""
    tags = {**request.tags, "dagster/run_key": request.run_key or ""}
    run = instance.create_run_for_job(dg.GraphDefinition(name=request.job_name or "").to_job(), tags=tags)
    instance.report_run_failed(run) if status is dg.DagsterRunStatus.FAILURE else instance.handle_run_event(
        run.run_id, dg.DagsterEvent("PIPELINE_SUCCESS", run.job_name)
    )


def test_a_generation_is_asked_for_with_its_arguments(place: Any) -> None:
    world, instance, tick = place
    job_id = ask(world, JobKind.GENERATE, what="calendar", weeks=3, start="2026-09-07")
    (request,) = tick(job_sensor).run_requests
    assert (request.job_name, request.partition_key, request.run_key) == ("generate", "magazine", job_id)
    assert [key.to_user_string() for key in request.asset_selection] == ["strategies", "calendars"]
    assert request.run_config["ops"] == {"calendars": {"config": {"weeks": 3, "start": "2026-09-07"}}}
    assert job(world, job_id).status is JobStatus.RUNNING
    run_of(instance, request, dg.DagsterRunStatus.SUCCESS)
    tick(job_sensor)
    assert job(world, job_id).status is JobStatus.DONE


def test_a_failed_run_fails_its_job_in_words(place: Any) -> None:
    """The run is a real one: nothing has been published, so there is nothing to write a strategy from."""
    world, instance, tick = place
    job_id = ask(world, JobKind.GENERATE, what="strategy")
    (request,) = tick(job_sensor).run_requests
    instance.add_dynamic_partitions("workspace", ["magazine"])
    generate = build_definitions(world.settings).get_repository_def().get_job("generate")
    generate.execute_in_process(
        instance=instance, partition_key="magazine", asset_selection=request.asset_selection,
        run_config=request.run_config, tags=dict(request.tags), raise_on_error=False,
    )  # fmt: skip
    tick(job_sensor)
    found = job(world, job_id)
    assert found.status is JobStatus.FAILED
    assert "step strategies failed: Nothing has been published for" in found.message


def test_jobs_run_one_at_a_time_in_the_order_they_were_asked_for(place: Any) -> None:
    world, instance, tick = place
    first, second = ask(world, JobKind.BUILD), ask(world, JobKind.GENERATE)
    (build,) = tick(job_sensor).run_requests
    assert job(world, first).status is JobStatus.RUNNING
    instance.create_run_for_job(dg.GraphDefinition(name="build").to_job(), tags={**build.tags})
    assert tick(job_sensor).run_requests == []
    assert job(world, second).status is JobStatus.QUEUED


def test_a_workspace_that_dagster_does_not_know_is_added_with_the_request(place: Any) -> None:
    world, _instance, tick = place
    ask(world, JobKind.GENERATE)
    assert [r.partition_keys for r in tick(job_sensor).dynamic_partitions_requests] == [["magazine"]]


def test_a_build_first_loads_what_has_landed(place: Any) -> None:
    world, _instance, tick = place
    landed = world.land("magazine", "first")
    job_id = ask(world, JobKind.BUILD)
    (ingest,) = tick(job_sensor).run_requests
    assert (ingest.job_name, ingest.partition_key) == ("ingest", "2026-08-01|magazine")
    world.stores.warehouse.load([landed])
    (build,) = tick(job_sensor).run_requests
    assert (build.job_name, build.run_key) == ("build", job_id)


def test_a_batch_that_cannot_be_loaded_fails_the_build_job(place: Any) -> None:
    world, instance, tick = place
    world.land("magazine", "first")
    job_id = ask(world, JobKind.BUILD)
    (ingest,) = tick(job_sensor).run_requests
    run_of(instance, ingest, dg.DagsterRunStatus.FAILURE)
    assert tick(job_sensor).run_requests == []
    assert job(world, job_id).status is JobStatus.FAILED


def test_landing_files_are_asked_for_once(place: Any) -> None:
    world, instance, tick = place
    world.land("magazine", "first")
    first = tick(landing_sensor)
    (request,) = first.run_requests
    assert [r.partition_keys for r in first.dynamic_partitions_requests] == [["magazine"]]
    instance.add_dynamic_partitions("workspace", ["magazine"])
    assert not tick(landing_sensor, first.cursor).run_requests
    world.land("magazine", "second", landed_at=LANDED + timedelta(hours=1))
    (again,) = tick(landing_sensor, first.cursor).run_requests
    assert again.partition_key == request.partition_key
    assert again.run_key != request.run_key


def test_what_a_command_has_loaded_is_not_asked_for(place: Any) -> None:
    world, _instance, tick = place
    world.stores.warehouse.load([world.land("magazine", "first")])
    assert not tick(landing_sensor).run_requests


def test_the_warehouse_is_left_alone_while_a_run_uses_it(place: Any) -> None:
    world, instance, tick = place
    world.land("magazine", "first")
    instance.event_log_storage.initialize_concurrency_limit_to_default("warehouse")
    instance.event_log_storage.claim_concurrency_slot("warehouse", "some-run", "dbt_models")
    waiting = tick(landing_sensor)
    assert not waiting.run_requests
    assert waiting.cursor is None


def test_generation_is_due_weekly_for_each_workspace(place: Any) -> None:
    _world, instance, _tick = place
    instance.add_dynamic_partitions("workspace", ["magazine", "radio"])
    context = dg.build_schedule_context(instance=instance)
    assert [request.partition_key for request in weekly_generation(context)] == ["magazine", "radio"]
