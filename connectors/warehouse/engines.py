"""Which warehouse an installation has: one setting chooses the engine, everything above it stays the same."""

from __future__ import annotations

from pathlib import Path

from connectors.warehouse.database import Warehouse
from models.errors import InvalidInput


def open_warehouse(url: str, directory: Path, *, patience: float = 30.0) -> Warehouse:
    """The warehouse that `url` names: empty is the embedded DuckDB file in `directory`, `ducklake:postgresql://…` a lake.

    Raises `InvalidInput` for a URL that names no engine.
    """
    if not url:
        return Warehouse(directory / "fabric.duckdb", patience=patience)
    scheme = url.partition(":")[0]
    if scheme == "ducklake":
        from connectors.warehouse.lake import LakeWarehouse

        return LakeWarehouse(url, directory, patience=patience)
    if scheme == "spark":
        from connectors.warehouse.spark import SparkWarehouse

        return SparkWarehouse(url, directory, directory.with_name("landing"), patience=patience)
    raise InvalidInput(
        f"FABRIC_WAREHOUSE_URL begins with {scheme!r}, which is no engine: leave it empty or see docs/team.md and docs/scale.md."
    )
