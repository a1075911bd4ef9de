"""What is planted between two records of the same numbers is found by name, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from models.insight.reconciliation import Cause, Reading, Reconciliation, reconcile

START = date(2026, 3, 2)
UNITS = {"views": "count", "impressions": "count", "account_views": "count", "average_view_duration_seconds": "seconds",
         "watch_time_hours": "hours", "average_percentage_viewed": "percent"}  # fmt: skip


def posts(count: int = 40, seed: int = 1) -> list[Reading]:
    rng = random.Random(seed)
    found = []
    for n in range(count):
        day = START + timedelta(days=n)
        views = rng.randrange(200, 9000)
        for metric, value in (("views", views), ("impressions", views * rng.uniform(1.5, 4)),
                              ("average_view_duration_seconds", rng.uniform(8, 90)),
                              ("watch_time_hours", rng.uniform(0.5, 60)),
                              ("average_percentage_viewed", rng.uniform(5, 95))):  # fmt: skip
            found.append(Reading(f"p{n}", metric, day, float(round(value)) if metric[0] in "vi" else value))
    return found


def hourly(days: int = 40, seed: int = 2) -> dict[datetime, float]:
    rng = random.Random(seed)
    start = datetime(START.year, START.month, START.day, tzinfo=UTC)
    level = {d: rng.uniform(500, 4000) for d in range(-2, days + 3)}
    return {
        start + timedelta(hours=h): level[h // 24] / 24 * rng.uniform(0.9, 1.1) for h in range(-48, 24 * (days + 2))
    }


def by_day(values: dict[datetime, float], days: int = 40, shift: float = 0.0) -> list[Reading]:
    totals: dict[date, float] = {}
    for moment, value in values.items():
        day = (moment + timedelta(hours=shift)).date()
        totals[day] = totals.get(day, 0.0) + value
    wanted = [START + timedelta(days=d) for d in range(days)]
    return [Reading("page", "account_views", day, float(round(totals[day])), of_day=True) for day in wanted]


def times(metric: str, factor: float) -> Callable[[Sequence[Reading]], list[Reading]]:
    return lambda rows: [replace(r, value=r.value * factor) if r.metric == metric else r for r in rows]


def causes(found: Reconciliation) -> list[tuple[Cause, str | None]]:
    return [(f.cause, f.metric) for f in found.findings]


def test_an_honest_export_agrees() -> None:
    theirs = posts()
    rng = random.Random(3)
    ours = [replace(r, value=r.value + rng.choice((-1, 0, 0, 1)) if r.metric == "views" else r.value) for r in theirs]
    found = reconcile(theirs, ours, units=UNITS)
    assert (found.agrees, found.matched, found.equal, found.findings) == (True, 200, 200, ())


@pytest.mark.parametrize(
    ("metric", "factor", "cause"),
    [
        ("views", 2.0, Cause.DUPLICATED),
        ("views", 3.0, Cause.DUPLICATED),
        ("impressions", 0.5, Cause.FACTOR),
        ("views", 1.37, Cause.FACTOR),
        ("average_view_duration_seconds", 1000.0, Cause.UNIT),
        ("average_view_duration_seconds", 1 / 60, Cause.UNIT),
        ("watch_time_hours", 60.0, Cause.UNIT),
        ("average_percentage_viewed", 0.01, Cause.UNIT),
    ],
)
def test_a_constant_factor_is_named_with_its_cause(metric: str, factor: float, cause: Cause) -> None:
    found = reconcile(posts(), times(metric, factor)(posts()), units=UNITS)
    assert causes(found) == [(cause, metric)]
    (finding,) = found.findings
    assert finding.factor == pytest.approx(factor, rel=0.01)
    assert (finding.rows, finding.confidence) == (40, "high")
    assert finding.explained > 0.95


def test_a_few_odd_rows_do_not_hide_a_factor_and_do_not_make_one() -> None:
    odd = [replace(r, value=r.value * 1.7) if r.subject in {"p3", "p9"} and r.metric == "views" else r for r in posts()]
    assert causes(reconcile(posts(), times("views", 2.0)(odd), units=UNITS)) == [(Cause.DUPLICATED, "views")]
    assert causes(reconcile(posts(), odd, units=UNITS)) == [(Cause.UNEXPLAINED, "views")]


def test_dropped_days_and_a_lost_late_batch_are_told_apart() -> None:
    rows = by_day(hourly())
    dropped = START + timedelta(days=11)
    found = reconcile(rows, [r for r in rows if r.day != dropped], units=UNITS)
    assert causes(found) == [(Cause.DROPPED_DAYS, None)]
    assert found.findings[0].days == (dropped,)
    found = reconcile(rows, rows[:-3], units=UNITS)
    assert causes(found) == [(Cause.LATE_BATCH, None)]
    assert found.findings[0].days == tuple(r.day for r in rows[-3:])


@pytest.mark.parametrize("hours", [-8, -5, 6, 9])
def test_days_cut_in_another_zone_are_found(hours: int) -> None:
    values = hourly()
    found = reconcile(by_day(values), by_day(values, shift=hours), units=UNITS)
    assert causes(found) == [(Cause.SHIFTED_ZONE, "account_views")]
    assert abs((found.findings[0].hours or 0) - hours) <= 1.5


def test_publish_times_read_in_another_zone_are_found_over_a_clock_change() -> None:
    moments = [datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(days=5 * n) for n in range(50)]
    read = [(m, m + timedelta(hours=-7 if 13 <= n <= 43 else -8)) for n, m in enumerate(moments)]
    found = reconcile(posts(), posts(), units=UNITS, published=read)
    assert causes(found) == [(Cause.SHIFTED_ZONE, None)]
    assert found.findings[0].hours == -7
    assert not found.agrees
    assert reconcile(posts(), posts(), units=UNITS, published=[(m, m) for m in moments]).agrees


def test_newer_rows_that_moved_on_are_restated() -> None:
    rng = random.Random(4)
    cut = START + timedelta(days=33)
    ours = [replace(r, value=r.value * rng.uniform(1.05, 1.6)) if r.metric == "views" and r.day and r.day >= cut else r
            for r in posts()]  # fmt: skip
    found = reconcile(posts(), ours, units=UNITS)
    assert causes(found) == [(Cause.RESTATED, "views")]
    assert found.findings[0].days == (cut,)


def test_views_that_are_our_impressions_are_another_definition() -> None:
    ours = {(r.subject, r.metric): r.value for r in posts()}
    theirs = [replace(r, value=ours[(r.subject, "impressions")]) for r in posts() if r.metric == "views"]
    assert causes(reconcile(theirs, posts(), units=UNITS)) == [(Cause.DEFINITION, "views")]


def test_combinations_are_each_named_and_do_not_mislead() -> None:
    rows = by_day(hourly())
    dropped = START + timedelta(days=20)
    ours = [replace(r, value=r.value * 2) for r in rows if r.day != dropped]
    assert causes(reconcile(rows, ours, units=UNITS)) == [
        (Cause.DROPPED_DAYS, None),
        (Cause.DUPLICATED, "account_views"),
    ]
    shifted = [replace(r, value=r.value * 2) for r in by_day(hourly(), shift=6)]
    assert causes(reconcile(rows, shifted, units=UNITS)) == [
        (Cause.DUPLICATED, "account_views"),
        (Cause.SHIFTED_ZONE, "account_views"),
    ]
    rng = random.Random(9)
    noise = [replace(r, value=r.value * rng.uniform(0.4, 2.5)) if r.metric == "views" else r for r in posts()]
    assert causes(reconcile(posts(), noise, units=UNITS)) == [(Cause.UNEXPLAINED, "views")]


def test_too_few_rows_have_no_cause() -> None:
    few = [r for r in posts(4) if r.metric == "views"]
    assert causes(reconcile(few, times("views", 2.0)(few), units=UNITS)) == [(Cause.UNEXPLAINED, "views")]
