"""Reading served marts: always one whole version, read-only, closed to files and to other workspaces.

A serving file holds one workspace. It is opened without access to files or network and with its settings locked, so an
analyst's query can read the marts and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from connectors.warehouse.locked import open_locked
from connectors.warehouse.pointer import ServedVersion, read_pointer
from models.errors import InvalidInput, StoreCorrupt

if TYPE_CHECKING:
    import polars as pl

_READS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
_ATTEMPTS = 5
_KEPT = 8


class OpenVersion:
    """One open serving version. Tables are the marts and `serving_info`; instants are UTC."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, served: ServedVersion) -> None:
        self._connection = connection
        self.version = served.version
        self.as_of: datetime = served.as_of
        self.digest = served.digest

    def query(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        """The rows of one select. Raises `InvalidInput` with the database's own words when it cannot be run."""
        try:
            return self._run(sql, params).pl()
        except duckdb.Error as error:
            raise _refused(error) from error

    def scalar(self, sql: str, params: Sequence[object] = ()) -> Any:
        """The value of a select of one column and at most one row; None without a row."""
        try:
            result = self._run(sql, params)
            rows = result.fetchmany(2)
        except duckdb.Error as error:
            raise _refused(error) from error
        if len(rows) > 1 or len(result.description or ()) != 1:
            raise InvalidInput(f"This query must give one row with one column, and gives more: {sql}")
        return rows[0][0] if rows else None

    def _run(self, sql: str, params: Sequence[object]) -> duckdb.DuckDBPyConnection:
        statements = self._connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type not in _READS:
            raise InvalidInput("Only one select statement at a time can be run here.")
        return self._connection.execute(statements[0], list(params))


class ServingReader:
    """Reads what `connectors.warehouse.serving.publish` wrote.

    The versions opened last stay open in the background, because opening a database file anew costs some 20 ms and a
    further session on an open one 1 ms. Every `open` still reads the pointer first.
    """

    def __init__(self, serving_dir: Path) -> None:
        self._serving_dir = serving_dir
        self._kept: dict[str, tuple[str, duckdb.DuckDBPyConnection]] = {}
        self._lock = threading.Lock()

    def current(self, workspace_id: str) -> ServedVersion:
        """The version to read now. Raises `NothingServed` before the first build."""
        return read_pointer(self._serving_dir, workspace_id)

    @contextmanager
    def open(self, workspace_id: str) -> Iterator[OpenVersion]:
        """The current version, open for the length of the block; a newer one published meanwhile does not show.

        Raises `NothingServed` before the first build and `StoreCorrupt` when the served file cannot be read.
        """
        connection, served = self._connect(workspace_id)
        try:
            yield OpenVersion(connection, served)
        finally:
            connection.close()

    def _connect(self, workspace_id: str) -> tuple[duckdb.DuckDBPyConnection, ServedVersion]:
        served = self.current(workspace_id)
        for _ in range(_ATTEMPTS):
            try:
                return self._session(served), served
            except duckdb.Error as error:
                newer = self.current(workspace_id)
                if newer.version == served.version:
                    raise StoreCorrupt(
                        f"The serving file {served.path} of workspace {workspace_id} cannot be opened ({error}): "
                        "run fabric build to publish it again."
                    ) from error
                served = newer  # pruned between reading the pointer and opening
        raise StoreCorrupt(
            f"The serving files of workspace {workspace_id} were replaced {_ATTEMPTS} times while opening: "
            "try again when the running builds have ended."
        )

    def _session(self, served: ServedVersion) -> duckdb.DuckDBPyConnection:
        session = open_locked(served.path)
        with self._lock:
            version, keeper = self._kept.pop(served.workspace_id, ("", None))
            if keeper is None or version != served.version:
                if keeper is not None:
                    keeper.close()
                keeper = open_locked(served.path)
            self._kept[served.workspace_id] = (served.version, keeper)
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))[1].close()
        return session


def _refused(error: duckdb.Error) -> InvalidInput:
    return InvalidInput(f"The query cannot be run: {error}")
