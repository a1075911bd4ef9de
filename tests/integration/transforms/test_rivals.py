"""Marts about competitors: numbers worked out by hand, and an oracle in plain Python over random posts."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.warehouse.contracts import competitors
from connectors.warehouse.marts import MARTS
from tests.integration.transforms.test_marts import at_age

MARCH, APRIL = date(2025, 3, 1), date(2025, 4, 1)


def test_share_of_voice_is_own_over_own_and_tracked_with_the_list_beside(built) -> None:
    rows = built.rows(
        "select month, competitors, own_posts, competitor_posts, share_of_posts, own_engagements_public, "
        "competitor_engagements_public, share_of_engagements, own_coverage, competitor_coverage, competitors_measured "
        "from marts.mart_share_of_voice where workspace_id = 'duel' and platform = 'facebook' order by month"
    )
    assert rows == [
        (MARCH, "Rival, Second", 6, 7, 0.461538462, 210.0, 1010.0, 0.172131148, 1.0, 0.857142857, "Rival, Second"),
        # both competitors are observed in April and published nothing: no engagements to have a share of
        (APRIL, "Rival, Second", 1, 0, 1.0, 70.0, None, None, 1.0, None, None),
    ]


def test_each_account_has_its_part_of_the_voice(built) -> None:
    rows = built.rows(
        "select account_id, posts, share_of_posts, engagements_public, share_of_engagements, observed_whole "
        "from marts.mart_share_of_voice_by_account where workspace_id = 'duel' and platform = 'facebook' "
        "and month = date '2025-03-01' order by account_id"
    )
    assert rows == [
        ("a1", 6, 0.461538462, 210.0, 0.172131148, False),
        ("r1", 5, 0.384615385, 1000.0, 0.819672131, False),
        ("r2", 2, 0.153846154, 10.0, 0.008196721, False),
    ]
    assert built.rows(
        "select account_id, posts, share_of_posts, engagements_public, share_of_engagements, observed_whole "
        "from marts.mart_share_of_voice_by_account where workspace_id = 'duel' and platform = 'facebook' "
        "and month = date '2025-04-01' order by account_id"
    ) == [("a1", 1, 1.0, 70.0, None, True), ("r1", 0, 0.0, None, None, False), ("r2", 0, 0.0, None, None, False)]


def test_the_own_brand_is_in_no_average_of_competitors(built) -> None:
    """By its id it stays own whatever list it was read from; by its name under another id it is left out."""
    assert built.rows(
        "select competitors, own_posts, competitor_posts from marts.mart_share_of_voice "
        "where workspace_id = 'duel' and platform = 'x'"
    ) == [("Rival", 2, 1)]
    assert built.rows(
        "select distinct competitors, own_posts, competitor_posts from marts.mart_benchmark_like_for_like "
        "where workspace_id = 'duel' and platform = 'x' and measure = 'engagements_public'"
    ) == [("Rival", 2, 1)]
    assert built.rows(
        "select post_id, own_brand from marts.mart_competitor_content "
        "where workspace_id = 'duel' and platform = 'x' order by post_id"
    ) == [("q2", True), ("q3", True), ("q4", False)]
    assert built.rows(
        "select distinct account_id from marts.mart_competitor_performance where workspace_id = 'duel' and platform = 'x'"
    ) == [("x2",)]


def test_views_are_not_engagements(built) -> None:
    assert built.rows(
        "select views, reactions, comments, comments_state, shares, shares_state, engagements_public "
        "from marts.mart_competitor_content where workspace_id = 'duel' and platform = 'youtube'"
    ) == [(1e6, 7.0, None, "unavailable", None, None, None)]
    assert built.rows(
        "select own_engagements_public, competitor_engagements_public, share_of_engagements, competitor_coverage, "
        "competitors, competitors_measured from marts.mart_share_of_voice where workspace_id = 'duel' and platform = 'youtube'"
    ) == [(5.0, None, None, 0.0, "Rival", None)]
    compared = built.rows(
        "select measure, own_posts, competitor_posts, comparable from marts.mart_benchmark_like_for_like "
        "where workspace_id = 'duel' and platform = 'youtube' and scope = 'one' order by measure"
    )
    assert compared == [
        ("comments", 1, 0, False), ("engagements_public", 1, 0, False), ("reactions", 1, 1, False), ("shares", 1, 0, False)
    ]  # fmt: skip
    assert built.rows(
        "select views_state from marts.mart_competitor_content where workspace_id = 'duel' and post_id = 'rival-3'"
    ) == [(None,)], "facebook has views; of this post they were never read"


def test_like_for_like_is_the_same_days_and_the_same_age(built) -> None:
    (rival,) = built.rows(
        "select window_from, window_to, age_hours, own_posts, competitor_posts, own_mean, competitor_mean, own_median, "
        "competitor_median, comparable, reason, difference, ratio, own_per_1000_followers, competitor_per_1000_followers "
        "from marts.mart_benchmark_like_for_like where workspace_id = 'duel' and platform = 'facebook' "
        "and scope = 'one' and competitors = 'Rival' and measure = 'engagements_public'"
    )
    window = (date(2025, 3, 3), date(2025, 4, 4))
    assert rival == (*window, 672, 7, 5, 40.0, 200.0, 40.0, 200.0, True, None, -160.0, 0.2, 40.0, 50.0)
    rows = built.rows(
        "select scope, competitors, window_from, window_to, own_posts, competitor_posts, comparable, reason, difference "
        "from marts.mart_benchmark_like_for_like where workspace_id = 'duel' and platform = 'facebook' "
        "and measure = 'engagements_public' and competitors <> 'Rival' order by scope"
    )
    few = (1, 1, False, "fewer than 5 own posts at an equal age", None)
    assert rows == [
        ("all", "Rival, Second", date(2025, 3, 20), date(2025, 4, 4), *few),
        ("one", "Second", date(2025, 3, 20), date(2025, 4, 18), *few),
    ]
    assert built.rows(
        "select own_median, competitor_median, comparable, difference, ratio from marts.mart_benchmark_like_for_like "
        "where workspace_id = 'duel' and platform = 'facebook' and measure = 'comments' and competitors = 'Rival'"
    ) == [(0.0, 0.0, True, 0.0, None)], "zero by zero is no ratio"


def test_a_breakout_stands_out_from_the_others_not_from_itself(built) -> None:
    rows = built.rows(
        "select post_id, engagements_public, age_hours, set_weeks, set_posts, set_mean, set_deviation, z "
        "from marts.mart_breakout_posts where workspace_id = 'surge' order by post_id"
    )
    assert rows == [
        ("alone", 1000.0, 672, 4, 11, 11.0, 3.872983, 255.358725),
        ("star", 21.0, 672, 1, 10, 10.0, 2.108185, 5.217758),
    ]
    week = [8, 12] * 5 + [21]
    largest = (21 - statistics.mean(week)) / statistics.stdev(week)
    assert largest < (len(week) - 1) / math.sqrt(len(week)) < 5, (
        "with the post itself in its set none could ever be found"
    )


def test_what_cannot_be_judged_is_counted(built) -> None:
    """One own post has no neighbours; one of the competitor's stands beside posts that are all alike."""
    assert built.rows(
        "select owner, posts, posts_judged, coverage, breakouts from marts.mart_breakout_coverage "
        "where workspace_id = 'surge' order by owner"
    ) == [("competitor", 13, 12, 0.923076923, 0), ("own", 13, 12, 0.923076923, 2)]


