"""Serving files: one workspace each, whole versions behind a pointer, closed to everything else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from connectors.warehouse.database import Warehouse
from connectors.warehouse.marts import MARTS
from connectors.warehouse.pointer import ServedVersion
from connectors.warehouse.reader import ServingReader
from connectors.warehouse.serving import altered_marts, publish
from models.errors import InvalidInput, NotFound, NothingServed, StoreCorrupt

ROOT = Path(__file__).resolve().parents[3]
NEWEST = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)

Execute = Callable[[str], None]


@pytest.fixture
def serving(tmp_path: Path) -> Path:
    return tmp_path / "serving"


@pytest.fixture
def served(warehouse: Warehouse, serving: Path) -> ServedVersion:
    return publish(warehouse, serving, "acme")


@pytest.fixture
def reader(serving: Path) -> ServingReader:
    return ServingReader(serving)


def test_a_version_holds_the_contracted_marts_of_one_workspace(
    served: ServedVersion, reader: ServingReader, warehouse: Warehouse
) -> None:
    assert served.written
    assert served.as_of == NEWEST
    assert reader.current("acme") == ServedVersion(**{**served.__dict__, "written": False})
    with reader.open("acme") as snap:
        columns = snap.query(
            "select table_name, column_name, data_type from duckdb_columns() "
            "where not internal order by table_oid, column_index"
        )
        built: dict[str, dict[str, str]] = {}
        for mart, column, kind in columns.iter_rows():
            built.setdefault(mart, {})[column] = kind
        assert set(built) == {*MARTS, "serving_info"}
        assert {mart: list(built[mart].items()) for mart in MARTS} == {m: list(c.items()) for m, c in MARTS.items()}
        for mart in MARTS:
            assert set(snap.query(f"select distinct workspace_id from {mart}")["workspace_id"]) <= {"acme"}
        assert snap.scalar("select count(*) from mart_posts") == 10
        info = snap.query("select * from serving_info").row(0, named=True)
    assert (info["version"], info["workspace_id"], info["as_of"], info["digest"]) == (
        served.version, "acme", NEWEST, served.digest,
    )  # fmt: skip
    assert info["built_from"] == "0 landed batches, the newest landed at None"


def test_documentation_comes_along(served: ServedVersion, reader: ServingReader) -> None:
    with reader.open("acme") as snap:
        table = snap.scalar("select comment from duckdb_tables() where table_name = 'mart_posts'")
        column = snap.scalar(
            "select comment from duckdb_columns() where table_name = 'mart_posts' and column_name = 'reach'"
        )
    assert (table, column) == ("One row per own post; the brand's own words.", "Distinct accounts.")


def test_unchanged_marts_write_nothing_and_changed_ones_a_new_version(
    served: ServedVersion, warehouse: Warehouse, serving: Path, execute: Execute
) -> None:
    before = {path: path.stat().st_mtime_ns for path in serving.rglob("*.*")}
    again = publish(warehouse, serving, "acme")
    assert (again.written, again.version) == (False, served.version)
    assert {path: path.stat().st_mtime_ns for path in serving.rglob("*.*")} == before

    execute("update marts.mart_posts set title = 'changed' where workspace_id = 'other'")
    assert not publish(warehouse, serving, "acme").written
    execute("update marts.mart_posts set shares = 0 where workspace_id = 'acme' and post_id = 'p3'")
    changed = publish(warehouse, serving, "acme")
    assert changed.written
    assert changed.digest != served.digest
    execute("update marts.mart_posts set shares = null where post_id = 'p3'")
    back = publish(warehouse, serving, "acme")
    assert back.digest == served.digest
    assert back.version != served.version
    execute("comment on column marts.mart_posts.reach is 'Reworded.'")
    assert publish(warehouse, serving, "acme").written


def test_a_version_whose_inputs_are_known_to_be_the_same_is_not_cut_again(
    warehouse: Warehouse, serving: Path, execute: Execute
) -> None:
    first = publish(warehouse, serving, "acme", signature="inputs 1")
    execute("drop schema marts cascade")
    assert publish(warehouse, serving, "acme", signature="inputs 1") == ServedVersion(
        **{**first.__dict__, "written": False}
    )
    with pytest.raises(NotFound):
        publish(warehouse, serving, "acme", signature="inputs 2")
    with pytest.raises(NotFound):
        publish(warehouse, serving, "acme")
    first.path.unlink()
    with pytest.raises(NotFound):
        publish(warehouse, serving, "acme", signature="inputs 1")


def test_other_inputs_with_equal_marts_keep_the_version(warehouse: Warehouse, serving: Path) -> None:
    first = publish(warehouse, serving, "acme", signature="inputs 1")
    again = publish(warehouse, serving, "acme", signature="inputs 2")
    assert (again.version, again.written, again.signature) == (first.version, False, "inputs 2")
    assert ServingReader(serving).current("acme") == again


def test_documentation_that_is_given_goes_before_the_warehouses(warehouse: Warehouse, serving: Path) -> None:
    told = {
        "mart_posts": {"": "Posts.", "reach": "People.", "nonsense": "No column."},
        "mart_nonsense": {"": "Nothing."},
    }
    publish(warehouse, serving, "acme", documentation=told)
    with ServingReader(serving).open("acme") as snap:
        assert snap.scalar("select comment from duckdb_tables() where table_name = 'mart_posts'") == "Posts."
        assert snap.query("select comment from duckdb_columns() where comment is not null").rows() == [("People.",)]


def test_rows_altered_in_a_served_file_are_found(served: ServedVersion) -> None:
    assert altered_marts(served) == []
    with duckdb.connect(str(served.path)) as connection:
        connection.execute("update mart_posts set title = 'changed' where post_id = 'p3'")
        connection.execute("delete from mart_formats where content_type = 'photo'")
        connection.execute("insert into mart_content_topics select * from mart_content_topics limit 1")
    assert altered_marts(served) == [
        mart for mart in MARTS if mart in {"mart_posts", "mart_formats", "mart_content_topics"}
    ]


def test_digests_of_the_file_are_the_warehouses(served: ServedVersion, warehouse: Warehouse) -> None:
    assert served.marts == warehouse.mart_digests("acme")


def test_the_last_three_versions_stay(warehouse: Warehouse, serving: Path, execute: Execute) -> None:
    versions = []
    for number in range(5):
        execute(f"update marts.mart_posts set title = 'v{number}' where workspace_id = 'acme'")
        versions.append(publish(warehouse, serving, "acme").version)
    assert sorted(path.name for path in (serving / "acme").iterdir()) == sorted(
        [*(f"{version}.duckdb" for version in versions[-3:]), "current.json"]
    )
    assert versions == sorted(versions)


@pytest.mark.parametrize("damage", ["missing file", "broken file", "broken pointer"])
def test_what_cannot_be_read_is_named_and_published_again(
    served: ServedVersion, reader: ServingReader, warehouse: Warehouse, serving: Path, damage: str
) -> None:
    if damage == "missing file":
        served.path.unlink()
    elif damage == "broken file":
        served.path.write_bytes(b"x" * 9000)
    else:
        (serving / "acme" / "current.json").write_text("{", encoding="utf-8")
    with pytest.raises(StoreCorrupt, match="run fabric build"), reader.open("acme"):
        pass
    assert publish(warehouse, serving, "acme").written
    with reader.open("acme") as snap:
        assert snap.scalar("select count(*) from mart_posts") == 10


def test_a_version_pruned_before_it_was_opened_is_followed(
    served: ServedVersion, reader: ServingReader, warehouse: Warehouse, serving: Path, execute: Execute,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    execute("update marts.mart_posts set title = 'new' where workspace_id = 'acme'")
    current, reads = ServingReader.current, 0

    def pruned_after_first_read(self: ServingReader, workspace_id: str) -> ServedVersion:
        nonlocal reads
        found = current(self, workspace_id)
        if reads == 0:
            publish(warehouse, serving, "acme")
            served.path.unlink()
        reads += 1
        return found

    monkeypatch.setattr(ServingReader, "current", pruned_after_first_read)
    with reader.open("acme") as snap:
        assert snap.version != served.version
        assert snap.query("select distinct title from mart_posts").rows() == [("new",)]
    assert reads == 2


def test_nothing_to_publish_and_nothing_served_say_what_to_do(
    warehouse: Warehouse, serving: Path, reader: ServingReader, tmp_path: Path
) -> None:
    with pytest.raises(NothingServed, match="fabric import"):
        publish(warehouse, serving, "fresh")
    with pytest.raises(NothingServed, match="run fabric build"), reader.open("fresh"):
        pass
    with pytest.raises(InvalidInput, match="no workspace id"):
        reader.current("../acme")
    unbuilt = Warehouse(tmp_path / "unbuilt.duckdb")
    unbuilt.prepare()
    with pytest.raises(NotFound, match="fabric build"):
        publish(unbuilt, serving, "acme")


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('{other}')",
        "select * from '{other}'",
        "attach '{other}' as stolen (read_only)",
        "copy mart_posts to '{target}'",
        "copy (select 1) to '{target}'",
        "export database '{target}'",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "install httpfs",
        "load spatial",
        "delete from mart_posts",
        "drop table mart_posts",
        "create table x as select 1",
        "select 1; select 2",
        "select 1; drop table mart_posts",
        "checkpoint",
        "",
        "select * from secrets_of_the_caller",
        "select nonsense from",
        "pragma database_list; select 1",
    ],
)
def test_a_query_can_read_the_marts_and_nothing_else(
    served: ServedVersion, warehouse: Warehouse, serving: Path, tmp_path: Path, statement: str
) -> None:
    other = publish(warehouse, serving, "other")
    secrets_of_the_caller = duckdb.sql("select 1 as secret").pl()
    target = tmp_path / "stolen"
    before = served.path.read_bytes()
    with ServingReader(serving).open("acme") as snap:
        with pytest.raises(InvalidInput):
            snap.query(statement.format(other=other.path, target=target))
        assert snap.scalar("select count(*) from mart_posts") == 10
    assert len(secrets_of_the_caller) == 1
    assert not target.exists()
    assert served.path.read_bytes() == before


def test_parameters_hostile_text_and_times(served: ServedVersion, reader: ServingReader) -> None:
    with reader.open("acme") as snap:
        hostile = "x' or 1 = 1; drop table mart_posts; --"
        assert snap.query("select * from mart_posts where title = ?", (hostile,)).height == 0
        assert snap.query("select ? as given", (hostile,)).rows() == [(hostile,)]
        assert snap.scalar("select $1 + $2", (1, 2)) == 3
        assert snap.scalar("select cast(max(observed_at) as varchar) from mart_posts") == "2026-03-01 06:30:00+00"
        assert snap.scalar("select 1 where false") is None
        with pytest.raises(InvalidInput, match="one row with one column"):
            snap.scalar("select post_id from mart_posts")
        with pytest.raises(InvalidInput, match="one row with one column"):
            snap.scalar("select 1, 2")


def test_threads_of_one_process_share_a_version(served: ServedVersion, reader: ServingReader) -> None:
    def read(_: int) -> object:
        with reader.open("acme") as snap:
            return snap.scalar("select count(*) from mart_posts"), snap.version

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(64))) == {(10, served.version)}


def test_an_open_version_stays_and_the_next_open_sees_the_new_one(
    served: ServedVersion, reader: ServingReader, warehouse: Warehouse, serving: Path, execute: Execute
) -> None:
    with reader.open("acme") as old:
        execute("update marts.mart_posts set title = 'new' where workspace_id = 'acme'")
        newer = publish(warehouse, serving, "acme")
        with reader.open("acme") as new:
            assert (old.version, new.version) == (served.version, newer.version)
            assert new.query("select distinct title from mart_posts").rows() == [("new",)]
            assert old.scalar("select count(distinct title) from mart_posts") == 10
        old.query("select 1")
    with reader.open("acme") as session, reader.open("acme") as beside:
        with pytest.raises(InvalidInput):
            session.query("use temp")
        assert beside.scalar("select version from serving_info") == newer.version
        with pytest.raises(InvalidInput):
            beside.query("set TimeZone = 'Asia/Tokyo'")


def test_reading_while_another_process_publishes(
    served: ServedVersion, reader: ServingReader, warehouse: Warehouse, serving: Path
) -> None:
    script = (
        "import sys, duckdb; from pathlib import Path\n"
        "from connectors.warehouse.database import Warehouse\n"
        "from connectors.warehouse.serving import publish\n"
        "warehouse = Warehouse(Path(sys.argv[1])); number = 0\n"
        "while True:\n"
        "    number += 1\n"
        "    with warehouse.connect() as connection:\n"
        "        for mart, column in (('mart_posts', 'title'), ('mart_benchmark', 'account_name'), ('mart_freshness', 'source')):\n"
        "            connection.execute(f\"update marts.{mart} set {column} = ? where workspace_id = 'acme'\", [f'v{number}'])\n"
        "    assert publish(warehouse, Path(sys.argv[2]), 'acme').written\n"
        "    print(number, flush=True)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(warehouse.path), str(serving)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    seen = set()
    try:
        assert child.stdout.readline() == "1\n"
        reads = 0
        while reads < 200 or len(seen) < 5:
            with reader.open("acme") as snap:
                first = snap.scalar("select version from serving_info")
                titles = snap.query("select distinct title from mart_posts")["title"].to_list()
                names = snap.query("select distinct account_name from mart_benchmark")["account_name"].to_list()
                sources = snap.query("select distinct source from mart_freshness")["source"].to_list()
                assert first == snap.version
                assert snap.scalar("select digest from serving_info") == snap.digest
                assert titles == names == sources
                assert len(titles) == 1
            seen.add(snap.version)
            reads += 1
        assert child.poll() is None, "the publishing process stopped"
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    pointer = json.loads((serving / "acme" / "current.json").read_text(encoding="utf-8"))
    assert pointer["version"] == reader.current("acme").version
    assert len(seen) >= 5
