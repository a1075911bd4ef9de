"""The benchmark of size says everything it promises, and a day taken in gives what a full build would have given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.warehouse.database import Warehouse
from connectors.warehouse.marts import MARTS

ROWS = 200_000
PHASES = {
    "generate", "load", "parse", "seeds", "models_full", "tests_full", "serving_full", "generate_day", "load_day",
    "models_day", "compaction", "tests_day", "serving_day", "page_queries",
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scale") / "home"


@pytest.fixture(scope="module")
def told(home: Path, new_installation: Callable[[str], Any]) -> Any:
    return new_installation("scale").json(
        "bench", "scale", "--rows", str(ROWS), "--workspaces", "3", "--rounds", "2", "--keep", str(home)
    )


def test_one_object_says_it_all(told) -> None:
    assert told["seconds"].keys() == PHASES
    assert told["floor"].keys() == {"floor", "thin_floor"}
    assert told["ratios"].keys() == {
        "full_to_floor", "full_to_thin_floor", "day_to_full", "day_with_compaction_to_full", "day_rows_to_rows",
    }  # fmt: skip
    assert told["model_seconds"].keys() == told["rows_per_second"].keys() == told["day_model_seconds"].keys()
    assert {"int_post_reading_brackets", "int_post_metrics", "int_post_metrics_at_age"} <= told["model_seconds"].keys()
    assert min(told["bytes"].values()) > 0
    assert told["machine"]["duckdb"] == duckdb.__version__
    assert 50 < told["peak_rss_mb"] < 4000


def test_counts_add_up(told, home) -> None:
    assert 0.7 * ROWS < told["rows"] < 1.4 * ROWS
    assert 0.001 < told["ratios"]["day_rows_to_rows"] < 0.004
    with Warehouse(home / "warehouse" / "fabric.duckdb").connect(read_only=True) as connection:

        def one(query: str) -> Any:
            return connection.execute(query).fetchall()[0][0]

        assert one("select count(*) from raw.metric_observation") == told["rows"] + told["day_rows"]
        assert one("select sum(observations) from raw.batch") == told["rows"] + told["day_rows"]
        assert one("select count(distinct platform) from raw.metric_observation") == 7
        assert one("select count(*) from intermediate.int_batches_taken") == one("select count(*) from raw.batch")
        largest = (
            "select max(n) * 1.0 / sum(n) from (select count(*) as n from raw.metric_observation group by workspace_id)"
        )
        assert one(largest) > 1 / 3


def test_every_query_of_a_page_is_timed(told) -> None:
    pages = told["page_queries"]
    assert pages["asked"] == 2 * len(pages["by_query"])
    assert {"choices 1", "coverage 1", "coverage 2", "posts (all) 1", "facts.snapshot 1"} <= pages["by_query"].keys()
    assert 0 < pages["p50_ms"] <= pages["p95_ms"] <= pages["slowest_p95_ms"]


def test_a_day_taken_in_equals_a_full_build(told, home) -> None:
    from models.settings import Settings
    from orchestration.dbt_runner import invoke

    def marts() -> dict[str, Any]:
        with Warehouse(home / "warehouse" / "fabric.duckdb").connect(read_only=True) as connection:
            return {
                mart: connection.execute(f"select count(*), bit_xor(hash(m)) from marts.{mart} as m").fetchall()
                for mart in MARTS
            }

    grown = marts()
    settings = Settings(home=home, warehouse_url="", _env_file=None)
    outcome = invoke(
        settings, ["run", "--full-refresh", "--exclude", "config.materialized:view"], target=settings.dbt_target_dir
    )
    assert outcome.success, outcome.reason()
    assert marts() == grown
    assert grown["mart_posts"][0][0] > 100


@pytest.mark.postgres
def test_the_rollup_gives_the_same_in_postgresql(new_installation: Callable[[str], Any]) -> None:
    told = new_installation("rollup").json("bench", "postgres", "--rows", "100000")
    assert told["equal"]
    assert told["groups"] > 1000
    assert told["ratio"] > 0
    assert told["postgres_seconds"].keys() == {"distinct on", "group by"}
