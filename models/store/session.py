"""One transaction at a time on one connection, with errors in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql import Select

from models.errors import Conflict
from models.store.engine import BEGIN_IMMEDIATE
from models.store.failures import translated


class Session:
    """What repositories run their statements on. A transaction begins with the first statement after a commit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._writing = False

    @property
    def backend(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def writing(self) -> bool:
        """True between the first write (or `begin_write`) and the next commit or rollback."""
        return self._writing

    def begin_write(self) -> None:
        """Starts a writing transaction unless one is open; what was read before it is read anew.

        SQLite takes the write lock here, so what is checked afterwards still holds at commit; PostgreSQL locks rows
        (`select … for update`) as they are read.
        """
        if self._writing:
            return
        self.rollback()
        self._writing = True
        with translated():
            connection = self._open().execution_options(**{BEGIN_IMMEDIATE: True})
            connection.begin()

    def rows(self, statement: Select[Any]) -> list[Row[Any]]:
        with translated():
            return list(self._open().execute(statement).all())

    def row(self, statement: Select[Any]) -> Row[Any] | None:
        """The first row, or None."""
        with translated():
            return self._open().execute(statement).first()

    def write(self, statement: Executable, *, conflict: str | None = None) -> int:
        """Runs an insert, update or delete; gives how many rows an update or delete met.

        Raises `Conflict` with the words of `conflict` when a constraint refuses the change.
        """
        return self._change(statement, conflict).rowcount

    def insert_new(self, table: Table, values: Mapping[str, Any], *, conflict: str | None = None) -> bool:
        """Inserts the row unless one with its primary key exists; True if it was inserted."""
        key = list(table.primary_key.columns)
        insert = postgresql.insert if self.backend == "postgresql" else sqlite.insert
        statement = insert(table).values(values).on_conflict_do_nothing(index_elements=key).returning(*key)
        return self._change(statement, conflict).first() is not None

    def _change(self, statement: Executable, conflict: str | None) -> CursorResult[Any]:
        self._writing = True
        with translated():
            try:
                return self._open().execute(statement)
            except IntegrityError as error:
                if conflict is None:
                    raise
                raise Conflict(conflict) from error

    def commit(self) -> None:
        if self._connection is not None:
            with translated():
                self._connection.commit()
        self._end()

    def rollback(self) -> None:
        if self._connection is not None:
            with translated():
                self._connection.rollback()
        self._end()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._writing = False

    def _end(self) -> None:
        self._writing = False
        if self._connection is not None:
            self._connection.execution_options(**{BEGIN_IMMEDIATE: False})

    def _open(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection
