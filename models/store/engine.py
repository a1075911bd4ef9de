"""The SQLAlchemy engine of one URL: SQLite (WAL, foreign keys on) or PostgreSQL through psycopg."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from models.errors import InvalidInput

BUSY_TIMEOUT_MS = 15_000
"""How long a SQLite connection waits for another writer; transactions here take milliseconds."""

BEGIN_IMMEDIATE = "fabric_begin_immediate"
"""Execution option: the next SQLite transaction takes the write lock at its start. PostgreSQL ignores it."""


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql://…`; creates SQLite's directory. `InvalidInput` for anything else."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args={"connect_timeout": 10}
        )
    path = Path(parsed.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(
            f"The directory {path.parent} of the operational store cannot be made ({error.strerror}): set FABRIC_HOME to one you own."
        ) from error
    engine = create_engine(parsed.set(drivername="sqlite"))
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = make_url("postgresql://" + url.removeprefix("postgres://") if url.startswith("postgres://") else url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise InvalidInput(
            "FABRIC_DATABASE_URL is not a database URL: write sqlite:////path/fabric.db or postgresql://user@host/name."
        ) from error
    if backend not in ("sqlite", "postgresql"):
        raise InvalidInput(
            f"FABRIC_DATABASE_URL names {backend}, which is not supported: use sqlite:////path/fabric.db or postgresql://user@host/name."
        )
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise InvalidInput(
            "FABRIC_DATABASE_URL names no file: several processes share the store, so write sqlite:////path/fabric.db."
        )
    return parsed


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Transactions are begun by `_begin_sqlite`; the driver's own implicit BEGIN would never be IMMEDIATE.
    connection.isolation_level = None
    connection.execute(f"pragma busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = full")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(BEGIN_IMMEDIATE, False)
    connection.exec_driver_sql("begin immediate" if immediate else "begin")
