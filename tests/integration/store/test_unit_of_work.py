"""Transactions: what is committed stays, what is not goes, what is append-only cannot be changed."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from connectors.vault import MasterKeySetting, Vault, new_master_key
from models.domain.assets import Asset
from models.domain.events import DomainEvent
from models.domain.publishing import MediaKind
from models.domain.workspace import SYSTEM, Plan, Workspace
from models.errors import Conflict, InvalidInput
from models.services import approvals, assets, drafts, onboarding, outbox
from models.store.database import Store, open_store
from models.store.engine import make_engine
from models.store.tables import metadata
from tests.integration.publishing.platform import connect

ROOT = Path(__file__).resolve().parents[3]
APPEND_ONLY = ["strategies", "draft_versions", "approvals", "publish_attempts", "domain_events"]


def _workspace(name: str, now: datetime) -> Workspace:
    return Workspace(name, name, "UTC", Plan.STUDIO, now)


def test_what_is_not_committed_is_rolled_back(store: Store, now: datetime) -> None:
    with store.unit_of_work() as uow:
        uow.workspaces.add(_workspace("kept", now))
        uow.commit()
        uow.workspaces.add(_workspace("dropped", now))
        assert [w.id for w in uow.workspaces.all()] == ["dropped", "kept"]
    with store.unit_of_work() as uow:
        assert [w.id for w in uow.workspaces.all()] == ["kept"]


def test_an_error_rolls_back(store: Store, now: datetime) -> None:
    def work() -> None:
        with store.unit_of_work() as uow:
            uow.workspaces.add(_workspace("dropped", now))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    with store.unit_of_work() as uow:
        assert uow.workspaces.all() == []


def test_two_units_see_only_what_the_other_committed(store: Store, now: datetime) -> None:
    with store.unit_of_work() as one, store.unit_of_work() as other:
        one.workspaces.add(_workspace("first", now))
        assert other.workspaces.all() == []
        one.commit()
        other.rollback()
        assert [w.id for w in other.workspaces.all()] == ["first"]


def test_a_taken_id_is_a_conflict_that_names_it(store: Store, now: datetime) -> None:
    with store.unit_of_work() as uow:
        uow.workspaces.add(_workspace("brand", now))
        with pytest.raises(Conflict, match="'brand' exists already"):
            uow.workspaces.add(_workspace("brand", now))


def test_times_come_back_in_utc_to_the_microsecond(store: Store) -> None:
    there = datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    with store.unit_of_work() as uow:
        uow.workspaces.add(_workspace("brand", there))
        uow.commit()
        found = uow.workspaces.get("brand")
    assert found is not None
    assert found.created_at == there
    assert found.created_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with store.unit_of_work() as uow, pytest.raises(InvalidInput, match="has no zone"):
        uow.workspaces.add(_workspace("brand", datetime(2026, 1, 1)))  # noqa: DTZ001


def test_events_are_read_in_order_and_from_a_point_on(store: Store, now: datetime) -> None:
    with store.unit_of_work() as uow:
        for number in range(3):
            uow.events.add(DomainEvent("a", f"kind.{number}", "x", "system", now, {"number": number}))
        uow.events.add(DomainEvent("b", "kind.other", "x", "system", now, {}))
        uow.commit()
        found = uow.events.of_workspace("a")
        assert [event.data["number"] for event in found] == [0, 1, 2]
        assert uow.events.of_workspace("a", after=found[0].id or 0, limit=1) == [found[1]]


def test_append_only_tables_refuse_changes(store: Store, store_url: str, brand, now) -> None:
    connect(store, "natgeo", "page", now)
    with store.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
    engine = make_engine(store_url)
    for table, change in product(APPEND_ONLY, ("update {} set workspace_id = 'other'", "delete from {}")):
        with engine.connect() as connection:
            assert connection.execute(text(f"select count(*) from {table}")).scalar()
            with pytest.raises(DBAPIError, match=f"{table} is append-only"):
                connection.execute(text(change.format(table)))
    engine.dispose()


@pytest.mark.postgres
def test_postgresql_refuses_to_truncate_append_only_tables(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    for table in APPEND_ONLY:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="is append-only"):
            connection.execute(text(f"truncate {table} cascade"))
    engine.dispose()


def test_a_row_cannot_point_into_another_workspace(store: Store, store_url: str, make_brand) -> None:
    one, other = make_brand("one"), make_brand("other")
    engine = make_engine(store_url)
    foreign = {"entry": other.entry.id, "id": one.draft_id}
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        connection.execute(text("update drafts set entry_id = :entry, platform = 'email' where id = :id"), foreign)
    engine.dispose()


def test_a_kill_in_mid_transaction_loses_nothing_committed_and_leaves_no_lock(
    store: Store, store_url: str, brand, now
) -> None:
    code = f"""
