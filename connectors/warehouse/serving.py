"""Serving files: one read-only DuckDB file per workspace and version, behind a pointer.

`serving/<workspace>/<sequence>-<digest>.duckdb` holds the marts of that workspace alone, in schema `main`, and one row
in `serving_info`. The pointer is replaced atomically once the file is complete, so a reader sees the old version or the
new one, whole. The last three versions stay for readers that are about to open one.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import duckdb

from connectors.warehouse.atomic import replacing
from connectors.warehouse.database import Warehouse, require_marts
from connectors.warehouse.digest import combined, mart_select, rows_digest
from connectors.warehouse.locked import open_locked
from connectors.warehouse.marts import MARTS
from connectors.warehouse.pointer import ServedVersion, read_pointer, serving_directory, write_pointer
from connectors.warehouse.sqltext import literal
from models.errors import NothingServed, StoreCorrupt

KEPT_VERSIONS = 3

Documentation = Mapping[str, Mapping[str, str]]
"""Mart → column → description; the column `""` stands for the mart itself."""

_ORDER = (
    "platform", "account_id", "account_name", "day", "week", "month", "published_at", "first_published_at", "observed_at",
    "post_id", "metric", "rate", "age_hours",
)  # fmt: skip
"""Columns that serving files are sorted by, where a mart has them: pages filter on the first, and DuckDB then skips
blocks of rows."""


def publish(
    warehouse: Warehouse,
    serving_dir: Path,
    workspace_id: str,
    *,
    signature: str = "",
    documentation: Documentation = MappingProxyType({}),
) -> ServedVersion:
    """Publishes the workspace's marts as they are in the warehouse.

    A `signature` of the inputs (`Built.signature`) that is the served version's costs nothing more; otherwise every mart
    is computed once, and rows and documentation equal to the served ones keep that version. `documentation` goes before
    what the warehouse itself says of its marts. Raises `NothingServed` when nothing of the workspace has been observed,
    and `NotFound` before the first build.
    """
    directory = serving_directory(serving_dir, workspace_id)
    before = _published(serving_dir, workspace_id)
    if before is not None and not _opens(before):
        before = replace(before, digest="", signature="")
    if before is not None and signature and before.signature == signature:
        return before
    with warehouse.connect(read_only=True) as connection:
        require_marts(connection)
        temporary = directory / f".cut-{uuid.uuid4().hex}.tmp"
        directory.mkdir(parents=True, exist_ok=True)
        try:
            cut = _cut(connection, temporary, workspace_id, documentation)
            if before is not None and before.digest == cut.digest:
                if before.signature != signature:
                    before = replace(before, signature=signature)
                    write_pointer(before)
                return before
            version = f"{_next_sequence(directory, before):06d}-{cut.digest[:16]}"
            path = directory / f"{version}.duckdb"
            served = ServedVersion(workspace_id, version, path, cut.as_of, cut.digest, True, cut.marts, signature)
            with replacing(path) as final:
                _sign(temporary, served, cut.built_from)
                os.replace(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)
    write_pointer(served)
    for old in sorted(directory.glob("*.duckdb"))[:-KEPT_VERSIONS]:
        old.unlink(missing_ok=True)
    return served


def altered_marts(served: ServedVersion) -> list[str]:
    """Names of the marts whose rows in the served file are not those that the warehouse gave when it was cut."""
    with open_locked(served.path) as connection:
        return [mart for mart in MARTS if rows_digest(connection, mart, mart) != served.marts.get(mart)]


@dataclass(frozen=True)
class _Cut:
    digest: str
    marts: dict[str, str]
    as_of: datetime
    built_from: str


def _cut(connection: duckdb.DuckDBPyConnection, path: Path, workspace_id: str, documentation: Documentation) -> _Cut:
    """Writes the workspace's marts to a new file, all as of one moment. Digests are of the rows as the models gave them."""
    connection.execute(f"attach {literal(str(path))} as serving (read_write)")
    connection.begin()
    as_of, built_from = _origin(connection, workspace_id)
    comments = _comments(connection, documentation)
    marts: dict[str, str] = {}
    for mart, columns in MARTS.items():
        connection.execute(f"create or replace temp table cut as {mart_select(mart)}", [workspace_id])
        marts[mart] = rows_digest(connection, mart, "temp.cut")
        order = ", ".join(name for name in _ORDER if name in columns) or "workspace_id"
        connection.execute(f"create table serving.main.{mart} as select * from temp.cut order by {order}")  # noqa: S608
    connection.execute("drop table temp.cut")
    for comment in comments:
        connection.execute(comment)
    connection.commit()
    connection.execute("detach serving")
    documented = hashlib.sha256("\n".join(comments).encode()).hexdigest()
    return _Cut(combined({**marts, "comments": documented}), marts, as_of, built_from)


def _sign(path: Path, served: ServedVersion, built_from: str) -> None:
    """Adds what the file says about itself."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create table serving_info"
            " (version varchar, workspace_id varchar, as_of timestamptz, digest varchar, built_from varchar)"
        )
        connection.execute(
            "insert into serving_info values (?, ?, ?, ?, ?)",
            [served.version, served.workspace_id, served.as_of, served.digest, built_from],
        )


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


def _comments(connection: duckdb.DuckDBPyConnection, documentation: Documentation) -> list[str]:
    """`comment on` statements for marts and their columns: what dbt left in the warehouse, and `documentation` over it."""
    found = {
        (mart, column): comment
        for mart, column, comment in connection.execute(
            """
            select table_name, '', comment from duckdb_tables()
            where schema_name = 'marts' and comment is not null and database_name = current_database()
            union all
            select view_name, '', comment from duckdb_views()
            where schema_name = 'marts' and comment is not null and database_name = current_database()
            union all
            select table_name, column_name, comment from duckdb_columns()
            where schema_name = 'marts' and comment is not null and database_name = current_database()
            """
        ).fetchall()
    }
    found |= {(mart, column): text for mart, texts in documentation.items() for column, text in texts.items()}
    return [
        f"comment on {'column' if column else 'table'} serving.main.{mart}"
        f"{f'.{chr(34)}{column}{chr(34)}' if column else ''} is {literal(comment)}"
        for (mart, column), comment in sorted(found.items())
        if mart in MARTS and (not column or column in MARTS[mart])
    ]
