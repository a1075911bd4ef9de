"""The PostgreSQL database that a lake is catalogued in: where it is, how to reach it, and locks in it.

The password is in no text that leaves this module but the secret that DuckDB is given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from connectors.warehouse.sqltext import literal
from models.errors import InvalidInput, WarehouseBusy

SCHEMES = ("postgresql", "postgres")
_IN_SECRET = {"host": "host", "port": "port", "dbname": "database", "user": "user", "password": "password"}
_WAIT_SECONDS = 10


@dataclass(frozen=True)
class Catalogue:
    """A PostgreSQL database by its libpq parameters."""

    parameters: dict[str, str]

    @classmethod
    def parse(cls, url: str) -> tuple[Catalogue, str]:
        """The catalogue of a `postgresql://user:password@host:port/database?…` URL, and its `data_path` (may be empty).

        Every other parameter of the URL is libpq's own, such as sslmode. Raises `InvalidInput` for anything else.
        """
        try:
            parts = urlsplit(url)
            asked = parse_qsl(parts.query, keep_blank_values=True)
            data_path = "".join(value for name, value in asked if name == "data_path")
            rest = urlencode([(name, value) for name, value in asked if name != "data_path"])
            given = conninfo_to_dict(urlunsplit(parts._replace(query=rest))) | (
                {"port": parts.port} if parts.port else {}
            )
        except (ValueError, psycopg.ProgrammingError):
            given, parts, data_path = {}, urlsplit(""), ""
        if parts.scheme not in SCHEMES or not given.get("dbname"):
            raise InvalidInput(
                "FABRIC_WAREHOUSE_URL names no lake: write it as ducklake:postgresql://user:password@host:port/database, "
                "special characters percent-encoded, see docs/team.md."
            )
        return cls({name: str(value) for name, value in given.items()}), data_path

    def __str__(self) -> str:
        found = self.parameters
        return f"{found.get('host', 'localhost')}:{found.get('port', '5432')}/{found['dbname']}"

    def __repr__(self) -> str:
        return f"Catalogue({self})"

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """A connection in autocommit, closed at the end. Raises `InvalidInput` when there is nothing to connect to."""
        waits = {"connect_timeout": str(_WAIT_SECONDS), "application_name": "fabric"}
        try:
            connection = psycopg.connect(**{**waits, **self.parameters}, autocommit=True)  # type: ignore[arg-type]
        except psycopg.OperationalError as error:
            raise InvalidInput(self.unreachable(error)) from None
        with connection:
            yield connection

    def unreachable(self, error: Exception) -> str:
        """One sentence for an error of connecting, without the password."""
        reason = " ".join(str(error).split())
        if password := self.parameters.get("password"):
            reason = reason.replace(password, "…")
        return (
            f"The lake's catalogue {self} cannot be reached ({reason}): start that PostgreSQL server or correct "
            "FABRIC_WAREHOUSE_URL, see docs/team.md."
        )

    @contextmanager
    def lock(self, name: str, *, shared: bool = False, patience: float, busy: str) -> Iterator[None]:
        """Holds the catalogue's advisory lock `name`, alone or shared; it ends with this process at the latest.

        Raises `WarehouseBusy(busy)` when others do not let go of it within `patience` seconds.
        """
        key = int.from_bytes(hashlib.sha256(f"fabric/{name}".encode()).digest()[:8], "big", signed=True)
        kind = "pg_advisory_lock_shared" if shared else "pg_advisory_lock"
        with self.connect() as connection:
            connection.execute("select set_config('lock_timeout', %s, false)", [f"{max(1, round(patience * 1000))}ms"])
            try:
                connection.execute(f"select {kind}(%s)", [key])
            except psycopg.errors.LockNotAvailable:
                raise WarehouseBusy(busy) from None
            yield

    def secret(self, name: str) -> str:
        """The DuckDB statement that makes a secret of how to reach the catalogue."""
        values = [
            f"{field} {literal(self.parameters[key])}" for key, field in _IN_SECRET.items() if key in self.parameters
        ]
        return f"create secret {name} (type postgres, {', '.join(values)})"

    def options(self) -> str:
        """The other parameters as a libpq connection string."""
        others = {name: value for name, value in self.parameters.items() if name not in _IN_SECRET}
        escaped = {name: value.replace("\\", "\\\\").replace("'", "\\'") for name, value in others.items()}
        return " ".join(f"{name}='{value}'" for name, value in escaped.items())
