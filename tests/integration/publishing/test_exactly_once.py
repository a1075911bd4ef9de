"""Thousands of publications against a platform that fails in every way, by workers that die at every step."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models.domain.calendar import CalendarEntry
from models.domain.connection import ConnectionStatus
from models.domain.publishing import OutboxStatus
from models.domain.social import Platform
from models.domain.workspace import SYSTEM
from models.services import approvals, connections, onboarding, outbox, planning
from models.store.database import Store, open_store
from tests.integration.publishing.platform import (
    HARSH,
    Faults,
    Killed,
    Mortal,
    Server,
    SimClock,
    SimConnector,
    connect,
    post_of,
    work,
)
from tests.integration.store.conftest import document_of, draft_of


def approved_posts(store: Store, brand: Any, now: datetime, *, accounts: int, drafts: int) -> set[tuple[str, str]]:
    """Approves drafts for that many accounts; gives what the platform's ledger must hold once each."""
    names = [f"page-{number}" for number in range(accounts)]
    for name in names:
        connect(store, brand.workspace_id, name, now)
    entries = [replace(brand.entry, id=f"entry-{number}") for number in range(drafts)]
    texts = [f"Post number {number}" for number in range(drafts)]
    made = [
        draft_of(entry, f"draft-{n}", text=text) for n, (entry, text) in enumerate(zip(entries, texts, strict=True))
    ]
    with store.unit_of_work() as uow:
        planning.save_calendar(uow, SYSTEM, brand.strategy.id, entries, now=now)
        planning.save_drafts(uow, SYSTEM, made, now=now)
        for draft in made:
            approvals.approve(uow, SYSTEM, draft.id, version=1, now=now)
    return {(name, text) for name in names for text in texts}


def bare_brand(store: Store, now: datetime) -> Any:
    """A workspace with a strategy, as the namesake of the store's tests but for any store."""
    with store.unit_of_work() as uow:
        onboarding.create_workspace(uow, SYSTEM, name="natgeo", now=now)
        strategy = planning.save_strategy(uow, SYSTEM, document_of("natgeo"), now=now)
    slot = now + timedelta(days=3)
    entry = CalendarEntry("entry", "natgeo", strategy.id, slot, "Wildlife", "Show one", (Platform.FACEBOOK,), ("f1",))
    return SimpleNamespace(workspace_id="natgeo", strategy=strategy, entry=entry)


def run_to_the_end(
    store: Store,
    workspace_id: str,
    server: Server,
    clock: SimClock,
    *,
    deaths: float,
    faults: Faults = HARSH,
    seed: int = 0,
) -> dict[str, Any]:
    """Workers one after another, each until it dies, until nothing is left to do; people reconnect, retry and decide."""
    mortal = Mortal(store, deaths, seed)
    connector = SimConnector(server, faults, seed=seed, step=mortal.step)
    rounds, decided, retried = 0, 0, 0
    while True:
        rounds += 1
        try:
            touched = work(mortal.unit_of_work, connector, clock)
        except Killed:
            continue
        if touched:
            continue
        with store.unit_of_work() as uow:
            for connection in connections.list_connections(uow, SYSTEM, workspace_id):
                if connection.status is ConnectionStatus.EXPIRED:
                    connect(store, workspace_id, connection.account_id, clock())
            in_doubt = outbox.list_outbox(
                uow, SYSTEM, workspace_id, statuses=[OutboxStatus.FAILED, OutboxStatus.UNKNOWN]
            )
            for item in in_doubt:
                if item.status is OutboxStatus.FAILED:
                    outbox.retry_failed(uow, SYSTEM, item.key, now=clock())
                    retried += 1
                elif item.looks >= outbox.MOST_LOOKS:
                    post = post_of(uow, item)
                    there = server.counts()[post.account_id, post.text] == 1
                    outbox.decide_unknown(uow, SYSTEM, item.key, sent=there, note="I looked.", now=clock())
                    decided += 1
            under_way = [OutboxStatus.QUEUED, OutboxStatus.CLAIMED, OutboxStatus.SENDING]
            if not in_doubt and not outbox.list_outbox(uow, SYSTEM, workspace_id, statuses=under_way, limit=1):
                break
        clock.advance(timedelta(minutes=1))
        assert rounds < 200_000, "some items never end"
    return {
        "deaths": mortal.deaths, "steps": mortal.steps, "commits": connector.commits, "resumed": connector.resumed,
        "decided": decided, "retried": retried, "rounds": rounds,
    }  # fmt: skip


def assert_each_once(server: Server, wanted: set[tuple[str, str]]) -> None:
    counts = server.counts()
    duplicates = {what: count for what, count in counts.items() if count > 1}
    assert duplicates == {}
    assert set(counts) == wanted


