"""Collecting and publishing as Dagster runs them: assets, backfills, the hourly schedule, the publish sensor, jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dagster as dg
import pytest

from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.sites import SITES
from models.domain.connection import Vendor
from models.domain.publishing import OutboxStatus
from models.domain.social import Platform
from models.domain.usage import Job, JobKind, JobStatus
from models.domain.workspace import SYSTEM
from models.services import connections, jobs, onboarding, outbox, sources
from models.settings import Settings
from orchestration.automation import hourly_collection, job_sensor, publish_sensor
from orchestration.definitions import build_definitions
from orchestration.execution import executor
from orchestration.instance import open_instance
from orchestration.partitions import LandingPartition
from orchestration.resources import Stores
from tests.integration.platforms.place import WORKSPACE, approve, connected, new_place, runs_of

VENDORS = (Vendor.X, Vendor.TIKTOK)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=VENDORS) as served:
        yield served


@pytest.fixture
def stores(tmp_path: Path, sandbox: RunningSandbox) -> Stores:
    """A workspace with accounts on X and TikTok, and nothing read yet."""
    port = urlsplit(sandbox.url).port
    settings = Settings(home=tmp_path, sandbox_port=port, _env_file=None)  # type: ignore[call-arg]
    return new_place(settings, sandbox, VENDORS)


@pytest.fixture
def instance(stores: Stores) -> Iterator[dg.DagsterInstance]:
    with open_instance(stores.settings) as opened:
        opened.add_dynamic_partitions("workspace", [WORKSPACE])
        yield opened


def day(back: int = 0) -> str:
    """The partition of the workspace so many days ago."""
    return LandingPartition.holding(WORKSPACE, datetime.now(UTC) - back * DAY).key


def collect(stores: Stores, *assets: str, first: int = 0) -> Any:
    """Runs the job over the days from `first` days ago until today, as a backfill does, in one run."""
    with executor(stores.settings, "collect") as dagster:
        dagster.add_workspaces([WORKSPACE])
        return dagster.run("collect", partition=day(first), through=day(), assets=assets)


def requested(stores: Stores, instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    context = dg.build_schedule_context(instance=instance, resources={"stores": stores})
    return list(hourly_collection(context))


def tick(sensor: Any, stores: Stores, instance: dg.DagsterInstance) -> Any:
    repository = build_definitions(stores.settings).get_repository_def()
    context = dg.build_sensor_context(instance=instance, resources={"stores": stores}, repository_def=repository)
    return sensor(context)


def selected(request: dg.RunRequest) -> list[str]:
    return sorted(key.to_user_string() for key in request.asset_selection or ())


def test_todays_partition_of_a_vendor_reads_its_accounts(stores: Stores) -> None:
    ended = collect(stores, "x_collected")
    assert ended.problem is None
    told = ended.metadata["x_collected"]
    assert (told["runs"], told["gaps"], told["problems"]) == (2, 0, "none")
    assert told["posts"] > 100
    landed = stores.landing.batches(WORKSPACE)
    assert {batch.source for batch in landed} == {"api_x_account", "api_x_posts"}
    assert {LandingPartition.holding(WORKSPACE, batch.landed_at).key for batch in landed} == {day()}
    assert runs_of(stores, Vendor.TIKTOK) == []


def test_a_backfill_reads_from_its_first_day_in_one_run(stores: Stores) -> None:
    ended = collect(stores, "tiktok_collected", first=9)
    assert ended.problem is None
    (posts,) = [run for run in runs_of(stores, Vendor.TIKTOK) if run.stream == "posts"]
    assert posts.since.date() == (datetime.now(UTC) - 9 * DAY).date()
    with open_instance(stores.settings) as opened:
        done = opened.get_materialized_partitions(dg.AssetKey("tiktok_collected"))
        assert done == {day(back) for back in range(10)}
        assert len(opened.get_runs()) == 1


def test_a_vendor_that_gives_nothing_fails_its_asset_in_words(stores: Stores, sandbox: RunningSandbox) -> None:
    sandbox.world.faults.add(Fault(FaultKind.HTML_200, vendor=Vendor.TIKTOK, path="^/v2/(video|user)", times=100))
    try:
        ended = collect(stores, "tiktok_collected")
    finally:
        sandbox.world.faults.clear()
    assert ended.problem is not None
    assert ended.problem.startswith("step tiktok_collected failed: TikTok account")
    missing = collect(stores, "youtube_collected")
    assert "no connected account for YouTube: connect one with fabric connect youtube" in (missing.problem or "")


def test_the_hourly_schedule_asks_for_what_is_due_only(
    stores: Stores, instance: dg.DagsterInstance, sandbox: RunningSandbox
) -> None:
    (first,) = requested(stores, instance)
    assert selected(first) == ["tiktok_collected", "x_collected"]
    assert (first.job_name, first.partition_key) == ("collect", day())
    assert first.run_config["ops"]["x_collected"] == {"config": {"only_due": True}}
    collect(stores, "x_collected")
    (second,) = requested(stores, instance)
    assert selected(second) == ["tiktok_collected"]
    collect(stores, "tiktok_collected")
    assert requested(stores, instance) == []
    with stores.open_store() as store, store.unit_of_work() as uow:
        rival = onboarding.track_competitor(uow, SYSTEM, WORKSPACE, name="Northlight", now=stores.now())
        address = f"{sandbox.url}/sites/{next(iter(SITES.values())).slug}/feed.xml"
        sources.watch_source(uow, SYSTEM, WORKSPACE, rival.id, address, now=stores.now())
    (third,) = requested(stores, instance)
    assert selected(third) == ["competitors_collected"]
    ended = collect(stores, "competitors_collected")
    assert ended.problem is None
    assert ended.metadata["competitors_collected"]["articles"] > 0
    assert requested(stores, instance) == []


def test_sandbox_accounts_are_due_by_the_sandboxes_clock(tmp_path: Path) -> None:
    """A week ahead there: due there, without a record that lies in the future here; and never without a sandbox."""
    with running_sandbox(vendors=[Vendor.X]) as ahead:
        settings = Settings(home=tmp_path, sandbox_port=urlsplit(ahead.url).port, _env_file=None)  # type: ignore[call-arg]
        stores = new_place(settings, ahead, [Vendor.X])
        ahead.world.advance(7 * DAY)
        with open_instance(settings) as instance:
            instance.add_dynamic_partitions("workspace", [WORKSPACE])
            assert collect(stores, "x_collected").problem is None
            assert requested(stores, instance) == []
            ahead.world.advance(DAY)
            assert len(requested(stores, instance)) == 1
            gone = Stores(settings, sandbox_url="http://127.0.0.1:1")
            assert requested(gone, instance) == []
    days = {LandingPartition.holding(WORKSPACE, batch.landed_at).key for batch in stores.landing.batches(WORKSPACE)}
    assert days == {day()}


def test_the_publish_sensor_starts_one_worker_when_a_post_is_due(stores: Stores, instance: dg.DagsterInstance) -> None:
    assert not tick(publish_sensor, stores, instance).run_requests
    approve(stores, {Platform.X: "One worker takes this."}, name="due")
    (request,) = tick(publish_sensor, stores, instance).run_requests
    run = instance.create_run_for_job(dg.GraphDefinition(name="publish").to_job(), tags=dict(request.tags))
    assert not tick(publish_sensor, stores, instance).run_requests
    instance.handle_run_event(run.run_id, dg.DagsterEvent("PIPELINE_SUCCESS", "publish"))
    publish = build_definitions(stores.settings).get_repository_def().get_job("publish")
    done = publish.execute_in_process(instance=instance, run_config={})
    assert done.success
    with stores.open_store() as store, store.unit_of_work() as uow:
        assert [i.status for i in outbox.list_outbox(uow, SYSTEM, WORKSPACE)] == [OutboxStatus.SENT]
    assert not tick(publish_sensor, stores, instance).run_requests


def test_the_publish_sensor_waits_for_an_account_that_must_sign_in(
    stores: Stores, instance: dg.DagsterInstance
) -> None:
    approve(stores, {Platform.X: "Nobody may send this now."}, name="waits")
    account = connected(stores)[Vendor.X]
    with stores.open_store() as store, store.unit_of_work() as uow:
        connections.mark_expired(uow, SYSTEM, account.id, "The token was revoked.", now=stores.now())
    assert not tick(publish_sensor, stores, instance).run_requests


@pytest.fixture
def ask(stores: Stores, instance: dg.DagsterInstance) -> Callable[..., Job]:
    """Asks for a reading as the app does, lets the sensor and the run work, and gives the job as it ended."""

    def ended(**arguments: Any) -> Job:
        with stores.open_store() as store, store.unit_of_work() as uow:
            asked = jobs.request_job(uow, SYSTEM, WORKSPACE, JobKind.COLLECT, arguments, now=stores.now())
        for request in tick(job_sensor, stores, instance).run_requests:
            job = build_definitions(stores.settings).get_repository_def().get_job("collect")
            job.execute_in_process(
                instance=instance, partition_key=request.partition_key, asset_selection=request.asset_selection,
                run_config=request.run_config, tags=dict(request.tags), raise_on_error=False,
            )  # fmt: skip
            tick(job_sensor, stores, instance)
        with stores.open_store() as store, store.unit_of_work() as uow:
            return next(job for job in jobs.list_jobs(uow, SYSTEM, WORKSPACE) if job.id == asked.id)

    return ended


def test_a_reading_that_the_app_asked_for_ends_with_a_sentence(
    stores: Stores, sandbox: RunningSandbox, ask: Callable[..., Job]
) -> None:
    done = ask(vendor="tiktok")
    assert (done.status, done.message.endswith("of collect finished.")) == (JobStatus.DONE, True)
    assert runs_of(stores, Vendor.X) == []
    nothing = ask(vendor="facebook")
    assert nothing.status is JobStatus.FAILED
    assert nothing.message == "No such account is connected: connect one with fabric connect."
    sandbox.world.faults.add(Fault(FaultKind.HTML_200, vendor=Vendor.X, path="^/2/", times=100))
    try:
        failed = ask(vendor="x")
    finally:
        sandbox.world.faults.clear()
    assert failed.status is JobStatus.FAILED
    assert "step x_collected failed: X account" in failed.message
