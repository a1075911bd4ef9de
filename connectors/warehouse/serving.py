"""Serving files: one read-only DuckDB file per workspace and version, behind a pointer.

`serving/<workspace>/<sequence>-<digest>.duckdb` holds the marts of that workspace alone, in schema `main`, and one row
in `serving_info`. The pointer is replaced atomically once the file is complete, so a reader sees the old version or the
new one, whole. The last three versions stay for readers that are about to open one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from connectors.warehouse.atomic import replacing
from connectors.warehouse.database import Warehouse, require_marts
from connectors.warehouse.digest import combined, mart_digest, mart_select
from connectors.warehouse.locked import open_locked
from connectors.warehouse.marts import MARTS
from connectors.warehouse.pointer import ServedVersion, read_pointer, serving_directory, write_pointer
from connectors.warehouse.sqltext import literal
from models.errors import NothingServed, StoreCorrupt

KEPT_VERSIONS = 3


def publish(warehouse: Warehouse, serving_dir: Path, workspace_id: str) -> ServedVersion:
    """Publishes the workspace's marts as they are in the warehouse; an unchanged digest writes nothing.

    Raises `NothingServed` when nothing of the workspace has been observed, and `NotFound` before the first build.
    """
    directory = serving_directory(serving_dir, workspace_id)
    with warehouse.connect(read_only=True) as connection:
        require_marts(connection)
        as_of, built_from = _origin(connection, workspace_id)
        comments = _comments(connection)
        digests = {mart: mart_digest(connection, mart, workspace_id) for mart in MARTS}
        digest = combined({**digests, "comments": hashlib.sha256("\n".join(comments).encode()).hexdigest()})
        before = _published(serving_dir, workspace_id)
        if before is not None and before.digest == digest and _opens(before):
            return before
        version = f"{_next_sequence(directory, before):06d}-{digest[:16]}"
        served = ServedVersion(workspace_id, version, directory / f"{version}.duckdb", as_of, digest, True)
        with replacing(served.path) as temporary:
            connection.execute(f"attach {literal(str(temporary))} as serving (read_write)")
            _fill(connection, served, comments, built_from)
            connection.execute("checkpoint serving")
            connection.execute("detach serving")
    write_pointer(served)
    for old in sorted(directory.glob("*.duckdb"))[:-KEPT_VERSIONS]:
        old.unlink(missing_ok=True)
    return served


def _published(serving_dir: Path, workspace_id: str) -> ServedVersion | None:
    try:
        return read_pointer(serving_dir, workspace_id)
    except (NothingServed, StoreCorrupt):
        return None


def _opens(served: ServedVersion) -> bool:
    """Whether the served file is there, can be read and is the version the pointer names."""
    try:
        with open_locked(served.path) as connection:
            return connection.execute("select version from serving_info").fetchall() == [(served.version,)]
    except duckdb.Error:
        return False


def _next_sequence(directory: Path, before: ServedVersion | None) -> int:
    """A number no version has had, so that no path is ever used twice."""
    names = [path.name for path in directory.glob("*.duckdb")] + ([before.version] if before else [])
    return max((int(name.partition("-")[0]) for name in names), default=0) + 1


def _origin(connection: duckdb.DuckDBPyConnection, workspace_id: str) -> tuple[datetime, str]:
    """The newest observation of the workspace, and in words what its marts were built from."""
    row = connection.execute(
        "select max(last_observed_at) from marts.mart_freshness where workspace_id = ?", [workspace_id]
    ).fetchone()
    if row is None or row[0] is None:
        raise NothingServed(
            f"Workspace {workspace_id} has nothing to publish: import its data with fabric import, then run fabric build."
        )
    batches = connection.execute(
        "select count(*), max(landed_at) from raw.batch where workspace_id = ?", [workspace_id]
    ).fetchone()
    count, newest = batches or (0, None)
    return row[0].astimezone(UTC), f"{count} landed batches, the newest landed at {newest}"


def _comments(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """`comment on` statements for the documentation that dbt left on marts and their columns."""
    rows = connection.execute(
        """
        select 'table', table_name, '', comment from duckdb_tables()
        where schema_name = 'marts' and comment is not null and database_name = current_database()
        union all
        select 'column', table_name, column_name, comment from duckdb_columns()
        where schema_name = 'marts' and comment is not null and database_name = current_database()
        order by all
        """
    ).fetchall()
    return [
        f"comment on {kind} serving.main.{'.'.join(filter(None, (mart, column)))} is {literal(comment)}"
        for kind, mart, column, comment in rows
        if column in MARTS.get(mart, {}) or (kind == "table" and mart in MARTS)
    ]


def _fill(connection: duckdb.DuckDBPyConnection, served: ServedVersion, comments: list[str], built_from: str) -> None:
    for mart in MARTS:
        connection.execute(
            f"create table serving.main.{mart} as {mart_select(mart)} order by all", [served.workspace_id]
        )
    for comment in comments:
        connection.execute(comment)
    connection.execute(
        "create table serving.main.serving_info"
        " (version varchar, workspace_id varchar, as_of timestamptz, digest varchar, built_from varchar)"
    )
    connection.execute(
        "insert into serving.main.serving_info values (?, ?, ?, ?, ?)",
        [served.version, served.workspace_id, served.as_of, served.digest, built_from],
    )
