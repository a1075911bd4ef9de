"""Team mode: the warehouse as a DuckLake, with a PostgreSQL database as its catalogue and Parquet files in one directory.

Several processes, on several machines, read and write it at once. Readers never wait. Writers of raw rows take PostgreSQL
advisory locks, which end with their process: loads into different workspaces run side by side, what replaces rows runs
alone, and one build at a time makes the models.
"""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

import duckdb

from connectors.warehouse.catalogue import Catalogue
from connectors.warehouse.database import Warehouse
from connectors.warehouse.extensions import load_extension
from connectors.warehouse.landing import LandedBatch
from connectors.warehouse.sqltext import SESSION, literal
from connectors.warehouse.verdicts import Verdict
from models.errors import InvalidInput, NotFound, StoreCorrupt, WarehouseBusy

LAKE = "lake"
"""The name the lake is attached under; views in it spell it out."""

SNAPSHOTS_KEPT = timedelta(days=7)
"""How long an old state of the lake can still be read; files of older states are deleted."""

_RETRIES = 100
"""How often a commit is tried again when another process committed first; each retry is a fresh look at the catalogue."""

_SECRET = "fabric_catalogue"


class LakeWarehouse(Warehouse):
    """The lake of a `ducklake:postgresql://…` URL; without `data_path` in it, its files are in `directory`/lake."""

    target = "team"

    def __init__(self, url: str, directory: Path, *, patience: float = 30.0) -> None:
        self._catalogue, data_path = Catalogue.parse(url.partition(":")[2])
        super().__init__(Path(data_path) if data_path else directory / "lake", patience=patience)
        self._url = url
        self._directory = directory
        self._appends_to: str | None = None

    def exists(self) -> bool:
        with self._catalogue.connect() as connection:
            if connection.execute("select to_regclass('ducklake_table')").fetchone() == (None,):
                return False
            built = "select from ducklake_table where table_name = 'batch' and end_snapshot is null"
            return connection.execute(f"select exists({built})").fetchone() == (True,)

    def dbt_environment(self) -> dict[str, str]:
        """What the profile's plugin (`connectors.warehouse.lake_plugin`) opens the lake with."""
        return {"FABRIC_LAKE_URL": self._url, "FABRIC_LAKE_DIRECTORY": str(self._directory)}

    def discard(self) -> None:
        """Drops every table; the landing files rebuild them. Files go once no snapshot that is kept needs them."""
        if not self.exists():
            return
        with self.building(), self.connect() as connection:
            schemas = connection.execute(
                "select schema_name from duckdb_schemas() where database_name = ? and schema_name <> 'main'", [LAKE]
            ).fetchall()
            for (schema,) in schemas:
                connection.execute(f'drop schema "{schema}" cascade')

    def load(self, batches: Iterable[LandedBatch], verdicts: Mapping[str, Verdict] = MappingProxyType({})) -> int:
        """As `Warehouse.load`, one workspace after the other, each beside loads into other workspaces."""
        ordered = sorted(batches, key=lambda batch: batch.workspace_id)
        return sum(
            self._load_beside(workspace_id, list(group), verdicts)
            for workspace_id, group in groupby(ordered, key=lambda batch: batch.workspace_id)
        )

    def _load_beside(self, workspace_id: str, batches: list[LandedBatch], verdicts: Mapping[str, Verdict]) -> int:
        appender = copy.copy(self)
        appender._appends_to = workspace_id
        return super(LakeWarehouse, appender).load(batches, verdicts)

    def _commit(self, change: Callable[[], None]) -> None:
        """Tries again while another process changes the same file: DuckLake finds that out when committing."""
        for _ in range(_RETRIES):
            try:
                return change()
            except duckdb.TransactionException:
                time.sleep(random.uniform(0.02, 0.2))
        raise WarehouseBusy(self._busy())

    def delete_workspace(self, workspace_id: str) -> None:
        with self.building():
            super().delete_workspace(workspace_id)

    @contextmanager
    def building(self) -> Iterator[None]:
        with self._lock("build"):
            yield

    def tidy(self) -> None:
        """Merges small files, and deletes files that only states older than `SNAPSHOTS_KEPT` need."""
        older = f"older_than => now() - interval '{SNAPSHOTS_KEPT.days} days'"
        with self.building(), self.connect() as connection:
            connection.execute(f"call ducklake_flush_inlined_data('{LAKE}')")
            connection.execute(f"call ducklake_merge_adjacent_files('{LAKE}')")
            connection.execute(f"call ducklake_expire_snapshots('{LAKE}', {older})")
            connection.execute(f"call ducklake_cleanup_old_files('{LAKE}', {older})")

    @contextmanager
    def connect(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection whose tables are the lake's, closed at the end of the block; a writer holds its lock as long.

        Raises `NotFound` when the lake is to be read and is empty, `WarehouseBusy` when another writer does not end in
        time, `InvalidInput` when the catalogue cannot be reached.
        """
        if read_only and not self.exists():
            raise NotFound(f"There is no warehouse in {self._catalogue} yet: run fabric build.")
        with ExitStack() as stack:
            if not read_only:
                stack.enter_context(self._lock("raw", shared=self._appends_to is not None))
                if self._appends_to is not None:
                    stack.enter_context(self._lock(f"raw/{self._appends_to}"))
            connection = stack.enter_context(duckdb.connect())
            connection.execute(SESSION)
            if read_only:
                self.attach(connection, read_only=True)
            else:
                with self._lock("schema"):  # two first writers would both make the catalogue
                    self.attach(connection)
                    self._create_raw(connection)
            yield connection

    def attach(self, connection: duckdb.DuckDBPyConnection, *, read_only: bool = False) -> None:
        """Attaches the lake as `lake` and makes it the default; the first time ever this makes its catalogue."""
        for extension in ("ducklake", "postgres_scanner"):
            load_extension(connection, extension)
        self.path.mkdir(parents=True, exist_ok=True)
        connection.execute(self._catalogue.secret(_SECRET))
        connection.execute(f"set ducklake_max_retry_count = {_RETRIES}")
        options = [f"data_path {literal(f'{self.path}/')}", f"meta_secret '{_SECRET}'"]
        options += ["read_only"] if read_only else []
        path = literal(f"ducklake:postgres:{self._catalogue.options()}")
        try:
            connection.execute(f"attach {path} as {LAKE} ({', '.join(options)})")
            connection.execute(f"use {LAKE}")
        except duckdb.Error as error:
            raise self._refused(error) from None

    def _lock(self, name: str, *, shared: bool = False) -> AbstractContextManager[None]:
        return self._catalogue.lock(name, shared=shared, patience=self._patience, busy=self._busy())

    def _busy(self) -> str:
        return (
            f"The lake in {self._catalogue} is in use by another process and did not become free within "
            f"{self._patience:g} seconds: wait for the running build to end and try again."
        )

    def _refused(self, error: duckdb.Error) -> InvalidInput | StoreCorrupt:
        text = str(error)
        if "Unable to connect to Postgres" in text:
            return InvalidInput(self._catalogue.unreachable(error))
        if "DATA_PATH" in text:
            return InvalidInput(
                f"The lake in {self._catalogue} keeps its files elsewhere than in {self.path}: name that directory in "
                "FABRIC_WAREHOUSE_URL as ?data_path=…, the same on every machine."
            )
        return StoreCorrupt(
            f"The lake in {self._catalogue} cannot be opened ({' '.join(text.split())}): restore its catalogue from a "
            "backup, or empty the database and run fabric build --from-landing."
        )
