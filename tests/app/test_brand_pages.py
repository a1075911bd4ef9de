"""The pages Brand and Opportunities, and planning dates in the calendar, for each role on real stores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from connectors.warehouse.reader import ServingReader
from connectors.warehouse.voices import other_posts, own_posts, post_sources
from models.domain.brand_study import StudyKind
from models.domain.planning import DateKind, PlanningRules
from models.domain.workspace import SYSTEM
from models.insight.business_profile import study_business
from models.insight.voice_profile import study_voice
from models.services import brand, jobs, onboarding, planning_dates
from tests.app.home import ADMIN, EDITOR, EMPTY, VIEWER, WORKSPACE, ZONE, Home
from tests.app.test_views import labels, now, press, words

SignedIn = Callable[..., AppTest]


def study(home: Home) -> None:
    with ServingReader(home.path / "serving").open(WORKSPACE) as version:
        own, newest, oldest = own_posts(version, 400)
        others = other_posts(version, 800)
    voice = study_voice(WORKSPACE, own, others, newest=newest, oldest=oldest)
    business = study_business(WORKSPACE, "Harbour Boatyard", post_sources(own))
    with home.store() as store, store.unit_of_work() as uow:
        brand.save_study(uow, SYSTEM, WORKSPACE, voice, input_hash="v", now=now())
        brand.save_study(uow, SYSTEM, WORKSPACE, business, input_hash="b", now=now())


@pytest.mark.parametrize("email", [ADMIN, EDITOR, VIEWER])
@pytest.mark.parametrize("view", ["brand", "opportunities"])
@pytest.mark.parametrize("workspace", [WORKSPACE, EMPTY])
def test_each_page_opens_for_each_role(signed_in: SignedIn, view: str, email: str, workspace: str) -> None:
    app = signed_in(email, view, workspace=workspace)
    assert not app.exception
    assert not app.error
    assert [t.value for t in app.title] == [view.capitalize()]


def test_a_brand_that_was_not_studied_offers_it_once(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, "brand")
    assert "Not studied yet" in words(app)
    press(app, "Study the brand")
    with home.store() as store, store.unit_of_work() as uow:
        (asked,) = jobs.list_jobs(uow, SYSTEM, WORKSPACE)
    assert asked.arguments == {"what": "brand"}
    assert "Study the brand" not in labels(signed_in(EDITOR, "brand"))
    assert "Study the brand" not in labels(signed_in(VIEWER, "brand"))


def test_a_studied_brand_shows_its_voice_beside_its_competitors(signed_in: SignedIn, home: Home) -> None:
    study(home)
    app = signed_in(VIEWER, "brand")
    said = words(app)
    assert "Write sentences of about" in said
    assert "Ask us anything below." in said
    assert "the chance that a post of the brand scores higher" in said
    table = app.dataframe[0].value
    assert list(table.columns) == ["Habit", "Brand", "Competitors", "Read from"]
    assert table.set_index("Habit").loc["Posts that say “we”", "Competitors"] == "0.0%"
    assert "committee" not in said
    assert "Edit" not in labels(app)


def test_a_text_is_held_against_the_voice(signed_in: SignedIn, home: Home) -> None:
    study(home)
    app = signed_in(EDITOR, "brand")
    app.text_area(key="voice-text").set_value(
        "Steaming oak planks for the new hull. From the yard, week 3.\nAsk us anything below."
    ).run()
    own = app.metric[0].value
    app.text_area(key="voice-text").set_value(
        "The committee recommends the bowline for mooring, according to the report."
    ).run()
    other = app.metric[0].value
    assert int(own.split()[0]) > int(other.split()[0])


def test_an_admin_changes_what_the_brand_stands_for(signed_in: SignedIn, home: Home) -> None:
    app = press(signed_in(ADMIN, "brand"), "Edit")
    app.text_area(key="brand-description").set_value("A boatyard that teaches.")
    app.text_area(key="brand-banned").set_value("game changer\n\nsynergy")
    app.text_input(key="brand-site").set_value("https://harbour.example/")
    press(app, "Save")
    assert not app.exception
    with home.store() as store, store.unit_of_work() as uow:
        profile = onboarding.get_brand_profile(uow, SYSTEM, WORKSPACE)
        assert brand.brand_site(uow, SYSTEM, WORKSPACE) == "https://harbour.example/"
    assert (profile.description, profile.banned_phrases) == ("A boatyard that teaches.", ("game changer", "synergy"))


def test_a_site_that_is_no_address_is_refused_in_words(signed_in: SignedIn) -> None:
    app = press(signed_in(ADMIN, "brand"), "Edit")
    app.text_input(key="brand-site").set_value("javascript:alert(1)")
    press(app, "Save")
    assert "is no web address" in words(app)


def test_an_opportunity_carries_numbers_that_run_again(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "opportunities")
    said = words(app)
    assert "Say more about “Knot tying”" in said
    assert "A post of Northbank Sails on Instagram broke out" in said
    assert "Looked at, without evidence" in str([e.label for e in app.expander])
    press(app, "Run it again")
    assert "Same value on the current numbers" in words(app)
    assert "Plan it" not in labels(app)
    assert "bowline" not in said


def test_an_opportunity_becomes_a_campaign(signed_in: SignedIn, home: Home) -> None:
    app = press(signed_in(EDITOR, "opportunities"), "Plan it")
    press(app, "Keep it")
    assert not app.exception
    assert "is planned with it" in words(app)
    with home.store() as store, store.unit_of_work() as uow:
        (kept,) = planning_dates.list_dates(uow, SYSTEM, WORKSPACE)
    assert (kept.kind, kept.pillar, kept.share) == (DateKind.CAMPAIGN, "Knot tying", 0.3)
    assert (kept.ends_on - kept.starts_on) == timedelta(days=13)
    assert "Competitors give it" in kept.brief


def test_a_possible_competitor_is_tracked_by_an_admin_only(signed_in: SignedIn, home: Home) -> None:
    shown = press(signed_in(EDITOR, "opportunities"), "Look for them")
    assert "seamanship.guild" in words(shown)
    assert "Track" not in labels(shown)
    app = press(signed_in(ADMIN, "opportunities"), "Look for them")
    press(app, "Track")
    assert "is tracked" in words(app)
    with home.store() as store, store.unit_of_work() as uow:
        (tracked,) = onboarding.list_competitors(uow, SYSTEM, WORKSPACE)
    assert tracked.name in {"seamanship.guild", "Anchor Point Marina"}


def test_the_calendar_marks_campaigns_closed_days_and_holidays(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        planning_dates.add_date(
            uow, SYSTEM, WORKSPACE, kind=DateKind.BLACKOUT, name="Yard closed", starts_on=date(2026, 12, 28), ends_on=date(2026, 12, 30), now=now(),
        )  # fmt: skip
        planning_dates.add_date(
            uow, SYSTEM, WORKSPACE, kind=DateKind.CAMPAIGN, name="<b>Open day</b>", starts_on=date(2026, 12, 19), now=now(),
        )  # fmt: skip
        planning_dates.set_planning_rules(uow, SYSTEM, WORKSPACE, PlanningRules("DE", "avoid", 2), now=now())
    app = signed_in(VIEWER, "calendar", month="2026-12")
    said = words(app)
    assert said.count("Yard closed") == 3
    assert "Christmas Day" in said
    assert "<b>" not in "".join(m.value for m in app.markdown if "Open day" in m.value).replace("\\<b\\>", "")


def test_editors_add_and_remove_closed_days_and_viewers_read_them(signed_in: SignedIn, home: Home) -> None:
    app = press(signed_in(EDITOR, "calendar"), "Campaigns and closed days")
    app.segmented_control(key="new-date-kind").set_value("Days without posts")
    app.text_input(key="new-date-name").set_value("Stocktaking")
    press(app, "Keep it")
    with home.store() as store, store.unit_of_work() as uow:
        (kept,) = planning_dates.list_dates(uow, SYSTEM, WORKSPACE)
    assert (kept.name, kept.kind, kept.share, kept.pillar) == ("Stocktaking", DateKind.BLACKOUT, 0.0, "")
    seen = press(signed_in(VIEWER, "calendar"), "Campaigns and closed days")
    assert "Stocktaking" in words(seen)
    assert not {"Remove", "Keep it", "Save the rules"} & labels(seen)
    again = press(signed_in(EDITOR, "calendar"), "Campaigns and closed days")
    again.button(key=f"remove-date-{kept.id}").click().run()
    with home.store() as store, store.unit_of_work() as uow:
        assert planning_dates.list_dates(uow, SYSTEM, WORKSPACE) == []


def test_posts_that_stand_on_closed_days_are_named(signed_in: SignedIn, home: Home) -> None:
    first = (home.moment + timedelta(days=1)).astimezone(ZONE).date()
    with home.store() as store, store.unit_of_work() as uow:
        planning_dates.add_date(
            uow, SYSTEM, WORKSPACE, kind=DateKind.BLACKOUT, name="Closed", starts_on=first, ends_on=first + timedelta(days=60), now=now(),
        )  # fmt: skip
    assert "stand on closed days" in words(signed_in(VIEWER, "calendar"))


def test_versions_are_listed_newest_first(signed_in: SignedIn, home: Home) -> None:
    study(home)
    app = signed_in(VIEWER, "brand")
    with home.store() as store, store.unit_of_work() as uow:
        assert len(brand.list_studies(uow, SYSTEM, WORKSPACE, StudyKind.VOICE)) == 1
    table = app.dataframe[-1].value
    assert set(table["Study"]) == {"What it says", "How it writes"}
    assert list(table["By"]) == ["FABRIC", "FABRIC"]