import sys
from datetime import datetime
from models.domain.workspace import Principal, SYSTEM
from models.services import approvals, drafts
from models.store.database import open_store
now = datetime.fromisoformat({now.isoformat()!r})
with open_store(sys.argv[1]).unit_of_work() as uow:
    drafts.edit_draft(uow, SYSTEM, {brand.draft_id!r}, text="Second words", based_on=1, now=now)
    approvals.approve(uow, SYSTEM, {brand.draft_id!r}, version=2, now=now)
    uow.begin_write()
    uow.drafts.lock({brand.draft_id!r})
    uow.workspaces.delete({brand.workspace_id!r})
    print("deep in it", flush=True)
    sys.stdin.read()
"""
    worker = subprocess.Popen(
        [sys.executable, "-c", code, store_url], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    assert worker.stdout.readline().strip() == "deep in it"
    worker.send_signal(signal.SIGKILL)
    worker.communicate(timeout=30)
    with open_store(store_url) as reopened, reopened.unit_of_work() as uow:
        approved = approvals.approved_version(uow, SYSTEM, brand.draft_id)
        assert approved is not None
        assert (approved.number, approved.text) == (2, "Second words")
        again = drafts.edit_draft(uow, SYSTEM, brand.draft_id, text="Third words", based_on=2, now=now)
        assert again.version.number == 3


def test_deleting_a_workspace_leaves_only_the_event_that_says_so(store: Store, store_url: str, make_brand, now) -> None:
    gone, kept = make_brand("gone"), make_brand("kept")
    connect(store, "gone", "page", now)
    Vault(store, MasterKeySetting(new_master_key().text)).seal("gone", "test", b"data")
    with store.unit_of_work() as uow:
        asset = assets.save_asset(uow, SYSTEM, Asset("f" * 64, "gone", MediaKind.IMAGE, "image/png", 9, "a.png", now))
        assets.attach_media(uow, SYSTEM, gone.draft_id, asset.id, now=now)
        approvals.approve(uow, gone.admin, gone.draft_id, version=2, now=now)
        assert len(outbox.list_outbox(uow, SYSTEM, "gone")) == 1
        onboarding.track_competitor(uow, gone.admin, "gone", name="Rival", now=now)
        onboarding.delete_workspace(uow, gone.admin, "gone", now=now)
        assert [w.id for w in onboarding.list_workspaces(uow, SYSTEM)] == ["kept"]
        assert [e.kind for e in uow.events.of_workspace("gone")] == ["workspace.deleted"]
        assert drafts.get_draft(uow, kept.viewer, kept.draft_id).version.text == "First words"
    engine = make_engine(store_url)
    with engine.connect() as connection:
        tenant = [
            name for name, table in metadata.tables.items() if "workspace_id" in table.c and name != "domain_events"
        ]
        assert len(tenant) >= 18
        for table in tenant:
            query = text(f"select count(*) from {table} where workspace_id = 'gone'")
            assert connection.execute(query).scalar() == 0, table
    engine.dispose()
