"""A warehouse whose marts were filled by hand from the contract, for what reads marts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.warehouse.database import Warehouse
from connectors.warehouse.marts import MARTS

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
NEWEST = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
HOSTILE = "O'Brien \"; drop table mart_posts; -- {x}"

Rows = dict[str, list[dict[str, Any]]]


def mart_rows(workspace: str) -> Rows:
    """Two Facebook accounts, one blog without numbers, a competitor with a hostile name."""
    posts = [
        {
            "platform": "facebook" if n < 8 else "web", "account_id": f"a{n % 2}", "account_name": "Acme",
            "post_id": f"p{n}", "content_type": "video" if n % 3 else "photo", "title": f"{workspace} {n}",
            "published_at": START + timedelta(days=n), "published_date": date(2026, 1, 5) + timedelta(days=n),
            "observed_at": NEWEST, "engagements_public": None if n in (2, 8, 9) else float(n * n + 1),
        }
        for n in range(10)
    ]  # fmt: skip
    benchmark = [
        {"owner": "own", "account_name": "Acme", "platform": "facebook", "posts": 4, "posts_per_week": 3.123456789,
         "posts_with_engagement": 3, "median_engagements_public": 17.0},
        {"owner": "own", "account_name": "Acme Zwei", "platform": "facebook", "posts": 4, "posts_per_week": 2.1,
         "posts_with_engagement": 4, "median_engagements_public": 26.0},
        {"owner": "own", "account_name": "Acme", "platform": "web", "posts": 2, "posts_per_week": None,
         "posts_with_engagement": 0, "median_engagements_public": None},
        {"owner": "competitor", "account_name": HOSTILE, "platform": "facebook", "posts": 40, "posts_per_week": 12.5,
         "posts_with_engagement": 38, "median_engagements_public": 310.5},
        {"owner": "competitor", "account_name": "Rival", "platform": "web", "posts": 1, "posts_per_week": None,
         "posts_with_engagement": 0, "median_engagements_public": None},
    ]  # fmt: skip
    rates = [
        {"platform": "facebook", "account_id": f"a{n % 2}", "day": date(2026, 1, 5) + timedelta(days=n), "rate": rate,
         "posts": 1, "posts_with_rate": with_rate, "numerator": float(n + 1) if with_rate else None,
         "denominator": 37.0 if with_rate else None, "value": None}
        for n in range(8)
        for rate, with_rate in (("engagement_rate_by_views", 1), ("engagement_rate_by_reach", n % 2))
    ]  # fmt: skip
    topics = [
        {"topic": "ocean", "keywords": "ocean, sea", "posts": 3, "share": 0.3, "posts_measured": 3,
         "shrunk_percentile_28d": 0.55, "competitor_posts": 4, "competitor_share": 0.1},
        {"topic": "climate", "keywords": "climate", "posts": 5, "share": 0.5, "posts_measured": 5,
         "shrunk_percentile_28d": 0.61, "competitor_posts": 0, "competitor_share": None},
        {"topic": "it's", "keywords": "it's", "posts": 2, "share": 0.2, "posts_measured": 0,
         "shrunk_percentile_28d": None, "competitor_posts": 0, "competitor_share": None},
    ]  # fmt: skip
    formats = [
        {"platform": "facebook", "content_type": kind, "posts": posts, "share": 0.5, "posts_measured": posts,
         "shrunk_percentile_28d": value}
        for kind, posts, value in (("photo", 3, 0.4), ("video", 5, 0.7), ("unknown", 2, None))
    ]  # fmt: skip
    times = [
        {"platform": "facebook", "local_weekday": day, "local_hour": hour, "posts": 2, "posts_measured": n,
         "shrunk_percentile_28d": value}
        for day, hour, n, value in ((1, 9, 2, 0.52), (3, 18, 4, 0.66), (7, 0, 0, None))
    ]  # fmt: skip
    freshness = [
        {"source": source, "owner": owner, "batches": 1, "contents": 1, "observations": 2, "rejections": 0,
         "first_observed_at": START, "last_observed_at": seen}
        for source, owner, seen in (("csv", "own", NEWEST), ("feed", "competitor", START + timedelta(days=3)))
    ]  # fmt: skip
    return {
        "mart_posts": posts, "mart_benchmark": benchmark, "mart_rates_daily": rates, "mart_content_topics": topics,
        "mart_formats": formats, "mart_posting_times": times, "mart_freshness": freshness,
    }  # fmt: skip


def fill(connection: duckdb.DuckDBPyConnection, workspace: str, rows: Rows) -> None:
    for mart, values in rows.items():
        for value in values:
            row = {"workspace_id": workspace, **value}
            places = ", ".join("?" for _ in row)
            connection.execute(
                f"insert into marts.{mart} ({', '.join(row)}) values ({places})", [row[name] for name in row]
            )


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """Every mart of the contract, filled for the workspaces `acme` and `other`."""
    warehouse = Warehouse(tmp_path / "warehouse" / "fabric.duckdb")
    with warehouse.connect() as connection:
        connection.begin()
        connection.execute("create schema marts")
        for mart, columns in MARTS.items():
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table marts.{mart} ({listed})")
        for workspace in ("acme", "other"):
            fill(connection, workspace, mart_rows(workspace))
        connection.execute("comment on table marts.mart_posts is 'One row per own post; the brand''s own words.'")
        connection.execute("comment on column marts.mart_posts.reach is 'Distinct accounts.'")
        connection.commit()
    return warehouse


@pytest.fixture
def execute(warehouse: Warehouse) -> Callable[[str], None]:
    """Runs a statement in the warehouse, as a build would."""

    def run(statement: str) -> None:
        with warehouse.connect() as connection:
            connection.execute(statement)

    return run
