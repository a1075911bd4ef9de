"""Brings a database to the schema of this version, once, however many processes open it at the same time."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from models.errors import Conflict, StoreCorrupt
from models.store.engine import BEGIN_IMMEDIATE, BUSY_TIMEOUT_MS
from models.store.failures import translated

SCHEMA_HEAD = "0006"
"""The newest migration. Written here too, so that opening an up-to-date store does not import Alembic (1.5 s of CPU)."""

MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"
_ADVISORY_LOCK = 0x_FAB_41C
"""Key of PostgreSQL's advisory lock during a migration."""


def ensure_schema(engine: Engine) -> None:
    """Runs the missing migrations; cheap when there are none. `StoreCorrupt` if a newer version wrote the store."""
    with translated():
        with engine.connect() as connection:
            if stored_version(connection) == SCHEMA_HEAD:
                return
        _migrate(engine)


def stored_version(connection: Connection) -> str | None:
    """The migration that the database is at; None before the first."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    version: str | None = connection.execute(text("select version_num from alembic_version")).scalar()
    return version


def _migrate(engine: Engine) -> None:
    """One transaction holds the lock and the migrations, so a killed process leaves the schema as it was."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if engine.dialect.name == "sqlite":
        _switch_to_wal(engine)
    with engine.connect().execution_options(**{BEGIN_IMMEDIATE: True}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        version = stored_version(connection)
        if version is not None and version not in known:
            raise StoreCorrupt(
                f"The operational store was written by another version of FABRIC (schema {version}): install that version, or "
                "set FABRIC_DATABASE_URL to another store."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _switch_to_wal(engine: Engine) -> None:
    """Write-ahead logging lets readers go on during a write. The mode stays with the file.

    SQLite answers "database is locked" at once, whatever the busy timeout, when two processes switch together; hence
    the loop. On a file system without shared memory SQLite keeps its old mode and still works.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    raw = engine.raw_connection()
    try:
        while True:
            try:
                raw.cursor().execute("pragma journal_mode = wal")
                return
            except engine.dialect.loaded_dbapi.OperationalError as error:
                if "locked" not in str(error):
                    raise
                if time.monotonic() > deadline:
                    raise Conflict(
                        "The operational store is locked by another process: stop it and try again."
                    ) from error
                time.sleep(0.05)
    finally:
        raw.close()
