"""What a serving file is made of: the marts of several workspaces computed once, each cut into a file of its own."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from connectors.warehouse.digest import combined, mart_rows, rows_digest
from connectors.warehouse.marts import MARTS
from connectors.warehouse.pointer import ServedVersion
from connectors.warehouse.sqltext import literal

Documentation = Mapping[str, Mapping[str, str]]
"""Mart → column → description; the column `""` stands for the mart itself."""

_ORDER = (
    "platform", "account_id", "account_name", "day", "week", "month", "published_at", "first_published_at", "observed_at",
    "post_id", "metric", "rate", "age_hours",
)  # fmt: skip
"""Columns that serving files are sorted by, where a mart has them: pages filter on the first, and DuckDB then skips
blocks of rows."""


@dataclass(frozen=True)
class Origin:
    """The newest observation of a workspace (UTC), and in words what its marts were built from."""

    as_of: datetime
    built_from: str


@dataclass(frozen=True)
class Cloth:
    """Every mart as a temporary table of `connection`; `template` is a file with those tables, empty and documented."""

    connection: duckdb.DuckDBPyConnection
    origins: Mapping[str, Origin]
    documented: str
    template: Path

    def digests(self, workspace_id: str) -> dict[str, str]:
        """By mart, of the workspace's rows."""
        mine = f"where workspace_id = {literal(workspace_id)}"
        return {mart: rows_digest(self.connection, mart, f"temp.{mart} {mine}") for mart in MARTS}

    def digest(self, marts: Mapping[str, str]) -> str:
        """Of a whole file: its rows and its documentation."""
        return combined({**marts, "comments": self.documented})

    def write(self, path: Path, served: ServedVersion) -> None:
        """Writes the workspace's marts and what the file says about itself."""
        shutil.copyfile(self.template, path)
        mine = f"where workspace_id = {literal(served.workspace_id)}"
        built_from = self.origins[served.workspace_id].built_from
        with _writing(self.connection, path):
            for mart in MARTS:
                self.connection.execute(f"insert into serving.main.{mart} from temp.{mart} {mine}")
            self.connection.execute(
                "insert into serving.main.serving_info values (?, ?, ?, ?, ?)",
                [served.version, served.workspace_id, served.as_of, served.digest, built_from],
            )


@contextmanager
def computed(
    connection: duckdb.DuckDBPyConnection, workspace_ids: Sequence[str], documentation: Documentation
) -> Iterator[Cloth]:
    """The marts of those workspaces of which something was observed, all as of one moment."""
    connection.begin()
    origins = _origins(connection, workspace_ids)
    comments = _comments(connection, documentation)
    listed = ", ".join(literal(workspace_id) for workspace_id in origins) or "''"
    for mart, columns in MARTS.items():
        # A workspace's rows together, so that cutting it out reads no others.
        order = ", ".join(name for name in ("workspace_id", *_ORDER) if name in columns)
        connection.execute(
            f"create temp table {mart} as from ({mart_rows(mart)}) where workspace_id in ({listed}) order by {order}"
        )
    connection.commit()
    with tempfile.TemporaryDirectory(prefix="fabric-serving-") as folder:
        template = Path(folder) / "template.duckdb"
        _make_template(connection, template, comments)
        documented = hashlib.sha256("\n".join(comments).encode()).hexdigest()
        yield Cloth(connection, origins, documented, template)


def _make_template(connection: duckdb.DuckDBPyConnection, path: Path, comments: Sequence[str]) -> None:
    with _writing(connection, path):
        for mart in MARTS:
            connection.execute(f"create table serving.main.{mart} as from temp.{mart} limit 0")
        for comment in comments:
            connection.execute(comment)
        connection.execute(
            "create table serving.main.serving_info"
            " (version varchar, workspace_id varchar, as_of timestamptz, digest varchar, built_from varchar)"
        )


@contextmanager
def _writing(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    """The file attached as `serving` for one transaction."""
    connection.execute(f"attach {literal(str(path))} as serving (read_write)")
    connection.begin()
    yield
    connection.commit()
    connection.execute("detach serving")


def _origins(connection: duckdb.DuckDBPyConnection, workspace_ids: Sequence[str]) -> dict[str, Origin]:
    """By workspace, of those that have been observed."""
    observed = connection.execute(
        "select workspace_id, max(last_observed_at) from marts.mart_freshness where list_contains(?, workspace_id) "
        "group by workspace_id having max(last_observed_at) is not null order by workspace_id",
        [list(workspace_ids)],
    ).fetchall()
    batches = {
        workspace_id: (count, newest)
        for workspace_id, count, newest in connection.execute(
            "select workspace_id, count(*), max(landed_at) from raw.batch group by workspace_id"
        ).fetchall()
    }
    return {
        workspace_id: Origin(
            as_of.astimezone(UTC),
            "{} landed batches, the newest landed at {}".format(*batches.get(workspace_id, (0, None))),
        )
        for workspace_id, as_of in observed
    }


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
