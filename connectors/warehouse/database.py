"""The warehouse: one DuckDB file that landing batches load into and dbt builds in.

Every operation opens its own connection and closes it, so no process holds DuckDB's file lock longer than it works.
Loading is replayable: one transaction a batch, so a process killed at any point leaves whole batches only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb

from connectors.warehouse.built import BuildRecord, Built, raw_signatures, read_built, write_built
from connectors.warehouse.digest import mart_digest
from connectors.warehouse.landing import LandedBatch, unreadable
from connectors.warehouse.marts import MARTS
from connectors.warehouse.schema import LOADED, RAW
from connectors.warehouse.sqltext import SESSION
from connectors.warehouse.verdicts import LoadedVolume, Verdict, copy_rows, keep_results, refused_stamps, set_aside
from models.domain.workspace import Workspace
from models.errors import NotFound, StoreCorrupt, WarehouseBusy

if TYPE_CHECKING:
    import polars as pl

    from models.insight.topics import TopicModelResult

_HELD = ("Could not set lock on file", "different configuration than existing", "Unique file handle conflict")

_DEFERRED = "set max_vacuum_tasks = 0"
"""In a session that writes: deleted rows are marked, and their room is given up by a build that finds it worth it."""


class Warehouse:
    """The warehouse at `path`. Another holder of the file is waited for up to `patience` seconds."""

    target = "embedded"
    """The target of profiles.yml that builds in it."""

    def __init__(self, path: Path, *, patience: float = 30.0) -> None:
        self.path = path.expanduser().resolve()
        self._patience = patience

    def prepare(self) -> None:
        """Creates the file and its raw tables where they are missing."""
        with self.connect():
            pass

    def exists(self) -> bool:
        return self.path.exists()

    def dbt_environment(self) -> dict[str, str]:
        """The variables that the target's profile reads."""
        return {"FABRIC_WAREHOUSE": str(self.path)}

    def discard(self) -> None:
        """Deletes the file; the landing files rebuild it."""
        for path in (self.path, self.path.with_name(f"{self.path.name}.wal")):
            path.unlink(missing_ok=True)

    @contextmanager
    def building(self) -> Iterator[None]:
        """Alone among the processes that make models and cut serving files. One file has one writer anyway."""
        yield

    @contextmanager
    def transforming(self) -> Iterator[None]:
        """Around one run of dbt other than a parse: what its engine needs before, and what is left to do after it."""
        yield

    def built(self) -> Built | None:
        """What the models were last built from, None when that is not certain."""
        if not self.exists():
            return None
        with self.connect(read_only=True) as connection:
            return read_built(connection)

    @contextmanager
    def recording(self, project: str) -> Iterator[BuildRecord]:
        """Around one run of dbt: gives what is known of the models, and records `project` once told that it ended well.

        Until then no workspace counts as built. The models of an earlier project stay known as such: taking in a batch
        twice changes nothing, so a run that failed or was killed is made good by the next.
        """
        with self.connect() as connection:
            before, signatures = read_built(connection), raw_signatures(connection)
            with _transaction(connection):
                write_built(
                    connection, replace(before, signatures={}) if before and before.project == project else None
                )
        record = BuildRecord(before.project if before else "")
        yield record
        if record.finished:
            with self.connect() as connection, _transaction(connection):
                write_built(connection, Built(project, signatures))

    def tidy(self) -> None:
        """What storage needs after a build; the file of the embedded engine needs nothing."""

    def load(self, batches: Iterable[LandedBatch], verdicts: Mapping[str, Verdict] = MappingProxyType({})) -> int:
        """Copies the batches not yet loaded into the raw tables, oldest landing first; the number loaded.

        `verdicts` (by `LandedBatch.key`) say which rows go to quarantine instead, and which batches are refused: of those
        only the refusal is kept. A batch without a verdict loads as it is. Raises `StoreCorrupt` for a landing file that
        cannot be read or does not hold what its metadata says; the batches before it stay loaded.
        """
        loaded = 0
        with self.connect() as connection:
            there = _loaded_ids(connection)
            pending = {batch.key: batch for batch in batches if batch.key not in there}
            for batch in sorted(pending.values(), key=lambda b: (b.landed_at, b.batch_id, b.key)):
                verdict = verdicts.get(batch.key)
                if verdict is not None and verdict.refused is not None:
                    self._commit(partial(_refuse, connection, verdict))
                    continue
                self._commit(partial(_load, connection, batch, verdict, self._copy_rows))
                loaded += 1
        return loaded

    def _commit(self, change: Callable[[], None]) -> None:
        """Makes one change, a transaction of its own; an engine with several writers may have to try again."""
        change()

    def refused(self) -> dict[str, str]:
        """Key → stamp of the landing file (`connectors.warehouse.verdicts.stamp`) of the batches refused as a whole."""
        if not self.exists():
            return {}
        with self.connect(read_only=True) as connection:
            return refused_stamps(connection)

    def refusals(self, workspace_ids: Iterable[str]) -> list[str]:
        """A sentence for each batch of the workspaces that was refused as a whole and has not loaded since."""
        with self.connect(read_only=True) as connection:
            rows = connection.execute(
                "select workspace_id, source_file, reason from raw.refused_batch where workspace_id in (select unnest(?)) "
                "order by landed_at, batch_id",
                [list(workspace_ids)],
            ).fetchall()
        return [f"{source_file} of workspace {workspace_id}: {reason}" for workspace_id, source_file, reason in rows]

    def volumes(self) -> list[LoadedVolume]:
        """What each loaded batch held, for comparison with later ones."""
        if not self.exists():
            return []
        with self.connect(read_only=True) as connection:
            rows = connection.execute(
                "select workspace_id, source, source_file, batch_id, observed_at, landed_at, contents + observations "
                "from raw.batch"
            ).fetchall()
        return [LoadedVolume(*row) for row in rows]

    def loaded_ids(self) -> set[str]:
        """Keys (`LandedBatch.key`: workspace/source/batch id) of the batches in the raw tables."""
        if not self.exists():
            return set()
        with self.connect(read_only=True) as connection:
            return _loaded_ids(connection)

    def sync_workspaces(self, workspaces: Iterable[Workspace]) -> bool:
        """Makes the rows of the given workspaces equal to them; others stay. True if something changed."""
        rows = [(w.id, w.name, w.zone, w.plan.value, w.synthetic) for w in workspaces]
        with self.connect() as connection:
            before = set(
                connection.execute("select workspace_id, name, zone, plan, synthetic from raw.workspace").fetchall()
            )
            changed = [row for row in rows if row not in before]
            with _transaction(connection):
                for row in changed:
                    connection.execute("delete from raw.workspace where workspace_id = ?", [row[0]])
                    connection.execute("insert into raw.workspace values (?, ?, ?, ?, ?)", row)
        return bool(changed)

    def topic_documents(self, workspace_id: str) -> pl.DataFrame:
        """The newest version of each piece of content: owner, platform, account_id, entity_id, text, tags (list).

        `text` is title and body, whichever is there. Sorted by its keys.
        """
        with self.connect(read_only=True) as connection:
            return connection.execute(
                """
                select owner, platform, account_id, entity_id, concat_ws(chr(10), title, body) as text,
                    coalesce(from_json(tags, '["VARCHAR"]'), []) as tags
                from raw.content
                where workspace_id = ? and entity_type = 'post'
                qualify row_number() over (
                    partition by platform, account_id, entity_id
                    order by observed_at desc, batch_id desc, source_line desc nulls last, text, url
                ) = 1
                order by owner, platform, account_id, entity_id
                """,
                [workspace_id],
            ).pl()

    def account_names(self, workspace_id: str) -> list[str]:
        """The display names of the accounts that content came from, own and competitors', sorted."""
        with self.connect(read_only=True) as connection:
            rows = connection.execute(
                "select distinct account_name from raw.content where workspace_id = ? and account_name is not null order by 1",
                [workspace_id],
            ).fetchall()
        return [name for (name,) in rows]

    def write_topics(self, workspace_id: str, topics: TopicModelResult) -> bool:
        """Replaces the workspace's topics and assignments in one transaction. True if they differ from before."""
        import polars as pl

        method = pl.lit(topics.method).alias("method")
        workspace = pl.lit(workspace_id).alias("workspace_id")
        found = pl.DataFrame(
            [(t.topic, ", ".join(t.keywords)) for t in topics.topics],
            schema={"topic": pl.String, "keywords": pl.String},
            orient="row",
        ).with_columns(workspace, method)
        assigned = pl.DataFrame(
            [
                (str(a.owner), str(a.platform), a.account_id, a.entity_id, a.topic, float(a.weight), a.is_primary)
                for a in topics.assignments
            ],
            schema={
                "owner": pl.String, "platform": pl.String, "account_id": pl.String, "entity_id": pl.String,
                "topic": pl.String, "weight": pl.Float64, "is_primary": pl.Boolean,
            },
            orient="row",
        ).with_columns(workspace, method)  # fmt: skip
        with self.connect() as connection, _transaction(connection):
            changes = [
                _replace(connection, "topic", workspace_id, found),
                _replace(connection, "content_topic", workspace_id, assigned),
            ]
        return any(changes)

    def mart_digests(self, workspace_id: str) -> dict[str, str]:
        """A digest for each mart over the workspace's rows, independent of their order.

        Raises `NotFound` before the first build.
        """
        with self.connect(read_only=True) as connection:
            require_marts(connection)
            return {mart: mart_digest(connection, mart, workspace_id) for mart in MARTS}

    def delete_workspace(self, workspace_id: str) -> None:
        """Deletes the workspace's rows from every table, raw and built, in one transaction."""
        with self.connect() as connection, _transaction(connection):
            connection.execute("reset max_vacuum_tasks")  # here the room is wanted back, not at some later build
            tables = connection.execute(
                'select format(\'"{}"."{}"\', schema_name, table_name) from duckdb_columns() '
                "join duckdb_tables() using (database_name, schema_name, table_name) "
                "where column_name = 'workspace_id' and database_name = current_database() order by all"
            ).fetchall()
            for (table,) in tables:
                connection.execute(f"delete from {table} where workspace_id = ?", [workspace_id])  # noqa: S608

    @contextmanager
    def connect(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in UTC with the raw tables in place, closed at the end of the block.

        Raises `WarehouseBusy` when another process holds the file for longer than this object's patience,
        `StoreCorrupt` when the file is no database, and `NotFound` when it is to be read and does not exist.
        """
        if read_only and not self.exists():
            raise NotFound(f"There is no warehouse at {self.path} yet: run fabric build.")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = self._open(read_only)
        try:
            connection.execute(SESSION)
            if not read_only:
                connection.execute(_DEFERRED)
                self._create_raw(connection)
            yield connection
        finally:
            connection.close()

    def _create_raw(self, connection: duckdb.DuckDBPyConnection) -> None:
        create_raw(connection)

    def _copy_rows(
        self, connection: duckdb.DuckDBPyConnection, batch: LandedBatch, *, without_left_out: bool
    ) -> list[int]:
        return copy_rows(connection, batch, without_left_out=without_left_out)

    def _open(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        deadline, pause = time.monotonic() + self._patience, 0.02
        while True:
            try:
                return duckdb.connect(str(self.path), read_only=read_only)
            except duckdb.Error as error:
                if not any(sign in str(error) for sign in _HELD):
                    raise StoreCorrupt(
                        f"The warehouse {self.path} cannot be opened ({error}): rebuild it with "
                        "fabric build --from-landing."
                    ) from error
                if time.monotonic() + pause > deadline:
                    raise WarehouseBusy(
                        f"The warehouse {self.path} is in use by another process and did not become free within "
                        f"{self._patience:g} seconds: wait for the running build to end and try again."
                    ) from error
            time.sleep(pause)
            pause = min(pause * 2, 0.5)


def require_marts(connection: duckdb.DuckDBPyConnection) -> None:
    """Raises `NotFound` naming the marts and columns of the contract that have not been built."""
    built: dict[str, set[str]] = {}
    for mart, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where schema_name = 'marts' and database_name = current_database()"
    ).fetchall():
        built.setdefault(mart, set()).add(column)
    missing = [
        mart if mart not in built else f"{mart}.{column}"
        for mart, columns in MARTS.items()
        for column in (columns if mart in built else ("",))
        if mart not in built or column not in built[mart]
    ]
    if missing:
        raise NotFound(f"The warehouse has no {', '.join(missing)}: run fabric build.")


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def create_raw(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the raw tables that are missing, and adds columns that a warehouse of an earlier version does not have."""
    there: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'raw'"
    ).fetchall():
        there.setdefault(table, set()).add(column)
    if all(there.get(table, set()) >= columns.keys() for table, columns in RAW.items()):
        return
    with _transaction(connection):
        connection.execute("create schema if not exists raw")
        for table, columns in RAW.items():
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table if not exists raw.{table} ({listed})")
            for name in columns.keys() - there.get(table, columns.keys()):
                connection.execute(f"alter table raw.{table} add column {name} {columns[name]}")


