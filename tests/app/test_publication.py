"""Where posts go and how far they are: Publishing, Connections, and the traces of both on the other pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from app.components.accounts import ENDED, SOON, deadlines, look_of, sign_in_end
from app.components.status import LOOKS, OUTBOX_LOOKS, entry_look
from models.domain.approval import DraftStatus
from models.domain.connection import Connection, ConnectionStatus, SyncRun, SyncStatus, Vendor
from models.domain.publishing import OutboxStatus, Published
from models.domain.workspace import SYSTEM
from models.services import approvals, connections, drafts, jobs, outbox
from tests.app.home import ADMIN, EDITOR, EMPTY, VIEWER, WORKSPACE, Home
from tests.app.outgoing import HOSTILE_MESSAGE, HOSTILE_NAME, OUT
from tests.app.test_views import labels, now, press, words

SignedIn = Callable[..., AppTest]
LINKEDIN = "draft-01-linkedin"


def status_of(home: Home, draft_id: str) -> set[OutboxStatus]:
    with home.store() as store, store.unit_of_work() as uow:
        return {i.status for i in outbox.list_outbox(uow, SYSTEM, WORKSPACE) if i.draft_id == draft_id}


def tables(app: AppTest) -> str:
    return " ".join(frame.value.to_string() for frame in app.dataframe)


def test_publishing_tells_what_waits_what_went_and_what_needs_a_person(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "publishing")
    assert [s.value for s in app.subheader] == ["Goes out next", "Went out, or did not"]
    queue, log = (frame.value for frame in app.dataframe)
    assert set(queue["Status"]) == {"Going out", "Being prepared", "Waiting for its slot"}
    assert list(queue["Slot"]) == sorted(queue["Slot"])
    assert set(log["Status"]) == {"Published", "Failed", "Cancelled"}
    cancelled = log[log["Status"] == "Cancelled"]["Text"].item()
    assert "Bring gloves" not in cancelled, "the cancelled row is of the version before"
    assert list(log["Link"].dropna()) == ["https://www.linkedin.com/feed/update/urn:li:share:7"]
    assert "It is not known whether this went out" in words(app)
    assert "This did not go out" in words(app)


def test_every_step_of_a_post_is_shown_when_its_row_is_selected(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "publishing")
    app.session_state["outbox-queue"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    steps = app.dataframe[1].value
    assert list(steps["Status"]) == ["Waiting for its slot", "Being prepared", "Going out"]


def test_deciding_takes_an_admin(signed_in: SignedIn) -> None:
    for email in (EDITOR, VIEWER):
        app = signed_in(email, "publishing")
        assert not {"It is there", "It is not there, send it again", "Try again"} & labels(app)
    assert {"It is there", "It is not there, send it again", "Try again"} <= labels(signed_in(ADMIN, "publishing"))


def test_an_admin_says_that_the_post_is_there(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(ADMIN, "publishing")
    press(app, "It is there")
    assert "note" in words(app).lower(), "a decision takes a note"
    assert status_of(home, OUT[OutboxStatus.UNKNOWN]) == {OutboxStatus.UNKNOWN}
    next(t for t in app.text_input if t.label == "What you saw on the account").set_value("It is the newest post.")
    next(t for t in app.text_input if t.label.startswith("Address")).set_value("javascript:alert(1)")
    press(app, "It is there")
    assert "must start with https" in words(app)
    next(t for t in app.text_input if t.label.startswith("Address")).set_value("https://www.linkedin.com/feed/update/8")
    press(app, "It is there")
    assert status_of(home, OUT[OutboxStatus.UNKNOWN]) == {OutboxStatus.SENT}


def test_a_failed_post_is_tried_again_once_a_person_says_so(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(ADMIN, "publishing")
    press(app, "Try again")
    assert "Queued again." in words(app)
    assert status_of(home, OUT[OutboxStatus.FAILED]) == {OutboxStatus.QUEUED}


def test_connections_put_what_needs_a_person_first_and_say_what_is_lost(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "connections")
    text = words(app)
    assert "5 accounts · 2 to connect again · 1 with a gap · 1 working · 1 disconnected" in text
    assert text.index("Facebook ·") < text.index("Instagram ·") < text.index("YouTube ·") < text.index("LinkedIn ·")
    assert text.index("LinkedIn ·") < text.index("X · harbourboats")
    assert "Gap since" in text
    assert "quotaExceeded" in text
    assert "is being lost day by day" in text
    assert "4,812 of 5,000 left until 14:00" in text
    assert any("fabric connect facebook --workspace harbour" in code.value for code in app.code)
    assert not {"Disconnect", "Read all accounts now"} & labels(app)


def test_reading_now_asks_for_the_job_and_disconnecting_takes_an_admin(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, "connections")
    assert "Disconnect" not in labels(app)
    press(app, "Read all accounts now")
    with home.store() as store, store.unit_of_work() as uow:
        assert [j.kind.value for j in jobs.list_jobs(uow, SYSTEM, WORKSPACE)] == ["collect"]


def test_disconnecting_is_confirmed_first(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(ADMIN, "connections")
    app.button(key=f"disconnect-{home.connections['healthy']}").click().run()
    assert "posts that wait for it do not go out" in words(app)
    with home.store() as store, store.unit_of_work() as uow:
        kept = connections.get_connection(uow, SYSTEM, home.connections["healthy"])
    assert kept.status is ConnectionStatus.CONNECTED


def test_a_window_that_nobody_read_in_time_is_called_lost(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        since = home.moment - timedelta(days=40)
        run = SyncRun(
            "lost-1", home.connections["healthy"], WORKSPACE, "audience", since, since + timedelta(days=2), home.moment,
            home.moment, SyncStatus.LOST, 0, 0, 0,
        )  # fmt: skip
        connections.record_sync(uow, SYSTEM, run, quota={}, synced_through=None)
    assert "and the platform no longer tells it" in words(signed_in(VIEWER, "connections"))


@pytest.mark.parametrize("view", ["connections", "publishing", "overview", "approvals"])
def test_hostile_names_and_messages_are_shown_as_text(signed_in: SignedIn, view: str) -> None:
    app = signed_in(ADMIN, view)
    assert not app.exception
    for kind in (app.markdown, app.caption, app.warning, app.error, app.info):
        for element in kind:
            shown = str(element.value)
            assert "<script" not in shown.replace("\\<", "")
            assert "](javascript" not in shown
            assert ":red[Page" not in shown
    if view == "connections":
        assert HOSTILE_NAME.split(" <")[0] in words(app)
        assert HOSTILE_MESSAGE.split(" <")[0] in words(app)


@pytest.mark.parametrize("view", ["connections", "publishing"])
def test_an_empty_workspace_offers_the_next_step(signed_in: SignedIn, view: str) -> None:
    app = signed_in(EDITOR, view, workspace=EMPTY)
    assert "fabric connect linkedin --workspace quiet-bay" in app.code[0].value


def test_the_calendar_tells_what_was_published_what_failed_and_what_nobody_knows(
    signed_in: SignedIn, home: Home
) -> None:
    seen: set[str] = set()
    for back in (0, 5):
        month = (home.moment - timedelta(days=back)).strftime("%Y-%m")
        app = signed_in(VIEWER, "calendar", month=month)
        app.session_state["view"] = "List"
        app.run()
        seen |= set(app.dataframe[0].value["Status"])
    assert seen >= {"Published", "Failed", "Not known yet", "Going out", "Being prepared", "Approved", "In review"}


def test_a_published_draft_shows_its_account_and_link_and_cannot_be_edited(signed_in: SignedIn) -> None:
    app = signed_in(ADMIN, "calendar", entry="out-0")
    assert "Published] · LinkedIn · Harbour Boatyard" in words(app)
    assert "cannot be changed any more" in words(app)
    assert not app.text_area
    assert any(b.proto.url.endswith("urn:li:share:7") for b in app.get("link_button"))


def test_an_edit_that_comes_after_the_post_went_out_is_refused_in_words(signed_in: SignedIn, home: Home) -> None:
    queued = OUT[OutboxStatus.QUEUED]
    app = signed_in(EDITOR, "calendar", entry="out-5")
    app.text_area(key=f"text-{queued}-2").set_value("Too late.")
    with home.store() as store, store.unit_of_work() as uow:
        slot = drafts.get_draft(uow, SYSTEM, queued).slot_at
        item = outbox.claim_next(uow, SYSTEM, worker="w", now=slot)
        assert item is not None
        item = outbox.mark_sending(uow, SYSTEM, item, worker="w", now=slot)
        outbox.mark_sent(uow, SYSTEM, item, Published("9", "https://www.linkedin.com/9"), worker="w", now=slot)
    app.button(key=f"save-text-{queued}-2").click().run()
    with home.store() as store, store.unit_of_work() as uow:
        assert drafts.get_draft(uow, SYSTEM, queued).version.number == 2
    assert "cannot be changed any more" in words(app)


def test_approvals_say_what_an_approval_does(signed_in: SignedIn, home: Home) -> None:
    assert "it goes out on LinkedIn · Harbour Boatyard at" in words(signed_in(ADMIN, "approvals", draft=LINKEDIN))
    assert "No X account is connected" in words(signed_in(ADMIN, "approvals", draft="draft-00-x"))
    with home.store() as store, store.unit_of_work() as uow:
        connections.mark_expired(uow, SYSTEM, home.connections["healthy"], "Revoked.", now=now())
    assert "it waits for LinkedIn · Harbour Boatyard, whose sign-in ended" in words(
        signed_in(ADMIN, "approvals", draft=LINKEDIN)
    )


def test_an_approval_of_a_passed_slot_says_that_it_goes_out_at_once(signed_in: SignedIn, home: Home) -> None:
    sent = OUT[OutboxStatus.FAILED]
    with home.store() as store, store.unit_of_work() as uow:
        drafts.edit_draft(uow, SYSTEM, sent, text="Again, better.", based_on=1, now=now())
    app = signed_in(ADMIN, "approvals", draft=sent)
    assert "at once, because its slot has passed" in words(app)


def test_the_overview_lists_posts_and_accounts_that_need_a_person(signed_in: SignedIn) -> None:
    text = words(signed_in(VIEWER))
    for sentence in (
        "1 post may or may not have gone out: LinkedIn · Harbour Boatyard.",
        "1 approved post did not go out: LinkedIn · Harbour Boatyard.",
        "its sign-in ended, so nothing is read or published there",
        "The sign-in of Instagram · harbour.boats ends",
        "YouTube · Harbour Films could not be read: a gap in account numbers, posts since",
    ):
        assert sentence in text
    assert "X · harbourboats" not in text, "a person disconnected it"


def test_a_failure_is_settled_by_a_new_decision(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        approvals.reject(uow, SYSTEM, OUT[OutboxStatus.FAILED], version=1, note="Not needed.", now=now())
    assert "did not go out" not in words(signed_in(VIEWER))


def connection(vendor: Vendor, *, expires: float | None = None, refresh: float | None = None) -> Connection:
    def at(days: float | None) -> datetime | None:
        return None if days is None else MOMENT + timedelta(days=days)

    return Connection(
        "c", "w", vendor, "1", "Brand", ConnectionStatus.CONNECTED, False, (), MOMENT,
        expires_at=at(expires), refresh_expires_at=at(refresh),
    )  # fmt: skip


MOMENT = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_only_an_end_that_needs_a_person_is_announced() -> None:
    assert sign_in_end(connection(Vendor.X, expires=0.05)) is None, "renewed by itself"
    assert look_of(connection(Vendor.LINKEDIN, expires=3, refresh=200), (), MOMENT).word == "Connected"
    assert look_of(connection(Vendor.LINKEDIN, expires=3), (), MOMENT) is SOON, "without a refresh token"
    assert look_of(connection(Vendor.FACEBOOK, refresh=6.9), (), MOMENT) is SOON
    assert look_of(connection(Vendor.FACEBOOK, refresh=7.1), (), MOMENT).word == "Connected"
    assert look_of(connection(Vendor.FACEBOOK, refresh=-0.1), (), MOMENT) is ENDED


def test_what_a_platform_forgets_counts_from_the_last_whole_reading() -> None:
    def run(stream: str, days: float, status: SyncStatus) -> SyncRun:
        until = MOMENT - timedelta(days=days)
        return SyncRun(f"{stream}{days}", "c", "w", stream, until, until, until, until, status, 0, 0, 0)

    runs = [run("account", 10, SyncStatus.DONE), run("account", 1, SyncStatus.FAILED), run("posts", 2, SyncStatus.DONE)]
    found = deadlines(connection(Vendor.X), runs)
    assert [(d.what, d.at) for d in found] == [
        ("account numbers", MOMENT - timedelta(days=9)),
        ("posts", MOMENT + timedelta(days=28)),
    ]
    assert deadlines(connection(Vendor.X), []) == [], "nothing was read yet, so nothing is known"


@pytest.mark.parametrize(
    ("present", "out", "word"),
    [
        ({DraftStatus.APPROVED}, {OutboxStatus.SENT, OutboxStatus.UNKNOWN}, "Not known yet"),
        ({DraftStatus.APPROVED, DraftStatus.IN_REVIEW}, {OutboxStatus.FAILED}, "Failed"),
        ({DraftStatus.APPROVED, DraftStatus.IN_REVIEW}, {OutboxStatus.SENT}, "In review"),
        ({DraftStatus.APPROVED}, {OutboxStatus.SENT, OutboxStatus.SENDING}, "Going out"),
        ({DraftStatus.APPROVED}, {OutboxStatus.SENT, OutboxStatus.QUEUED}, "Approved"),
        ({DraftStatus.APPROVED}, {OutboxStatus.SENT}, "Published"),
        ({DraftStatus.APPROVED}, set(), "Approved"),
        ({DraftStatus.REJECTED}, set(), "Rejected"),
        (set(), set(), "No draft yet"),
    ],
)
def test_an_entry_shows_what_is_most_urgent(present: set[DraftStatus], out: set[OutboxStatus], word: str) -> None:
    assert entry_look(present, out).word == word


def test_every_status_has_its_words() -> None:
    assert set(OUTBOX_LOOKS) == set(OutboxStatus)
    assert set(LOOKS) == set(DraftStatus)
