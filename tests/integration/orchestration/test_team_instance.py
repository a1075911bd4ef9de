"""Dagster's home in team mode: runs in PostgreSQL, no password in a file, a wider pool."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import psycopg
import pytest

from models.errors import InvalidInput
from models.settings import Settings
from orchestration import instance
from orchestration.environment import child_environment, dagster_storage
from orchestration.instance import LAKE_STEPS, ensure_dagster_home, open_instance
from orchestration.resources import WAREHOUSE_POOL
from tests.integration.store.conftest import PostgresCluster, postgres_cluster

__all__ = ["postgres_cluster"]
LAKE = "ducklake:postgresql://fabric:sesame@db/lake"
STORE = "postgresql+psycopg://fabric:sesame@db:5433/fabric?sslmode=require"


def settings(home: Path, store: str = STORE, lake: str = LAKE) -> Settings:
    return Settings(home=home, database_url=store, warehouse_url=lake, _env_file=None)  # type: ignore[call-arg]


@pytest.mark.parametrize(("store", "lake"), [(STORE, ""), ("", LAKE), ("", "")])
def test_one_machines_own_stores_leave_dagster_in_sqlite(tmp_path: Path, store: str, lake: str) -> None:
    assert dagster_storage(settings(tmp_path, store, lake)) == {}
    assert "postgres" not in (ensure_dagster_home(settings(tmp_path, store, lake)) / "dagster.yaml").read_text()


def test_the_file_follows_the_settings_and_holds_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "find_spec", lambda name: object())
    alone = (ensure_dagster_home(settings(tmp_path, "", "")) / "dagster.yaml").read_text()
    team = (ensure_dagster_home(settings(tmp_path)) / "dagster.yaml").read_text()
    assert "postgres_url" in team
    assert "sesame" not in team
    assert (ensure_dagster_home(settings(tmp_path, "", "")) / "dagster.yaml").read_text() == alone
    assert child_environment(settings(tmp_path))["FABRIC_DAGSTER_DATABASE_URL"] == (
        "postgresql://fabric:sesame@db:5433/fabric?sslmode=require&options=-csearch_path%3Ddagster"
    )


def test_without_its_package_one_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "find_spec", lambda name: None)
    with pytest.raises(InvalidInput, match=r"package dagster-postgres: install FABRIC with its extra lake"):
        ensure_dagster_home(settings(tmp_path))


@pytest.mark.postgres
def test_runs_are_kept_in_a_schema_of_the_operational_store(
    tmp_path: Path, postgres_cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dagster_postgres")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    with postgres_cluster.database() as name:
        url = postgres_cluster.url(name)
        with open_instance(settings(tmp_path, url)) as opened:
            run = opened.create_run_for_job(dg.GraphDefinition(name="build").to_job())
            assert opened.event_log_storage.get_concurrency_info(WAREHOUSE_POOL).slot_count == LAKE_STEPS
            assert opened.event_log_storage.get_pool_config().default_pool_limit == 1
        with open_instance(settings(tmp_path / "other machine", url)) as opened:
            assert [found.run_id for found in opened.get_runs()] == [run.run_id]
        with psycopg.connect(url) as connection:
            assert connection.execute("select count(*) from dagster.runs").fetchone() == (1,)
