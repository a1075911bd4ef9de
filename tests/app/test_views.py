"""Every page for every role, through Streamlit's own test runner on a real store and serving file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from models.domain.approval import DraftStatus
from models.domain.workspace import SYSTEM, Role
from models.generation.checks.run import NAMES
from models.services import approvals, drafts, jobs, onboarding
from tests.app.home import ADMIN, EDITOR, EMPTY, HOSTILE, VIEWER, WORKSPACE, ZONE, Home

SignedIn = Callable[..., AppTest]
VIEWS = ("overview", "content", "calendar", "approvals", "publishing", "connections", "imports", "search")
FIRST = "draft-00-instagram"


def words(app: AppTest) -> str:
    """Everything that is written on the page."""
    kinds = (app.title, app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def press(app: AppTest, label: str) -> AppTest:
    return next(b for b in app.button if b.label == label).click().run()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("email", [ADMIN, EDITOR, VIEWER])
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("workspace", [WORKSPACE, EMPTY])
def test_each_page_opens_for_each_role_and_says_what_it_answers(
    signed_in: SignedIn, view: str, email: str, workspace: str
) -> None:
    app = signed_in(email, view, workspace=workspace)
    assert not app.exception
    assert not app.error
    assert [t.value for t in app.title] == [view.capitalize()]
    assert app.query_params["workspace"] in (workspace, [workspace])
    assert "as all times here" in words(app) or "No numbers are served yet" in words(app)


def test_overview_shows_five_cards_and_ends_its_periods_at_the_newest_observation(
    signed_in: SignedIn, home: Home
) -> None:
    app = signed_in(ADMIN)
    assert [m.label for m in app.metric][1:] == [
        "ER by followers",
        "Followers, Instagram",
        "Posts",
        "Open approvals",
    ]
    assert app.metric[4].value == "15"
    day = home.as_of.astimezone(ZONE).date()
    assert f"{day.day} {day:%b %Y}" in app.metric[0].help
    assert app.metric[0].delta
    assert app.metric[0].delta != app.metric[3].delta
    assert "Give 40% of the calendar to Boat building" in words(app)
    assert "YouTube studio was last observed 13 days ago" in words(app)
    assert "2 rows refused at import" in words(app)


def test_a_platform_without_the_number_shows_a_dash_with_its_reason(signed_in: SignedIn) -> None:
    app = signed_in(ADMIN)
    app.pills(key="platform").set_value(["linkedin"]).run()
    followers = next(m for m in app.metric if m.label == "Followers")
    assert followers.value == "–"
    assert "No follower count was observed" in followers.help.replace("\\", "")
    assert not followers.delta


def test_filters_are_carried_by_the_address(signed_in: SignedIn) -> None:
    everything = len(signed_in(VIEWER, "content").dataframe[0].value)
    shown = signed_in(VIEWER, "content", topic="Weather notes").dataframe[0].value
    assert 0 < len(shown) < everything
    assert set(shown["Topic"]) == {"Weather notes"}


def test_a_filter_that_matches_nothing_offers_a_way_back(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "content")
    app.text_input(key="q").set_value("no post says this").run()
    assert "No post matches these filters" in words(app)
    press(app, "Remove all filters")
    assert len(app.dataframe[0].value) == 225


def test_missing_rates_stay_missing_and_the_help_says_why(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "content")
    table = app.dataframe[0].value
    youtube = table[table["Platform"] == "YouTube"]
    assert youtube["ER reach"].isna().all()
    assert youtube["ER views"].notna().all()
    help_text = app.dataframe[0].proto.columns
    assert "the platform has no such number" in help_text
    assert "Missing for" in help_text


def test_a_selected_post_opens_with_its_readings(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "content")
    app.session_state["period"] = "All"
    app.session_state["post_table"] = {"selection": {"rows": [150], "columns": [], "cells": []}}
    app.run()
    assert "What is known of it" in words(app)
    assert set(app.dataframe[2].value["Metric"]) >= {"Reactions", "Views", "Saves"}
    ages = app.dataframe[1].value
    assert list(ages.columns) == ["Metric", "24 h", "3 days", "7 days", "28 days"]
    assert ages["28 days"][0].startswith("~")


def test_hostile_text_is_shown_and_never_interpreted(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(ADMIN, "approvals", draft="draft-01-linkedin")
    posts = [h.value for h in app.get("html") if "fabric-post" in h.value]
    assert posts
    assert all("<script" not in text and "<img" not in text for text in posts)
    assert any("&lt;script&gt;" in text for text in posts)
    content = signed_in(ADMIN, "content")
    assert HOSTILE.split(" [")[0] in " ".join(content.dataframe[0].value["Text"])
    assert not any("<script" in m.value for m in content.markdown if "fabric" not in m.value)


def test_a_viewer_has_no_button_that_changes_anything(signed_in: SignedIn) -> None:
    reading = {"Sign out", "Previous", "Next", "Run it again", "Campaigns and closed days"}
    approvals_page = signed_in(VIEWER, "approvals")
    assert {b for b in labels(approvals_page) if "**" not in b} <= reading
    assert not approvals_page.text_area
    entry = signed_in(VIEWER, "calendar", entry="entry-00")
    assert {b for b in labels(entry) if "**" not in b and b} <= reading
    assert not entry.text_area


def test_an_editor_may_request_changes_but_not_approve(signed_in: SignedIn) -> None:
    app = signed_in(EDITOR, "approvals")
    assert "Request changes" in labels(app)
    assert not {"Approve", "Reject"} & labels(app)


def test_an_admin_approves_and_the_next_draft_takes_its_place(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(ADMIN, "approvals", draft=FIRST)
    press(app, "Approve")
    assert "Approved." in words(app)
    with home.store() as store, store.unit_of_work() as uow:
        assert drafts.get_draft(uow, SYSTEM, FIRST).status is DraftStatus.APPROVED
    assert "In review (14)" in str(app.segmented_control(key="show").options)


@pytest.mark.parametrize(
    ("button", "status"), [("Request changes", DraftStatus.CHANGES_REQUESTED), ("Reject", DraftStatus.REJECTED)]
)
def test_refusing_takes_a_note(signed_in: SignedIn, home: Home, button: str, status: DraftStatus) -> None:
    app = signed_in(ADMIN, "approvals", draft=FIRST)
    press(app, button)
    assert "A note is needed" in words(app)
    app.text_area(key=f"decision-note-{FIRST}").set_value("Say what the planks are for.")
    press(app, button)
    with home.store() as store, store.unit_of_work() as uow:
        assert drafts.get_draft(uow, SYSTEM, FIRST).status is status
        assert approvals.decisions(uow, SYSTEM, FIRST)[-1].note == "Say what the planks are for."


def test_an_edit_of_an_approved_draft_warns_first_and_then_revokes(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        approvals.approve(uow, SYSTEM, FIRST, version=1, now=now())
    app = signed_in(ADMIN, "calendar", entry="entry-00")
    assert "revokes the approval" in words(app)
    app.text_area(key=f"text-{FIRST}-1").set_value("A shorter text about planks.")
    app.button(key=f"save-text-{FIRST}-1").click().run()
    assert not app.exception
    with home.store() as store, store.unit_of_work() as uow:
        draft = drafts.get_draft(uow, SYSTEM, FIRST)
    assert (draft.status, draft.version.number, draft.version.text) == (
        DraftStatus.IN_REVIEW,
        2,
        "A shorter text about planks.",
    )
    compared = signed_in(ADMIN, "approvals", draft=FIRST)
    changed = next(h.value for h in compared.get("html") if "fabric-diff" in h.value)
    assert "<del>" in changed
    assert "<ins>" in changed
    assert "against the approved version 1" in words(compared)


def test_the_review_lists_every_check_and_names_the_one_that_an_edit_breaks(signed_in: SignedIn, home: Home) -> None:
    before = words(signed_in(EDITOR, "approvals", draft=FIRST))
    assert all(f"**{name}**" in before for name in NAMES)
    assert "**Numbers** passed" in before
    with home.store() as store, store.unit_of_work() as uow:
        text = "We built 40 boats last year. Read www.elsewhere.example/boats"
        drafts.edit_draft(uow, SYSTEM, FIRST, text=text, based_on=1, now=now())
    after = words(signed_in(EDITOR, "approvals", draft=FIRST)).replace("\u2060", "")  # keeps addresses from being links
    assert "**Numbers** not passed: “40” states a number" in after
    assert "**Links** not passed: Not on the brand profile's list of links: www.elsewhere.example/boats" in after


def test_an_edit_made_meanwhile_is_not_overwritten(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, "approvals", draft=FIRST)
    with home.store() as store, store.unit_of_work() as uow:
        drafts.edit_draft(uow, SYSTEM, FIRST, text="Someone was faster.", based_on=1, now=now())
    app.text_area(key=f"text-{FIRST}-1").set_value("My slower text.")
    app.button(key=f"save-text-{FIRST}-1").click().run()
    with home.store() as store, store.unit_of_work() as uow:
        assert drafts.get_draft(uow, SYSTEM, FIRST).version.text == "Someone was faster."


def test_a_slot_moves_in_the_workspaces_zone(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, "calendar", entry="entry-00")
    before = app.date_input(key="day-entry-00").value
    app.time_input(key="time-entry-00").set_value(datetime(2026, 1, 1, 18, 45).time())  # noqa: DTZ001
    app.button(key="move-entry-00").click().run()
    with home.store() as store, store.unit_of_work() as uow:
        moved = uow.calendar.get("entry-00")
    assert moved is not None
    local = moved.slot_at.astimezone(ZONE)
    assert (local.date(), local.hour, local.minute) == (before, 18, 45)


def test_evidence_is_run_again_and_a_changed_number_is_called_changed(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "approvals", draft=FIRST)
    app.button(key=f"rerun-review-{FIRST}-share-boats").click().run()
    assert "Same value on the current numbers: 25.0%" in words(app)
    app.button(key=f"rerun-review-{FIRST}-rank-boats").click().run()
    assert "The current numbers say 81st percentile; cited was 74th percentile" in words(app)


def test_a_revoked_membership_acts_at_the_next_run(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, "approvals")
    with home.store() as store, store.unit_of_work() as uow:
        user = next(u for u, _ in onboarding.list_members(uow, SYSTEM, WORKSPACE) if u.email == EDITOR)
        onboarding.remove_member(uow, SYSTEM, WORKSPACE, user.id, now=now())
    app.run()
    assert "no longer, a member of the workspace" in words(app)
    assert "Request changes" not in labels(app)


def test_a_lowered_role_acts_at_the_next_press(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        onboarding.add_member(uow, SYSTEM, WORKSPACE, email="second@example.org", name="S", role=Role.ADMIN, now=now())
    app = signed_in(ADMIN, "approvals", draft=FIRST)
    with home.store() as store, store.unit_of_work() as uow:
        onboarding.add_member(uow, SYSTEM, WORKSPACE, email=ADMIN, name="Ana", role=Role.VIEWER, now=now())
    press(app, "Approve")
    assert "Approve" not in labels(app)
    with home.store() as store, store.unit_of_work() as uow:
        assert drafts.get_draft(uow, SYSTEM, FIRST).status is DraftStatus.IN_REVIEW


def test_a_link_to_a_foreign_workspace_is_refused(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        onboarding.create_workspace(uow, SYSTEM, name="Rival", workspace_id="rival", now=now())
    app = signed_in(ADMIN, workspace="rival")
    assert "a member of the workspace “rival”" in words(app)
    assert "rival" not in app.selectbox(key="workspace_choice").options


def test_nothing_built_yet_offers_the_build_and_queues_it_once(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, workspace=EMPTY)
    assert "Nothing built yet" in words(app)
    assert "fabric build --workspace quiet-bay" in app.code[0].value
    press(app, "Build now")
    assert "This is queued since" in words(app)
    assert "Build now" not in labels(app)
    with home.store() as store, store.unit_of_work() as uow:
        assert [j.kind.value for j in jobs.list_jobs(uow, SYSTEM, EMPTY)] == ["build"]


def test_a_viewer_cannot_start_the_build(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, workspace=EMPTY)
    assert "Build now" not in labels(app)
    assert "An editor or admin" in words(app)


@pytest.mark.parametrize("view", ["overview", "content"])
def test_a_corrupt_serving_file_is_one_sentence_with_the_repair(signed_in: SignedIn, home: Home, view: str) -> None:
    for served in (home.path / "serving" / WORKSPACE).glob("*.duckdb"):
        served.write_bytes(b"not a database")
    app = signed_in(ADMIN, view)
    assert not app.exception
    assert "fabric build" in app.error[0].value


def test_the_calendar_still_opens_when_the_numbers_cannot_be_read(signed_in: SignedIn, home: Home) -> None:
    for served in (home.path / "serving" / WORKSPACE).glob("*.duckdb"):
        served.unlink()
    app = signed_in(ADMIN, "calendar")
    assert not app.exception
    assert any("Boat building" in b for b in labels(app))


def test_no_strategy_yet_offers_to_write_one(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(ADMIN, "calendar", workspace=EMPTY)
    assert "No strategy yet" in words(app)
    assert "Write strategy, calendar and drafts" in labels(app)
    press(app, "Write strategy, calendar and drafts")
    with home.store() as store, store.unit_of_work() as uow:
        (job,) = jobs.list_jobs(uow, SYSTEM, EMPTY)
    # The words the job sensor reads (`orchestration.automation`).
    assert job.arguments == {"what": "all", "weeks": 4}


def test_the_list_shows_the_month_in_order_with_status_words(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "calendar")
    app.session_state["view"] = "List"
    app.run()
    table = app.dataframe[0].value
    assert list(table["When"]) == sorted(table["When"])
    assert set(table["Status"]) >= {"In review"}
