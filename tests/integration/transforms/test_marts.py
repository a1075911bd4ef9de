"""The marts of hand-written and of random posts, against numbers worked out without dbt."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.warehouse.marts import MARTS


def test_rates_use_followers_at_publish_time(built) -> None:
    rates = dict(
        built.rows(
            "select post_id, engagement_rate_by_followers from marts.mart_posts "
            "where workspace_id = 'bakery' and platform = 'facebook'"
        )
    )
    assert rates["day-after"] is None, "no reading before the post"
    assert rates["long-day-early"] == 14 / 1000
    assert rates["long-day-late"] == 14 / 900
    assert rates["private"] is None


def test_day_rates_are_sum_over_sum(built) -> None:
    rows = built.rows(
        "select rate, posts, posts_with_rate, numerator, denominator, value from marts.mart_rates_daily "
        "where workspace_id = 'bakery' and day = date '2024-10-27' order by rate"
    )
    assert rows == [
        ("click_through_rate", 2, 0, None, None, None),
        ("engagement_rate_by_followers", 2, 2, 28.0, 1900.0, 28 / 1900),
        ("engagement_rate_by_impressions", 2, 2, 28.0, 600.0, 28 / 600),
        ("engagement_rate_by_reach", 2, 2, 28.0, 200.0, 28 / 200),
        ("engagement_rate_by_views", 2, 0, None, None, None),
    ]


def test_followers_are_the_last_reading_of_the_local_day(built) -> None:
    followers = dict(
        built.rows(
            "select day, followers from marts.mart_account_daily "
            "where workspace_id = 'bakery' and platform = 'facebook' and followers is not null"
        )
    )
    assert followers == {date(2024, 10, 20): 1000.0, date(2024, 10, 27): 900.0, date(2024, 10, 29): 1.0}


def test_undated_posts_are_listed_and_in_no_calendar_mart(built) -> None:
    assert built.rows(
        "select published_date, local_hour, age_hours from marts.mart_posts "
        "where workspace_id = 'bakery' and post_id = 'undated'"
    ) == [(None, None, None)]
    assert built.value("select sum(posts) from marts.mart_posting_times where workspace_id = 'bakery'") == 6
    assert built.value("select sum(posts) from marts.mart_platform_breakdown where workspace_id = 'bakery'") == 6


def test_formats_topics_benchmark_freshness_rejections(built) -> None:
    assert built.rows(
        "select platform, content_type, posts, share from marts.mart_formats where workspace_id = 'bakery' order by all"
    ) == [
        ("facebook", "link", 4, 0.666666667),
        ("facebook", "unknown", 1, 0.166666667),
        ("facebook", "video", 1, 0.166666667),
        ("youtube", "link", 1, 1.0),
    ]
    assert built.rows(
        "select topic, posts, share, competitor_posts, competitor_share from marts.mart_content_topics "
        "where workspace_id = 'bakery' order by topic"
    ) == [("bread", 2, 1.0, 0, 0.0), ("cake", 0, 0.0, 1, 1.0)]
    assert built.rows(
        "select competitor, post_id, published_date, topic, engagements_public from marts.mart_competitor_content "
        "where workspace_id = 'bakery'"
    ) == [("Rival", "theirs", date(2024, 10, 29), "cake", 10.0)]
    pace = built.rows(
        "select owner, account_name, platform, posts, posts_per_week, median_engagements_public "
        "from marts.mart_benchmark where workspace_id = 'bakery' order by all"
    )
    assert pace[1:] == [("own", "Acme", "facebook", 6, pace[1][4], 14.0), ("own", "Acme", "youtube", 1, None, 5.0)]
    assert pace[0] == ("competitor", "Rival", "facebook", 1, None, 10.0)
    days = datetime.fromisoformat("2024-10-28T12:00") - datetime.fromisoformat("2024-03-31T21:30")
    assert pace[1][4] == pytest.approx(5 / (days / timedelta(days=7)), abs=1e-9)
    assert built.rows(
        "select source, owner, batches, rejections from marts.mart_freshness where workspace_id = 'bakery'"
    ) == [("csv", "own", 3, 2)]
    assert built.rows(
        "select source_file, source_line, column_name, reason, raw from marts.mart_rejections "
        "where workspace_id = 'bakery'"
    ) == [("b2.csv", 9, "reach", "not a number", "-")]


@pytest.mark.parametrize("mart", sorted(MARTS))
def test_the_order_of_batches_changes_nothing(built, mart: str) -> None:
    columns = ", ".join(column for column in MARTS[mart] if column != "workspace_id")
    one, other = (
        built.rows(f"select {columns} from marts.{mart} where workspace_id = ? order by all", workspace)
        for workspace in ("bakery", "mirror")
    )
    assert one == other
    assert one or built.value(f"select count(*) from marts.{mart}"), f"{mart} has no rows in any workspace"


COMPONENTS = ("reactions", "comments", "shares")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(scope="session")
def readings(built) -> dict[str, dict[str, list[tuple[float, float, datetime]]]]:
    """(age in hours, value, instant) of each post and metric of the random workspace, oldest first."""
    rows = built.rows(
        "select entity_id, metric, value, o.observed_at, c.published_at from raw.metric_observation as o "
        "join (select distinct entity_id, published_at from raw.content where workspace_id = 'growing') as c "
        "using (entity_id) where workspace_id = 'growing' and state = 'observed' order by o.observed_at"
    )
    found: dict[str, dict[str, list[tuple[float, float, datetime]]]] = defaultdict(lambda: defaultdict(list))
    for post, metric, value, seen, published in rows:
        found[post][metric].append(((seen - published).total_seconds() / 3600, value, seen))
    return found


def at_age(series: list[tuple[float, float, datetime]], age: int) -> tuple[float, str] | None:
    near = [(abs(a - age), a, v) for a, v, _ in series if abs(a - age) <= 0.05 * age]
    if near:
        return min(near)[2], "exact"
    before = [(a, v) for a, v, _ in series if a <= age]
    after = [(a, v) for a, v, _ in series if a > age]
    if before and after:
        (a0, v0), (a1, v1) = before[-1], after[0]
        part = math.log(age / a0) / math.log(a1 / a0)
        return math.expm1(math.log1p(v0) + part * (math.log1p(v1) - math.log1p(v0))), "interpolated"
    return (after[0][1], "extrapolated") if after and age == 672 else None


def test_equal_age_values_match_an_oracle(built, readings) -> None:
    expected: dict[tuple[str, str, int], tuple[float, str]] = {}
    for post, metrics in readings.items():
        for age in (24, 72, 168, 672):
            values = {metric: found for metric, series in metrics.items() if (found := at_age(series, age))}
            for metric, found in values.items():
                expected[post, metric, age] = found
            if set(COMPONENTS) <= set(values):
                weakest = min((values[c][1] for c in COMPONENTS), key=["extrapolated", "interpolated", "exact"].index)
                total = sum(values[c][0] for c in COMPONENTS)
                expected[post, "engagements_public", age] = expected[post, "engagements_full", age] = (total, weakest)
    rows = built.rows(
        "select post_id, metric, age_hours, value, basis from marts.mart_post_metrics_at_age where workspace_id = 'growing'"
    )
    actual = {(post, metric, age): (value, basis) for post, metric, age, value, basis in rows}
    assert actual.keys() == expected.keys()
    assert {basis for _, basis in actual.values()} == {"exact", "interpolated", "extrapolated"}
    for key, (value, basis) in expected.items():
        assert actual[key] == (pytest.approx(value, abs=2e-6), basis), key


def test_percentiles_match_an_oracle(built) -> None:
    rows = built.rows(
        "select account_id, engagements_public_28d, percentile_28d from marts.mart_posts "
        "where workspace_id = 'growing' and engagements_public_28d is not null"
    )
    accounts: dict[str, list[tuple[float, Any]]] = defaultdict(list)
    for account, value, percentile in rows:
        accounts[account].append((value, percentile))
    assert max(map(len, accounts.values())) >= 5
    for pairs in accounts.values():
        values = [value for value, _ in pairs]
        for value, percentile in pairs:
            below = sum(other < value for other in values)
            assert percentile == (pytest.approx(below / (len(values) - 1), abs=1e-9) if len(values) >= 5 else None)


def test_days_match_an_oracle(built, readings) -> None:
    published = dict(
        built.rows("select distinct entity_id, published_at from raw.content where workspace_id = 'growing'")
    )
    accounts = dict(built.rows("select distinct entity_id, account_id from raw.content where workspace_id = 'growing'"))
    sums: dict[tuple[str, date], dict[str, float]] = defaultdict(dict)
    posts: dict[tuple[str, date], int] = defaultdict(int)
    for post, moment in published.items():
        key = (accounts[post], moment.replace(tzinfo=UTC).astimezone(NEW_YORK).date())
        posts[key] += 1
        latest = {metric: series[-1][1] for metric, series in readings[post].items()}
        if set(COMPONENTS) <= set(latest):
            latest["engagements_public"] = sum(latest[c] for c in COMPONENTS)
        for metric, value in latest.items():
            sums[key][metric] = sums[key].get(metric, 0.0) + value
    rows = built.rows(
        "select account_id, day, posts, engagements_public, reactions, impressions from marts.mart_account_daily "
        "where workspace_id = 'growing'"
    )
    for account, day, count, *values in rows:
        expected = [sums[account, day].get(m) for m in ("engagements_public", "reactions", "impressions")]
        assert (count, values) == (posts[account, day], expected), (account, day)
    assert sum(row[2] for row in rows) == len(published)
