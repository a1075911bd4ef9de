"""Snapshots of the operational store in the warehouse: a workspace's `op_` rows, replaced together when they changed."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from connectors.warehouse.columns import BIGINT, BOOLEAN, DOUBLE, TIMESTAMPTZ, VARCHAR
from connectors.warehouse.database import Warehouse
from connectors.warehouse.operation_tables import FILLED_FROM, OPERATION_TABLES
from models.domain.operations import Operations

_ARROW = {
    VARCHAR: pa.string(), BIGINT: pa.int64(), DOUBLE: pa.float64(), BOOLEAN: pa.bool_(), "DATE": pa.date32(),
    TIMESTAMPTZ: pa.timestamp("us", tz="UTC"),
}  # fmt: skip


def sync_operations(warehouse: Warehouse, operations: Operations) -> bool:
    """Makes the workspace's `op_` rows equal to the given ones, in one transaction. True if something changed."""
    with warehouse.connect() as connection:
        connection.begin()
        try:
            changes = [
                _replace(connection, table, operations.workspace_id, operation_rows(operations, table))
                for table in OPERATION_TABLES
            ]
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
    return any(changes)


def operation_rows(operations: Operations, table: str) -> Any:
    """The rows of one `op_` table as an Arrow table, in its columns and types."""
    columns = OPERATION_TABLES[table]
    rows = getattr(operations, FILLED_FROM[table])
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()])
    arrays = [
        pa.array(
            [operations.workspace_id if name == "workspace_id" else getattr(row, name) for row in rows],
            type=_ARROW[kind],
        )
        for name, kind in columns.items()
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _replace(connection: duckdb.DuckDBPyConnection, table: str, workspace_id: str, rows: Any) -> bool:
    # S608: only names of the tables' own list enter the text.
    columns = ", ".join(OPERATION_TABLES[table])
    connection.register("incoming_operations", rows)
    try:
        kept = f"select {columns} from raw.{table} where workspace_id = ?"  # noqa: S608
        new = f"select {columns} from incoming_operations"  # noqa: S608
        differing = connection.execute(
            f"select exists(({kept} except all {new}) union all ({new} except all {kept}))", [workspace_id] * 2
        ).fetchone()
        if differing is None or not differing[0]:
            return False
        connection.execute(f"delete from raw.{table} where workspace_id = ?", [workspace_id])  # noqa: S608
        connection.execute(f"insert into raw.{table} {new}")
        return True
    finally:
        connection.unregister("incoming_operations")
