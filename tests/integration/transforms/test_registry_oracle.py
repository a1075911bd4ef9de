"""Every rate and every sum of the marts on accounts, platforms, formats and pillars, equal to a slow oracle in Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.warehouse.contracts.accounts import ACCOUNT_NUMBERS
from connectors.warehouse.marts import MARTS
from models.metrics.openrates import open_rates
from models.metrics.registry import registry
from tests.integration.transforms.raw_rows import Raw
from tests.integration.transforms.registry_oracle import (
    WIDE_RATES,
    Post,
    account_days,
    parts_of_rate,
    performance,
    posts_of,
    ratio,
    weekly,
)
from tests.integration.transforms.rows_registry import agency, studio

HISTORIES: dict[str, Callable[[], Raw]] = {"studio": studio, "agency": agency}
OURS = [
    "mart_account_daily", "mart_account_weekly", "mart_platform_daily", "mart_platform_weekly",
    "mart_format_performance", "mart_pillar_performance", "mart_rates_daily", "mart_platform_breakdown", "mart_formats",
]  # fmt: skip


@pytest.fixture(scope="module", params=sorted(HISTORIES))
def history(request) -> tuple[str, Raw, list[Post]]:
    raw = HISTORIES[request.param]()
    return request.param, raw, posts_of(raw)


def shown(built, mart: str, workspace: str, *keys: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    columns = [column for column in MARTS[mart] if column != "workspace_id"]
    rows = [
        dict(zip(columns, row, strict=True))
        for row in built.rows(f"select {', '.join(columns)} from marts.{mart} where workspace_id = ?", workspace)
    ]
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows) > 0
    return found


def same(row: dict[str, Any], expected: dict[str, Any], where: object) -> None:
    assert expected.keys() <= row.keys()
    told = {name: value for name, value in expected.items() if value is not None}
    assert {name: row[name] for name in expected if row[name] is None} == dict.fromkeys(expected.keys() - told), where
    assert {name: row[name] for name in told} == pytest.approx(told, rel=1e-8, abs=1e-6), where


def ranks_of(built, workspace: str) -> dict[Any, float]:
    return {
        row[:3]: row[3]
        for row in built.rows(
            "select platform, account_id, post_id, percentile_28d from marts.mart_posts "
            "where workspace_id = ? and percentile_28d is not null",
            workspace,
        )
    }


def grouped(posts: list[Post], key: Callable[[Post], Any]) -> dict[Any, list[Post]]:
    found = defaultdict(list)
    for post in posts:
        found[key(post)].append(post)
    return dict(found)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def spans(raw: Raw, posts: list[Post]) -> dict[tuple[str, str], tuple[date, date, date]]:
    """(first day, last day, day of the newest reading) of each account."""
    zone = ZoneInfo(raw.tables["workspace"][0]["zone"])
    days, read = defaultdict(list), defaultdict(list)
    for post in posts:
        days[post.platform, post.account].append(post.day)
    for (platform, account, _, day), (value, _, _) in account_days(raw).items():
        if value is not None:
            days[platform, account].append(day)
    for row in (*raw.tables["metric_observation"], *raw.tables["content"]):
        key = row["platform"], row["account_id"]
        read[key].append(row["observed_at"].astimezone(zone).date())
        if row.get("metric") == "followers":
            days[key].append(row["period_end"].astimezone(zone).date())
    return {key: (min(found), max(found), max(read[key])) for key, found in days.items()}


def partial_weeks(known: dict[tuple[str, str], tuple[date, date, date]]) -> set[tuple[tuple[str, str], date]]:
    return {(key, monday(read)) for key, (_, _, read) in known.items()} | {
        (key, monday(first)) for key, (first, _, _) in known.items() if first != monday(first)
    }


def test_every_rate_of_the_registry_by_account_and_day(built, history) -> None:
    workspace, _, posts = history
    rows = shown(built, "mart_rates_daily", workspace, "platform", "account_id", "day", "rate")
    seen = set()
    for (platform, account, day), mine in grouped(posts, lambda p: (p.platform, p.account, p.day)).items():
        for rate in registry().rates:
            pairs = [pair for post in mine if (pair := parts_of_rate(post, rate)) is not None]
            row = rows.get((platform, account, day, rate))
            if row is None:
                assert not pairs, f"{rate} is told on {platform} and has no row"
                continue
            seen.add(rate)
            same(
                row,
                {
                    "posts": len(mine), "posts_with_rate": len(pairs), "value": ratio(pairs),
                    "numerator": sum(a for a, _ in pairs) if pairs else None,
                    "denominator": sum(b for _, b in pairs) if pairs else None,
                },
                (platform, account, day, rate),
            )  # fmt: skip
    assert seen == set(registry().rates), "a rate was never compared"


def test_open_rates_in_sql_equal_the_documented_formula(built, history) -> None:
    workspace, _, posts = history
    found = {"raw": 0, "confirmed": 0, "corrected": 0}
    rows = built.rows(
        "select post_id, rate, value from intermediate.int_post_rates where workspace_id = ? and platform = 'email'",
        workspace,
    )
    values = {(post, rate): value for post, rate, value in rows}
    for post in posts:
        if post.platform != "email":
            continue
        v = post.values
        python = open_rates(
            sent=v.get("emails_sent"), bounces=v.get("bounces"), opens=v.get("opens"),
            machine_opens=v.get("machine_opens"),
        )  # fmt: skip
        for name in found:
            expected = getattr(python, name)
            assert values.get((post.id, f"{name}_open_rate")) == (
                None if expected is None else pytest.approx(expected, abs=1e-12)
            )
            found[name] += expected is not None
    assert min(found.values()) > 0


def test_days_of_platforms(built, history) -> None:
    workspace, raw, posts = history
    known, ranks = spans(raw, posts), ranks_of(built, workspace)
    groups = grouped(posts, lambda p: (p.platform, p.day))
    numbers = account_days(raw)
    rows = shown(built, "mart_platform_daily", workspace, "platform", "day")
    expected_days = set()
    for platform in {platform for platform, _ in known}:
        mine = [span for (name, _), span in known.items() if name == platform]
        first, last = min(s[0] for s in mine), max(s[1] for s in mine)
        expected_days |= {(platform, first + timedelta(days=n)) for n in range((last - first).days + 1)}
    assert rows.keys() == expected_days
    for (platform, day), row in rows.items():
        same(row, performance(groups.get((platform, day), []), ranks), (platform, day))
        for metric in ACCOUNT_NUMBERS:
            told = [
                v
                for (p, _, m, d), (v, _, _) in numbers.items()
                if (p, m, d) == (platform, metric, day) and v is not None
            ]
            assert (row[metric], row[f"accounts_with_{metric}"]) == (sum(told) if told else None, len(told))


@pytest.mark.parametrize(
    "mart", ["mart_account_weekly", "mart_platform_weekly", "mart_format_performance", "mart_pillar_performance"]
)
def test_weeks(built, history, mart: str) -> None:
    workspace, raw, posts = history
    known, ranks = spans(raw, posts), ranks_of(built, workspace)
    columns, key = {
        "mart_account_weekly": (("platform", "account_id"), lambda p: (p.platform, p.account)),
        "mart_platform_weekly": (("platform",), lambda p: (p.platform,)),
        "mart_format_performance": (("platform", "content_type"), lambda p: (p.platform, p.kind)),
        "mart_pillar_performance": (("platform", "pillar"), lambda p: (p.platform, p.pillar)),
    }[mart]
    groups = grouped(posts, key)
    partial = partial_weeks(known)
    if mart == "mart_account_weekly":
        weeks = {k: (monday(first), monday(last)) for k, (first, last, _) in known.items()}
        edges: set[Any] = partial
        edge: Callable[[Any], Any] = lambda k: k  # noqa: E731
    else:
        edges, edge = {(platform, week) for (platform, _), week in partial}, lambda k: k[0]
        weeks = {k: (min(p.week for p in mine), max(p.week for p in mine)) for k, mine in groups.items()}
        if mart == "mart_platform_weekly":
            for platform in {platform for platform, _ in known}:
                mine = [span for (name, _), span in known.items() if name == platform]
                weeks[platform,] = (monday(min(s[0] for s in mine)), monday(max(s[1] for s in mine)))
    rows = shown(built, mart, workspace, *columns, "week")
    expected = {(*k, week): row for k, week, row in weekly(groups, weeks, edges, ranks, edge)}
    assert rows.keys() == expected.keys()
    for where, row in expected.items():
        same(rows[where], row, where)
    if mart == "mart_account_weekly":
        assert any(row["posts"] == 0 for row in expected.values()), "no week without a post"


def test_numbers_of_accounts_by_week(built, history) -> None:
    workspace, raw, _ = history
    numbers = account_days(raw)
    for mart, keys in (("mart_account_weekly", 2), ("mart_platform_weekly", 1)):
        columns = ("platform", "account_id")[:keys]
        for (*where, week), row in shown(built, mart, workspace, *columns, "week").items():
            for metric in ACCOUNT_NUMBERS:
                told = [
                    v for (p, a, m, d), (v, _, _) in numbers.items()
                    if [p, a][:keys] == where and m == metric and monday(d) == week and v is not None
                ]  # fmt: skip
                assert (row[metric], row[f"days_with_{metric}"]) == (sum(told) if told else None, len(told))


def test_numbers_of_accounts_by_day(built, history) -> None:
    workspace, raw, _ = history
    numbers = account_days(raw)
    rows = shown(built, "mart_account_daily", workspace, "platform", "account_id", "day")
    assert {row["account_reach"] for row in rows.values()} != {None}
    for (platform, account, day), row in rows.items():
        mine = {m: told for (p, a, m, d), told in numbers.items() if (p, a, d) == (platform, account, day)}
        for metric in (*ACCOUNT_NUMBERS, "account_reach"):
            assert row[metric] == mine.get(metric, (None,))[0]
        answered = [told for told in mine.values() if told[0] is not None]
        assert (row["metrics_asked"], row["metrics_told"]) == (len(mine), len(answered))
        assert row["numbers_read_at"] == max((told[1] for told in mine.values()), default=None)
        if answered:
            assert row["hours_after_day"] == pytest.approx(min(told[2] for told in answered))
        else:
            assert row["hours_after_day"] is None


def test_summed_rates_differ_from_means_of_rates(built, history) -> None:
    """The oracle itself would not notice a mean of rates if every post had the same denominator."""
    _, _, posts = history
    for rate in WIDE_RATES:
        pairs = [pair for post in posts if (pair := parts_of_rate(post, rate)) is not None and pair[1]]
        assert abs(ratio(pairs) - sum(a / b for a, b in pairs) / len(pairs)) > 1e-6


@pytest.mark.parametrize("mart", OURS)
def test_order_and_repetition_of_rows_change_nothing(built, mart: str) -> None:
    columns = ", ".join(column for column in MARTS[mart] if column != "workspace_id")
    one, other = (
        built.rows(f"select {columns} from marts.{mart} where workspace_id = ? order by all", workspace)
        for workspace in ("studio", "studio-again")
    )
    assert one
    assert one == other
