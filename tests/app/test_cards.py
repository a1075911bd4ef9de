"""The overview's numbers: re-computed from the made posts, and absent where nothing was observed."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from app.components import cards
from app.components.needs import needs
from app.components.recommendations import top_recommendations
from app.components.status import NO_DRAFT, entry_look
from app.reading import OverviewData, current_shelf, overview, served
from app.views.calendar import fullest_month
from connectors.warehouse.pages import PostFilter
from connectors.warehouse.reader import ServingReader
from models.domain.approval import DraftStatus
from models.domain.workspace import SYSTEM
from models.services import drafts, planning
from tests.app.home import WORKSPACE, ZONE, Home


@pytest.fixture
def posts(made_home: Home) -> list[dict[str, Any]]:
    with ServingReader(made_home.path / "serving").open(WORKSPACE) as snap:
        return snap.query("select * from mart_posts").to_dicts()


@pytest.fixture
def last_day(made_home: Home) -> date:
    return made_home.as_of.astimezone(ZONE).date()


def read(home: Home, last_day: date, where: PostFilter | None = None) -> OverviewData:
    return overview(current_shelf(home.path / "serving", WORKSPACE), where or PostFilter(), last_day, 26)


def within(posts: list[dict[str, Any]], last_day: date, *, back: int = 0, **equal: str) -> list[dict[str, Any]]:
    start, end = last_day - timedelta(days=28 * (back + 1) - 1), last_day - timedelta(days=28 * back)
    return [p for p in posts if start <= p["published_date"] <= end and all(p[k] == v for k, v in equal.items())]


def test_views_are_summed_over_the_posts_that_have_them(
    made_home: Home, posts: list[dict[str, Any]], last_day: date
) -> None:
    data = read(made_home, last_day, PostFilter(platforms=("youtube",)))
    card = cards.exposure_card(data, last_day)
    now, before = (within(posts, last_day, back=n, platform="youtube") for n in (0, 1))
    total, previous = sum(p["views"] for p in now), sum(p["views"] for p in before)
    assert card.label == "Views"
    assert card.explanation.startswith(f"{total:,.0f} over {len(now)} of {len(now)} posts")
    assert card.delta == f"{(total / previous - 1) * 100:+,.1f}%"


def test_reach_is_a_median_and_never_a_sum(made_home: Home, posts: list[dict[str, Any]], last_day: date) -> None:
    data = read(made_home, last_day, PostFilter(platforms=("instagram",)))
    only_reach = pl.col("metric") == "reach"
    hidden = pl.when(~only_reach).then(0).otherwise(pl.col("observed")).alias("observed")
    card = cards.exposure_card(replace(data, exposure_now=data.exposure_now.with_columns(hidden)), last_day)
    reach = [p["reach"] for p in within(posts, last_day, platform="instagram")]
    assert card.label == "Median reach per post"
    assert card.explanation.startswith(f"{cards.numbers.exact(statistics.median(reach))} over")
    assert data.exposure_now.filter(only_reach)["total"][0] is None


def test_the_rate_is_a_ratio_of_sums_with_its_coverage(
    made_home: Home, posts: list[dict[str, Any]], last_day: date
) -> None:
    data = read(made_home, last_day, PostFilter(platforms=("linkedin",)))
    card = cards.rate_card(data, last_day)
    now = within(posts, last_day, platform="linkedin")
    both = [p for p in now if p["engagements_public"] is not None and p["impressions"]]
    assert len(both) < len(now)
    assert card.value == cards.numbers.percent(
        sum(p["engagements_public"] for p in both) / sum(p["impressions"] for p in both)
    )
    assert f"over {len(both)} of {len(now)} posts" in card.explanation


def test_no_change_is_computed_when_an_end_was_not_observed(made_home: Home, last_day: date) -> None:
    data = read(made_home, last_day)
    missing = data.exposure_before.with_columns(
        pl.lit(None, dtype=pl.Float64).alias("total"), pl.lit(None, dtype=pl.Float64).alias("median")
    )
    card = cards.exposure_card(replace(data, exposure_before=missing), last_day)
    assert (card.delta, card.delta_description) == (None, None)
    assert cards.rate_card(replace(data, rates_before=data.rates_before.clear()), last_day).delta is None
    assert cards.posts_card(data, last_day, last_day - timedelta(days=40)).delta is None
    assert cards.posts_card(data, last_day, last_day - timedelta(days=60)).delta is not None


def test_followers_of_several_accounts_are_not_added_up(made_home: Home, last_day: date) -> None:
    card = cards.followers_card(read(made_home, last_day), last_day)
    assert (card.label, card.value, card.delta) == ("Followers, Instagram", "41.2 k", "+252")
    assert "YouTube Harbour Films: 18,400" in card.explanation


def test_a_sparkline_stops_at_a_gap() -> None:
    end = date(2026, 11, 20)
    values: dict[date, float | None] = {end - timedelta(weeks=n): float(n) for n in range(12) if n != 4}
    assert cards.trailing_run(values, end) == (3.0, 2.0, 1.0, 0.0)
    assert cards.trailing_run({end: 1.0, end - timedelta(weeks=1): 2.0}, end) == ()


def test_weeks_hold_every_post_once(made_home: Home, posts: list[dict[str, Any]], last_day: date) -> None:
    data = read(made_home, last_day)
    start = last_day - timedelta(weeks=26)
    inside = [p for p in posts if start < p["published_date"] <= last_day]
    assert data.weeks["posts"].sum() == len(inside)
    known = [p["engagements_public"] for p in inside if p["engagements_public"] is not None]
    assert data.weeks["engagements"].sum() == sum(known)
    assert data.weeks["posts_with_engagement"].sum() == len(known) < len(inside)


def test_the_ranking_is_by_percentile_at_28_days(made_home: Home, posts: list[dict[str, Any]], last_day: date) -> None:
    ranking = read(made_home, last_day).ranking
    window = [
        p["percentile_28d"] for p in posts if p["percentile_28d"] is not None and p["published_date"] >= ranking.since
    ]
    assert ranking.measured == len(window)
    assert ranking.best["percentile_28d"].to_list() == sorted(window, reverse=True)[:3]
    assert ranking.weakest["percentile_28d"].to_list() == sorted(window)[:3]


def test_an_archive_ends_its_periods_with_its_newest_post(made_home: Home, last_day: date) -> None:
    whole = served(current_shelf(made_home.path / "serving", WORKSPACE))
    assert whole.last_day(ZONE) == last_day
    assert whole.period_note(ZONE, last_day + timedelta(days=7)) is None
    assert "newest observation" in (whole.period_note(ZONE, last_day + timedelta(days=8)) or "")
    old = replace(whole, as_of=datetime(2030, 1, 1, tzinfo=UTC))
    assert old.last_day(ZONE) == whole.coverage.newest_post
    assert "newest post" in (old.period_note(ZONE, date(2030, 1, 2)) or "")


def test_engagements_stand_in_where_no_view_or_reach_was_observed(
    made_home: Home, posts: list[dict[str, Any]], last_day: date
) -> None:
    data = read(made_home, last_day, PostFilter(platforms=("instagram",)))
    without = replace(data, exposure_now=data.exposure_now.with_columns(pl.lit(0, dtype=pl.Int64).alias("observed")))
    card = cards.exposure_card(without, last_day)
    now, before = (
        sum(p["engagements_public"] for p in within(posts, last_day, back=n, platform="instagram")) for n in (0, 1)
    )
    assert card.label == "Engagements"
    assert card.explanation.startswith(f"{now:,.0f} over")
    assert card.delta == f"{(now / before - 1) * 100:+,.1f}%"
    nothing = cards.exposure_card(replace(without, weeks=data.weeks.clear()), last_day)
    assert (nothing.value, nothing.delta, nothing.spark) == ("–", None, ())


def test_what_needs_a_person_comes_late_first(made_home: Home) -> None:
    with made_home.store() as store, store.unit_of_work() as uow:
        every = drafts.list_drafts(uow, SYSTEM, WORKSPACE)
    moment = min(d.slot_at for d in every if d.status is DraftStatus.IN_REVIEW) + timedelta(hours=1)
    fresh = pl.DataFrame({"source": ["feed"], "owner": ["own"], "last_observed_at": [moment]})
    found = needs(every, fresh, 0, moment, ZONE)
    assert found[0].sentence.startswith("2 drafts still in review after their slot")
    assert len(found) == 2
    assert needs([], fresh, 0, moment, ZONE) == ()
    stale = needs([], fresh, 1, moment + timedelta(days=8), ZONE)
    assert [n.sentence for n in stale] == ["Feed was last observed 8 days ago.", "1 row refused at import."]


def test_recommendations_take_turns_and_need_evidence(made_home: Home) -> None:
    with made_home.store() as store, store.unit_of_work() as uow:
        strategy = planning.latest_strategy(uow, SYSTEM, WORKSPACE)
    assert strategy is not None
    found = top_recommendations(strategy.document)
    assert [r.title for r in found] == [
        "Give 40% of the calendar to Boat building", "Post on YouTube on Thursday at 17:00", "Plan 3 a week on Instagram",
    ]  # fmt: skip
    assert all(r.fact_ids for r in found)
    assert not any("Weather" in r.title for r in found)


def test_an_entry_shows_the_status_that_still_needs_work() -> None:
    approved, waiting, back = DraftStatus.APPROVED, DraftStatus.IN_REVIEW, DraftStatus.CHANGES_REQUESTED
    assert entry_look([approved, waiting]).word == "In review"
    assert entry_look([approved, waiting, back]).word == "Changes requested"
    assert entry_look([approved, DraftStatus.REJECTED]).word == "Approved"
    assert entry_look([]) is NO_DRAFT


def test_the_calendar_opens_where_the_next_entry_shows() -> None:
    monday = date(2026, 11, 30)
    assert fullest_month([monday + timedelta(days=n) for n in range(20)]) == date(2026, 12, 1)
    assert fullest_month([date(2026, 11, 24), *(date(2026, 12, n) for n in range(7, 20))]) == date(2026, 11, 1)
    assert fullest_month([monday]) == date(2026, 11, 1)
    assert fullest_month([]) is None
