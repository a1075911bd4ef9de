"""The warehouse: replayable loading, isolation of workspaces, a lock that is waited for."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.warehouse.database import Warehouse
from connectors.warehouse.landing import LandingStore
from connectors.warehouse.schema import RAW
from models.domain.content import (
    Batch,
    ContentRecord,
    EntityType,
    Observation,
    ObservationState,
    Owner,
    Record,
    Rejection,
)
from models.domain.social import Platform
from models.domain.workspace import Plan, Workspace
from models.errors import NotFound, StoreCorrupt, WarehouseBusy

ROOT = Path(__file__).resolve().parents[3]
SEEN = datetime(2026, 3, 1, tzinfo=UTC)


def post(entity: str, seen: datetime, title: str | None, body: str | None, tags: tuple[str, ...] = ()) -> ContentRecord:
    return ContentRecord(
        Platform.WEB, "blog", "Blog", Owner.OWN, EntityType.POST, entity, "article", title, body, None, SEEN, seen,
        tags, {"raw": "1"}, 1,
    )  # fmt: skip


def records(number: int, size: int = 3) -> Iterator[Record]:
    seen = SEEN + timedelta(days=number)
    for n in range(size):
        yield post(f"p{n}", seen, f"title {n} of {number}", "body")
        yield Observation(
            Platform.WEB, "blog", "Blog", Owner.OWN, EntityType.POST, f"p{n}", "views",
            None, seen, float(number * 100 + n), ObservationState.OBSERVED, seen, n,
        )  # fmt: skip
    yield Rejection("f.csv", 99, "Views", "not a number", "n/a")


def land(store: LandingStore, number: int, workspace: str = "acme", size: int = 3) -> None:
    batch = Batch(workspace, "csv", f"b{number:03d}", SEEN + timedelta(days=number), "f.csv", records(number, size))
    store.land(batch, SEEN + timedelta(days=40 - number % 7, seconds=number))


def raw_rows(warehouse: Warehouse) -> dict[str, list[tuple[Any, ...]]]:
    with warehouse.connect(read_only=True) as connection:
        return {table: connection.execute(f"select * from raw.{table} order by all").fetchall() for table in RAW}


@pytest.fixture
def store(tmp_path: Path) -> LandingStore:
    return LandingStore(tmp_path / "landing")


@pytest.fixture
def empty(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "new" / "fabric.duckdb", patience=0.3)


def test_batches_load_once_whatever_the_order(store: LandingStore, empty: Warehouse, tmp_path: Path) -> None:
    for number in range(5):
        land(store, number)
    land(store, 1, "other")
    assert empty.load(store.batches()) == 6
    assert empty.load(store.batches()) == 0
    assert empty.load(store.batches(known=empty.loaded_ids())) == 0

    reverse = Warehouse(tmp_path / "reverse.duckdb")
    for batch in reversed(store.batches()):
        assert reverse.load([batch]) == 1
    rows = raw_rows(empty)
    assert rows == raw_rows(reverse)
    assert [len(rows[t]) for t in ("batch", "content", "metric_observation", "rejection")] == [6, 18, 18, 6]
    assert empty.loaded_ids() == {batch.key for batch in store.batches()}


def test_a_later_reading_is_added_beside_the_earlier_one(store: LandingStore, empty: Warehouse) -> None:
    land(store, 1)
    empty.load(store.batches())
    land(store, 2)
    empty.load(store.batches())
    with empty.connect(read_only=True) as connection:
        values = connection.execute(
            "select value, observed_at from raw.metric_observation where entity_id = 'p0' order by observed_at"
        ).fetchall()
    assert [value for value, _ in values] == [100.0, 200.0]


def test_a_file_that_does_not_hold_what_it_says_is_refused_whole(store: LandingStore, empty: Warehouse) -> None:
    land(store, 1)
    land(store, 2)
    good, bad = store.batches()
    bad.path.write_bytes(good.path.read_bytes()[:-200] + bytes(200))
    with pytest.raises(StoreCorrupt, match=bad.path.name):
        empty.load([good, bad])
    assert empty.loaded_ids() <= {good.key}
    assert {row[0] for row in raw_rows(empty)["content"]} <= {"acme"}
    assert len(raw_rows(empty)["content"]) == 3 * len(empty.loaded_ids())


def test_a_file_of_another_workspace_does_not_load(store: LandingStore, empty: Warehouse) -> None:
    land(store, 1)
    target = store.root / "other" / "csv" / "b001.parquet"
    target.parent.mkdir(parents=True)
    target.write_bytes((store.root / "acme" / "csv" / "b001.parquet").read_bytes())
    (moved,) = store.batches("other")
    disguised = SimpleNamespace(**{**moved.__dict__, "workspace_id": "other", "key": "other/csv/b001"})
    with pytest.raises(StoreCorrupt, match=r"b001\.parquet"):
        empty.load([disguised])  # type: ignore[list-item]
    assert raw_rows(empty)["content"] == []


def test_killed_while_loading_leaves_whole_batches_and_ends_the_same(
    store: LandingStore, empty: Warehouse, tmp_path: Path
) -> None:
    for number in range(40):
        land(store, number, size=300)
    script = (
        "import sys; from pathlib import Path\n"
        "from connectors.warehouse.database import Warehouse\n"
        "from connectors.warehouse.landing import LandingStore\n"
        "batches = LandingStore(Path(sys.argv[1])).batches()\n"
        "print('loading', flush=True)\n"
        "Warehouse(Path(sys.argv[2])).load(batches)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(store.root), str(empty.path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "loading\n"
    wal = empty.path.with_name(f"{empty.path.name}.wal")
    give_up = time.monotonic() + 60
    while not (wal.exists() and wal.stat().st_size > 100_000) and child.poll() is None and time.monotonic() < give_up:
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()

    partial = empty.loaded_ids()
    assert 0 < len(partial) < 40
    assert len(raw_rows(empty)["content"]) == 300 * len(partial)
    assert empty.load(store.batches()) == 40 - len(partial)
    straight = Warehouse(tmp_path / "straight.duckdb")
    straight.load(store.batches())
    assert raw_rows(empty) == raw_rows(straight)


def test_a_held_lock_is_waited_for_and_then_named(empty: Warehouse) -> None:
    empty.prepare()
    script = (
        "import sys, duckdb\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "print('held', flush=True)\n"
        "sys.stdin.readline()\n"
        "connection.close()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(empty.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    for use in (empty.loaded_ids, empty.prepare):
        with pytest.raises(WarehouseBusy, match="in use by another process"):
            use()
    child.communicate("release\n")
    assert empty.loaded_ids() == set()


def test_a_file_that_is_no_database_is_named_with_its_repair(empty: Warehouse) -> None:
    empty.path.parent.mkdir(parents=True)
    empty.path.write_bytes(b"x" * 9000)
    with pytest.raises(StoreCorrupt, match="--from-landing"):
        empty.prepare()
    empty.discard()
    empty.prepare()
    assert empty.loaded_ids() == set()


def test_before_the_first_load_there_is_nothing_and_digests_say_what_to_do(empty: Warehouse) -> None:
    assert empty.loaded_ids() == set()
    assert not empty.exists()
    with pytest.raises(NotFound, match="fabric build"):
        empty.mart_digests("acme")
    empty.prepare()
    with pytest.raises(NotFound, match=r"mart_posts, .*fabric build"):
        empty.mart_digests("acme")


def test_workspaces_are_written_when_they_changed(empty: Warehouse) -> None:
    acme = Workspace("acme", "Acme", "Europe/Berlin", Plan.STUDIO, SEEN)
    other = Workspace("other", "Other", "UTC", Plan.AGENCY, SEEN, synthetic=True)
    assert empty.sync_workspaces([acme, other]) is True
    assert empty.sync_workspaces([other, acme]) is False
    assert empty.sync_workspaces([Workspace("acme", "Acme", "UTC", Plan.STUDIO, SEEN)]) is True
    assert raw_rows(empty)["workspace"] == [
        ("acme", "Acme", "UTC", "studio", False),
        ("other", "Other", "UTC", "agency", True),
    ]


def test_topic_documents_are_the_newest_versions(store: LandingStore, empty: Warehouse) -> None:
    land(store, 1)
    land(store, 9, "other")
    newer = [
        post("p1", SEEN + timedelta(days=3), "newer", None, ("sea", "o'clock")),
        post("p7", SEEN, None, "only body"),
    ]
    store.land(Batch("acme", "feed", "b1", SEEN, "feed.xml", newer), SEEN)
    empty.load(store.batches())
    frame = empty.topic_documents("acme")
    assert frame.columns == ["owner", "platform", "account_id", "entity_id", "text", "tags"]
    texts = dict(zip(frame["entity_id"], frame["text"], strict=True))
    assert texts == {"p0": "title 0 of 1\nbody", "p1": "newer", "p2": "title 2 of 1\nbody", "p7": "only body"}
    assert frame["tags"].to_list()[1] == ["sea", "o'clock"]


def topics(*names: str, weight: float = 0.5) -> Any:
    return SimpleNamespace(
        method="keywords-1",
        topics=tuple(SimpleNamespace(topic=name, keywords=(name, f"{name}s")) for name in names),
        assignments=tuple(
            SimpleNamespace(
                owner="own", platform="web", account_id="blog", entity_id=f"p{n}", topic=name, weight=weight,
                is_primary=True,
            )
            for n, name in enumerate(names)
        ),
    )  # fmt: skip


def test_topics_replace_one_workspace_and_only_when_they_differ(empty: Warehouse) -> None:
    assert empty.write_topics("acme", topics("sea", "ice")) is True
    assert empty.write_topics("other", topics("sea")) is True
    assert empty.write_topics("acme", topics("sea", "ice")) is False
    assert empty.write_topics("acme", topics("sea", "ice", weight=0.75)) is True
    assert empty.write_topics("acme", topics("fire")) is True
    rows = raw_rows(empty)
    assert rows["topic"] == [
        ("acme", "fire", "fire, fires", "keywords-1"),
        ("other", "sea", "sea, seas", "keywords-1"),
    ]
    assert len(rows["content_topic"]) == 2
    assert empty.write_topics("acme", topics()) is True
    assert [row[0] for row in raw_rows(empty)["topic"]] == ["other"]


def test_a_deleted_workspace_leaves_no_row(store: LandingStore, warehouse: Warehouse) -> None:
    land(store, 1, "acme")
    land(store, 1, "other")
    warehouse.load(store.batches())
    kept = warehouse.mart_digests("other")
    warehouse.delete_workspace("acme")
    assert {row[1] for row in raw_rows(warehouse)["batch"]} == {"other"}
    assert {row[0] for row in raw_rows(warehouse)["content"]} == {"other"}
    assert warehouse.mart_digests("other") == kept
    assert warehouse.mart_digests("acme") != kept
    with warehouse.connect(read_only=True) as connection:
        assert connection.execute("select count(*) from marts.mart_posts where workspace_id = 'acme'").fetchone() == (
            0,
        )


def test_a_warehouse_of_an_earlier_version_gets_the_columns_that_it_lacks(empty: Warehouse) -> None:
    with empty.connect() as connection:
        connection.execute("insert into raw.op_draft_version (workspace_id, draft_id, version) values ('w', 'd', 1)")
        connection.execute("alter table raw.op_draft_version drop column edit_distance")
    with Warehouse(empty.path).connect() as connection:
        rows = connection.execute("select draft_id, edit_distance from raw.op_draft_version").fetchall()
    assert rows == [("d", None)]
