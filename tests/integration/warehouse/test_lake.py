"""Team mode: a DuckLake catalogued in a real PostgreSQL, written and read by several processes, equal to one file."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from connectors.warehouse import extensions
from connectors.warehouse.catalogue import Catalogue
from connectors.warehouse.database import Warehouse
from connectors.warehouse.engines import open_warehouse
from connectors.warehouse.extensions import load_extension
from connectors.warehouse.landing import LandedBatch
from connectors.warehouse.serving import altered_marts, publish
from models.domain.workspace import Plan, Workspace
from models.errors import FabricError, InvalidInput, NotFound, WarehouseBusy
from models.settings import Settings
from orchestration.dbt_runner import invoke
from orchestration.manifest import ensure_manifest, mart_documentation
from tests.integration.orchestration.conftest import LANDED, World
from tests.integration.store.conftest import PostgresCluster, postgres_cluster

__all__ = ["postgres_cluster"]
pytestmark = [pytest.mark.postgres, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "quite's-secret%/word"
WORKSPACES = [
    Workspace(id=name, name=name.title(), zone="Europe/Berlin", plan=Plan.STUDIO, synthetic=True, created_at=LANDED)
    for name in ("magazine", "radio")
]

MakeUrl = Callable[..., str]


@pytest.fixture
def url(postgres_cluster: PostgresCluster) -> Iterator[str]:
    """The URL of an empty lake, with a password that needs quoting everywhere."""
    with postgres_cluster.database() as name:
        yield lake_url(postgres_cluster, name)


def lake_url(cluster: PostgresCluster, name: str, **more: str) -> str:
    from urllib.parse import quote, urlencode

    query = urlencode({"host": str(cluster.directory), **more})
    return f"ducklake:postgresql://fabric:{quote(PASSWORD, safe='')}@/{name}?{query}"


def world_of(home: Path, url: str = "") -> World:
    return World(Settings(home=home, warehouse_url=url, _env_file=None))  # type: ignore[call-arg]


def fill(warehouse: Warehouse, batches: list[LandedBatch]) -> None:
    warehouse.prepare()
    warehouse.sync_workspaces(WORKSPACES)
    warehouse.load(batches)


def dbt(world: World, *left_out: str) -> None:
    """Builds every model; tests of the data too, unless `test` is left out."""
    target = world.settings.dbt_target_dir / "runs" / "test"
    leave_out = [part for kind in ("unit_test", *left_out) for part in ("--exclude-resource-type", kind)]
    with world.stores.warehouse.building():
        outcome = invoke(world.settings, ["build", *leave_out], target=target)
    assert outcome.success, outcome.reason()


def land(world: World) -> list[LandedBatch]:
    return [
        world.land(workspace.id, f"day-{day}", posts=12 + day, landed_at=LANDED + timedelta(days=day),
                   likes=lambda index, d=day: 10.0 + 3 * index + d)
        for workspace in WORKSPACES
        for day in range(3)
    ]  # fmt: skip


def digests(world: World) -> dict[str, dict[str, str]]:
    return {workspace.id: world.stores.warehouse.mart_digests(workspace.id) for workspace in WORKSPACES}


def start(role: str, url: str, home: Path, workspace: str, seconds: float) -> subprocess.Popen[str]:
    arguments = [role, url, str(home), workspace, str(seconds)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.warehouse.lake_process", *arguments],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> dict[str, int]:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err[-4000:]
    found: dict[str, int] = json.loads(out)
    return found


def test_marts_are_those_of_the_embedded_warehouse_built_at_once_or_day_by_day(url: str, tmp_path: Path) -> None:
    embedded, team = world_of(tmp_path / "embedded"), world_of(tmp_path / "team", url)
    batches = land(embedded)
    fill(embedded.stores.warehouse, batches)
    dbt(embedded, "test")
    first, rest = [b for b in batches if b.batch_id == "day-0"], [b for b in batches if b.batch_id != "day-0"]
    warehouse = team.stores.warehouse
    fill(warehouse, first)
    dbt(team, "test")
    assert warehouse.load(rest) == len(rest)
    assert warehouse.load(batches) == 0
    dbt(team)
    warehouse.tidy()
    assert digests(team) == digests(embedded)

    told = mart_documentation(ensure_manifest(team.settings))
    for workspace in WORKSPACES:
        alone = publish(embedded.stores.warehouse, embedded.settings.serving_dir, workspace.id, documentation=told)
        shared = publish(warehouse, team.settings.serving_dir, workspace.id, documentation=told)
        assert (shared.digest, shared.as_of) == (alone.digest, alone.as_of)
        assert shared.marts == warehouse.mart_digests(workspace.id)
        assert altered_marts(shared) == []
    with team.stores.reader.open("radio") as served:
        undocumented = served.query(
            "select table_name, column_name from duckdb_columns() where comment is null and not internal "
            "and table_name <> 'serving_info'"
        )
        assert undocumented.rows() == []
        assert served.scalar("select count(*) from mart_posts") == 14

    warehouse.delete_workspace("radio")
    assert warehouse.mart_digests("magazine") == digests(embedded)["magazine"]
    warehouse.discard()
    with pytest.raises(NotFound, match="fabric build"):
        warehouse.mart_digests("magazine")
    written = [path for path in (tmp_path / "team").rglob("*") if path.is_file()]
    assert [path for path in written if PASSWORD.encode() in path.read_bytes()] == []


def beside_each_other(url: str, home: Path, seconds: float) -> None:
    """Two writers, each of its workspace, four readers and builds, all at once; then the lake against one file."""
    team = world_of(home, url)
    fill(team.stores.warehouse, [])
    started = time.monotonic()
    writers = [start("write", url, home, workspace.id, seconds) for workspace in WORKSPACES]
    readers = [start("read", url, home, "", seconds) for _ in range(4)]
    builds = 0
    while builds == 0 or time.monotonic() - started < seconds * 0.6:
        dbt(team, "test")
        team.stores.warehouse.tidy()
        builds += 1
    wrote = [ended(process)["batches"] for process in writers]
    reads = [ended(process)["reads"] for process in readers]
    print(f"{seconds:g} s: batches written {wrote}, reads {reads}, builds {builds}")  # the figures of docs/team.md
    assert min(wrote) > 0
    assert min(reads) > 0
    with team.stores.warehouse.connect(read_only=True) as connection:
        rows = connection.execute(
            "select workspace_id, count(*), count(distinct batch_id) from raw.metric_observation group by 1 order by 1"
        ).fetchall()
    assert rows == [(w.id, 15 * count, count) for w, count in zip(WORKSPACES, wrote, strict=True)]

    dbt(team, "test")
    alone = World(Settings(home=home, _env_file=None))  # type: ignore[call-arg]
    fill(alone.stores.warehouse, list(alone.stores.landing.batches()))
    dbt(alone, "test")
    assert digests(team) == digests(alone)


def test_two_writers_four_readers_and_a_build(url: str, tmp_path: Path) -> None:
    beside_each_other(url, tmp_path / "home", 8)


@pytest.mark.long
def test_two_writers_four_readers_and_builds_for_a_minute(url: str, tmp_path: Path) -> None:
    beside_each_other(url, tmp_path / "home", 60)


def test_one_batch_loaded_by_two_processes_loads_once(url: str, tmp_path: Path) -> None:
    world = world_of(tmp_path / "home", url)
    fill(world.stores.warehouse, [])
    batches = land(world)
    script = (
        "import sys; from pathlib import Path\n"
        "from connectors.warehouse.engines import open_warehouse\n"
        "from connectors.warehouse.landing import LandingStore\n"
        "home = Path(sys.argv[2])\n"
        "print(open_warehouse(sys.argv[1], home / 'warehouse').load(LandingStore(home / 'landing').batches()))\n"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, url, str(tmp_path / "home")], cwd=ROOT, text=True, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    assert sum(int(process.communicate(timeout=120)[0]) for process in both) == len(batches)
    with world.stores.warehouse.connect(read_only=True) as connection:
        assert connection.execute("select count(*) from raw.batch").fetchone() == (len(batches),)
        assert connection.execute("select count(*) from raw.metric_observation").fetchone() == (
            sum(batch.observations for batch in batches),
        )


def test_a_killed_writer_leaves_whole_batches_and_no_lock(url: str, tmp_path: Path) -> None:
    world = world_of(tmp_path / "home", url)
    fill(world.stores.warehouse, [])
    for _ in range(2):
        process = start("write", url, tmp_path / "home", "radio", 120)
        before = len(world.stores.warehouse.loaded_ids())
        deadline = time.monotonic() + 60
        while len(world.stores.warehouse.loaded_ids()) < before + 2:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
        process.kill()
        process.communicate()
        break
    batches = list(world.stores.landing.batches())
    world.stores.warehouse.load(batches)
    with world.stores.warehouse.connect(read_only=True) as connection:
        assert connection.execute("select count(*) from raw.metric_observation").fetchone() == (15 * len(batches),)


def test_readers_never_wait_and_writers_say_so_when_they_do(url: str, tmp_path: Path) -> None:
    world = world_of(tmp_path / "home", url)
    fill(world.stores.warehouse, [])
    hurried = open_warehouse(url, world.settings.warehouse_dir, patience=0.2)
    with world.stores.warehouse.connect():
        assert hurried.loaded_ids() == set()
        with pytest.raises(WarehouseBusy, match="in use by another process"):
            hurried.sync_workspaces([])
    with world.stores.warehouse.building(), pytest.raises(WarehouseBusy, match="running build"), hurried.building():
        pass


def test_another_directory_than_the_lakes_is_refused(
    url: str, postgres_cluster: PostgresCluster, tmp_path: Path
) -> None:
    open_warehouse(url, tmp_path / "one").prepare()
    with pytest.raises(InvalidInput, match=r"keeps its files elsewhere .*data_path") as refused:
        open_warehouse(url, tmp_path / "two").prepare()
    assert PASSWORD not in str(refused.value)
    name = url.partition("@/")[2].partition("?")[0]
    shared = lake_url(postgres_cluster, name, data_path=str(tmp_path / "one" / "lake"))
    assert open_warehouse(shared, tmp_path / "two").loaded_ids() == set()


@pytest.mark.parametrize(
    "wrong",
    [
        "ducklake:", "ducklake:sqlite:///x.db", "ducklake:postgresql://fabric@", "ducklake:postgresql://h:port/db",
        f"ducklake:postgresql://u:{PASSWORD}@h:1/db", "ducklake:postgresql://u:sesame@h/db?nonsense=1", "iceberg:x",
    ],
)  # fmt: skip
def test_a_url_that_names_no_lake_says_how_to_write_it(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(InvalidInput, match=r"FABRIC_WAREHOUSE_URL .*docs/team.md") as refused:
        open_warehouse(wrong, tmp_path)
    assert "sesame" not in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_an_unreachable_catalogue_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    warehouse = open_warehouse("ducklake:postgresql://fabric:sesame@127.0.0.1:9/lake", tmp_path)
    for attempt in (warehouse.prepare, warehouse.exists, warehouse.loaded_ids):
        with pytest.raises(InvalidInput, match=r"catalogue 127.0.0.1:9/lake cannot be reached .*refused") as refused:
            attempt()
        assert "\n" not in str(refused.value)
        assert "sesame" not in f"{refused.value!r} {refused.value.__cause__!r} {warehouse!r}"


def test_the_catalogue_shows_no_password() -> None:
    catalogue, data_path = Catalogue.parse("postgresql://fabric:sesame@db:5433/lake?sslmode=require&data_path=/x%20y")
    assert (str(catalogue), repr(catalogue), data_path) == ("db:5433/lake", "Catalogue(db:5433/lake)", "/x y")
    assert catalogue.options() == "sslmode='require'"


def test_a_missing_extension_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(extensions, "find_spec", lambda name: None)
    with duckdb.connect() as connection:
        connection.execute(f"set extension_directory = '{tmp_path}'")
        connection.execute("set custom_extension_repository = 'http://127.0.0.1:9'")
        with pytest.raises(FabricError, match=r"extension ducklake is not installed .*extra lake"):
            load_extension(connection, "ducklake")
