"""A person's own select over the marts of one workspace, run in a process of its own with limits.

The process gets a neutral name for the serving file (a hard link in a folder made for this query), an empty environment,
limits on time, memory and rows, and no way to files, network, settings or other workspaces; see `query_worker`.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.warehouse.pointer import read_pointer
from models.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

_WORKER = Path(__file__).with_name("query_worker.py")
_FILE = "marts.duckdb"
LONGEST_SQL = 20_000
AT_ONCE = 2
"""Queries that one process runs at a time; more wait."""
_running = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Limits:
    """Seconds of wall time, rows given back, and megabytes the query may hold."""

    seconds: int = 20
    rows: int = 10_000
    memory_mb: int = 512


@dataclass(frozen=True)
class Answer:
    """`rows` of the version named; `truncated` when the select gives more than the limit."""

    rows: pl.DataFrame
    truncated: bool
    version: str


def ask(serving_dir: Path, workspace_id: str, sql: str, limits: Limits = Limits()) -> Answer:
    """The rows of one select over the workspace's current marts.

    Raises `NothingServed` before the first build, and `InvalidInput` with the reason for what is no single select, cannot
    be run, or exceeds a limit.
    """
    import polars as pl

    if len(sql) > LONGEST_SQL:
        raise InvalidInput(f"The query has {len(sql):,} characters: at most {LONGEST_SQL:,} can run here.")
    served = read_pointer(serving_dir, workspace_id)
    with _turn(limits), _neutral(served.path) as file:
        request = {
            "file": str(file), "sql": sql.strip().rstrip(";"), "rows": limits.rows, "seconds": limits.seconds,
            "memory_mb": limits.memory_mb,
        }  # fmt: skip
        output = _run(request, file.parent, limits)
    head, _, body = output.partition(b"\n")
    answer = json.loads(head)
    if "error" in answer:
        raise InvalidInput(f"The query cannot be run: {answer['error'].replace(str(file), _FILE)}")
    return Answer(pl.read_parquet(io.BytesIO(body)), answer["truncated"], served.version)


def as_csv(rows: pl.DataFrame) -> str:
    """The rows as CSV; lists and structs, which CSV has no form for, as text."""
    import polars as pl

    flat = {pl.String, pl.Boolean, pl.Null}
    nested = [n for n, kind in rows.schema.items() if not (kind.is_numeric() or kind.is_temporal() or kind in flat)]
    texts = [
        pl.Series(name, [None if value is None else str(value) for value in rows[name].to_list()], pl.String)
        for name in nested
    ]
    return rows.with_columns(texts).write_csv()


def _run(request: dict[str, object], folder: Path, limits: Limits) -> bytes:
    command = [sys.executable, "-I", str(_WORKER)]
    try:
        done = subprocess.run(
            command, input=json.dumps(request).encode(), capture_output=True, timeout=limits.seconds, check=False,
            cwd=folder, env={"HOME": str(folder), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InvalidInput(
            f"The query was stopped after {limits.seconds} seconds: read fewer rows or group before joining."
        ) from None
    if done.returncode or not done.stdout:
        raise InvalidInput(
            f"The query was stopped because it needed more than {limits.memory_mb} MB or {2 * limits.seconds} seconds of "
            "processor time: read fewer columns or rows."
        )
    return done.stdout


@contextmanager
def _turn(limits: Limits) -> Iterator[None]:
    if not _running.acquire(timeout=limits.seconds):
        raise InvalidInput(f"{AT_ONCE} queries are running already: try again when they have ended.")
    try:
        yield
    finally:
        _running.release()


@contextmanager
def _neutral(path: Path) -> Iterator[Path]:
    """The file under a name that tells nothing of where it lies; a copy where no hard link can be made."""
    folder = Path(tempfile.mkdtemp(prefix="query-"))
    try:
        link = folder / _FILE
        try:
            os.link(path, link)
        except OSError:
            shutil.copyfile(path, link)
        yield link
    finally:
        shutil.rmtree(folder, ignore_errors=True)
