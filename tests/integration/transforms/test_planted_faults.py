"""One test for each fault seen in other tools that the transforms could repeat."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest


def test_zero_is_never_dropped(built) -> None:
    assert built.rows(
        "select value, state from marts.mart_post_metrics "
        "where workspace_id = 'bakery' and post_id = 'day-after' and metric = 'shares'"
    ) == [(0.0, "observed")]
    assert (
        built.value("select shares from marts.mart_posts where workspace_id = 'bakery' and post_id = 'day-after'") == 0
    )
    assert built.value(
        "select shares from marts.mart_account_daily where workspace_id = 'bakery' and day = date '2024-04-01'"
    ) == 0  # fmt: skip


def test_missing_is_never_zero(built) -> None:
    (row,) = built.rows(
        "select comments, reach, clicks, engagements_public, engagement_rate_by_reach, engagement_rate_by_impressions "
        "from marts.mart_posts where workspace_id = 'bakery' and post_id = 'private'"
    )
    assert row == (None,) * 6
    assert built.rows(
        "select metric, value, state from marts.mart_post_metrics "
        "where workspace_id = 'bakery' and post_id = 'private' and state <> 'observed' order by metric"
    ) == [("comments", None, "unavailable"), ("reach", None, "privacy_limited")]
    (day,) = built.rows(
        "select posts, posts_with_engagement, engagements_public, comments, views from marts.mart_account_daily "
        "where workspace_id = 'bakery' and platform = 'facebook' and day = date '2024-10-28'"
    )
    assert day == (1, 0, None, None, None)
    empty = built.rows(
        "select distinct posts, engagements_public, impressions from marts.mart_account_daily "
        "where workspace_id = 'bakery' and day = date '2024-06-01'"
    )
    assert empty == [(0, None, None)]


def test_reach_is_never_summed(built) -> None:
    columns = {
        row[0]
        for row in built.rows(
            "select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'reach'"
        )
    }
    assert columns == {"mart_posts"}
    assert built.rows("select distinct additive_posts from intermediate.int_post_measures where measure = 'reach'") == [
        (False,)
    ]
    sums = Path(built.target, "compiled/fabric/transforms/models/marts/mart_account_daily.sql").read_text()
    with duckdb.connect(str(built.path), read_only=True) as connection:
        forced = connection.execute(sums.replace("'impressions'", "'reach'")).fetchall()
    assert {row[12] for row in forced} == {None}, "a measure that is not additive must give no sum even if asked for"


def test_a_day_at_a_clock_change_has_23_or_25_hours(built) -> None:
    days = dict(
        built.rows(
            "select post_id, published_date from marts.mart_posts where workspace_id = 'bakery' and platform = 'facebook'"
        )
    )
    assert days["short-day-late"] == date(2024, 3, 31)
    assert days["day-after"] == date(2024, 4, 1)
    assert days["long-day-early"] == days["long-day-late"] == date(2024, 10, 27)
    assert built.value(
        "select posts from marts.mart_account_daily where workspace_id = 'bakery' and day = date '2024-10-27'"
    ) == 2  # fmt: skip
    spine = built.rows(
        "select count(*), count(distinct day), min(day), max(day) from marts.mart_account_daily "
        "where workspace_id = 'bakery' and platform = 'facebook'"
    )
    assert spine == [(213, 213, date(2024, 3, 31), date(2024, 10, 29))]


def test_a_duplicated_point_doubles_no_total(built) -> None:
    (day,) = built.rows(
        "select posts, engagements_public, reactions, impressions from marts.mart_account_daily "
        "where workspace_id = 'bakery' and day = date '2024-10-27'"
    )
    assert day == (2, 28.0, 24.0, 600.0)


def test_views_are_not_clicks(built) -> None:
    assert built.rows(
        "select views, clicks, impressions, engagements_public from marts.mart_posts "
        "where workspace_id = 'bakery' and post_id = 'film'"
    ) == [(50.0, None, None, 5.0)]


CORRUPTIONS = {
    "missing_is_never_zero": "update intermediate.int_post_metrics set value = 0 where state = 'privacy_limited'",
    "zeros_are_kept": "delete from intermediate.int_post_metrics where value = 0",
    "account_daily_equals_posts": "insert into marts.mart_account_daily from marts.mart_account_daily where posts = 2",
    "latest_value_was_received": "update intermediate.int_post_metrics set value = value * 1.05 where value > 0",
    "no_reading_is_lost": "update intermediate.int_post_metrics set observed_at = observed_at - interval 1 year",
    "readings_belong_to_content": "delete from intermediate.int_post_versions where post_id = 'film'",
    "one_primary_topic": "update marts.mart_post_topics set is_primary = true",
    "shares_add_up": "update marts.mart_formats set share = share / 2",
}


def _make_table(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Puts a table in place of the view that the statement changes, so that it can be changed."""
    schema, name = re.search(r"\b(marts|intermediate)\.(\w+)", statement).groups()
    kind = "select table_type from information_schema.tables where table_schema = ? and table_name = ?"
    if connection.execute(kind, [schema, name]).fetchone() == ("VIEW",):
        connection.execute(f"create table {schema}.made as from {schema}.{name}")
        connection.execute(f"drop view {schema}.{name}")
        connection.execute(f"alter table {schema}.made rename to {name}")


@pytest.mark.parametrize("name", sorted(CORRUPTIONS))
def test_each_singular_test_of_the_project_can_fail(built, tmp_path, name: str) -> None:
    check = Path(built.target, "compiled/fabric/transforms/tests", f"{name}.sql").read_text()
    copy = shutil.copy(built.path, tmp_path / built.path.name)
    with duckdb.connect(str(copy)) as connection:
        assert connection.execute(check).fetchall() == []
        _make_table(connection, CORRUPTIONS[name])
        connection.execute(CORRUPTIONS[name])
        assert connection.execute(check).fetchall() != []


def test_every_singular_test_is_proven(built) -> None:
    there = {path.stem for path in Path(built.target, "compiled/fabric/transforms/tests").glob("*.sql")}
    assert there == set(CORRUPTIONS)
