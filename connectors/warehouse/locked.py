"""Opening a serving file so that a query can read it and do nothing else."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
}
_opening = threading.Lock()


def open_locked(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection in UTC, without files, network or Python variables, whose settings cannot be changed.

    Connections of one process to the same file share one database instance, and the lock is the instance's: only the
    first one can still set anything, so opening is serialised. Raises `duckdb.Error`.
    """
    with _opening:
        connection = duckdb.connect(str(path), read_only=True, config=_CONFIG)
        if connection.execute("select current_setting('lock_configuration')").fetchone() == (False,):
            connection.execute("set global TimeZone = 'UTC'")
            connection.execute("set lock_configuration = true")
        return connection
