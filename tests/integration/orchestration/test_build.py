"""`build`: what it publishes, what it costs when nothing is new, and what stops it."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from connectors.warehouse.database import Warehouse
from connectors.warehouse.marts import MARTS
from models.errors import NotFound
from orchestration.defs.serving.assets import WRITTEN
from orchestration.defs.serving.checks import serving_matches_marts
from orchestration.errors import BuildFailed
from orchestration.instance import open_instance
from orchestration.runs import BuildReport, build

from .conftest import LANDED, World


@pytest.fixture(scope="module")
def first(world: World) -> BuildReport:
    return build(world.settings)


@pytest.fixture
def built(world: World, first: BuildReport, tmp_path: Path) -> World:
    """The first build's installation, for one test to spoil."""
    return world.copy(tmp_path / "home")


def posts(world: World, workspace: str = "magazine") -> int:
    with world.stores.reader.open(workspace) as served:
        return int(served.scalar("select count(*) from mart_posts"))


def runs(world: World) -> list[dg.DagsterRun]:
    with open_instance(world.settings) as instance:
        return list(instance.get_runs())


def test_build_publishes_every_mart_and_reports_it(world: World, first: BuildReport) -> None:
    assert first.changed
    assert first.loaded == 1
    assert set(first.marts["magazine"]) == set(MARTS)
    assert [served.workspace_id for served in first.served] == ["magazine"]
    assert posts(world) == 24


def test_runs_are_kept_where_the_dagster_ui_reads_them(world: World, first: BuildReport) -> None:
    with open_instance(world.settings) as instance:
        keys = {"landed_batches", "workspaces", "content_topics", "serving_files"}
        assert all(instance.get_latest_materialization_event(dg.AssetKey(key)) is not None for key in keys)
        assert instance.get_latest_materialization_event(dg.AssetKey(["marts", "mart_posts"])) is not None
        assert instance.get_dynamic_partitions("workspace") == ["magazine"]
    assert {run.status for run in runs(world)} == {dg.DagsterRunStatus.SUCCESS}


def test_nothing_new_runs_nothing(world: World, first: BuildReport) -> None:
    before = len(runs(world))
    again = build(world.settings)
    assert (again.changed, again.loaded, again.digest) == (False, 0, first.digest)
    assert len(runs(world)) == before


def test_a_lost_warehouse_is_rebuilt_from_landing_files_with_the_same_digest(world: World, first: BuildReport) -> None:
    rebuilt = build(world.settings, from_landing=True)
    assert (rebuilt.loaded, rebuilt.digest) == (1, first.digest)
    assert rebuilt.served == first.served


def test_served_rows_that_differ_from_the_marts_fail_the_check(built: World) -> None:
    built.land("magazine", "late", posts=27, landed_at=LANDED + timedelta(hours=1))
    build(built.settings)

    def passes() -> bool:
        with open_instance(built.settings) as instance:
            result = serving_matches_marts(dg.build_asset_check_context(instance=instance), stores=built.stores)
        assert isinstance(result, dg.AssetCheckResult)
        return bool(result.passed)

    assert passes()
    path = built.stores.reader.current("magazine").path
    with duckdb.connect(str(path)) as connection:
        connection.execute("update mart_posts set title = 'changed' where post_id = 'post-003'")
    assert not passes()


def test_without_a_workspace_it_says_how_to_make_one(new_world: Callable[[], World]) -> None:
    with pytest.raises(NotFound, match="fabric workspace create"):
        build(new_world().settings)


def test_an_unknown_workspace_is_refused_by_name(world: World) -> None:
    with pytest.raises(NotFound, match="'nobody' does not exist; there are: magazine"):
        build(world.settings, workspaces=["nobody"])


def test_a_refused_batch_stops_no_other_and_is_named_until_it_is_mended(built: World, first: BuildReport) -> None:
    late = LANDED + timedelta(days=1)
    torn = built.land("magazine", "torn", posts=2, landed_at=late)
    sound = torn.path.read_bytes()
    torn.path.write_bytes(sound[:-200] + bytes(200))
    partly = built.land("magazine", "partly", posts=25, metric="applause", landed_at=late + timedelta(seconds=1))
    report = build(built.settings)
    assert report.loaded == 1
    assert len(report.refused) == 1
    assert "torn.parquet of workspace magazine: its landing file cannot be read" in report.refused[0]
    with built.stores.reader.open("magazine") as served:
        assert served.scalar("select count(*) from mart_posts") == 25
        assert served.scalar("select count(*) from mart_quarantine where rule = 'value_is_known'") == 25
        assert served.scalar("select sum(refused_batches) from mart_freshness") == 1
    assert torn.key not in built.stores.warehouse.loaded_ids()
    torn.path.write_bytes(sound)
    mended = build(built.settings)
    assert (mended.loaded, mended.refused) == (1, ())
    rebuilt = build(built.settings, from_landing=True)
    assert rebuilt.digest == mended.digest
    torn.path.unlink()
    partly.path.unlink()
    assert build(built.settings, from_landing=True).digest == first.digest


