"""What goes out: written with the approval, withdrawn with a change, held by one worker, decided by people in doubt."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.domain.approval import DraftStatus
from models.domain.connection import ConnectionStatus, Vendor
from models.domain.publishing import Finding, OutboxItem, OutboxStatus, Problem, Published
from models.domain.social import Platform
from models.domain.workspace import SYSTEM
from models.errors import AuthExpired, Conflict, FabricError, InvalidInput, QuotaExhausted, Rejected
from models.services import approvals, calendar, connections, delivery, drafts, onboarding, outbox, planning
from models.store.database import Store
from tests.integration.publishing.platform import (
    VISIBILITY,
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

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def page(store: Store, brand: Any, now: Any) -> str:
    """The id of a connected Facebook page of the brand."""
    return connect(store, "natgeo", "page", now)


@pytest.fixture
def approved(store: Store, brand: Any, page: str, now: Any) -> OutboxItem:
    """The outbox row of the brand's approved draft."""
    with store.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        return outbox.list_outbox(uow, SYSTEM, "natgeo")[0]


@pytest.fixture
def clock(brand: Any) -> SimClock:
    return SimClock(brand.entry.slot_at)


def read(store: Store, key: str) -> OutboxItem:
    with store.unit_of_work() as uow:
        return outbox.get_item(uow, SYSTEM, key)


def claim(store: Store, clock: SimClock, worker: str = "w-1") -> OutboxItem:
    with store.unit_of_work() as uow:
        claimed = outbox.claim_next(uow, SYSTEM, worker=worker, now=clock())
    assert claimed is not None
    return claimed


def sending(store: Store, clock: SimClock) -> OutboxItem:
    claimed = claim(store, clock)
    with store.unit_of_work() as uow:
        return outbox.mark_sending(uow, SYSTEM, claimed, worker="w-1", now=clock())


def unknown(store: Store, clock: SimClock) -> OutboxItem:
    with store.unit_of_work() as uow:
        return outbox.mark_unknown(uow, SYSTEM, sending(store, clock), "No answer.", worker="w-1", now=clock())


def send(store: Store, item: OutboxItem, connector: Any, clock: SimClock) -> OutboxItem:
    return delivery.deliver(store.unit_of_work, item, connector, post_of=post_of, now=clock, worker="w-1")


def look(store: Store, item: OutboxItem, connector: Any, clock: SimClock) -> OutboxItem:
    return delivery.resolve(store.unit_of_work, item, connector, post_of=post_of, now=clock, worker="w-1")


def test_an_approval_writes_one_row_for_each_account_of_the_platform(store: Store, brand, page, now) -> None:
    second, gone = connect(store, "natgeo", "second", now), connect(store, "natgeo", "gone", now)
    connect(store, "natgeo", "tweets", now, Vendor.X)
    with store.unit_of_work() as uow:
        connections.disconnect(uow, brand.admin, gone, now=now)
        connections.mark_expired(uow, SYSTEM, second, "Sign in again.", now=now)
        assert outbox.list_outbox(uow, brand.viewer, "natgeo") == []
        approval = approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        items = outbox.list_outbox(uow, brand.viewer, "natgeo")
        assert {item.connection_id for item in items} == {page, second}
        for item in items:
            assert (item.status, item.due_at, item.version) == (OutboxStatus.QUEUED, brand.entry.slot_at, 1)
            assert (item.content_hash, item.vendor) == (approval.content_hash, Vendor.FACEBOOK)
            assert outbox.outbox_log(uow, brand.viewer, item.key)[0].message.startswith("Approved for Facebook")
        assert len({item.key for item in items}) == 2


@pytest.mark.parametrize(("at", "rows"), [(1, 0), (2, 1)])
def test_approval_and_row_stand_or_fall_together(store: Store, brand, page, now, at: int, rows: int) -> None:
    mortal = Mortal(store, 0.0, at=at)
    with pytest.raises(Killed), mortal.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
    with store.unit_of_work() as uow:
        assert len(outbox.list_outbox(uow, SYSTEM, "natgeo")) == rows
        assert len(approvals.decisions(uow, SYSTEM, brand.draft_id)) == rows


