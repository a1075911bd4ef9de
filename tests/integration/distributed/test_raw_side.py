"""What Spark's warehouse keeps in DuckDB: small tables, and landing files seen in place. Needs no Spark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.warehouse.landing import LandedBatch, LandingStore
from connectors.warehouse.spark import SparkWarehouse
from models.domain.content import Batch, EntityType, Observation, ObservationState, Owner
from models.domain.social import Platform
from models.errors import NotFound
from orchestration.quality import check_batches
from tests.integration.transforms.raw_rows import at

_SEEN = at("2026-05-01T08:00")


def _landed(home: Path, workspace: str, batch_id: str, values: Sequence[float]) -> LandedBatch:
    records = [
        Observation(
            platform=Platform.FACEBOOK, account_id="a1", account_name="Acme", owner=Owner.OWN,
            entity_type=EntityType.POST, entity_id=f"p{number}", metric="impressions", period_start=None,
            period_end=_SEEN, value=value, state=ObservationState.OBSERVED, observed_at=_SEEN, source_line=number,
        )
        for number, value in enumerate(values)
    ]  # fmt: skip
    batch = Batch(workspace, "csv", batch_id, _SEEN, f"{batch_id}.csv", records)
    return LandingStore(home / "landing").land(batch, _SEEN + timedelta(hours=1))


def _values(warehouse: SparkWarehouse, workspace: str) -> list[float]:
    with warehouse.connect(read_only=True) as connection:
        rows = connection.execute(
            "select value from raw.metric_observation where workspace_id = ? order by value", [workspace]
        ).fetchall()
    return [value for (value,) in rows]


@pytest.fixture
def warehouse(home: Path) -> SparkWarehouse:
    return SparkWarehouse("spark:local", home / "warehouse", home / "landing")


def test_rows_of_loaded_batches_are_seen_and_not_copied(warehouse: SparkWarehouse, home: Path) -> None:
    loaded = _landed(home, "one", "b1", [10.0, 20.0])
    _landed(home, "one", "b2", [30.0])
    assert warehouse.load([loaded]) == 1
    assert warehouse.load([loaded]) == 0
    assert _values(warehouse, "one") == [10.0, 20.0]
    assert not list(home.glob("warehouse/spark/accepted/**/*.parquet"))


def test_rows_in_quarantine_are_left_out(warehouse: SparkWarehouse, home: Path) -> None:
    batch = _landed(home, "one", "b1", [10.0, -5.0, 20.0])
    verdicts = check_batches([batch]).verdicts
    assert warehouse.load([batch], verdicts) == 1
    assert _values(warehouse, "one") == [10.0, 20.0]
    with warehouse.connect(read_only=True) as connection:
        assert connection.execute("select rule, source_line from raw.quarantine").fetchall() == [
            ("counter_not_negative", 1)
        ]


def test_a_deleted_workspace_leaves_nothing(warehouse: SparkWarehouse, home: Path) -> None:
    batches = [_landed(home, "one", "b1", [10.0, -5.0]), _landed(home, "two", "b1", [40.0])]
    warehouse.load(batches, check_batches(batches).verdicts)
    table = home / "warehouse" / "spark" / "tables" / "marts" / "mart_posts"
    table.mkdir(parents=True)
    (table / "part.parquet").write_bytes(batches[0].path.read_bytes())
    warehouse.delete_workspace("one")
    assert _values(warehouse, "one") == []
    assert _values(warehouse, "two") == [40.0]
    assert not table.exists()
    with pytest.raises(NotFound, match="mart_posts"):
        warehouse.mart_digests("two")
