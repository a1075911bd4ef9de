"""A competitor's Instagram profile is read with the own connected account, and shown under the tracked name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors.competitors.conditional import Outcome
from connectors.sandbox.clock import Clock
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from models.domain.connection import Vendor
from models.domain.workspace import SYSTEM
from models.services import connections, onboarding, sources
from models.settings import Settings
from orchestration.resources import Stores
from orchestration.watching import watch
from tests.integration.platforms.place import WORKSPACE, new_place

PROFILE = "https://www.instagram.com/rivalbrand/"
NAME = "Rival, as we call it"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(World(clock=Clock(datetime.now(UTC))), vendors=[Vendor.INSTAGRAM]) as running:
        yield running


@pytest.fixture
def stores(sandbox: RunningSandbox, tmp_path: Path) -> Stores:
    made = new_place(Settings(home=tmp_path), sandbox, [Vendor.INSTAGRAM])
    with made.open_store() as store, store.unit_of_work() as uow:
        rival = onboarding.track_competitor(uow, SYSTEM, WORKSPACE, name=NAME, now=made.now())
        sources.watch_source(uow, SYSTEM, WORKSPACE, rival.id, PROFILE, now=made.now())
    return made


def test_posts_and_followers_land_under_the_tracked_name(stores: Stores, sandbox: RunningSandbox) -> None:
    (report,) = watch(stores, WORKSPACE).reports
    assert (report.outcome, report.contents > 20) == (Outcome.FRESH, True)
    assert report.batch is not None
    rows = pl.read_parquet(report.batch.path)
    assert set(rows["owner"]) == {"competitor"}
    assert set(rows["account_name"]) == {NAME}
    assert {"followers", "reactions", "comments"} <= set(rows["metric"].drop_nulls())
    sandbox.world.advance(timedelta(days=1))
    (again,) = watch(stores, WORKSPACE).reports
    assert 0 < again.contents < report.contents, "a second reading goes back a month only"


def test_without_an_own_account_it_says_what_is_missing(stores: Stores) -> None:
    with stores.open_store() as store, store.unit_of_work() as uow:
        for connection in connections.list_connections(uow, SYSTEM, WORKSPACE):
            connections.disconnect(uow, SYSTEM, connection.id, now=stores.now())
    report = watch(stores, WORKSPACE)
    assert report.failed == 1
    assert "fabric connect instagram" in report.problems[0]
    assert list(stores.settings.landing_dir.glob("*/competitor_instagram/*.parquet")) == []


def test_a_profile_that_is_none_is_one_sentence(stores: Stores) -> None:
    with stores.open_store() as store, store.unit_of_work() as uow:
        (known,) = onboarding.list_competitors(uow, SYSTEM, WORKSPACE)
        for source in sources.list_sources(uow, SYSTEM, WORKSPACE):
            sources.unwatch_source(uow, SYSTEM, source.id, now=stores.now())
        sources.watch_source(
            uow, SYSTEM, WORKSPACE, known.id, "https://instagram.com/nobody.here", now=stores.now()
        )  # fmt: skip
    (report,) = watch(stores, WORKSPACE).reports
    assert report.outcome is Outcome.FAILED
    assert "nobody.here" in report.notes[0] or "not" in report.notes[0]