def _edit(uow, brand, now) -> None:
    drafts.edit_draft(uow, brand.editor, brand.draft_id, text="Changed", based_on=1, now=now)


def _move(uow, brand, now) -> None:
    calendar.move_slot(uow, brand.editor, brand.entry.id, brand.entry.slot_at + timedelta(days=1), now=now)


def _reject(uow, brand, now) -> None:
    approvals.reject(uow, brand.admin, brand.draft_id, version=1, note="Off brand", now=now)


CHANGES = {"edit": _edit, "move": _move, "reject": _reject}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("claimed", [False, True])
def test_a_change_cancels_what_has_not_gone_out(
    store: Store, brand, approved, clock, now, change: str, claimed: bool
) -> None:
    held = claim(store, clock) if claimed else approved
    with store.unit_of_work() as uow:
        CHANGES[change](uow, brand, now)
    item = read(store, approved.key)
    assert (item.status, item.fence) == (OutboxStatus.CANCELLED, held.fence + 1)
    server = Server(clock)
    if claimed:
        assert send(store, held, SimConnector(server), clock).status is OutboxStatus.CANCELLED
    assert work(store.unit_of_work, SimConnector(server), clock) == 0
    assert server.ledger == []


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("status", [OutboxStatus.SENDING, OutboxStatus.UNKNOWN, OutboxStatus.SENT])
def test_what_went_out_or_may_have_cannot_be_changed(
    store: Store, brand, approved, clock, now, change: str, status: OutboxStatus
) -> None:
    with store.unit_of_work() as uow:
        if status is OutboxStatus.SENT:
            item = sending(store, clock)
            outbox.mark_sent(uow, SYSTEM, item, Published("p1", "https://x.example/p1"), worker="w-1", now=clock())
        else:
            item = sending(store, clock) if status is OutboxStatus.SENDING else unknown(store, clock)
        with pytest.raises(Conflict, match="cannot be changed any more"):
            CHANGES[change](uow, brand, now)
        draft = drafts.get_draft(uow, brand.viewer, brand.draft_id)
        assert (draft.status, draft.slot_at, draft.version.number) == (DraftStatus.APPROVED, brand.entry.slot_at, 1)
    assert read(store, item.key).status is status


def test_the_same_content_approved_again_is_the_same_row(store: Store, brand, approved, clock, now) -> None:
    there = brand.entry.slot_at
    with store.unit_of_work() as uow:
        _move(uow, brand, now)
        calendar.move_slot(uow, brand.editor, brand.entry.id, there, now=now)
        assert read(store, approved.key).status is OutboxStatus.CANCELLED
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        assert [i.key for i in outbox.list_outbox(uow, SYSTEM, "natgeo")] == [approved.key]
        _edit(uow, brand, now)
        approvals.approve(uow, brand.admin, brand.draft_id, version=2, now=now)
        statuses = {i.version: i.status for i in outbox.list_outbox(uow, SYSTEM, "natgeo")}
    assert statuses == {1: OutboxStatus.CANCELLED, 2: OutboxStatus.QUEUED}
    server = Server(clock)
    work(store.unit_of_work, SimConnector(server), clock)
    assert [entry.text for entry in server.ledger] == ["Changed"]