def _loaded_ids(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {
        key
        for (key,) in connection.execute(
            "select concat_ws('/', workspace_id, source, batch_id) from raw.batch"
        ).fetchall()
    }


def _refuse(connection: duckdb.DuckDBPyConnection, verdict: Verdict) -> None:
    with _transaction(connection):
        keep_results(connection, verdict)


def _load(
    connection: duckdb.DuckDBPyConnection,
    batch: LandedBatch,
    verdict: Verdict | None,
    copy_rows: Callable[..., list[int]],
) -> None:
    with _transaction(connection):
        left_out: Mapping[str, int] = {}
        aside = verdict is not None and verdict.failing is not None
        try:
            if verdict is not None:
                keep_results(connection, verdict)
                left_out = set_aside(connection, verdict) if aside else left_out
            counts = copy_rows(connection, batch, without_left_out=aside)
        except (duckdb.InvalidInputException, duckdb.IOException, duckdb.BinderException) as error:
            raise unreadable(batch.path, error) from error
        found = [count + left_out.get(kind.value, 0) for kind, count in zip(LOADED, counts, strict=True)]
        if found != [batch.contents, batch.observations, batch.rejections]:
            raise unreadable(
                batch.path, ValueError(f"it holds {found} rows of the three kinds, not what its footer says")
            )
        relative = "/".join(batch.path.parts[-3:])
        connection.execute(
            "insert into raw.batch values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                batch.batch_id, batch.workspace_id, batch.source, batch.source_file, batch.observed_at,
                batch.landed_at, *counts, relative,
            ],
        )  # fmt: skip


def _replace(connection: duckdb.DuckDBPyConnection, table: str, workspace_id: str, rows: pl.DataFrame) -> bool:
    columns = ", ".join(RAW[table])
    connection.register("incoming", rows)
    try:
        kept = f"select {columns} from raw.{table} where workspace_id = ?"  # noqa: S608
        new = f"select {columns} from incoming"  # noqa: S608
        differing = connection.execute(
            f"select exists(({kept} except all {new}) union all ({new} except all {kept}))",
            [workspace_id, workspace_id],
        ).fetchone()
        if differing is None or not differing[0]:
            return False
        connection.execute(f"delete from raw.{table} where workspace_id = ?", [workspace_id])  # noqa: S608
        connection.execute(f"insert into raw.{table} {new} order by all")
        return True
    finally:
        connection.unregister("incoming")
