"""Streams that fail, deadlines that pass, sign-ins that end: what is recorded, and what the next reading does about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from models.domain.connection import ConnectionStatus, SyncStatus, Vendor
from models.domain.workspace import SYSTEM
from models.errors import NotFound
from models.services import connections
from models.settings import Settings
from orchestration.ingesting import IngestReport, due_vendors, ingest
from orchestration.resources import Stores
from tests.integration.platforms.place import WORKSPACE, connected, gaps_of, new_place, runs_of

VENDORS = (Vendor.LINKEDIN, Vendor.X, Vendor.TIKTOK)
START = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Place = tuple[Stores, RunningSandbox, Any]


@pytest.fixture
def place(new_installation: Callable[[str], Any]) -> Iterator[Place]:
    """Stores with three connected accounts, their sandbox with a clock that stands still, and the installation's commands."""
    with running_sandbox(World(clock=Clock(START)), vendors=VENDORS) as sandbox:
        fabric = replace(new_installation("gaps"), sandbox_port=urlsplit(sandbox.url).port)
        settings = Settings(home=fabric.home, _env_file=None)  # type: ignore[call-arg]
        yield new_place(settings, sandbox, VENDORS), sandbox, fabric


def statuses(report: IngestReport, stores: Stores) -> dict[tuple[Vendor, str], list[SyncStatus]]:
    vendors = {c.id: vendor for vendor, c in connected(stores).items()}
    found: dict[tuple[Vendor, str], list[SyncStatus]] = {}
    for run in report.runs:
        found.setdefault((vendors[run.connection_id], run.stream), []).append(run.status)
    return found


def break_posts(sandbox: RunningSandbox, vendor: Vendor, path: str) -> None:
    """Every such call fails in a way that proves itself at once."""
    sandbox.world.faults.add(Fault(FaultKind.HTML_200, vendor=vendor, path=path, times=1_000))


def test_a_stream_that_fails_is_a_gap_that_the_next_reading_closes(place: Place) -> None:
    """It fails at the very first reading and is mended two days later: nothing of the backfill is left out."""
    stores, sandbox, fabric = place
    break_posts(sandbox, Vendor.LINKEDIN, r"^/rest/posts")
    said = fabric.run("ingest", "-w", WORKSPACE, code=1)
    assert "LinkedIn Sample Brand (synthetic), posts: not read (LinkedIn account" in said.stderr
    assert said.stdout.startswith("6 of 7 streams read")
    (gap,) = gaps_of(stores, Vendor.LINKEDIN)
    assert (gap.stream, gap.until, gap.contents, gap.observations) == ("posts", START, 0, 0)
    assert gaps_of(stores, Vendor.X) == gaps_of(stores, Vendor.TIKTOK) == []
    assert list((fabric.home / "landing" / WORKSPACE / "api_linkedin_posts").glob("*.parquet")) == []
    assert due_vendors(stores, WORKSPACE) == {Vendor.LINKEDIN}

    sandbox.world.faults.clear()
    sandbox.world.advance(2 * DAY)
    report = ingest(stores, WORKSPACE, vendor=Vendor.LINKEDIN)
    assert {s for found in statuses(report, stores).values() for s in found} == {SyncStatus.DONE}
    assert gaps_of(stores, Vendor.LINKEDIN) == []
    read = next(run for run in runs_of(stores, Vendor.LINKEDIN) if run.stream == "posts")
    assert read.since <= gap.since
    assert read.contents == len(sandbox.world.between(Vendor.LINKEDIN, gap.since))


def test_a_gap_is_not_forgotten_when_later_readings_fail_too(place: Place) -> None:
    stores, sandbox, _ = place
    ingest(stores, WORKSPACE, vendor=Vendor.LINKEDIN)
    break_posts(sandbox, Vendor.LINKEDIN, r"^/rest/posts")
    for _day in range(3):
        sandbox.world.advance(DAY)
        assert len(ingest(stores, WORKSPACE, vendor=Vendor.LINKEDIN).failed) == 1
    assert len(gaps_of(stores, Vendor.LINKEDIN)) == 3
    sandbox.world.faults.clear()
    sandbox.world.advance(40 * DAY)
    ingest(stores, WORKSPACE, vendor=Vendor.LINKEDIN)
    assert gaps_of(stores, Vendor.LINKEDIN) == []


