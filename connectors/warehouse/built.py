"""What the models in a warehouse were built from: the project, and for each workspace a signature of its raw rows.

Kept in the warehouse itself, so that it is gone when the warehouse is, and shared by all who share it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from connectors.warehouse.schema import LOADED, RAW

_TABLE = "state.built"


@dataclass(frozen=True)
class Built:
    """One successful build. `project` is a digest of everything but data that decides what the models hold; `signatures`
    are those of the raw rows when it began, by workspace: rows that came later may be in the models or not."""

    project: str
    signatures: Mapping[str, str]

    def signature(self, workspace_id: str) -> str:
        """Equal only when the marts of the workspace are sure to be; empty when nothing is known of its rows."""
        if workspace_id not in self.signatures:
            return ""
        return hashlib.sha256(f"{self.project} {self.signatures[workspace_id]}".encode()).hexdigest()


@dataclass
class BuildRecord:
    """A build that is running. `project` is that of the models as they are, empty when that is not known."""

    project: str
    finished: bool = False

    def finish(self) -> None:
        """Says that every model was built and every test passed."""
        self.finished = True


def raw_signatures(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Workspace → digest (hex) of its raw rows: of every table as a whole, but for those that batches fill, whose row in
    `raw.batch` speaks for them. Costs a pass over the small tables."""
    found: dict[str, list[str]] = {}
    for table, columns in RAW.items():
        if table in LOADED.values() or "workspace_id" not in columns:
            continue
        listed = ", ".join(columns)
        # S608: only names of the schema enter the text.
        rows = connection.execute(
            f"select workspace_id, count(*), sum(hash({listed})) from raw.{table} group by workspace_id"  # noqa: S608
        ).fetchall()
        for workspace_id, count, total in rows:
            found.setdefault(workspace_id, []).append(f"{table} {listed} {count} {total}")
    return {
        workspace_id: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
        for workspace_id, lines in found.items()
    }


def read_built(connection: duckdb.DuckDBPyConnection) -> Built | None:
    """The last build, or None when none of these models has ended well."""
    known = connection.execute(
        "select 1 from duckdb_tables() where schema_name = 'state' and table_name = 'built' "
        "and database_name = current_database()"
    ).fetchone()
    row = connection.execute(f"select project, signatures from {_TABLE}").fetchone() if known else None  # noqa: S608
    return Built(row[0], json.loads(row[1])) if row else None


def write_built(connection: duckdb.DuckDBPyConnection, built: Built | None) -> None:
    """Replaces the record; None leaves none. Inside the caller's transaction."""
    connection.execute("create schema if not exists state")
    connection.execute(f"create table if not exists {_TABLE} (project varchar, signatures varchar)")
    connection.execute(f"delete from {_TABLE}")  # noqa: S608
    if built is not None:
        connection.execute(
            f"insert into {_TABLE} values (?, ?)",  # noqa: S608
            [built.project, json.dumps(dict(built.signatures), sort_keys=True)],
        )