def test_a_failed_dbt_test_keeps_the_last_good_version_up(built: World) -> None:
    warehouse = Warehouse(built.settings.warehouse_dir / "fabric.duckdb")
    with warehouse.connect() as connection:
        connection.execute("insert into raw.workspace select * from raw.workspace")
    built.land("magazine", "second", posts=25, landed_at=LANDED + timedelta(days=2))
    good = built.stores.reader.current("magazine").version
    with pytest.raises(BuildFailed, match=r"check \S*stg_workspace\S* on staging/stg_workspace failed"):
        build(built.settings)
    assert posts(built) == 24
    assert built.stores.reader.current("magazine").version == good
    with warehouse.connect() as connection:
        connection.execute("delete from raw.workspace")
    assert build(built.settings).changed
    assert posts(built) == 25


def test_two_builds_at_once_do_the_work_once(built: World) -> None:
    before = [run.job_name for run in runs(built)].count("ingest")
    built.land("magazine", "third", posts=26, landed_at=LANDED + timedelta(days=3))
    reports: list[BuildReport] = []
    other = built.start("from orchestration.runs import build; print(build(settings).digest)")
    thread = threading.Thread(target=lambda: reports.append(build(built.settings)))
    thread.start()
    out, _ = other.communicate(timeout=240)
    thread.join(timeout=240)
    assert out.strip().splitlines()[-1] == reports[0].digest
    assert [run.job_name for run in runs(built)].count("ingest") == before + 1


def kill_when(world: World, ready: Callable[[], Any]) -> None:
    """Starts a build and kills it with SIGKILL as soon as `ready` says so."""
    process = world.start("from orchestration.runs import build; build(settings)")
    deadline = time.monotonic() + 120
    while not ready():
        assert process.poll() is None, f"the build ended before it could be killed: {process.communicate()[0]}"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_killed_in_the_middle_and_run_again_gives_the_same_marts(
    world: World, first: BuildReport, new_world: Callable[[], World]
) -> None:
    """Once while dbt builds and holds the pool's only slot, once right after the raw tables were loaded."""
    fresh = new_world()
    fresh.add_workspace("magazine")
    fresh.land("magazine", "first")
    runs_folder = fresh.settings.dbt_target_dir / "runs"
    kill_when(fresh, lambda: runs_folder.is_dir() and any(runs_folder.glob("*/partial_parse.msgpack")))
    with open_instance(fresh.settings) as instance:
        assert instance.event_log_storage.get_concurrency_info("warehouse").active_slot_count == 1
    assert build(fresh.settings).digest == first.digest
    with open_instance(fresh.settings) as instance:
        assert instance.event_log_storage.get_concurrency_info("warehouse").active_slot_count == 0
    assert {run.status for run in runs(fresh)} == {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.CANCELED}
    assert not any(runs_folder.iterdir())


def test_each_workspace_loads_in_one_run_and_only_those_with_new_inputs_are_cut(new_world: Callable[[], World]) -> None:
    crowded = new_world()
    for workspace in ("magazine", "radio"):
        crowded.add_workspace(workspace)
        for day in (0, 2):
            crowded.land(workspace, f"day-{day}", posts=24 + day, landed_at=LANDED + timedelta(days=day))
    report = build(crowded.settings, workspaces=["radio"])
    assert (report.loaded, set(report.marts)) == (2, {"radio"})
    assert [served.workspace_id for served in report.served] == ["radio"]
    full = build(crowded.settings)
    assert (full.loaded, set(full.marts)) == (2, {"magazine", "radio"})
    assert full.marts["radio"] == report.marts["radio"]
    assert [run.job_name for run in runs(crowded)].count("ingest") == 2
    served = {version.workspace_id: version for version in full.served}
    assert served["radio"] == report.served[0]
    assert served["magazine"].marts == crowded.stores.warehouse.mart_digests("magazine")
    with open_instance(crowded.settings) as instance:
        done = instance.get_materialized_partitions(dg.AssetKey("landed_batches"))
        event = instance.get_latest_materialization_event(dg.AssetKey("serving_files"))
    assert done == {f"2026-08-0{day}|{workspace}" for day in (1, 2, 3) for workspace in ("magazine", "radio")}
    assert event is not None
    assert event.asset_materialization is not None
    assert event.asset_materialization.metadata[WRITTEN].value == ["magazine"]
