"""A person's own select: what it may see, what it may not, and where it is stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from connectors.warehouse.analysis import LONGEST_SQL, Limits, as_csv, ask
from connectors.warehouse.database import Warehouse
from connectors.warehouse.pointer import read_pointer
from connectors.warehouse.query_worker import Refused, run
from connectors.warehouse.serving import publish
from models.errors import InvalidInput, NothingServed

FEW = Limits(seconds=20, rows=3)
REFUSED = {
    "two statements": "select 1; select 2",
    "insert": "insert into mart_posts select * from mart_posts",
    "create": "create table t as select 1",
    "drop": "drop table mart_posts",
    "copy out": "copy mart_posts to 'out.csv'",
    "attach": "attach 'other.duckdb' as other",
    "set": "set threads = 8",
    "pragma": "pragma database_list",
    "install": "install httpfs",
    "load": "load httpfs",
    "read a text file": "select * from read_text('/etc/passwd')",
    "read a csv file": "select * from read_csv('/etc/passwd')",
    "read by name": "select * from '/etc/passwd'",
    "list files": "select * from glob('/*')",
    "settings": "select * from duckdb_settings()",
    "settings in a subquery": "select (select value from duckdb_settings() limit 1)",
    "settings in a common table expression": "with s as (from duckdb_settings()) select * from s",
    "settings in a lambda": "select list_transform([1], lambda x: current_setting('threads'))",
    "one setting": "select current_setting('temp_directory')",
    "databases": "from duckdb_databases",
    "database list": "from pragma_database_list",
    "secrets": "select * from duckdb_secrets()",
    "query text": "select * from query('from duckdb_settings()')",
    "table by name": "select * from query_table('mart_posts')",
    "catalogue": "select * from pg_catalog.pg_class",
    "logs": "select * from duckdb_logs",
}


@pytest.fixture
def serving(warehouse: Warehouse, tmp_path: Path) -> Path:
    folder = tmp_path / "the-place" / "serving"
    for workspace in ("acme", "other"):
        publish(warehouse, folder, workspace)
    return folder


def test_a_select_gives_its_rows_and_says_when_there_are_more(serving: Path) -> None:
    answer = ask(serving, "acme", "select workspace_id, count(*) as posts from mart_posts group by workspace_id;")
    assert answer.rows.columns == ["workspace_id", "posts"]
    assert [row[0] for row in answer.rows.rows()] == ["acme"]
    assert not answer.truncated
    some = ask(serving, "acme", "select * from range(10) as numbers (n)", FEW)
    assert (some.rows["n"].to_list(), some.truncated) == ([0, 1, 2], True)
    exact = ask(serving, "acme", "select * from range(3) as numbers (n)", FEW)
    assert (len(exact.rows), exact.truncated) == (3, False)


def test_the_documentation_can_be_asked(serving: Path) -> None:
    answer = ask(
        serving, "acme", "select comment from duckdb_columns() where column_name = 'reach' and comment is not null"
    )
    assert answer.rows["comment"].to_list() == ["Distinct accounts."]


@pytest.fixture
def file(serving: Path) -> str:
    return str(read_pointer(serving, "acme").path)


@pytest.mark.parametrize("what", REFUSED)
def test_anything_but_a_select_over_the_marts_is_refused(file: str, what: str) -> None:
    with pytest.raises((Refused, duckdb.Error)):
        run({"file": file, "sql": REFUSED[what], "rows": 10, "memory_mb": 256})


@pytest.mark.parametrize("what", ["two statements", "read a text file", "install", "settings"])
def test_a_refusal_is_one_sentence_that_tells_no_path(serving: Path, what: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(serving, "acme", REFUSED[what])
    assert str(refused.value).startswith("The query cannot be run: ")
    for leak in ("the-place", str(serving), "/root", str(Path.home()), "site-packages"):
        assert leak not in str(refused.value)


def test_no_answer_tells_where_the_file_lies(serving: Path) -> None:
    for sql in (
        "select * from information_schema.schemata",
        "select * from duckdb_tables()",
        "select * from duckdb_columns()",
    ):
        told = as_csv(ask(serving, "acme", sql).rows)
        assert "the-place" not in told
        assert "query-" not in told


@pytest.mark.parametrize("sql", ["selct 1", "select nope from mart_posts", ""])
def test_what_cannot_be_run_says_why(serving: Path, sql: str) -> None:
    with pytest.raises(InvalidInput, match=r"The query cannot be run: ."):
        ask(serving, "acme", sql)


def test_a_query_that_takes_too_long_is_stopped(serving: Path) -> None:
    with pytest.raises(InvalidInput, match="stopped after 2 seconds"):
        ask(serving, "acme", "select count(*) from range(100000000000) a, range(1000) b", Limits(seconds=2))


def test_a_query_that_takes_too_much_memory_is_stopped(serving: Path) -> None:
    with pytest.raises(InvalidInput, match=r"Out of Memory|needed more than 64 MB"):
        ask(serving, "acme", "select list(n) from range(1000000000) as numbers (n)", Limits(memory_mb=64))


def test_a_type_that_no_file_holds_is_named(serving: Path) -> None:
    with pytest.raises(InvalidInput, match="cast it to text"):
        ask(serving, "acme", "select interval 1 day as span")
    assert ask(serving, "acme", "select cast(interval 1 day as varchar) as span").rows["span"].to_list() == ["1 day"]


def test_a_query_that_is_too_long_or_a_workspace_without_marts_is_refused(serving: Path) -> None:
    with pytest.raises(InvalidInput, match="characters"):
        ask(serving, "acme", "select " + "1," * LONGEST_SQL + "1")
    with pytest.raises(NothingServed):
        ask(serving, "fresh", "select 1")


def test_the_process_holds_no_secret_and_leaves_nothing_behind(serving: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FABRIC_MASTER_KEY", "not-for-queries")
    seen: list[dict[str, str]] = []
    real = subprocess.run

    def watched(*args: object, **kwargs: object) -> object:
        seen.append(dict(kwargs["env"]))  # type: ignore[call-overload]
        return real(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", watched)
    ask(serving, "acme", "select 1")
    (environment,) = seen
    assert set(environment) == {"HOME", "PATH", "LC_ALL"}
    assert not os.path.exists(environment["HOME"]), "the folder of the query is still there"


def test_importing_the_worker_runs_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import connectors.warehouse.query_worker"], capture_output=True, check=True
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_nested_values_become_text_in_a_csv_file(serving: Path) -> None:
    rows = ask(serving, "acme", "select [1, 2] as several, {'a': 'b'} as named, 1.5 as number").rows
    assert as_csv(rows).splitlines() == ["several,named,number", "\"[1, 2]\",{'a': 'b'},1.5"]
