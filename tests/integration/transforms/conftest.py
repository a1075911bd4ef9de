"""One warehouse with hand-written raw rows, built by one `dbt build` for the whole session."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.warehouse.schema import RAW
from tests.integration.transforms.rows_posts import bakery

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Built:
    """The built warehouse and what dbt left beside it."""

    path: Path
    target: Path
    output: str

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(query, list(parameters)).fetchall()

    def value(self, query: str, *parameters: Any) -> Any:
        return self.rows(query, *parameters)[0][0]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The workspaces of every `rows_*.py` beside this file, and `mirror` (bakery's rows the other way round), built once."""
    home = tmp_path_factory.mktemp("transforms")
    path = home / "fabric.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema raw")
        for table, columns in RAW.items():
            connection.execute(f"create table raw.{table} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
        for module in sorted(HERE.glob("rows_*.py")):
            for workspace in import_module(f"tests.integration.transforms.{module.stem}").WORKSPACES:
                workspace().write(connection)
        bakery().write(connection, "mirror", reverse=True)
    environment = {**os.environ, "FABRIC_WAREHOUSE": str(path), "DBT_LOG_PATH": str(home / "logs")}
    command = [
        str(Path(sys.executable).with_name("dbt")),
        "build",
        "--project-dir",
        str(ROOT),
        "--profiles-dir",
        str(ROOT),
    ]
    done = subprocess.run(
        [*command, "--target-path", str(home / "target")],
        env=environment, cwd=home, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    return Built(path, home / "target", done.stdout)
