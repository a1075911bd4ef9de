"""The distributed warehouse: Apache Spark builds the models, Parquet directories hold them, DuckDB reads them.

Below `warehouse/spark` of the home:

- `fabric.duckdb`: the raw tables that FABRIC itself writes, and views over everything else. What landed is not copied
  into it: `raw.content`, `raw.metric_observation` and `raw.rejection` read the landing files of the loaded batches.
- `accepted/<workspace>/<source>/<batch>.parquet`: what is left of a batch that the quality gate took rows out of; it
  stands in for the landing file.
- `raw/<table>/`: the small tables as Parquet, written before a run. `session.json`: what Spark registers as it begins.
- `tables/<schema>/<model>/`: what dbt built, as Parquet.

So whoever reads marts (serving files, digests, checks) reads DuckDB as in the other modes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import duckdb

from connectors.warehouse.atomic import replacing
from connectors.warehouse.columns import BIGINT, BOOLEAN, DOUBLE, TIMESTAMPTZ, VARCHAR
from connectors.warehouse.database import Warehouse
from connectors.warehouse.driver import Driver, stop_session
from connectors.warehouse.landing import LandedBatch
from connectors.warehouse.schema import LANDING, LOADED, RAW
from connectors.warehouse.sqltext import literal
from connectors.warehouse.verdicts import Verdict

_SPARK_TYPES = {VARCHAR: "string", BIGINT: "bigint", DOUBLE: "double", BOOLEAN: "boolean", TIMESTAMPTZ: "timestamp"}
_KINDS = {table: kind.value for kind, table in LOADED.items()}
_OWN = tuple(table for table in RAW if table not in _KINDS)
"""Raw tables that are no landing files."""
_ROUNDED = (
    "create or replace temporary function rounded(value double, decimals int) returns double "
    "return round(value * power(10, decimals)) / power(10, decimals)"
)
"""Rounds as DuckDB does: halves of the binary value; Spark's own rounding looks at the shortest text of it."""


