"""The calendar around closed days, campaigns, holidays, and the room between posts of one topic."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain.calendar import CalendarEntry
from models.domain.planning import DateKind, PlanningDate, PlanningDays, PlanningRules
from models.domain.strategy import Strategy
from models.domain.workspace import Plan, Workspace
from models.errors import InvalidInput
from models.generation.calendar import compose_calendar
from models.generation.holiday_days import check_country, holidays_between
from models.generation.spacing import spaced
from models.generation.strategy import write_strategy

from .snapshots import river_trust, river_trust_brand

START = date(2026, 12, 7)
MADE = datetime(2026, 11, 16, tzinfo=UTC)
WORKSPACE = Workspace("river-trust", "River Trust", "Europe/Berlin", Plan.STUDIO, MADE)
STRATEGY = Strategy(
    id="s1", workspace_id="river-trust", version=1, created_at=MADE, created_by="system",
    document=write_strategy(river_trust(), river_trust_brand()),
)  # fmt: skip


def span(kind: DateKind, name: str, first: date, last: date, **more: object) -> PlanningDate:
    return PlanningDate(f"d-{name}", "river-trust", kind, name, first, last, **more)  # type: ignore[arg-type]


def days_of(entries: tuple[CalendarEntry, ...]) -> list[date]:
    return [entry.slot_at.astimezone(WORKSPACE.tz).date() for entry in entries]


def compose(days: PlanningDays, weeks: int = 3) -> tuple[tuple[CalendarEntry, ...], tuple[str, ...]]:
    plan = compose_calendar(STRATEGY, WORKSPACE, start=START, weeks=weeks, days=days)
    return plan.entries, plan.notes


PLAIN, _ = compose(PlanningDays())
CLOSED = span(DateKind.BLACKOUT, "Office closed", date(2026, 12, 15), date(2026, 12, 17))


def test_nothing_is_posted_on_closed_days_and_the_notes_say_what_became_of_it() -> None:
    assert any(CLOSED.holds(day) for day in days_of(PLAIN))
    entries, notes = compose(PlanningDays(dates=(CLOSED,)))
    assert not any(CLOSED.holds(day) for day in days_of(entries))
    said = next(note for note in notes if "Office closed" in note)
    assert "15 December 2026 to 17 December 2026" in said
    closed = sum(CLOSED.holds(day) for day in days_of(PLAIN))
    counts = [int(word) for word in said.partition("): ")[2].split() if word.isdigit()]
    assert sum(counts) == closed
    assert len(PLAIN) - len(entries) == (counts[-1] if "left out" in said else 0)


def test_a_post_that_moves_keeps_its_id_and_its_local_hour() -> None:
    entries, _ = compose(PlanningDays(dates=(CLOSED,)))
    before = {entry.id: entry for entry in PLAIN}
    moved = [entry for entry in entries if entry.slot_at != before[entry.id].slot_at]
    assert moved
    for entry in moved:
        was = before[entry.id].slot_at.astimezone(WORKSPACE.tz)
        now = entry.slot_at.astimezone(WORKSPACE.tz)
        assert (now.hour, now.minute) == (was.hour, was.minute)
        assert CLOSED.holds(was.date())
        assert 1 <= abs((now.date() - was.date()).days) <= 3
    assert {entry.id for entry in entries} <= set(before)


def test_a_whole_closed_calendar_is_empty_and_says_so() -> None:
    always = span(DateKind.BLACKOUT, "Closed for good", START, START + timedelta(days=20))
    entries, notes = compose(PlanningDays(dates=(always,)))
    assert entries == ()
    assert notes == (f"“Closed for good” (7 December 2026 to 27 December 2026): {len(PLAIN)} posts are left out.",)


@pytest.mark.parametrize(("share", "least", "most"), [(1.0, 1.0, 1.0), (0.5, 0.45, 0.6), (0.2, 0.15, 0.35)])
def test_a_campaign_takes_its_share_of_the_slots_in_its_span_with_its_brief(
    share: float, least: float, most: float
) -> None:
    campaign = span(
        DateKind.CAMPAIGN, "Winter appeal", date(2026, 12, 14), date(2026, 12, 27), pillar="giving", share=share,
        brief="Ask for one hour of help.",
    )  # fmt: skip
    entries, _ = compose(PlanningDays(dates=(campaign,)))
    inside = [e for e, day in zip(entries, days_of(entries), strict=True) if campaign.holds(day)]
    taken = [entry for entry in entries if entry.pillar == "giving"]
    assert set(taken) <= set(inside)
    assert inside[0] in taken
    assert least <= len(taken) / len(inside) <= most
    assert all("For the campaign “Winter appeal”: Ask for one hour of help." in entry.brief for entry in taken)
    assert len({entry.brief for entry in taken}) > 1 or len(taken) == 1


def test_a_campaign_without_a_post_in_its_days_is_named() -> None:
    far = span(DateKind.CAMPAIGN, "One Sunday", date(2026, 12, 13), date(2026, 12, 13), share=1.0)
    closed = span(DateKind.BLACKOUT, "Sunday", date(2026, 12, 13), date(2026, 12, 13))
    _, notes = compose(PlanningDays(dates=(closed, far)))
    assert "The campaign “One Sunday” has no slot: no post falls into its days." in notes


def test_holidays_are_named_when_kept_and_free_when_avoided() -> None:
    holidays = holidays_between("DE", START, START + timedelta(days=20))
    assert holidays[date(2026, 12, 25)] == "Christmas Day"
    kept, notes = compose(PlanningDays(PlanningRules("DE", "keep"), (), holidays))
    on_holiday = sorted(set(days_of(kept)) & set(holidays))
    assert on_holiday
    assert sum("check that its subject fits the day" in note for note in notes) == len(on_holiday)
    avoided, _ = compose(PlanningDays(PlanningRules("DE", "avoid"), (), holidays))
    assert not set(days_of(avoided)) & set(holidays)


def test_posts_of_one_topic_keep_their_distance_or_the_notes_count_those_that_do_not() -> None:
    for least in (0, 2, 3):
        entries, notes = compose(PlanningDays(PlanningRules(topic_days=least)))
        near = set()
        for topic in {entry.pillar for entry in entries}:
            own = [(day, e.id) for day, e in zip(days_of(entries), entries, strict=True) if e.pillar == topic]
            near |= {i for (a, x), (b, y) in pairwise(own) if (b - a).days < least for i in (x, y)}
        said = [note for note in notes if "stand nearer" in note]
        assert len(said) == bool(near)
        assert not near or said[0].startswith(f"{len(near)} posts")
        assert Counter(e.pillar for e in entries) == Counter(e.pillar for e in PLAIN)


@settings(max_examples=60, deadline=None)
@given(
    topics=st.lists(st.sampled_from("abcd"), min_size=1, max_size=30),
    gaps=st.lists(st.integers(0, 3), min_size=30, max_size=30),
    least=st.integers(0, 4),
    fixed=st.sets(st.integers(0, 29)),
)
def test_spacing_only_exchanges_places_and_never_moves_what_is_fixed(
    topics: list[str], gaps: list[int], least: int, fixed: set[int]
) -> None:
    days = [date(2026, 1, 1) + timedelta(days=sum(gaps[: i + 1])) for i in range(len(topics))]
    held = [i in fixed for i in range(len(topics))]
    order, near = spaced(topics, days, held, least)
    assert sorted(order) == list(range(len(topics)))
    assert all(order[i] == i for i in range(len(topics)) if held[i])
    unchanged = sum(
        any(topics[i] == topics[j] and abs((days[i] - days[j]).days) < least for j in range(len(topics)) if j != i)
        for i in range(len(topics))
        if not held[i]
    )
    assert 0 <= near <= unchanged


def test_the_same_dates_give_the_same_calendar() -> None:
    days = PlanningDays(PlanningRules("DE", "avoid"), (CLOSED,), holidays_between("DE", START, date(2026, 12, 31)))
    assert compose(days) == compose(days)


def test_countries_are_checked_and_written_in_one_form() -> None:
    assert (check_country(" de-by "), check_country(""), check_country("us")) == ("DE-BY", "", "US")
    assert date(2027, 1, 6) in holidays_between("DE-BY", date(2027, 1, 1), date(2027, 1, 31))
    assert date(2027, 1, 6) not in holidays_between("DE", date(2027, 1, 1), date(2027, 1, 31))
    assert holidays_between("", START, START) == {}
    for wrong in ("XX", "Germany", "DE-QQ", "__class__"):
        with pytest.raises(InvalidInput):
            check_country(wrong)
