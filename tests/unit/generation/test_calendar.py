"""The calendar: counts, shares, zones and clock changes."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from models.domain.social import Platform
from models.domain.strategy import Decision, Pillar, Strategy, StrategyDocument
from models.domain.workspace import Plan, Workspace
from models.errors import InvalidInput
from models.generation.calendar import OPEN_TOPIC, local_instant, plan_calendar, sequence, still_open
from models.generation.evidence import claim
from models.generation.strategy import write_strategy
from tests.unit.generation.snapshots import AS_OF, make_platform, make_snapshot, river_trust, river_trust_brand

REALISTIC = write_strategy(river_trust(), river_trust_brand())
MONDAY = date(2026, 11, 23)


def stored(document: StrategyDocument, strategy_id: str = "s1") -> Strategy:
    return Strategy(
        id=strategy_id, workspace_id=document.workspace_id, version=1, created_at=AS_OF, created_by="system", document=document
    )  # fmt: skip


def workspace(zone: str = "Europe/Berlin", workspace_id: str = "river-trust") -> Workspace:
    return Workspace(workspace_id, "River Trust", zone, Plan.STUDIO, AS_OF)


def pillar(name: str, share: float) -> Pillar:
    decision = Decision(value=share, unit="ratio", rule="", fact_ids=())
    return Pillar(
        name=name, keywords=(), share_now_fact_id="f", share_proposed=decision, performance="measured",
        confidence="low", rationale=claim("Words."),
    )  # fmt: skip


def test_each_platform_gets_its_cadence_every_week() -> None:
    entries = plan_calendar(stored(REALISTIC), workspace(), start=MONDAY, weeks=4)
    posts = Counter(platform for entry in entries for platform in entry.platforms)
    assert posts == {Platform.FACEBOOK: 38, Platform.INSTAGRAM: 18, Platform.YOUTUBE: 4, Platform.EMAIL: 8}
    weekly = Counter(
        (entry.slot_at.astimezone(workspace().tz).date() - MONDAY).days // 7
        for entry in entries
        if Platform.FACEBOOK in entry.platforms
    )
    assert sorted(weekly.values()) == [9, 9, 10, 10]


def test_an_entry_serves_every_platform_of_its_instant_once() -> None:
    entries = plan_calendar(stored(REALISTIC), workspace(), start=MONDAY, weeks=3)
    assert len({entry.slot_at for entry in entries}) == len(entries) == len({entry.id for entry in entries})
    assert all(len(set(entry.platforms)) == len(entry.platforms) >= 1 for entry in entries)
    assert any(len(entry.platforms) > 1 for entry in entries)


def test_pillar_shares_hold_over_the_period_without_repeats() -> None:
    entries = plan_calendar(stored(REALISTIC), workspace(), start=MONDAY, weeks=4)
    got = Counter(entry.pillar for entry in entries)
    for item in REALISTIC.pillars:
        assert abs(got[item.name] - item.share_proposed.value * len(entries)) < 1
    assert all(one.pillar != two.pillar for one, two in itertools.pairwise(entries))


@pytest.mark.parametrize(
    ("shares", "count", "repeats"),
    [
        ((0.5, 0.5), 10, 0), ((0.5, 0.25, 0.25), 9, 0), ((0.6, 0.4), 10, 1), ((0.9, 0.05, 0.05), 20, 15), ((1.0,), 4, 3),
        ((0.05, 0.5, 0.45), 7, 0), ((0.4, 0.3, 0.2, 0.1), 13, 0),
    ],
)  # fmt: skip
def test_a_pillar_stands_beside_itself_only_where_it_must(shares: tuple[float, ...], count: int, repeats: int) -> None:
    pillars = [pillar(str(i), share) for i, share in enumerate(shares)]
    order = [item.name for item in sequence(pillars, count) if item is not None]
    assert len(order) == count
    assert sum(one == two for one, two in itertools.pairwise(order)) == repeats
    assert all(abs(order.count(p.name) - p.share_proposed.value * count) < 1 for p in pillars)


def test_the_same_input_gives_the_same_entries_and_other_input_other_ids() -> None:
    plan = plan_calendar(stored(REALISTIC), workspace(), start=MONDAY, weeks=2)
    assert plan == plan_calendar(stored(REALISTIC), workspace(), start=MONDAY, weeks=2)
    other = plan_calendar(stored(REALISTIC, "s2"), workspace(), start=MONDAY, weeks=2)
    assert not {entry.id for entry in plan} & {entry.id for entry in other}


def test_a_later_start_meets_the_same_slots_with_the_same_ids() -> None:
    plan = {e.slot_at: e.id for e in plan_calendar(stored(REALISTIC), workspace(), start=MONDAY, weeks=4)}
    later = plan_calendar(stored(REALISTIC), workspace(), start=MONDAY + timedelta(days=14), weeks=2)
    common = [entry for entry in later if entry.slot_at in plan]
    assert len(common) > len(later) / 2
    assert all(plan[entry.slot_at] == entry.id for entry in common)


def test_entries_lie_in_the_local_period_and_cite_facts_of_the_strategy() -> None:
    zone = workspace("Pacific/Auckland")
    facts = {fact.id for fact in REALISTIC.evidence}
    for start in (MONDAY, date(2026, 11, 26), date(2026, 11, 29)):
        entries = plan_calendar(stored(REALISTIC), zone, start=start, weeks=2)
        assert entries == sorted(entries, key=lambda entry: entry.slot_at)
        for entry in entries:
            assert entry.slot_at.tzinfo is UTC
            assert start <= entry.slot_at.astimezone(zone.tz).date() < start + timedelta(days=14)
            assert entry.fact_ids
            assert set(entry.fact_ids) <= facts


def test_a_pillar_changes_its_angle_from_post_to_post() -> None:
    entries = plan_calendar(stored(REALISTIC), workspace(), start=MONDAY, weeks=2)
    briefs = [entry.brief for entry in entries if entry.pillar == "otters"]
    assert len(briefs) > 2
    assert len(set(briefs)) == len(briefs)
    assert all("otters" in brief for brief in briefs)


@pytest.mark.parametrize(
    ("zone", "day", "hour", "utc"),
    [
        ("Europe/Berlin", date(2027, 3, 27), 10, datetime(2027, 3, 27, 9, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 28), 10, datetime(2027, 3, 28, 8, tzinfo=UTC)),
        # 02:00 does not exist on this day: it becomes 03:00 summer time.
        ("Europe/Berlin", date(2027, 3, 28), 2, datetime(2027, 3, 28, 1, tzinfo=UTC)),
        # 02:00 happens twice on this day: the first one is meant.
        ("Europe/Berlin", date(2026, 10, 25), 2, datetime(2026, 10, 25, 0, tzinfo=UTC)),
        ("America/New_York", date(2027, 3, 14), 2, datetime(2027, 3, 14, 7, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), 1, datetime(2026, 11, 1, 5, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 2), 10, datetime(2026, 11, 2, 15, tzinfo=UTC)),
        # Half an hour is skipped: 02:00 becomes 02:30 at +11:00.
        ("Australia/Lord_Howe", date(2026, 10, 4), 2, datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 4), 3, datetime(2026, 10, 3, 16, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2027, 4, 5), 10, datetime(2027, 4, 4, 23, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_local_hour_is_the_right_instant_over_clock_changes(zone: str, day: date, hour: int, utc: datetime) -> None:
    assert local_instant(day, hour, workspace(zone)) == utc


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/Berlin", date(2027, 3, 15)), ("Europe/Berlin", date(2026, 10, 12)),
        ("America/New_York", date(2027, 3, 1)), ("America/New_York", date(2026, 10, 26)),
        ("Australia/Lord_Howe", date(2026, 9, 21)), ("Australia/Lord_Howe", date(2027, 3, 22)),
    ],
)  # fmt: skip
def test_the_local_hour_stays_when_the_clocks_change(zone: str, start: date) -> None:
    place = workspace(zone)
    entries = plan_calendar(stored(REALISTIC), place, start=start, weeks=4)
    local = [entry.slot_at.astimezone(place.tz) for entry in entries]
    assert {moment.hour for moment in local} == {10, 15, 18}
    assert {moment.minute for moment in local} == {0}
    assert len({moment.utcoffset() for moment in local}) == 2


def test_two_local_hours_that_become_one_instant_do_not_swallow_a_post() -> None:
    document = write_strategy(make_snapshot(platforms=[make_platform(Platform.X, 90, 2.0, 5)]), river_trust_brand())
    slots = tuple(
        slot.model_copy(update={"weekday": 7, "hour": hour}) for slot, hour in zip(document.slots, (2, 3), strict=True)
    )
    entries = plan_calendar(
        stored(document.model_copy(update={"slots": slots})), workspace(), start=date(2027, 3, 22), weeks=1
    )
    assert [entry.slot_at for entry in entries] == [
        datetime(2027, 3, 28, 1, tzinfo=UTC),
        datetime(2027, 3, 28, 2, tzinfo=UTC),
    ]


def test_half_posts_alternate_between_weeks() -> None:
    document = write_strategy(make_snapshot(platforms=[make_platform(Platform.X, 90, 2.5, 5)]), river_trust_brand())
    entries = plan_calendar(stored(document), workspace(), start=MONDAY, weeks=4)
    weeks = Counter((entry.slot_at.date() - MONDAY).days // 7 for entry in entries)
    assert [weeks[week] for week in range(4)] == [3, 2, 3, 2]


def test_without_topics_the_subject_is_left_open() -> None:
    document = write_strategy(make_snapshot(platforms=[make_platform(Platform.X, 90, 2.0, 5)]), river_trust_brand())
    entries = plan_calendar(stored(document), workspace(), start=MONDAY, weeks=1)
    assert {entry.pillar for entry in entries} == {OPEN_TOPIC}
    assert all(entry.brief.startswith("Choose a subject") for entry in entries)


def test_an_empty_strategy_gives_an_empty_calendar() -> None:
    document = write_strategy(make_snapshot(), river_trust_brand())
    assert plan_calendar(stored(document), workspace(), start=MONDAY, weeks=4) == []


@pytest.mark.parametrize("weeks", [0, 13, -1])
def test_weeks_outside_the_bounds_are_refused(weeks: int) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 12"):
        plan_calendar(stored(REALISTIC), workspace(), start=MONDAY, weeks=weeks)


def test_another_workspace_is_refused() -> None:
    with pytest.raises(InvalidInput, match="its own latest strategy"):
        plan_calendar(stored(REALISTIC), workspace(workspace_id="other"), start=MONDAY, weeks=1)


def test_a_newer_strategy_fills_only_the_weeks_that_an_earlier_one_left_open() -> None:
    before = plan_calendar(stored(REALISTIC, "s1"), workspace(), start=MONDAY, weeks=2)
    after = plan_calendar(stored(REALISTIC, "s2"), workspace(), start=MONDAY, weeks=4)
    added = still_open(after, before, workspace(), now=AS_OF)
    third_week = datetime.combine(MONDAY, datetime.min.time(), tzinfo=workspace().tz) + timedelta(weeks=2)
    assert [entry.id for entry in added] == [entry.id for entry in after if entry.slot_at >= third_week]
    assert still_open(after, [*before, *added], workspace(), now=AS_OF) == added


def test_a_week_is_kept_for_the_platforms_that_are_planned_there_only() -> None:
    planned = plan_calendar(stored(REALISTIC, "s2"), workspace(), start=MONDAY, weeks=1)
    shared = next(entry for entry in planned if len(entry.platforms) > 1)
    kept = shared.platforms[0]
    earlier = replace(shared, id="earlier", strategy_id="s1", platforms=(kept,))
    added = still_open(planned, [earlier], workspace(), now=AS_OF)
    assert all(kept not in entry.platforms for entry in added)
    assert {p for entry in added for p in entry.platforms} == {p for entry in planned for p in entry.platforms} - {kept}


def test_nothing_is_planned_into_the_past() -> None:
    planned = plan_calendar(stored(REALISTIC), workspace(), start=MONDAY, weeks=1)
    middle = planned[len(planned) // 2].slot_at
    assert [e.id for e in still_open(planned, [], workspace(), now=middle)] == [
        e.id for e in planned if e.slot_at > middle
    ]
