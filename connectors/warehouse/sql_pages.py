"""What can be asked: the tables and columns of a served version with their documentation."""

from __future__ import annotations

import polars as pl

from connectors.warehouse.pages import Snapshot


def tables(snap: Snapshot) -> pl.DataFrame:
    """The marts by name: [name, rows, documentation]."""
    return snap.query(
        """
        select table_name as name, estimated_size as rows, comment as documentation
        from duckdb_tables()
        where schema_name = 'main' and table_name like 'mart_%'
        order by table_name
        """
    )


def columns(snap: Snapshot, table: str) -> pl.DataFrame:
    """Columns of one mart in their order: [name, type, documentation]."""
    return snap.query(
        """
        select column_name as name, lower(data_type) as type, comment as documentation
        from duckdb_columns()
        where schema_name = 'main' and table_name = $1
        order by column_index
        """,
        [table],
    )
