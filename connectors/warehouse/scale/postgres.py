# ruff: noqa: S608 (every statement is made of the constants below)
"""The same rollup in PostgreSQL and in DuckDB, over the same readings on the same machine: the newest known value per metric.

PostgreSQL is a server started for this alone, reached over a Unix socket, loaded with COPY, indexed for the question and
analysed before it is asked. Where it can answer in more than one way, the fastest counts.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from connectors.warehouse.sqltext import SESSION, literal
from models.errors import InvalidInput

if TYPE_CHECKING:
    import psycopg

_KEY = "workspace_id, platform, account_id, entity_id, metric"
_COLUMNS = f"{_KEY}, value, observed_at"
_SETTINGS = (
    "listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=1GB", "work_mem=512MB",
    "maintenance_work_mem=512MB", "max_wal_size=8GB", "max_parallel_workers_per_gather=2", "jit=off",
)  # fmt: skip
_START_SECONDS = 60

WAYS = {
    "distinct on": f"create unlogged table {{into}} as select distinct on ({_KEY}) {_KEY}, value from readings"
    f" order by {_KEY}, observed_at desc",
    "group by": f"create unlogged table {{into}} as select {_KEY}, (array_agg(value order by observed_at desc))[1] as value"
    f" from readings group by {_KEY}",
}
"""The two usual ways to ask PostgreSQL for the newest value of each group."""

_SUMMARY = "select metric, count(*), count(value), sum(value) from {table} group by metric order by metric"


@dataclass(frozen=True)
class Beside:
    """Seconds of the rollup in each engine. `equal` says that both gave the same counts and sums for every metric."""

    rows: int
    groups: int
    duckdb_seconds: float
    postgres_seconds: dict[str, float]
    postgres_load_seconds: float
    postgres_version: str
    equal: bool

    @property
    def ratio(self) -> float:
        """How many times as long PostgreSQL takes in its fastest way."""
        return min(self.postgres_seconds.values()) / self.duckdb_seconds


def compare(landing: Path, *, threads: int = 2) -> Beside:
    """Rolls up the readings of the landing files below `landing` in both engines.

    Raises `InvalidInput` when PostgreSQL's server binaries or its driver are not installed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="fabric-rollup-") as folder,
        _database(Path(folder), landing, threads) as duck,
    ):
        rows = _number(duck.execute("select count(*) from readings").fetchone())
        started = time.perf_counter()
        duck.execute(
            f"create table newest as select {_KEY}, max_by(value, observed_at) as value from readings group by {_KEY}"
        )
        duck_seconds = time.perf_counter() - started
        summary = duck.execute(_SUMMARY.format(table="newest")).fetchall()
        table = Path(folder) / "readings.csv"
        duck.execute(f"copy (select {_COLUMNS} from readings) to {literal(str(table))} (format csv, header false)")
        with _server() as postgres:
            loaded = _load(postgres, table)
            table.unlink()
            seconds, equal = {}, True
            for number, (way, statement) in enumerate(WAYS.items()):
                into = f"newest_{number}"
                started = time.perf_counter()
                postgres.execute(statement.format(into=into))
                seconds[way] = time.perf_counter() - started
                equal = equal and postgres.execute(_SUMMARY.format(table=into)).fetchall() == summary
            version = str(postgres.info.server_version)
    return Beside(rows, sum(row[1] for row in summary), duck_seconds, seconds, loaded, version, equal)


@contextmanager
def _database(folder: Path, landing: Path, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB file with the readings as a table, as the warehouse holds them."""
    with duckdb.connect(str(folder / "readings.duckdb")) as connection:
        connection.execute(
            f"{SESSION}; set memory_limit = '4GB'; set preserve_insertion_order = false; set threads = {threads}"
        )
        connection.execute(
            f"create table readings as select {_COLUMNS} from read_parquet({literal(f'{landing}/*/*/*.parquet')})"
            " where kind = 'observation' and value is not null"
        )
        connection.execute("checkpoint")
        yield connection


def _load(postgres: psycopg.Connection[Any], table: Path) -> float:
    """Seconds to copy, index and analyse the readings."""
    started = time.perf_counter()
    postgres.execute(
        "create unlogged table readings (workspace_id text, platform text, account_id text, entity_id text, metric text,"
        " value double precision, observed_at timestamptz)"
    )
    with (
        postgres.cursor().copy(f"copy readings ({_COLUMNS}) from stdin (format csv)") as copy,
        table.open("rb") as file,
    ):
        while chunk := file.read(1 << 20):
            copy.write(chunk)
    postgres.execute(f"create index on readings ({_KEY}, observed_at desc) include (value)")
    postgres.execute("vacuum analyze readings")
    return time.perf_counter() - started


@contextmanager
def _server() -> Iterator[psycopg.Connection[Any]]:
    """A connection to a PostgreSQL of its own, gone with everything in it at the end of the block."""
    binaries = _binaries()
    directory = Path(tempfile.mkdtemp(prefix="fabric-postgres-"))
    account: dict[str, Any] = {"cwd": directory}
    if os.geteuid() == 0:  # PostgreSQL refuses to be root
        shutil.chown(directory, "nobody", "nogroup")
        account |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
    data, log = directory / "data", directory / "log"
    command: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "fabric",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    subprocess.run(command, check=True, capture_output=True, **account)
    options = [part for setting in _SETTINGS for part in ("-c", setting)]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", directory, *options], stdout=out, stderr=out, **account
        )
    try:
        with _connected(directory, server, log) as connection:
            yield connection
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: the directory goes anyway
        server.wait(timeout=30)
        shutil.rmtree(directory, ignore_errors=True)


def _connected(directory: Path, server: subprocess.Popen[bytes], log: Path) -> psycopg.Connection[Any]:
    try:
        import psycopg
    except ImportError as error:
        raise InvalidInput("PostgreSQL's driver psycopg is not installed: install the extra postgres.") from error
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            return psycopg.connect(
                f"host={directory} user=fabric dbname=postgres options='-c TimeZone=UTC'", autocommit=True
            )
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise InvalidInput(f"PostgreSQL did not start: {log.read_text(encoding='utf-8')[-500:]}") from error
        time.sleep(0.1)


def _binaries() -> Path:
    """Where PostgreSQL's server binaries are; Debian keeps them off the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        places.insert(0, Path(found).parent)
    for place in places:
        if (place / "initdb").exists():
            return place
    raise InvalidInput("PostgreSQL's server binaries are missing: install Debian's package postgresql.")


def _number(row: tuple[Any, ...] | None) -> int:
    return int(row[0]) if row else 0
