"""Faults of `metrics.md` planted into the compiled SQL of the marts: each must be noticed, and the true SQL must pass."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.warehouse.marts import MARTS
from models.metrics.registry import registry
from tests.integration.transforms.raw_rows import Raw
from tests.integration.transforms.registry_oracle import Post, account_days, parts_of_rate, posts_of, ratio
from tests.integration.transforms.rows_registry import studio

ROOT = Path(__file__).resolve().parents[3]
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def truth() -> tuple[Raw, list[Post]]:
    raw = studio()
    return raw, posts_of(raw)


@pytest.fixture(scope="module")
def warehouse(built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy under the same name: compiled SQL names the catalogue."""
    copy = shutil.copy(built.path, tmp_path_factory.mktemp("faults") / built.path.name)
    with duckdb.connect(str(copy), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def compiled(built, model: str) -> str:
    """The model's SQL; unit tests of it lie in folders named after their yml."""
    found = Path(built.target, "compiled/fabric/transforms/models").rglob(f"{model}.sql")
    (path,) = (path for path in found if path.parent.suffix != ".yml")
    return path.read_text()


def planted(sql: str, old: str, new: str) -> str:
    assert re.search(old, sql), f"nothing to plant the fault in: {old}"
    return re.sub(old, new, sql)


def rows_of(warehouse: duckdb.DuckDBPyConnection, sql: str, workspace: str = "studio") -> Rows:
    done = warehouse.execute(f"select * from ({sql}) as model where workspace_id = ?", [workspace])
    names = [column[0] for column in done.description]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def days_are_true(rows: Rows, raw: Raw, posts: list[Post]) -> bool:
    """Numbers of accounts by local day: each once, zeros kept, missing ones missing, days of 23 and 25 hours."""
    shown = sorted(
        (r["platform"], r["account_id"], r["metric"], r["day"], r["value"]) for r in rows if r["value"] is not None
    )
    truth = sorted((*key, value) for key, (value, _, _) in account_days(raw).items() if value is not None)
    return shown == truth and len(rows) == len(account_days(raw))


def rates_are_true(rows: Rows, raw: Raw, posts: list[Post]) -> bool:
    """Rates by account and day: Σ ÷ Σ over posts where both are known, never with another denominator."""
    for row in rows:
        mine = [p for p in posts if (p.platform, p.account, p.day) == (row["platform"], row["account_id"], row["day"])]
        truth = ratio(pair for post in mine if (pair := parts_of_rate(post, row["rate"])) is not None)
        if row["value"] != (None if truth is None else pytest.approx(truth, abs=1e-9)):
            return False
    return bool(rows)


def post_rates_are_true(rows: Rows, raw: Raw, posts: list[Post]) -> bool:
    by_id = {post.id: post for post in posts}
    for row in rows:
        pair = parts_of_rate(by_id[row["post_id"]], row["rate"])
        truth = ratio([pair]) if pair else None
        if row["value"] != (None if truth is None else pytest.approx(truth, abs=1e-9)):
            return False
    return bool(rows)


def posts_are_true(rows: Rows, raw: Raw, posts: list[Post]) -> bool:
    """Values that are added up: those of the posts, clicks apart from views, nothing for what may not be added."""
    by_id = {post.id: post for post in posts}
    names = ("clicks", "views", "impressions", "engagements_public", "reactions", "average_view_duration_seconds")
    return bool(rows) and all(
        row[name] == (None if (v := by_id[row["post_id"]].values.get(name)) is None else pytest.approx(v))
        for row in rows
        for name in names
    )


def weeks_are_true(rows: Rows, raw: Raw, posts: list[Post]) -> bool:
    """Posts, views and mean durations of a platform's weeks; a week without a post shows no metric."""
    for row in rows:
        mine = [p.values for p in posts if (p.platform, p.week) == (row["platform"], row["week"])]
        views = [v["views"] for v in mine if "views" in v]
        seconds = [
            (v["average_view_duration_seconds"] * v["views"], v["views"])
            for v in mine
            if {"average_view_duration_seconds", "views"} <= v.keys()
        ]
        mean = ratio(seconds)
        truth = (len(mine), sum(views) if views else None)
        if (row["posts"], row["views"]) != truth or row["average_view_duration_seconds"] != (
            None if mean is None else pytest.approx(mean, abs=1e-8)
        ):
            return False
    return bool(rows)


FAULTS: dict[str, tuple[str, str, str, Callable[[Rows, Raw, list[Post]], bool]]] = {
    "a point is counted twice": (
        "int_account_days", r"(?s)qualify\s+row_number.*?\) = 1", "", days_are_true,
    ),
    "zeros are dropped": (
        "int_account_days", r"readings\.owner = 'own'", "readings.owner = 'own' and readings.value is distinct from 0",
        days_are_true,
    ),
    "missing becomes zero": (
        "int_account_days", r"readings\.value,", "coalesce(readings.value, 0) as value,", days_are_true,
    ),
    "a day always has 24 hours and no zone": (
        "int_account_days", r"at time zone \S+\.zone\)", "+ interval 8 hour)", days_are_true,
    ),
    "a refusal erases what was observed": (
        "int_account_days", r"case when state = 'observed' then 1 else 2 end,", "", days_are_true,
    ),
    "a mean of rates in place of a rate": (
        "mart_rates_daily", r"\(summed\.numerator / nullif\(summed\.denominator, 0\)\)",
        "(select avg(r.value) from intermediate.int_post_rates as r where r.workspace_id = summed.workspace_id "
        "and r.account_id = summed.account_id and r.published_date = summed.day and r.rate = summed.rate)",
        rates_are_true,
    ),
    "numerators of posts without a denominator": (
        "mart_rates_daily", r"case when has_both then numerator end", "numerator", rates_are_true,
    ),
    "a denominator that moves": (
        "int_post_rates", r"on measures\.measure = parts\.measure",
        "on measures.measure = parts.measure or (parts.part = 'denominator' and measures.measure = 'impressions')",
        post_rates_are_true,
    ),
    "views stored as clicks": (
        "int_post_performance", r"measure = 'clicks'", "measure in ('clicks', 'views')", posts_are_true,
    ),
    "a week without a post gets zeros": (
        "mart_platform_weekly", r"weekly\.views,", "coalesce(weekly.views, 0) as views,", weeks_are_true,
    ),
    "a hard-coded trend": (
        "mart_platform_weekly", r"weekly\.views,", "weekly.views * 1.05 as views,", weeks_are_true,
    ),
    "a plain mean of durations": (
        "mart_platform_weekly", r"average_view_duration_seconds \* views", "average_view_duration_seconds",
        weeks_are_true,
    ),
    "clicks counted as posts": (
        "mart_platform_weekly", r"count\(\*\) as posts,", "count(clicks) as posts,", weeks_are_true,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_planted_fault_is_noticed(built, warehouse, truth, name: str) -> None:
    model, old, new, check = FAULTS[name]
    sql = compiled(built, model)
    raw, posts = truth
    assert check(rows_of(warehouse, sql), raw, posts), "the true SQL fails"
    assert not check(rows_of(warehouse, planted(sql, old, new)), raw, posts), f"{name} goes unnoticed"


ASKED_FOR = {
    "mart_account_weekly": ("'account_clicks'", "'account_reach'", "account_clicks"),
    "mart_platform_daily": ("'account_clicks'", "'account_reach'", "account_clicks"),
    "mart_platform_weekly": ("'account_clicks'", "'account_reach'", "account_clicks"),
    "int_post_performance": ("'clicks'", "'reach'", "clicks"),
    "mart_account_daily": ("'impressions'", "'reach'", "impressions"),
    "mart_platform_breakdown": ("'impressions'", "'reach'", "impressions"),
}
"""Models that add metrics up, each asked to add reach in place of something that may be added."""


@pytest.mark.parametrize("model", sorted(ASKED_FOR))
def test_reach_is_not_added_up_even_if_asked_for(built, warehouse, model: str) -> None:
    old, new, column = ASKED_FOR[model]
    sql = compiled(built, model)
    assert {row[column] for row in rows_of(warehouse, sql)} - {None}
    assert {row[column] for row in rows_of(warehouse, planted(sql, old, new))} == {None}


def test_no_sql_adds_up_what_the_registry_forbids() -> None:
    """Every sum in the project, static: no metric that is not additive stands inside one."""
    known = registry()
    forbidden = {m.id for m in known.metrics.values() if not m.additive_posts} | set(known.rates) | {"account_reach"}
    # a mean weighted by views multiplies first, and a rate adds its denominators with their coverage beside them
    weighted = {"average_view_duration_seconds", "average_percentage_viewed", "completion_rate"}
    for path in (ROOT / "transforms").rglob("*.sql"):
        text = path.read_text()
        # segments of one dimension add up to what the platform told of it
        allowed = {"followers"} if path.stem == "mart_audience" else set()
        for inside in re.findall(r"(?:\bsum|exact_sum)\(\s*['\"]?(?:\w+\.)?(\w+)", text):
            assert inside not in forbidden - allowed, f"{path.name} adds up {inside}"
        for listed in re.findall(r"(?:additive_\w+)\(\[(.*?)\]\)", text, re.DOTALL):
            assert not set(re.findall(r"'(\w+)'", listed)) & forbidden, path.name
    listing = (ROOT / "transforms" / "macros" / "performance.sql").read_text()
    lists = {
        name: set(re.findall(r"'(\w+)'", body))
        for name, body in re.findall(r"macro (\w+)\(\)[^%]*%\}.*?return\(\[(.*?)\]\)", listing, re.DOTALL)
    }
    assert all(known.may_be_summed(name, "posts") for name in lists["post_sums"] | lists["compared_measures"])
    for axis in ("days", "accounts"):
        assert all(known.may_be_summed(name, axis) for name in lists["account_sums"])  # type: ignore[arg-type]
    assert lists["post_means"] == weighted


def metric_columns(mart: str) -> list[str]:
    known = registry()
    measures = {*known.metrics, *known.composites, *known.rates}
    return [
        column for column in MARTS[mart] if re.sub(r"^median_|_(7d|28d)$|_7d_change$|_change$", "", column) in measures
    ]


@pytest.mark.parametrize("mart", sorted(mart for mart in MARTS if metric_columns(mart)))
def test_no_mart_has_a_zero_where_nothing_was_observed(built, mart: str) -> None:
    """`unseen`: each metric of each entity was asked for and told by nobody. No mart may show a number of it."""
    columns = metric_columns(mart)
    rows = built.rows(f"select {', '.join(columns)} from marts.{mart} where workspace_id = 'unseen'")
    assert {value for row in rows for value in row} <= {None}, mart


def test_the_unseen_are_in_the_marts(built) -> None:
    """The test above would pass on empty marts."""
    for mart in ("mart_posts", "mart_account_daily", "mart_platform_weekly", "mart_format_performance"):
        assert built.value(f"select count(*) from marts.{mart} where workspace_id = 'unseen'") > 0, mart
    assert built.rows(
        "select distinct posts, engagements_public, engagement_rate_by_reach, coverage_by_reach, account_views "
        "from marts.mart_platform_daily where workspace_id = 'unseen' and platform = 'facebook' and day = ?",
        date(2026, 3, 10),
    ) == [(1, None, None, 0.0, None)]
