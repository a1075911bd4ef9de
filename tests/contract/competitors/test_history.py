"""Deleting a competitor ends the collecting and keeps the history."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from connectors.competitors.conditional import Outcome
from connectors.sandbox.clock import Clock
from connectors.sandbox.sites import NEWEST
from connectors.sandbox.world import World
from connectors.warehouse.database import Warehouse
from models.domain.workspace import SYSTEM
from models.services import onboarding
from models.store.database import open_store
from tests.contract.competitors.sites_server import Collecting, made_up_sites

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_what_was_collected_stays_after_untracking(tmp_path: Path) -> None:
    world = World(clock=Clock(NOW))
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with store.unit_of_work() as uow:
        onboarding.create_workspace(uow, SYSTEM, name="Sample", workspace_id="sample", now=NOW)
        rival = onboarding.track_competitor(uow, SYSTEM, "sample", name="Northtrail", now=NOW)
    with made_up_sites(world) as (url, _):
        collecting = Collecting(world, tmp_path / "landing", f"{url}/sites/northtrail/feed.xml", rival.name)
        assert collecting.run().outcome is Outcome.FRESH
    with store.unit_of_work() as uow:
        onboarding.untrack_competitor(uow, SYSTEM, "sample", rival.id, now=NOW)
        assert onboarding.list_competitors(uow, SYSTEM, "sample") == []
    warehouse = Warehouse(tmp_path / "fabric.duckdb")
    warehouse.prepare()
    assert warehouse.load(collecting.landing.batches("sample")) == 1
    with warehouse.connect(read_only=True) as connection:
        kept = connection.execute(
            "select owner, account_name, count(*) from raw.content group by owner, account_name"
        ).fetchall()
    assert kept == [("competitor", "Northtrail", NEWEST)]
