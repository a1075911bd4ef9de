"""Over random histories every mart is the same however the batches came, and equal to an oracle worked out by hand."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from connectors.warehouse.marts import MARTS
from connectors.warehouse.schema import RAW
from models.metrics.registry import registry
from tests.integration.transforms.histories import Rows, history, parts, write
from tests.integration.transforms.history_oracle import Expected, expected

ROOT = Path(__file__).resolve().parents[3]
SEEDS = range(15)
SHARES = 7
STOPS = {1: "int_post_wide", 3: "int_post_metrics_at_age", 5: "int_post_reading_brackets"}
"""After which table a build stops, by its step: what it took in is received again, beside more, by the next."""
UNDERNEATH = (
    "int_post_account_values", "int_post_falls", "int_post_metrics_at_age", "int_post_reading_brackets", "int_posts",
)  # fmt: skip
"""Tables that grow and that no mart shows whole."""


class Project:
    """dbt in this process on one warehouse after another, its manifest parsed once."""

    def __init__(self, home: Path) -> None:
        from dbt.cli.main import dbtRunner

        self._runner = dbtRunner
        self._home = home
        with self._on(home / "none" / "history.duckdb"):
            self._manifest = dbtRunner().invoke(["parse", *self._places()]).result

    def run(self, warehouse: Path, *arguments: str) -> None:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.adapters.factory import reset_adapters

        with self._on(warehouse):
            try:
                done = self._runner(manifest=self._manifest).invoke([*arguments, *self._places()])
            finally:
                reset_adapters()
                DuckDBConnectionManager.close_all_connections()
        assert done.success, [(r.node.name, r.message) for r in getattr(done.result, "results", ()) if r.message][:5]

    def _places(self) -> list[str]:
        target = str(self._home / "target")
        return ["--project-dir", str(ROOT), "--profiles-dir", str(ROOT), "--target-path", target, "--log-path", target,
                "--quiet", "--no-use-colors"]  # fmt: skip

    @contextmanager
    def _on(self, warehouse: Path) -> Iterator[None]:
        before = os.environ.get("FABRIC_WAREHOUSE")
        os.environ["FABRIC_WAREHOUSE"] = str(warehouse)
        try:
            yield
        finally:
            if before is None:
                del os.environ["FABRIC_WAREHOUSE"]
            else:
                os.environ["FABRIC_WAREHOUSE"] = before


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path.parent.mkdir(exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def prepared(path: Path) -> Path:
    with opened(path) as connection:
        connection.execute("create schema raw")
        for table, columns in RAW.items():
            connection.execute(f"create table raw.{table} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
    return path


def marts(path: Path) -> dict[str, pl.DataFrame]:
    with opened(path) as connection:
        found = {
            mart: connection.execute(f"select {', '.join(columns)} from marts.{mart} order by all").pl()
            for mart, columns in MARTS.items()
        }
        for model in UNDERNEATH:
            found[model] = connection.execute(f"select * from intermediate.{model} order by all").pl()
        return found


@pytest.fixture(scope="module")
def histories() -> list[Rows]:
    return [history(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def whole(project: Project, histories: list[Rows], tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """Every mart, built once from everything."""
    path = prepared(tmp_path_factory.mktemp("whole") / "history.duckdb")
    with opened(path) as connection:
        write(connection, histories)
    project.run(path, "seed")
    project.run(path, "run")
    return marts(path)


@pytest.fixture(scope="module")
def grown(project: Project, histories: list[Rows], tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """Every mart, built in steps from shuffled and split batches, over changes of zones and topics and builds that stopped."""
    path = prepared(tmp_path_factory.mktemp("grown") / "history.duckdb")
    shares = [parts(rows, SHARES, random.Random(seed)) for seed, rows in enumerate(histories)]
    for step in range(SHARES):
        with opened(path) as connection:
            write(connection, [share[step] for share in shares])
            if step == 0:  # zones and topics are set right only after the first build
                connection.execute("update raw.workspace set zone = 'Asia/Tokyo'")
                connection.execute("create table topics as from raw.content_topic")
                connection.execute("delete from raw.content_topic")
                connection.execute(
                    "insert into raw.content_topic by name select workspace_id, owner, platform, account_id, "
                    "entity_id, 'early' as topic, true as is_primary from raw.content where source_line = 1"
                )
            if step == 1:
                connection.execute("delete from raw.content_topic")
                connection.execute("insert into raw.content_topic from topics")
                connection.execute("drop table topics")
                connection.executemany(
                    "update raw.workspace set zone = ? where workspace_id = ?",
                    [(rows["workspace"][0]["zone"], rows["workspace"][0]["workspace_id"]) for rows in histories],
                )
            if step == 2:  # a build that stopped before it noted what it had taken in
                connection.execute("delete from intermediate.int_batches_taken where batch_id < '8'")
        if step == 0:
            project.run(path, "seed")
            project.run(path, "run")
        else:
            chosen = ("--select", f"+{STOPS[step]}") if step in STOPS else ()
            project.run(path, "run", *chosen, "--exclude", "config.materialized:view")
    return marts(path)


@pytest.fixture(scope="module")
def oracle(histories: list[Rows]) -> dict[str, Expected]:
    return {rows["workspace"][0]["workspace_id"]: expected(rows) for rows in histories}


@pytest.mark.parametrize("mart", [*MARTS, *UNDERNEATH])
def test_a_mart_is_the_same_however_its_batches_came(mart: str, whole, grown) -> None:
    assert_frame_equal(whole[mart], grown[mart], check_exact=True)


def test_histories_are_not_empty(whole) -> None:
    for mart in (
        "mart_posts",
        "mart_post_metrics",
        "mart_post_metrics_at_age",
        "mart_rates_daily",
        "mart_content_topics",
    ):
        assert whole[mart]["workspace_id"].n_unique() == len(SEEDS), mart


def keyed(frame: pl.DataFrame, *more: str) -> dict[Any, dict[str, Any]]:
    def key(row: dict[str, Any]) -> Any:
        return (
            row["workspace_id"],
            (row["platform"], row["account_id"], row["post_id"]),
            *(row[name] for name in more),
        )

    return {key(row): row for row in frame.to_dicts()}


def test_newest_values_match_the_oracle(whole, oracle) -> None:
    shown = {
        key: (row["value"], row["state"], row["observed_at"], row["first_observed_at"])
        for key, row in keyed(whole["mart_post_metrics"], "metric").items()
    }
    assert shown == {
        (workspace, post, metric): found
        for workspace, told in oracle.items()
        for (post, metric), found in told.latest.items()
        if told.owners[post] == "own"
    }


def test_values_at_equal_age_match_the_oracle(whole, oracle) -> None:
    shown = keyed(whole["mart_post_metrics_at_age"], "metric", "age_hours")
    wanted = {
        (workspace, post, metric, age): found
        for workspace, told in oracle.items()
        for (post, metric, age), found in told.at_age.items()
        if told.owners[post] == "own"
    }
    assert shown.keys() == wanted.keys()
    assert {row["basis"] for row in shown.values()} == {"exact", "interpolated", "extrapolated"}
    for key, (value, basis) in wanted.items():
        assert shown[key]["basis"] == basis, key
        assert shown[key]["value"] == pytest.approx(value, abs=5e-6), key


def test_rates_of_posts_match_the_oracle(whole, oracle) -> None:
    names = [name for name in MARTS["mart_posts"] if name.startswith("engagement_rate_by_")]
    seen = 0
    for (workspace, post), row in keyed(whole["mart_posts"]).items():
        for name in names:
            both = oracle[workspace].rates.get((post, name))
            if both is None or both[1] == 0:
                assert row[name] is None, (workspace, post, name)
            else:
                assert math.isclose(row[name], both[0] / both[1], rel_tol=1e-12), (workspace, post, name)
                seen += 1
    assert seen > 50


def test_every_rate_of_a_day_is_sum_over_sum(whole, oracle) -> None:
    found, rates = {}, set()
    for row in whole["mart_rates_daily"].to_dicts():
        if row["posts_with_rate"]:
            found[row["workspace_id"], row["platform"], row["account_id"], row["day"], row["rate"]] = row["value"]
    wanted = {(workspace, *key): both for workspace, told in oracle.items() for key, both in told.days.items()}
    assert found.keys() == wanted.keys()
    for key, (above, below) in wanted.items():
        if below == 0:
            assert found[key] is None, key
        else:
            assert math.isclose(found[key], above / below, rel_tol=1e-9, abs_tol=1e-9), key
        rates.add(key[-1])
    assert rates == set(registry().rates), "a rate that no history has"