def test_weeks_of_a_competitor_have_no_holes(built) -> None:
    rows = built.rows(
        "select week, posts, posts_measured, coverage, engagements_public, median_engagements_public, "
        "median_engagements_public_28d, followers "
        "from marts.mart_competitor_performance where workspace_id = 'duel' and account_id = 'r1' order by week"
    )
    assert rows[0] == (date(2025, 3, 3), 5, 5, 1.0, 1000.0, 200.0, 200.0, None)
    assert [row[0] for row in rows] == [date(2025, 3, 3) + timedelta(weeks=n) for n in range(5)]
    assert {row[1:] for row in rows[1:]} == {(0, 0, None, None, None, None, None)}
    (second,) = built.rows(
        "select posts, posts_measured, coverage, engagements_public from marts.mart_competitor_performance "
        "where workspace_id = 'duel' and account_id = 'r2' and posts > 0"
    )
    assert second == (2, 1, 0.5, 10.0)


def test_competitors_posts_at_equal_age_and_rank(built) -> None:
    rows = built.rows(
        "select post_id, engagements_public_28d, basis_28d, percentile_28d, followers_at_publish, age_hours "
        "from marts.mart_competitor_content where workspace_id = 'duel' and account_id = 'r1' order by post_id"
    )
    assert [row[3] for row in rows] == [0.0, 0.0, 0.5, 0.75, 0.75]
    assert {row[2:3] + row[4:] for row in rows} == {("exact", 4000.0, 672.0)}
    assert built.rows(
        "select percentile_28d, followers_at_publish from marts.mart_competitor_content "
        "where workspace_id = 'duel' and post_id = 'second-20'"
    ) == [(None, None)]


