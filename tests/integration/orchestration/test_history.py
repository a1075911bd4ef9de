"""What the report of 3 May said: marts as known at an instant, against the numbers told before and after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.warehouse.history import moment_of
from connectors.warehouse.landing import LandingStore
from connectors.warehouse.reader import ServingReader
from connectors.warehouse.serving import publish
from models.domain.content import Batch, EntityType, Observation, ObservationState, Owner
from models.domain.social import Platform
from models.errors import NothingServed
from orchestration.dbt_runner import invoke
from orchestration.history import as_known_at
from orchestration.topics import label

from .conftest import World

ON_2_MAY = datetime(2026, 5, 2, 22, 30, tzinfo=UTC)
ON_20_MAY = datetime(2026, 5, 20, 6, tzinfo=UTC)
REPORTED = "2026-05-03"
GAINED = "select day, followers_gained from mart_followers_daily where followers_gained is not null"
LIKES = "select distinct reactions from mart_posts order by 1"


def told(world: World, batch_id: str, seen: datetime, gained: float) -> None:
    """What the page's follows of 1 May were said to be at one reading."""
    day = datetime(2026, 5, 1, tzinfo=UTC)
    row = Observation(
        Platform.FACEBOOK, "page", "Page", Owner.OWN, EntityType.ACCOUNT, "page", "followers_gained",
        day, day + timedelta(days=1), gained, ObservationState.OBSERVED, seen,
    )  # fmt: skip
    batch = Batch("magazine", "page_days", batch_id, seen, f"{batch_id}.csv", [row])
    LandingStore(world.settings.landing_dir).land(batch, ON_20_MAY)


def load(world: World) -> None:
    stores = world.stores
    stores.warehouse.load(stores.landing.batches())
    stores.warehouse.sync_workspaces(stores.workspaces())


def made(world: World) -> ServingReader:
    """The serving files of an ordinary build of what is loaded."""
    load(world)
    stores = world.stores
    for workspace in stores.workspaces():
        label(stores.warehouse, workspace)
    command = ["build", "--resource-type", "seed", "--resource-type", "model"]
    outcome = invoke(world.settings, command, target=world.settings.dbt_target_dir / "plain")
    assert outcome.success, outcome.reason()
    publish(stores.warehouse, world.settings.serving_dir, "magazine")
    return stores.reader


def rows(reader: ServingReader, sql: str) -> list[tuple[Any, ...]]:
    with reader.open("magazine") as served:
        return served.query(sql).rows()


@pytest.fixture(scope="module")
def restated(new_world: Callable[[], World]) -> World:
    """Numbers told on 2 May that were told otherwise on 20 May, and posts that nobody had seen before."""
    world = new_world()
    world.add_workspace("magazine")
    world.land("magazine", "early", posts=4, likes=lambda _: 10.0, observed_at=ON_2_MAY)
    world.land("magazine", "late", posts=6, likes=lambda _: 7.0, observed_at=ON_20_MAY)
    told(world, "days-early", ON_2_MAY, 9.0)
    told(world, "days-late", ON_20_MAY, 12.0)
    return world


def test_the_report_of_3_may_says_what_was_known_then(restated: World, new_world: Callable[[], World]) -> None:
    now = made(restated)
    assert rows(now, LIKES) == [(7.0,)]
    assert [gained for _, gained in rows(now, GAINED)] == [12.0]
    assert rows(now, "select value_before, value_after from mart_restatements where kind = 'period_restated'") == [
        (9.0, 12.0)
    ]

    (workspace,) = restated.stores.workspaces()
    notes: list[str] = []
    moment = moment_of(REPORTED, workspace.zone)
    then = as_known_at(restated.stores, workspace, moment, log=notes.append)
    assert rows(then, LIKES) == [(10.0,)]
    assert [gained for _, gained in rows(then, GAINED)] == [9.0]
    assert rows(then, "select count(*) from mart_restatements") == [(0,)]
    assert rows(then, "select count(*) from mart_posts") == [(4,)]
    assert len(notes) == 1

    again = as_known_at(restated.stores, workspace, moment, log=notes.append)
    assert again.current("magazine") == then.current("magazine")
    assert len(notes) == 1, "the same moment of the same rows is cut once"
    assert rows(restated.stores.reader, LIKES) == [(7.0,)], "the current version stays the current one"
    assert not list(restated.settings.home.glob(".known-*"))

    alone = new_world()
    alone.add_workspace("magazine")
    alone.land("magazine", "early", posts=4, likes=lambda _: 10.0, observed_at=ON_2_MAY)
    told(alone, "days-early", ON_2_MAY, 9.0)
    assert made(alone).current("magazine").digest == then.current("magazine").digest, (
        "what was known then is what a build from the batches of then gives"
    )


def test_before_the_first_reading_nothing_was_known(restated: World) -> None:
    load(restated)
    (workspace,) = restated.stores.workspaces()
    with pytest.raises(NothingServed, match="2026-05-02 22:30"):
        as_known_at(restated.stores, workspace, moment_of("2026-05-01", workspace.zone))
