"""A build gives up the room of deleted rows once a third of a table is deleted, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.warehouse.database import Warehouse
from connectors.warehouse.scale.generation import Size, generate, generate_day
from models.settings import Settings
from orchestration.bench.scale import _workspaces
from orchestration.dbt_runner import invoke
from orchestration.resources import Stores

pytestmark = pytest.mark.long
"""Tables of more than one of DuckDB's blocks of rows are needed."""
TABLE = "intermediate.int_post_metrics_at_age"


def dead(warehouse: Warehouse) -> float:
    with warehouse.connect(read_only=True) as connection:
        stored = connection.execute(
            "select estimated_size from duckdb_tables() where schema_name || '.' || table_name = ?", [TABLE]
        ).fetchone()
        live = connection.execute(f"select count(*) from {TABLE}").fetchone()
    assert stored is not None
    assert live is not None
    return 1 - float(live[0]) / float(stored[0])


def run(settings: Settings) -> None:
    outcome = invoke(settings, ("run",), target=settings.dbt_target_dir)
    assert outcome.success, outcome.reason()


def test_deleted_rows_go_when_they_are_a_third(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, warehouse_url="", _env_file=None)  # type: ignore[call-arg]
    warehouse, size = Stores(settings).warehouse, Size.of(4_000_000, 2)
    warehouse.prepare()
    warehouse.sync_workspaces(_workspaces(size))
    warehouse.load(list(generate(settings.landing_dir, size)))
    outcome = invoke(settings, ("seed",), target=settings.dbt_target_dir)
    assert outcome.success, outcome.reason()
    run(settings)
    assert dead(warehouse) == 0

    warehouse.load(list(generate_day(settings.landing_dir, size)))
    run(settings)
    after_a_day = dead(warehouse)
    assert 0 < after_a_day < 1 / 3

    with warehouse.connect() as connection:
        connection.execute(f"delete from {TABLE} where hash(post_id) % 100 < 40")
    assert dead(warehouse) > 1 / 3
    run(settings)
    assert dead(warehouse) < after_a_day + 0.15