def test_the_week_has_all_its_hours_and_days_alone_are_in_none(built) -> None:
    cells = built.rows(
        "select platform, count(*), sum(posts), max(platform_posts_without_hour), "
        "count(*) filter (where posts = 0 and shrunk_percentile_28d is null and mean_percentile_28d is null) "
        "from marts.mart_posting_times where workspace_id = 'clockless' group by platform order by platform"
    )
    assert cells == [
        ("facebook", 168, 3, 0, 166),
        ("linkedin", 168, 0, 2, 168),
        ("x", 168, 2, 2, 166),
        ("youtube", 168, 0, 2, 168),
    ]
    posted = built.rows(
        "select platform, local_weekday, local_hour, posts from marts.mart_posting_times "
        "where workspace_id = 'clockless' and posts > 0 order by all"
    )
    assert posted == [("facebook", 1, 1, 1), ("facebook", 1, 8, 2), ("x", 3, 15, 1), ("x", 4, 9, 1)]


def test_mean_and_variance_of_an_hour_give_its_shrunk_percentile(built) -> None:
    rows = built.rows(
        "select posts_measured, mean_percentile_28d, shrunk_percentile_28d, variance_percentile_28d "
        "from marts.mart_posting_times where posts_measured > 0"
    )
    assert len(rows) > 20
    for n, mean, shrunk, variance in rows:
        assert shrunk == pytest.approx((n * mean + 5) / (n + 10), abs=1e-8)
        assert (variance is None) == (n < 2)
    cell = (
        "select platform, local_weekday, local_hour from marts.mart_posts where workspace_id = 'arena' "
        "group by all having count(percentile_28d) > 2 order by all limit 1"
    )
    key = built.rows(cell)[0]
    where = "workspace_id = 'arena' and platform = ? and local_weekday = ? and local_hour = ?"
    values = [
        v for (v,) in built.rows(f"select percentile_28d from marts.mart_posts where {where}", *key) if v is not None
    ]
    found = built.value(f"select variance_percentile_28d from marts.mart_posting_times where {where}", *key)
    assert found == pytest.approx(statistics.variance(values), abs=1e-8)


@pytest.mark.parametrize("mart", [*sorted(competitors.CONTRACTS), "mart_posting_times"])
def test_the_order_of_rows_changes_nothing(built, mart: str) -> None:
    columns = ", ".join(column for column in MARTS[mart] if column != "workspace_id")
    one, other = (
        built.rows(f"select {columns} from marts.{mart} where workspace_id = ? order by all", workspace)
        for workspace in ("arena", "arena-mirror")
    )
    assert one == other
    assert one, f"{mart} has no rows to compare"


# The oracle: everything again from raw rows, in plain Python.

NEW_YORK = ZoneInfo("America/New_York")
PARTS = ("reactions", "comments", "shares")
AGES = (672, 168, 72, 24)


@dataclass
class Post:
    """A post of `arena` as the oracle sees it."""

    owner: str
    platform: str
    account: str
    name: str
    published: datetime
    seen: datetime
    latest: float | None = None
    ages: dict[tuple[str, int], tuple[float, str]] = field(default_factory=dict)
    followers: float | None = None

    @property
    def day(self) -> date:
        return self.published.astimezone(NEW_YORK).date()

    @property
    def week(self) -> date:
        return self.day - timedelta(days=self.day.weekday())