def test_an_account_connected_later_gets_its_row_once_and_none_for_past_slots(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        assert outbox.list_outbox(uow, SYSTEM, "natgeo") == []
        connect(store, "natgeo", "page", now)
        assert outbox.enqueue_missing(uow, SYSTEM, "natgeo", now=brand.entry.slot_at) == 0
        assert outbox.enqueue_missing(uow, SYSTEM, "natgeo", now=now) == 1
        assert outbox.enqueue_missing(uow, SYSTEM, "natgeo", now=now) == 0
        assert len(outbox.list_outbox(uow, SYSTEM, "natgeo")) == 1


def test_only_what_is_due_on_a_connected_account_is_claimed(store: Store, brand, approved, page, clock) -> None:
    with store.unit_of_work() as uow:
        early = clock() - timedelta(microseconds=1)
        assert outbox.claim_next(uow, SYSTEM, worker="w", now=early) is None
        connections.mark_expired(uow, SYSTEM, page, "Sign in again.", now=clock())
        assert outbox.claim_next(uow, SYSTEM, worker="w", now=clock()) is None
        connect(store, "natgeo", "page", clock())
        claimed = outbox.claim_next(uow, SYSTEM, worker="w", now=clock())
        assert claimed is not None
        assert (claimed.status, claimed.fence, claimed.attempts) == (OutboxStatus.CLAIMED, 1, 1)
        assert claimed.lease_until == clock() + outbox.LEASE
        assert outbox.claim_next(uow, SYSTEM, worker="w", now=clock()) is None


def test_disconnecting_cancels_what_waits_and_reconnecting_brings_it_back(
    store: Store, brand, approved, page, now
) -> None:
    with store.unit_of_work() as uow:
        connections.disconnect(uow, brand.admin, page, now=now)
        assert read(store, approved.key).status is OutboxStatus.CANCELLED
        assert connect(store, "natgeo", "page", now) == page
        assert outbox.enqueue_missing(uow, SYSTEM, "natgeo", now=now) == 1
        assert read(store, approved.key).status is OutboxStatus.QUEUED


def test_several_workers_at_once_send_each_post_once(store: Store, brand, make_draft, now, clock) -> None:
    for number in range(4):
        connect(store, "natgeo", f"page-{number}", now)
    entries = [replace(brand.entry, id=f"e{n}") for n in range(10)]
    with store.unit_of_work() as uow:
        planning.save_calendar(uow, SYSTEM, brand.strategy.id, entries, now=now)
        planning.save_drafts(
            uow, SYSTEM, [make_draft(e, f"d{n}", text=f"Post {n}") for n, e in enumerate(entries)], now=now
        )
        for number in range(10):
            approvals.approve(uow, SYSTEM, f"d{number}", version=1, now=now)
    server = Server(clock)
    failed: list[BaseException] = []
    gate = threading.Barrier(3)

    def worker(number: int) -> None:
        try:
            gate.wait()
            faults = Faults(drop_answer=0.2, too_many=0.2, stage_fails=0.2)
            for _ in range(3):
                work(store.unit_of_work, SimConnector(server, faults, seed=number), clock, worker=f"w-{number}")
        except BaseException as error:  # noqa: BLE001 - reported below
            failed.append(error)

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failed == []
    for _ in range(30):
        clock.advance(timedelta(minutes=5))
        work(store.unit_of_work, SimConnector(server), clock)
    assert sorted(server.counts().values()) == [1] * 40
    with store.unit_of_work() as uow:
        assert {i.status for i in outbox.list_outbox(uow, SYSTEM, "natgeo")} == {OutboxStatus.SENT}


STALE = {
    "finish_phase": lambda u, i, t: outbox.finish_phase(u, SYSTEM, i, "x", {}, worker="old", now=t),
    "mark_sending": lambda u, i, t: outbox.mark_sending(u, SYSTEM, i, worker="old", now=t),
    "mark_sent": lambda u, i, t: outbox.mark_sent(u, SYSTEM, i, Published("p"), worker="old", now=t),
    "mark_unknown": lambda u, i, t: outbox.mark_unknown(u, SYSTEM, i, "?", worker="old", now=t),
    "mark_failed": lambda u, i, t: outbox.mark_failed(u, SYSTEM, i, "?", worker="old", now=t),
    "put_back": lambda u, i, t: outbox.put_back(u, SYSTEM, i, "?", not_before=t, worker="old", now=t),
    "mark_absent": lambda u, i, t: outbox.mark_absent(u, SYSTEM, i, "?", not_before=t, worker="old", now=t),
    "mark_uncertain": lambda u, i, t: outbox.mark_uncertain(
        u, SYSTEM, i, "?", not_before=t, looked=True, worker="old", now=t
    ),
}


@pytest.mark.parametrize("name", STALE)
def test_a_worker_that_lost_its_claim_writes_nothing(store: Store, approved, clock, name: str) -> None:
    old = claim(store, clock)
    clock.advance(outbox.LEASE)
    with store.unit_of_work() as uow:
        assert [item.status for item in outbox.recover(uow, SYSTEM, now=clock())] == [OutboxStatus.QUEUED]
        for _ in range(2):  # the row is queued, then it is another worker's
            before = read(store, old.key), outbox.outbox_log(uow, SYSTEM, old.key)
            with pytest.raises(Conflict, match="no longer this worker's"):
                STALE[name](uow, old, clock())
            assert (read(store, old.key), outbox.outbox_log(uow, SYSTEM, old.key)) == before
            outbox.claim_next(uow, SYSTEM, worker="new", now=clock())


def test_a_late_answer_of_the_worker_whose_lease_ran_out_still_counts(store: Store, approved, clock) -> None:
    """Nobody else has claimed the post, so what the slow worker knows is the truth."""
    slow = sending(store, clock)
    clock.advance(outbox.LEASE)
    with store.unit_of_work() as uow:
        assert outbox.recover(uow, SYSTEM, now=clock())[0].status is OutboxStatus.UNKNOWN
        sent = outbox.mark_sent(uow, SYSTEM, slow, Published("p1"), worker="w-1", now=clock())
    assert (sent.status, sent.post_id) == (OutboxStatus.SENT, "p1")


def test_a_lease_lasts_as_long_as_its_worker_makes_progress(store: Store, approved, clock) -> None:
    claimed = claim(store, clock)
    with store.unit_of_work() as uow:
        for phase in ("upload", "container"):
            clock.advance(outbox.LEASE - timedelta(seconds=1))
            claimed = outbox.finish_phase(uow, SYSTEM, claimed, phase, {"id": phase}, worker="w-1", now=clock())
            assert outbox.recover(uow, SYSTEM, now=clock()) == []
    assert read(store, claimed.key).phases == {"upload": {"id": "upload"}, "container": {"id": "container"}}


def test_an_approval_that_ends_between_claim_and_sending_stops_the_post(store: Store, brand, approved, clock) -> None:
    claimed = claim(store, clock)
    with store.unit_of_work() as uow:  # behind the services' back, so nothing cancelled the row
        uow.calendar.set_slot(brand.entry.id, clock() + timedelta(hours=1))
        uow.commit()
        with pytest.raises(Conflict, match="nothing was published"):
            outbox.mark_sending(uow, SYSTEM, claimed, worker="w-1", now=clock())
    assert read(store, claimed.key).status is OutboxStatus.CANCELLED


def test_a_refused_call_may_be_followed_by_another_one_in_the_same_attempt(
    store: Store, brand, approved, clock
) -> None:
    """An upload whose last part was refused begins anew, and has a last part again."""

    class TwiceAsked(SimConnector):
        def publish(self, post, phases) -> Published:
            phases.sending()
            phases.finish("upload", id="second")
            phases.sending()
            return super().publish(post, phases)

    server = Server(clock)
    sent = send(store, claim(store, clock), TwiceAsked(server), clock)
    assert (sent.status, len(server.ledger)) == (OutboxStatus.SENT, 1)


def test_an_approval_that_ends_between_two_calls_stops_the_second(store: Store, brand, approved, clock) -> None:
    begun = sending(store, clock)
    with store.unit_of_work() as uow:
        uow.calendar.set_slot(brand.entry.id, clock() + timedelta(hours=1))
        uow.commit()
        with pytest.raises(Conflict, match="nothing was published"):
            outbox.mark_sending(uow, SYSTEM, begun, worker="w-1", now=clock())
    assert read(store, begun.key).status is OutboxStatus.CANCELLED


def test_an_approval_that_ended_before_the_claim_is_cancelled_in_passing(store: Store, brand, approved, clock) -> None:
    with store.unit_of_work() as uow:
        uow.drafts.set_status(brand.draft_id, DraftStatus.IN_REVIEW)
        uow.commit()
        assert outbox.claim_next(uow, SYSTEM, worker="w-1", now=clock()) is None
    assert read(store, approved.key).status is OutboxStatus.CANCELLED


class Refusing(SimConnector):
    """Raises one given error, before or after `sending`."""

    def __init__(self, server: Server, error: Exception, *, after: bool) -> None:
        super().__init__(server)
        self.error, self.after = error, after

    def publish(self, post, phases) -> Published:
        phases.finish("container", id=self._server.stage(post.text))
        if self.after:
            phases.sending()
            phases.finish("answer", id="42")
        raise self.error


@pytest.mark.parametrize("after", [False, True])
def test_the_time_a_vendor_names_is_kept_and_attempts_are_bounded(store: Store, approved, clock, after: bool) -> None:
    server = Server(clock)
    until = clock() + timedelta(hours=3)
    error = QuotaExhausted(
        "facebook", account="page", cause="25 posts a day", next_step="it goes out later", until=until
    )
    back = send(store, claim(store, clock), Refusing(server, error, after=after), clock)
    assert (back.status, back.not_before, back.sending_since) == (OutboxStatus.QUEUED, until, None)
    assert "25 posts a day" in back.message
    assert back.phases == {"container": {"id": "c0"}}, "what was finished after sending is not proof any more"
    for attempt in range(2, outbox.MOST_ATTEMPTS + 1):
        assert work(store.unit_of_work, SimConnector(server), SimClock(until - timedelta(seconds=1))) == 0
        clock.at = until
        back = send(store, claim(store, clock), Refusing(server, error, after=after), clock)
        assert back.attempts == attempt
    assert back.status is OutboxStatus.FAILED
    assert back.message.startswith("Given up after 8 attempts.")
    with store.unit_of_work() as uow:
        outbox.retry_failed(uow, SYSTEM, back.key, now=clock())
    work(store.unit_of_work, SimConnector(server), clock)
    assert len(server.ledger) == 1


def test_a_refusal_fails_at_once_and_a_broken_token_expires_the_connection(
    store: Store, brand, approved, page, clock
) -> None:
    refused = Rejected("facebook", account="page", cause="the link is blocked", next_step="change the link")
    expired = AuthExpired("facebook", account="page", cause="the token ran out", next_step="reconnect the account")
    back = send(store, claim(store, clock), Refusing(Server(clock), expired, after=False), clock)
    assert back.status is OutboxStatus.QUEUED
    with store.unit_of_work() as uow:
        connection = connections.get_connection(uow, brand.viewer, page)
        assert (connection.status, "reconnect" in connection.message) == (ConnectionStatus.EXPIRED, True)
    connect(store, "natgeo", "page", clock())
    clock.advance(timedelta(hours=1))
    failed = send(store, claim(store, clock), Refusing(Server(clock), refused, after=True), clock)
    assert (failed.status, failed.message) == (
        OutboxStatus.FAILED, "facebook account page: the link is blocked; change the link.",
    )  # fmt: skip


@pytest.mark.parametrize(("after", "status"), [(False, OutboxStatus.QUEUED), (True, OutboxStatus.UNKNOWN)])
def test_an_error_that_nobody_foresaw_is_unknown_only_after_sending(
    store: Store, approved, clock, after: bool, status: OutboxStatus
) -> None:
    item = send(store, claim(store, clock), Refusing(Server(clock), KeyError("secret-token"), after=after), clock)
    assert item.status is status
    assert "KeyError" in item.message
    assert "secret" not in item.message


def test_all_problems_are_told_at_once_and_nothing_is_called(store: Store, brand, make_draft, page, now, clock) -> None:
    class Strict(SimConnector):
        def validate(self, post) -> list[Problem]:
            return [Problem("media", "Instagram takes no post without media: add a picture.")]

    with store.unit_of_work() as uow:
        draft = make_draft(replace(brand.entry, id=brand.entry.id), "mail", Platform.EMAIL, "Hello [name], see [link].")
        planning.save_drafts(uow, SYSTEM, [draft], now=now)
        connect(store, "natgeo", "list", now, Vendor.BREVO)
        approvals.approve(uow, SYSTEM, "mail", version=1, now=now)
    server = Server(clock)
    failed = send(store, claim(store, clock), Strict(server), clock)
    assert failed.status is OutboxStatus.FAILED
    for part in ("no subject", "[name] is still in brackets", "[link] is still", "no post without media"):
        assert part in failed.message
    assert (server.ledger, server.containers) == ([], {})


def test_named_lines_become_title_and_options(store: Store, brand, make_draft, now) -> None:
    mail = connect(store, "natgeo", "list", now, Vendor.MAILCHIMP)
    text = "Subject: Spring news\nPreheader: Two stories\n\nDear reader,\n\nhello."
    with store.unit_of_work() as uow:
        connections.set_options(uow, brand.admin, mail, {"list_id": "L1"}, now=now)
        planning.save_drafts(uow, SYSTEM, [make_draft(brand.entry, "mail", Platform.EMAIL, text)], now=now)
        approvals.approve(uow, SYSTEM, "mail", version=1, now=now)
        item = outbox.list_outbox(uow, SYSTEM, "natgeo")[0]
        post = post_of(uow, item)
    assert (post.key, post.account_id, post.vendor) == (item.key, "list", Vendor.MAILCHIMP)
    assert (post.title, post.text) == ("Spring news", "Dear reader,\n\nhello.")
    assert post.options == {"list_id": "L1", "preheader": "Two stories"}


def test_an_unknown_outcome_is_never_repeated_while_the_post_may_be_hidden(store: Store, approved, clock) -> None:
    """The clock jumps ahead right after the call; the platform lists the post only a real visibility lag later."""
    server = Server(clock)
    connector = SimConnector(server)
    real = SimClock(clock())
    server.clock = real  # the platform's time does not jump
    item = sending(store, clock)
    server.commit("page", server.stage("First words"), shown=VISIBILITY)
    with store.unit_of_work() as uow:
        outbox.mark_unknown(uow, SYSTEM, item, "No answer.", worker="w-1", now=clock())
    clock.advance(timedelta(days=30))
    work(store.unit_of_work, connector, clock)
    waiting = read(store, item.key)
    assert (waiting.status, waiting.not_before) == (OutboxStatus.QUEUED, clock() + VISIBILITY)
    real.advance(VISIBILITY)
    clock.advance(VISIBILITY)
    work(store.unit_of_work, connector, clock)
    assert read(store, item.key).status is OutboxStatus.SENT
    assert len(server.ledger) == 1


def test_a_clock_that_went_back_makes_an_absence_wait(store: Store, approved, clock) -> None:
    item = unknown(store, clock)
    clock.advance(-timedelta(days=2))
    waiting = look(store, item, SimConnector(Server(clock)), clock)
    assert (waiting.status, waiting.not_before) == (OutboxStatus.UNKNOWN, item.due_at + VISIBILITY)
    assert waiting.looks == 0


def test_absent_twice_a_lag_apart_is_sent_again_with_its_phases(store: Store, approved, clock) -> None:
    server = Server(clock)
    connector = SimConnector(server, Faults(drop_request=1.0))
    item = send(store, claim(store, clock), connector, clock)
    assert (item.status, item.phases) == (OutboxStatus.UNKNOWN, {"container": {"id": "c0"}})
    clock.advance(VISIBILITY)
    again = look(store, item, connector, clock)
    assert (again.status, again.not_before, again.phases) == (OutboxStatus.QUEUED, clock() + VISIBILITY, item.phases)
    clock.advance(VISIBILITY)
    healthy = SimConnector(server)
    assert send(store, claim(store, clock), healthy, clock).status is OutboxStatus.SENT
    assert (healthy.resumed, len(server.ledger), len(server.containers)) == (1, 1, 1)


def test_a_post_that_appears_late_is_found_before_it_is_sent_again(store: Store, approved, clock) -> None:
    server = Server(clock)
    connector = SimConnector(server, Faults(drop_request=1.0))
    item = send(store, claim(store, clock), connector, clock)
    clock.advance(VISIBILITY)
    assert look(store, item, connector, clock).status is OutboxStatus.QUEUED
    late = server.commit("page", "c0")
    clock.advance(VISIBILITY)
    sent = send(store, claim(store, clock), SimConnector(server), clock)
    assert (sent.status, sent.post_id, len(server.ledger)) == (OutboxStatus.SENT, late.id, 1)


def test_two_drafts_with_the_same_words_are_not_taken_for_each_other(
    store: Store, brand, make_draft, approved, now, clock
) -> None:
    server = Server(clock)
    first = send(store, claim(store, clock), SimConnector(server), clock)
    entry = replace(brand.entry, id="later", slot_at=clock() + timedelta(minutes=1))
    with store.unit_of_work() as uow:
        planning.save_calendar(uow, SYSTEM, brand.strategy.id, [entry], now=now)
        planning.save_drafts(uow, SYSTEM, [make_draft(entry, "twin")], now=now)
        approvals.approve(uow, SYSTEM, "twin", version=1, now=now)
    clock.advance(timedelta(minutes=1))
    lost = send(store, claim(store, clock), SimConnector(server, Faults(drop_request=1.0)), clock)
    clock.advance(VISIBILITY)
    looked = look(store, lost, SimConnector(server), clock)
    assert (looked.status, looked.looks) == (OutboxStatus.UNKNOWN, 1)
    assert f"{first.post_id} has this content and is another post of yours" in looked.message

    class Adopting(SimConnector):
        def publish(self, post, phases) -> Published:
            phases.sending()
            return Published(first.post_id or "")

    with store.unit_of_work() as uow:
        outbox.decide_unknown(uow, brand.admin, lost.key, sent=False, note="It is not there.", now=clock())
    failed = send(store, claim(store, clock), Adopting(server), clock)
    assert (failed.status, "another post of yours" in failed.message) == (OutboxStatus.FAILED, True)


class Blind(SimConnector):
    def find_published(self, post, phases, *, since) -> Finding:
        raise QuotaExhausted("facebook", account="page", cause="no reads left", next_step="it is read later")


def test_after_many_looks_a_person_decides(store: Store, brand, approved, clock) -> None:
    server = Server(clock)
    item = unknown(store, clock)
    looks = 0
    while True:
        with store.unit_of_work() as uow:
            waiting = outbox.unresolved(uow, SYSTEM, now=clock())
        if looks == outbox.MOST_LOOKS:
            assert waiting == []
            break
        if waiting:
            item = look(store, waiting[0], Blind(server), clock)
            looks += 1
            assert "no reads left" in item.message
        clock.advance(timedelta(minutes=30))
    assert "say whether the post is there" in item.message
    with store.unit_of_work() as uow:
        with pytest.raises(InvalidInput, match="must start with https"):
            outbox.decide_unknown(uow, brand.admin, item.key, sent=True, url="javascript:x", note="ok", now=clock())
        with pytest.raises(InvalidInput, match="note is empty"):
            outbox.decide_unknown(uow, brand.admin, item.key, sent=True, note=" ", now=clock())
        decided = outbox.decide_unknown(
            uow, brand.admin, item.key, sent=True, url="https://x.example/1", note="It is there.", now=clock()
        )
        assert (decided.status, decided.url) == (OutboxStatus.SENT, "https://x.example/1")
        with pytest.raises(Conflict, match="not of unknown outcome"):
            outbox.decide_unknown(uow, brand.admin, item.key, sent=False, note="No.", now=clock())
        assert outbox.outbox_log(uow, brand.viewer, item.key)[-1].worker == brand.admin.user_id


def test_an_account_that_must_sign_in_is_not_looked_at_until_it_has(store: Store, brand, approved, page, clock) -> None:
    class SignedOut(SimConnector):
        def find_published(self, post, phases, *, since) -> Finding:
            raise AuthExpired("facebook", account="page", cause="the token ran out", next_step="reconnect the account")

    item = look(store, unknown(store, clock), SignedOut(Server(clock)), clock)
    assert (item.status, item.looks) == (OutboxStatus.UNKNOWN, 1)
    clock.advance(timedelta(hours=2))
    with store.unit_of_work() as uow:
        assert connections.get_connection(uow, brand.viewer, page).status is ConnectionStatus.EXPIRED
        assert outbox.unresolved(uow, SYSTEM, now=clock()) == []
        connect(store, "natgeo", "page", clock())
        assert [found.key for found in outbox.unresolved(uow, SYSTEM, now=clock())] == [item.key]


def test_a_person_who_finds_nothing_lets_it_go_out(store: Store, brand, approved, clock) -> None:
    server = Server(clock)
    item = unknown(store, clock)
    with store.unit_of_work() as uow:
        outbox.decide_unknown(uow, brand.admin, item.key, sent=False, note="Not there.", now=clock())
    assert send(store, claim(store, clock), SimConnector(server), clock).status is OutboxStatus.SENT
    assert len(server.ledger) == 1


def test_a_post_that_kills_its_worker_every_time_fails_at_last(store: Store, approved, clock) -> None:
    for _ in range(outbox.MOST_ATTEMPTS):
        claim(store, clock)
        clock.advance(outbox.LEASE)
        with store.unit_of_work() as uow:
            [item] = outbox.recover(uow, SYSTEM, now=clock())
    assert (item.status, "stopped before sending, 8 times" in item.message) == (OutboxStatus.FAILED, True)


def test_the_log_tells_the_whole_story(store: Store, brand, approved, clock) -> None:
    server = Server(clock)
    send(store, claim(store, clock), SimConnector(server), clock)
    with store.unit_of_work() as uow:
        steps = outbox.outbox_log(uow, brand.viewer, approved.key)
        kinds = [event.kind for event in uow.events.of_workspace("natgeo")]
    assert [(step.status.value, step.fence) for step in steps] == [
        ("queued", 0), ("claimed", 1), ("claimed", 1), ("sending", 1), ("sent", 1),
    ]  # fmt: skip
    assert {step.worker for step in steps[1:]} == {"w-1"}
    assert "post.sent" in kinds


def test_workers_killed_by_the_operating_system_lose_and_double_nothing(
    store: Store, store_url: str, brand, make_draft, now, clock, tmp_path: Path
) -> None:
    """Real processes and SIGKILL; the ledger is a file that each publication is appended to."""
    connect(store, "natgeo", "page", now)
    entries = [replace(brand.entry, id=f"e{n}") for n in range(6)]
    with store.unit_of_work() as uow:
        planning.save_calendar(uow, SYSTEM, brand.strategy.id, entries, now=now)
        planning.save_drafts(
            uow, SYSTEM, [make_draft(e, f"d{n}", text=f"Post {n}") for n, e in enumerate(entries)], now=now
        )
        for number in range(6):
            approvals.approve(uow, SYSTEM, f"d{number}", version=1, now=now)
    ledger = tmp_path / "ledger"
    ledger.touch()
    code = """
import sys
from datetime import datetime
from pathlib import Path
from models.store.database import open_store
from tests.integration.publishing.platform import Server, SimClock, SimConnector, work
url, at, ledger = sys.argv[1:]
clock, ledger = SimClock(datetime.fromisoformat(at)), Path(ledger)
class Kept(Server):
    def commit(self, account, container, **when):
        entry = super().commit(account, container)
        with ledger.open("a") as out:
            out.write(entry.text + "\\n")
        return entry
    def stage(self, text):
        self.containers[text] = text
        return text
server = Kept(clock)
for text in ledger.read_text().splitlines():
    server.stage(text)
    Server.commit(server, "page", text)
for number in range(6):
    server.stage(f"Post {number}")
print("ready", flush=True)
def step(name):
    print(name, flush=True)
    if name in ("inside the call", "after sending"):
        sys.stdin.readline()
work(open_store(url).unit_of_work, SimConnector(server, step=step), clock)
print("all done", flush=True)
"""
    kills = 0
    for start in range(30):
        worker = subprocess.Popen(
            [sys.executable, "-c", code, store_url, clock().isoformat(), str(ledger)], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert worker.stdout is not None
        assert worker.stdin is not None
        wanted = start % 3 + 1  # dies at its first, second … pause
        pauses = 0
        for line in worker.stdout:
            if line.strip() in ("inside the call", "after sending"):
                pauses += 1
                if pauses == wanted and start < 4:
                    worker.send_signal(signal.SIGKILL)
                    kills += 1
                    break
                worker.stdin.write("\n")
                worker.stdin.flush()
        worker.communicate(timeout=60)
        clock.advance(outbox.LEASE)
        with store.unit_of_work() as uow:
            if {i.status for i in outbox.list_outbox(uow, SYSTEM, "natgeo")} == {OutboxStatus.SENT}:
                break
    assert kills == 4
    assert sorted(ledger.read_text().splitlines()) == sorted(f"Post {n}" for n in range(6))


def test_a_deleted_workspace_takes_its_posts_along(store: Store, brand, approved, clock) -> None:
    claimed = claim(store, clock)
    with store.unit_of_work() as uow:
        onboarding.delete_workspace(uow, brand.admin, "natgeo", now=clock())
        with pytest.raises(FabricError):
            outbox.mark_sending(uow, SYSTEM, claimed, worker="w-1", now=clock())
        assert outbox.claim_next(uow, SYSTEM, worker="w-1", now=clock()) is None
