"""Deleted rows of the warehouse's file, and when it gives up their room.

A build writes the rows of touched posts again, some in almost every block of a table. DuckDB would lay the blocks
together at each checkpoint, which rewrites most of a table for a day's few rows; here it does so once enough has gathered.
"""

from __future__ import annotations

import duckdb

DEFERRED = "set max_vacuum_tasks = 0"
"""In every session that writes: a checkpoint marks deleted rows and moves none."""
DEAD_SHARE = 0.25
"""The part of a table that may be deleted rows."""
_BLOCK = 122_880
"""Rows of one DuckDB row group: a smaller table is rewritten anyway."""


def dead_share(connection: duckdb.DuckDBPyConnection) -> float:
    """The largest part of any table that is deleted rows, 0 to 1."""
    stored = connection.execute(
        'select format(\'"{}"."{}"\', schema_name, table_name), estimated_size from duckdb_tables() '
        "where estimated_size > ? and database_name = current_database()",
        [_BLOCK],
    ).fetchall()
    shares = [0.0]
    for table, size in stored:
        row = connection.execute(f"select count(*) from {table}").fetchone()  # noqa: S608
        shares.append(1 - row[0] / size if row else 0.0)
    return max(shares)


def compact(connection: duckdb.DuckDBPyConnection) -> None:
    """Rewrites what holds deleted rows. The session is deferred again afterwards."""
    connection.execute("reset max_vacuum_tasks; checkpoint")
    connection.execute(DEFERRED)