@pytest.fixture(scope="session")
def posts(built) -> dict[tuple[str, str], Post]:
    """Posts of `arena` by platform and id, without the copy of the brand among the competitors."""
    found: dict[tuple[str, str], Post] = {}
    for owner, platform, account, name, post, published, seen in built.rows(
        "select owner, platform, account_id, account_name, entity_id, published_at, max(observed_at) "
        "from raw.content where workspace_id = 'arena' and account_id <> 'copy' group by all"
    ):
        found[platform, post] = Post(owner, platform, account, name, published, seen)
    series: dict[tuple[str, str, str], list[tuple[float, float, datetime]]] = defaultdict(list)
    for platform, post, metric, value, seen in built.rows(
        "select platform, entity_id, metric, value, observed_at from raw.metric_observation "
        "where workspace_id = 'arena' and entity_type = 'post' and state = 'observed' and account_id <> 'copy' "
        "order by observed_at"
    ):
        age = (seen - found[platform, post].published).total_seconds() / 3600
        series[platform, post, metric].append((age, value, seen))
    followers = {
        (platform, account): value
        for platform, account, value in built.rows(
            "select platform, account_id, value from raw.metric_observation "
            "where workspace_id = 'arena' and entity_type = 'account'"
        )
    }
    for (platform, name), post in found.items():
        lists = [series[platform, name, part] for part in PARTS]
        post.followers = followers.get((platform, post.account))
        if all(lists):
            post.latest = sum(readings[-1][1] for readings in lists)
        for age in AGES:
            values = {part: at_age(readings, age) for part, readings in zip(PARTS, lists, strict=True)}
            known = {part: value for part, value in values.items() if value}
            for part, value in known.items():
                post.ages[part, age] = value
            if len(known) == len(PARTS):
                weakest = min((b for _, b in known.values()), key=["extrapolated", "interpolated", "exact"].index)
                post.ages["engagements_public", age] = (sum(v for v, _ in known.values()), weakest)
    return found


def windows(posts: dict[tuple[str, str], Post]) -> dict[tuple[str, str, str], tuple[date, date, str]]:
    """(platform, owner, account) → first day, last day and name."""
    grouped: dict[tuple[str, str, str], list[Post]] = defaultdict(list)
    for post in posts.values():
        grouped[post.platform, post.owner, post.account].append(post)
    return {
        key: (min(p.day for p in of), max(p.seen.astimezone(NEW_YORK).date() for p in of), of[0].name)
        for key, of in grouped.items()
    }


def test_share_of_voice_matches_an_oracle(built, posts) -> None:
    expected: dict[tuple[str, date], tuple[Any, ...]] = {}
    observed = windows(posts)
    for platform, month in {(p.platform, p.day.replace(day=1)) for p in posts.values()}:
        until = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        there = {
            (owner, account): name
            for (where, owner, account), (first, last, name) in observed.items()
            if where == platform and first <= until and last >= month
        }
        of = {
            side: [
                p
                for p in posts.values()
                if p.platform == platform and p.day.replace(day=1) == month and p.owner == side
            ]
            for side in ("own", "competitor")
        }
        measured = {side: [p.latest for p in of[side] if p.latest is not None] for side in of}
        sides = {owner for owner, _ in there}
        both = sides == {"own", "competitor"}
        total = len(of["own"]) + len(of["competitor"])
        engagements = None
        if measured["own"] and measured["competitor"]:
            engagements = sum(measured["own"]) / (sum(measured["own"]) + sum(measured["competitor"]))
        expected[platform, month] = (
            ", ".join(sorted({name for (owner, _), name in there.items() if owner == "competitor"})) or None,
            len(of["own"]) if "own" in sides else None,
            len(of["competitor"]) if "competitor" in sides else None,
            pytest.approx(len(of["own"]) / total, abs=1e-9) if both else None,
            pytest.approx(engagements, abs=1e-9) if engagements is not None else None,
        )
    rows = built.rows(
        "select platform, month, competitors, own_posts, competitor_posts, share_of_posts, share_of_engagements "
        "from marts.mart_share_of_voice where workspace_id = 'arena'"
    )
    assert {(row[0], row[1]): row[2:] for row in rows} == expected
    assert len(rows) >= 4


def test_shares_of_accounts_add_up(built) -> None:
    sums = built.rows(
        "select sum(share_of_posts), sum(share_of_engagements) from marts.mart_share_of_voice_by_account "
        "where workspace_id = 'arena' and share_of_posts is not null group by platform, month"
    )
    assert sums
    for of_posts, of_engagements in sums:
        assert of_posts == pytest.approx(1, abs=1e-7)
        assert of_engagements is None or of_engagements == pytest.approx(1, abs=1e-7)


