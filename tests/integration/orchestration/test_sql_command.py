"""`fabric sql`: rows in every form, what can be asked, and refusals."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from connectors.warehouse.marts import MARTS
from tests.app.home import WORKSPACE, make_home

ROOT = Path(__file__).resolve().parents[3]
COUNT = "select platform, count(*) as posts from mart_posts group by platform order by platform"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sql") / "home"
    make_home(path, moment=datetime.now(UTC))
    return path


def sql(home: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from orchestration.cli.main import run; run()", "sql", *arguments]
    environment = {**os.environ, "FABRIC_HOME": str(home)}
    return subprocess.run(
        [*command, "--workspace", WORKSPACE],
        input=given.encode(),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        check=False,
    )


def test_every_form_holds_the_same_rows(home: Path) -> None:
    told = json.loads(sql(home, COUNT, "--format", "json").stdout)
    frame = pl.DataFrame(told["rows"], schema=told["columns"], orient="row")
    assert frame["posts"].sum() > 0
    assert pl.read_parquet(io.BytesIO(sql(home, COUNT, "--format", "parquet").stdout)).equals(frame)
    assert pl.read_csv(io.BytesIO(sql(home, "-", "--format", "csv", given=COUNT).stdout)).equals(frame)


def test_what_can_be_asked_is_listed(home: Path) -> None:
    listed = json.loads(sql(home, "--tables", "--format", "json").stdout)
    assert [row[0] for row in listed["rows"]] == sorted(MARTS)
    columns = json.loads(sql(home, "--columns", "mart_posts", "--format", "json").stdout)
    assert [row[0] for row in columns["rows"]] == list(MARTS["mart_posts"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("delete from mart_posts",), "Only one select"),
        (("select nope from mart_posts",), "nope"),
        (("--columns", "mart_nope"), "--tables"),
        ((), "--tables"),
    ],
)
def test_a_refusal_is_one_sentence(home: Path, arguments: tuple[str, ...], says: str) -> None:
    done = sql(home, *arguments)
    assert done.returncode == 2
    assert done.stdout == b""
    assert says in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