def test_what_nobody_read_in_time_is_recorded_as_lost_once(place: Place) -> None:
    """TikTok tells no dates: days without a reading are lost. A week passes, and TikTok fails at first after it."""
    stores, sandbox, _ = place
    ingest(stores, WORKSPACE, vendor=Vendor.TIKTOK)
    sandbox.world.advance(7 * DAY)
    break_posts(sandbox, Vendor.TIKTOK, "^/v2/(video|user)")
    for _attempt in range(2):
        assert len(ingest(stores, WORKSPACE, vendor=Vendor.TIKTOK).failed) == 2
        sandbox.world.advance(timedelta(minutes=10))
    sandbox.world.faults.clear()
    found = statuses(ingest(stores, WORKSPACE, vendor=Vendor.TIKTOK), stores)
    assert found == {(Vendor.TIKTOK, name): [SyncStatus.DONE, SyncStatus.LOST] for name in ("account", "posts")}
    sandbox.world.advance(timedelta(hours=25))
    ingest(stores, WORKSPACE, vendor=Vendor.TIKTOK)
    lost = [run for run in runs_of(stores, Vendor.TIKTOK) if run.status is SyncStatus.LOST]
    until = START + 7 * DAY + timedelta(minutes=20) - DAY
    assert sorted((run.stream, run.since, run.until) for run in lost) == [
        ("account", START, until), ("posts", START, until),
    ]  # fmt: skip
    assert gaps_of(stores, Vendor.TIKTOK) == []


def test_a_late_beginning_leaves_no_hole(place: Place) -> None:
    """A backfill of the last days, weeks after the last reading, begins where that ended."""
    stores, sandbox, _ = place
    ingest(stores, WORKSPACE, vendor=Vendor.LINKEDIN)
    sandbox.world.advance(20 * DAY)
    report = ingest(stores, WORKSPACE, vendor=Vendor.LINKEDIN, since=START + 18 * DAY)
    account = next(run for run in report.runs if run.stream == "account")
    assert account.since <= START


def test_an_account_whose_sign_in_ended_stops_and_the_others_go_on(place: Place) -> None:
    stores, sandbox, fabric = place
    account = connected(stores)[Vendor.X]
    with stores.open_store() as store, store.unit_of_work() as uow:
        credential = connections.credential_of(uow, SYSTEM, account.id, cipher=stores.cipher(store))
    sandbox.world.tokens.revoked.update({credential.access_token, credential.refresh_token or ""})
    found = statuses(ingest(stores, WORKSPACE), stores)
    assert {key: status for key, status in found.items() if key[0] is Vendor.X} == {
        (Vendor.X, "account"): [SyncStatus.FAILED]
    }
    assert all(status == [SyncStatus.DONE] for (vendor, _), status in found.items() if vendor is not Vendor.X)
    assert connected(stores)[Vendor.X].status is ConnectionStatus.EXPIRED
    with pytest.raises(NotFound, match="has no connected account for X"):
        ingest(stores, WORKSPACE, vendor=Vendor.X)
    findings = fabric.run("doctor", "--json", code=1).stdout
    assert f"fabric connect x --workspace {WORKSPACE} --sandbox" in findings

    fabric.run("connect", "x", "-w", WORKSPACE, "--sandbox")
    sandbox.world.advance(timedelta(minutes=1))
    again = statuses(ingest(stores, WORKSPACE, vendor=Vendor.X), stores)
    assert again == {(Vendor.X, "account"): [SyncStatus.DONE], (Vendor.X, "posts"): [SyncStatus.DONE]}
    assert gaps_of(stores, Vendor.X) == []


def test_doctor_names_a_gap(place: Place) -> None:
    stores, sandbox, fabric = place
    break_posts(sandbox, Vendor.X, r"/tweets$")
    ingest(stores, WORKSPACE, vendor=Vendor.X)
    text = fabric.run("doctor").stdout
    assert "gap in posts since 2026-05-06 00:00 UTC" in " ".join(text.split())
    assert f"fabric ingest --workspace {WORKSPACE}" in text