class SparkWarehouse(Warehouse):
    """The warehouse of a `spark:` URL in `directory`/spark, over the landing files below `landing`."""

    target = "distributed"

    def __init__(self, url: str, directory: Path, landing: Path, *, patience: float = 30.0) -> None:
        self._directory = directory.expanduser().resolve() / "spark"
        super().__init__(self._directory / "fabric.duckdb", patience=patience)
        self._driver = Driver.parse(url)
        self._landing = landing.expanduser().resolve()
        self._accepted = self._directory / "accepted"

    def dbt_environment(self) -> dict[str, str]:
        """What the profile reads and what starts Spark's driver. Raises `InvalidInput` without Java or PySpark."""
        return {**self._driver.environment(), "FABRIC_SPARK_DIR": str(self._directory)}

    def discard(self) -> None:
        shutil.rmtree(self._directory, ignore_errors=True)

    def load(self, batches: Iterable[LandedBatch], verdicts: Mapping[str, Verdict] = MappingProxyType({})) -> int:
        """As `Warehouse.load`; the views see the first file of a directory once it is there."""
        loaded = super().load(batches, verdicts)
        with self.connect():
            return loaded

    def delete_workspace(self, workspace_id: str) -> None:
        """Deletes the workspace's raw rows and all tables that were built, which hold its rows: every build makes all of
        them anew."""
        with self.connect() as connection:
            for table in _OWN:
                connection.execute(f"delete from raw.{table} where workspace_id = ?", [workspace_id])  # noqa: S608
            for holding in (self._accepted / workspace_id, self._directory / "raw", self._directory / "tables"):
                shutil.rmtree(holding, ignore_errors=True)
            self._create_raw(connection)
            self._show_built(connection)

    @contextmanager
    def transforming(self) -> Iterator[None]:
        """Gives Spark the raw tables; afterwards stops it and makes what it built visible in DuckDB."""
        with self.connect() as connection:
            self._export(connection)
        try:
            yield
        finally:
            stop_session()
            with self.connect() as connection:
                self._show_built(connection)

    def _create_raw(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute("create schema if not exists raw")
        for table in _OWN:
            listed = ", ".join(f"{name} {kind}" for name, kind in RAW[table].items())
            connection.execute(f"create table if not exists raw.{table} ({listed})")
        # A view carries its own text as its comment: a landing of many files is not listed where nothing changed.
        there = dict(
            connection.execute("select view_name, comment from duckdb_views() where schema_name = 'raw'").fetchall()
        )
        for table, kind in _KINDS.items():
            rows = _landed_rows(table, kind, _files(self._landing), _files(self._accepted))
            if there.get(table) != rows:
                connection.execute(f"create or replace view raw.{table} as {rows}")
                connection.execute(f"comment on view raw.{table} is {literal(rows)}")

    def _copy_rows(
        self, connection: duckdb.DuckDBPyConnection, batch: LandedBatch, *, without_left_out: bool
    ) -> list[int]:
        """Copies nothing but a batch that rows are taken out of; how many rows of each kind are in."""
        parameters = [str(batch.path), batch.workspace_id]
        rows = "read_parquet(?, file_row_number = true) where workspace_id = ?"
        if without_left_out:
            rows += " and file_row_number not in (select file_row_number from left_out)"
            with replacing(self._accepted.joinpath(*batch.path.parts[-3:])) as temporary:
                # S608: only names of the contract and paths of the installation enter the text.
                connection.execute(
                    f"copy (select {', '.join(LANDING)} from {rows}) to {literal(str(temporary))} (format parquet)",  # noqa: S608
                    parameters,
                )
        counted = f"select kind, count(*) from {rows} group by kind"  # noqa: S608
        counts = dict(connection.execute(counted, parameters).fetchall())
        return [counts.get(kind, 0) for kind in _KINDS.values()]

    def _export(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Writes FABRIC's own raw tables as Parquet, and the statements that make Spark's catalogue."""
        statements: list[tuple[str, str]] = [("", _ROUNDED), ("raw", "create schema if not exists raw")]
        for table in _OWN:
            directory = self._directory / "raw" / table
            with replacing(directory / "rows.parquet") as temporary:
                connection.execute(f"copy raw.{table} to {literal(str(temporary))} (format parquet)")
            statements.append((f"raw.{table}", _registration(f"raw.{table}", directory)))
        columns = ", ".join(f"{name} {_SPARK_TYPES[kind]}" for name, kind in LANDING.items())
        for name, directory in (("landed", self._landing), ("accepted", self._accepted)):
            directory.mkdir(parents=True, exist_ok=True)
            options = f"path {_text(directory)}, recursiveFileLookup 'true', pathGlobFilter '*.parquet'"
            statement = f"create table if not exists raw.{name} ({columns}) using parquet options ({options})"
            statements.append((f"raw.{name}", statement))
        for table, kind in _KINDS.items():
            rows = _landed_rows(table, kind, "raw.landed", "raw.accepted")
            statements.append((f"raw.{table}", f"create or replace view raw.{table} as {rows}"))
        for schema, directories in self._built().items():
            statements.append((schema, f"create schema if not exists {schema}"))
            statements += [
                (f"{schema}.{path.name}", _registration(f"{schema}.{path.name}", path)) for path in directories
            ]
        with replacing(self._directory / "session.json") as temporary:
            lines = [
                json.dumps({"position": position, "relation": relation, "statement": statement})
                for position, (relation, statement) in enumerate(statements)
            ]
            temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _built(self) -> dict[str, list[Path]]:
        """The directories of built tables, by schema."""
        found: dict[str, list[Path]] = {}
        for directory in sorted((self._directory / "tables").glob("*/*")):
            if next(directory.glob("*.parquet"), None) is not None:
                found.setdefault(directory.parent.name, []).append(directory)
        return found

    def _show_built(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Makes a view for each built table and drops those of tables that are gone."""
        built = self._built()
        shown = connection.execute(
            "select schema_name, view_name from duckdb_views() where database_name = current_database() "
            "and not internal and schema_name not in ('raw', 'main')"
        ).fetchall()
        for schema, view in shown:
            if view not in {path.name for path in built.get(schema, [])}:
                connection.execute(f'drop view "{schema}"."{view}"')
        for schema, directories in built.items():
            connection.execute(f'create schema if not exists "{schema}"')
            for path in directories:
                rows = f"select * from read_parquet({literal(str(path / '*.parquet'))})"  # noqa: S608
                connection.execute(f'create or replace view "{schema}"."{path.name}" as {rows}')


def _files(root: Path) -> str:
    """SQL for the rows of every batch file below `root`, which DuckDB refuses to read when there is none."""
    if next(root.glob("*/*/*.parquet"), None) is None:
        nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in LANDING.items())
        return f"(select {nothing} where false)"
    return f"read_parquet({literal(str(root / '*' / '*' / '*.parquet'))})"


def _landed_rows(table: str, kind: str, landed: str, accepted: str) -> str:
    """SQL, for both engines, of one raw table: the landing files of loaded batches, but what was accepted of those that
    have rows in quarantine."""
    columns = ", ".join(RAW[table])
    same = "known.workspace_id = files.workspace_id and known.source = files.source and known.batch_id = files.batch_id"
    # S608: only names of the contract and paths of the installation enter the text.
    loaded = f"kind = '{kind}' and exists (select 1 from raw.batch as known where {same})"  # noqa: S608
    aside = f"exists (select 1 from raw.quarantine as known where {same})"  # noqa: S608
    return (
        f"select {columns} from {landed} as files where {loaded} and not {aside} "  # noqa: S608
        f"union all select {columns} from {accepted} as files where {loaded} and {aside}"
    )


def _registration(relation: str, directory: Path) -> str:
    return f"create table if not exists {relation} using parquet location {_text(directory)}"


def _text(path: Path) -> str:
    """A path as a Spark literal, where a backslash escapes."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"
