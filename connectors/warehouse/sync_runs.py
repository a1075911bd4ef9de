"""The record of readings in the warehouse: every attempt to read a stream of a connected account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.warehouse.schema import RAW

if TYPE_CHECKING:
    from connectors.warehouse.database import Warehouse


@dataclass(frozen=True)
class Reading:
    """One row of `raw.sync_run`. `source` is that of the batches the stream lands; `every_hours` the longest pause that
    the product promises between two readings."""

    workspace_id: str
    sync_id: str
    source: str
    platform: str
    account_id: str
    account_name: str
    stream: str
    window_start: datetime
    window_end: datetime
    started_at: datetime
    finished_at: datetime
    status: str
    contents: int
    observations: int
    rejections: int
    message: str
    every_hours: float


def replace_sync_runs(warehouse: Warehouse, workspace_ids: Sequence[str], readings: Sequence[Reading]) -> bool:
    """Makes the workspaces' rows equal to `readings`, in one transaction. True if something changed."""
    import polars as pl

    columns = list(RAW["sync_run"])
    rows = [tuple(getattr(reading, column) for column in columns) for reading in readings]
    incoming = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None) if rows else None
    with warehouse.connect() as connection:
        kept = f"select {', '.join(columns)} from raw.sync_run where workspace_id in (select unnest($1))"  # noqa: S608
        before = connection.execute(kept + " order by all", [list(workspace_ids)]).fetchall()
        if before == sorted(rows):
            return False
        connection.begin()
        try:
            connection.execute(
                "delete from raw.sync_run where workspace_id in (select unnest($1))", [list(workspace_ids)]
            )
            if incoming is not None:
                connection.register("incoming_readings", incoming)
                connection.execute("insert into raw.sync_run by name select * from incoming_readings order by all")
                connection.unregister("incoming_readings")
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
    return True
