"""A part of the models on Spark in one process: equal to DuckDB's to the last row."""

from __future__ import annotations

from pathlib import Path

from tests.integration.distributed.conftest import SMALL
from tests.integration.distributed.history import random_history
from tests.integration.distributed.twins import Twins

_PART = ("mart_posts", "mart_account_daily", "mart_freshness")


def test_marts_of_posts_and_days_are_those_of_duckdb(spark: None, home: Path) -> None:
    twins = Twins(home, f"spark:local?{SMALL}")
    twins.lay_out(random_history(1, posts=1))
    twins.build([f"+{mart}" for mart in _PART])
    assert twins.differences(_PART) == []