@pytest.mark.parametrize(
    ("engine", "accounts", "drafts"),
    [pytest.param("sqlite", 30, 50), pytest.param("postgres", 10, 20, marks=pytest.mark.postgres)],
)
def test_every_post_goes_out_once(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, accounts: int, drafts: int, now: datetime
) -> None:
    url = f"sqlite:///{tmp_path / 'fabric.db'}" if engine == "sqlite" else request.getfixturevalue("postgres_url")
    with open_store(url) as store:
        figures, server, wanted = simulate(store, now, accounts=accounts, drafts=drafts, deaths=0.004)
    assert_each_once(server, wanted)
    assert sum(figures["deaths"].values()) > accounts * drafts / 50
    assert figures["commits"] > accounts * drafts, "no post needed a second attempt, so nothing was tried"
    assert figures["resumed"] > 0


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_posts_go_out_once_each(tmp_path: Path, now: datetime) -> None:
    with open_store(f"sqlite:///{tmp_path / 'fabric.db'}") as store:
        began = time.monotonic()
        figures, server, wanted = simulate(store, now, accounts=500, drafts=200, deaths=0.002)
        seconds = time.monotonic() - began
    assert_each_once(server, wanted)
    deaths = sum(figures["deaths"].values())
    print(
        f"\n{len(wanted):,} posts in {seconds:,.0f} s: {figures['steps']:,} instrumented steps, {deaths:,} deaths, "
        f"{figures['commits']:,} irreversible calls, {figures['resumed']:,} resumed, {figures['retried']:,} retried and "
        f"{figures['decided']:,} decided by a person; ledger: {len(server.ledger):,} posts, 0 duplicates, 0 losses"
    )


def simulate(
    store: Store, now: datetime, *, accounts: int, drafts: int, deaths: float
) -> tuple[dict[str, Any], Server, set[tuple[str, str]]]:
    """Approves accounts × drafts posts and lets mortal workers send them; gives figures, server and what must be there."""
    brand = bare_brand(store, now)
    clock = SimClock(now)
    server = Server(clock)
    wanted = approved_posts(store, brand, now, accounts=accounts, drafts=drafts)
    clock.at = brand.entry.slot_at
    return run_to_the_end(store, brand.workspace_id, server, clock, deaths=deaths), server, wanted


ALONE = [name.name for name in fields(Faults)]


@pytest.mark.parametrize("fault", ALONE)
def test_each_fault_alone_neither_doubles_nor_loses(store: Store, brand: Any, now: datetime, fault: str) -> None:
    clock = SimClock(now)
    server = Server(clock)
    wanted = approved_posts(store, brand, now, accounts=2, drafts=4)
    clock.at = brand.entry.slot_at
    run_to_the_end(store, brand.workspace_id, server, clock, deaths=0.0, faults=Faults(**{fault: 0.6}))
    assert_each_once(server, wanted)


def test_a_worker_killed_at_each_step_in_turn(store: Store, brand: Any, now: datetime) -> None:
    """One post for each instrumented step of a delivery: the worker dies there once, and another one finishes."""
    clock = SimClock(now)
    server = Server(clock)
    connect(store, brand.workspace_id, "page", now)
    clock.at = brand.entry.slot_at
    died: list[str] = []
    for at in count(1):
        entry = replace(brand.entry, id=f"entry-{at}")
        with store.unit_of_work() as uow:
            planning.save_calendar(uow, SYSTEM, brand.strategy.id, [entry], now=now)
            planning.save_drafts(uow, SYSTEM, [draft_of(entry, f"draft-{at}", text=f"Post {at}")], now=now)
            approvals.approve(uow, SYSTEM, f"draft-{at}", version=1, now=now)
        mortal = Mortal(store, 0.0, at=at)
        connector = SimConnector(server, step=mortal.step)
        for _ in range(10):
            try:
                work(mortal.unit_of_work, connector, clock)
                with store.unit_of_work() as uow:
                    if all(i.status is OutboxStatus.SENT for i in outbox.list_outbox(uow, SYSTEM, brand.workspace_id)):
                        break
            except Killed as killed:
                died.append(str(killed))
            clock.advance(timedelta(minutes=5))
        assert server.counts()["page", f"Post {at}"] == 1, f"killed {died[-1:]}"
        with store.unit_of_work() as uow:
            assert {item.status for item in outbox.list_outbox(uow, SYSTEM, brand.workspace_id)} == {OutboxStatus.SENT}
        if not mortal.deaths:
            break
    assert Counter(died) == Counter(
        {"before a commit": 6, "after a commit": 6, "before staging": 1, "before sending": 1, "after sending": 1,
         "inside the call": 1, "after the answer": 1}
    )  # fmt: skip