def compare(posts: dict[tuple[str, str], Post], platform: str, names: set[str], measure: str) -> tuple[Any, ...]:
    """Age, n, mean and median on each side, whether comparable, by trying the ages in turn."""
    observed = windows(posts)
    own = [
        (first, last) for (where, owner, _), (first, last, _) in observed.items() if (where, owner) == (platform, "own")
    ]
    spans = [(min(first for first, _ in own), max(last for _, last in own))]
    for name in names:
        one = [
            (f, t)
            for (where, owner, _), (f, t, n) in observed.items()
            if where == platform and n == name and owner != "own"
        ]
        spans.append((min(f for f, _ in one), max(t for _, t in one)))
    begin, end = max(first for first, _ in spans), min(last for _, last in spans)

    def side(owner: str, age: int, bounds: bool) -> list[tuple[float, str, float | None]]:
        return [
            (*p.ages[measure, age], p.followers)
            for p in posts.values()
            if p.platform == platform and p.owner == owner and begin <= p.day <= end
            and (owner == "own" or p.name in names)
            and (measure, age) in p.ages and (bounds or p.ages[measure, age][1] != "extrapolated")
        ]  # fmt: skip

    for age, bounds in [*((age, False) for age in AGES), (672, True)]:
        ours, theirs = side("own", age, bounds), side("competitor", age, bounds)
        if min(len(ours), len(theirs)) >= 5:
            break
    else:
        raise AssertionError("every set of the random workspace is large enough")
    per_1000 = []
    for one in (ours, theirs):
        known = [(value, followers) for value, _, followers in one if followers is not None]
        per_1000.append(1000 * sum(v for v, _ in known) / sum(f for _, f in known) if known else None)
    if None in per_1000:
        per_1000 = [None, None]
    return (
        begin, end, age, len(ours), len(theirs),
        *(pytest.approx(statistics.mean(v for v, _, _ in one), abs=1e-5) for one in (ours, theirs)),
        *(pytest.approx(statistics.median(v for v, _, _ in one), abs=1e-5) for one in (ours, theirs)),
        *(None if value is None else pytest.approx(value, abs=1e-7) for value in per_1000),
    )  # fmt: skip


def test_benchmark_matches_an_oracle(built, posts) -> None:
    rows = built.rows(
        "select platform, scope, competitors, measure, window_from, window_to, age_hours, own_posts, competitor_posts, "
        "own_mean, competitor_mean, own_median, competitor_median, own_per_1000_followers, competitor_per_1000_followers, "
        "comparable, difference from marts.mart_benchmark_like_for_like where workspace_id = 'arena'"
    )
    assert {row[:4] for row in rows} == {
        (platform, scope, names, measure)
        for platform in ("facebook", "x")
        for scope, names in (("one", "Rival"), ("one", "Second"), ("all", "Rival, Second"))
        for measure in ("engagements_public", *PARTS)
    }
    for platform, _, names, measure, *found, comparable, difference in rows:
        assert tuple(found) == compare(posts, platform, set(names.split(", ")), measure), (platform, names, measure)
        assert comparable
        assert difference == pytest.approx(found[7] - found[8], abs=2e-6)


def outliers(posts: dict[tuple[str, str], Post]) -> Iterator[tuple[tuple[str, str], tuple[Any, ...]]]:
    """Each post that can be judged: age, weeks, number, mean and deviation of the others, and z."""
    for key, post in posts.items():
        for age, weeks in [(age, weeks) for age in AGES for weeks in (1, 4)]:
            if ("engagements_public", age) not in post.ages:
                continue
            begin = post.week - timedelta(weeks=weeks - 1)
            others = [
                other.ages["engagements_public", age][0]
                for name, other in posts.items()
                if name != key and (other.platform, other.account) == (post.platform, post.account)
                and begin <= other.week <= post.week and ("engagements_public", age) in other.ages
            ]  # fmt: skip
            if len(others) >= 10 and statistics.stdev(others) > 0:
                mean, deviation = statistics.mean(others), statistics.stdev(others)
                yield (
                    key,
                    (
                        age,
                        weeks,
                        len(others),
                        mean,
                        deviation,
                        (post.ages["engagements_public", age][0] - mean) / deviation,
                    ),
                )
                break


def test_breakouts_match_an_oracle(built, posts) -> None:
    judged = dict(outliers(posts))
    expected = {key: row for key, row in judged.items() if row[-1] > 5}
    rows = built.rows(
        "select platform, post_id, age_hours, set_weeks, set_posts, set_mean, set_deviation, z "
        "from marts.mart_breakout_posts where workspace_id = 'arena'"
    )
    assert {row[:2] for row in rows} == expected.keys()
    assert len(expected) >= 3
    for platform, post, *found in rows:
        assert found == [pytest.approx(value, abs=1e-4) for value in expected[platform, post]]
    counted = built.rows(
        "select sum(posts), sum(posts_judged), sum(breakouts) from marts.mart_breakout_coverage where workspace_id = 'arena'"
    )
    assert counted == [(len(posts), len(judged), len(expected))]
