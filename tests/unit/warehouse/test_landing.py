"""Landing files: written once, whole or not at all, streamed, listed by their footers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from connectors.warehouse import landing
from connectors.warehouse.atomic import STALE_SECONDS
from connectors.warehouse.landing import LandingStore
from connectors.warehouse.schema import LANDING
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
from models.errors import ImportRefused, InvalidInput, StoreCorrupt

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
LANDED = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def content(entity: str = "p1", **changes: object) -> ContentRecord:
    values: dict[str, object] = {
        "platform": Platform.YOUTUBE, "account_id": "UC1", "account_name": "Kanal", "owner": Owner.OWN,
        "entity_type": EntityType.POST, "entity_id": entity, "content_type": "video", "title": "Titel “ä”",
        "body": None, "url": "https://example.org/1",
        "published_at": datetime(2026, 2, 1, 9, tzinfo=timezone(timedelta(hours=2))), "observed_at": SEEN,
        "tags": ("klima", "meer"), "payload": {"Views": "1,024", "note": None}, "source_line": 3,
    }  # fmt: skip
    return ContentRecord(**{**values, **changes})  # type: ignore[arg-type]


def observation(value: float | None = 12.0, state: ObservationState = ObservationState.OBSERVED) -> Observation:
    return Observation(
        Platform.YOUTUBE, "UC1", "Kanal", Owner.OWN, EntityType.POST, "p1", "views",
        None, SEEN, value, state, SEEN, 3,
    )  # fmt: skip


def batch(records: list[Record] | Iterator[Record], batch_id: str = "b1", workspace: str = "acme") -> Batch:
    return Batch(workspace, "youtube_studio", batch_id, SEEN, "export.csv", records)


def test_a_batch_lands_with_every_field_and_its_counts(tmp_path: Path) -> None:
    store = LandingStore(tmp_path)
    missing = observation(None, ObservationState.PRIVACY_LIMITED)
    refused = Rejection("export.csv", 9, "Views", "not a number", "n/a")
    landed = store.land(batch([content(), observation(), missing, refused]), LANDED)

    assert landed.path == tmp_path / "acme" / "youtube_studio" / "b1.parquet"
    assert (landed.contents, landed.observations, landed.rejections, landed.written) == (1, 2, 1, True)
    post, seen, absent, rejected = pq.read_table(landed.path).to_pylist()
    assert list(post) == list(LANDING)
    assert post["kind"] == "content"
    assert post["published_at"] == datetime(2026, 2, 1, 7, tzinfo=UTC)
    assert (post["tags"], post["payload"]) == ('["klima", "meer"]', '{"Views": "1,024", "note": null}')
    assert (seen["kind"], seen["metric"], seen["value"], seen["state"]) == ("observation", "views", 12.0, "observed")
    assert (absent["value"], absent["state"]) == (None, "privacy_limited")
    assert (rejected["kind"], rejected["column_name"], rejected["reason"], rejected["raw"]) == (
        "rejection", "Views", "not a number", "n/a",
    )  # fmt: skip
    assert {row["observed_at"] for row in (post, seen, absent, rejected)} == {SEEN}


def test_a_known_batch_is_left_alone_and_its_records_are_not_read(tmp_path: Path) -> None:
    store = LandingStore(tmp_path)
    first = store.land(batch([observation()]), LANDED)
    before = first.path.read_bytes()

    def unread() -> Iterator[Record]:
        raise AssertionError("the records of a known batch were read")
        yield

    again = store.land(batch(unread()), LANDED + timedelta(days=1))
    assert again.written is False
    assert (again.landed_at, again.observations) == (LANDED, 1)
    assert first.path.read_bytes() == before
    assert store.has("acme", "youtube_studio", "b1")
    assert not store.has("other", "youtube_studio", "b1")


def test_a_source_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    store = LandingStore(tmp_path)

    def records() -> Iterator[Record]:
        yield observation()
        raise ImportRefused("the file ends in the middle of a row")

    with pytest.raises(ImportRefused):
        store.land(batch(records()), LANDED)
    assert not store.has("acme", "youtube_studio", "b1")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_records_are_streamed_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "CHUNK_ROWS", 10)
    pulled: list[int] = []
    most_ahead = 0

    def records() -> Iterator[Record]:
        for number in range(95):
            pulled.append(number)
            yield observation(float(number))

    store = LandingStore(tmp_path)
    original = pq.ParquetWriter.write_table

    def counting(self: object, table: object) -> None:
        nonlocal most_ahead
        most_ahead = max(most_ahead, len(pulled))
        pulled.clear()
        original(self, table)

    monkeypatch.setattr(pq.ParquetWriter, "write_table", counting)
    landed = store.land(batch(records()), LANDED)
    assert most_ahead == 10
    assert landed.observations == 95
    assert pq.read_table(landed.path, columns=["value"])["value"].to_pylist() == [float(n) for n in range(95)]


def test_batches_are_listed_by_landing_time_and_known_ones_are_not_opened(tmp_path: Path) -> None:
    store = LandingStore(tmp_path)
    late = store.land(batch([observation()], "aaa"), LANDED + timedelta(hours=1))
    early = store.land(batch([observation()], "zzz"), LANDED)
    same_id = store.land(batch([observation()], "aaa", "other"), LANDED)

    assert [b.key for b in store.batches()] == [same_id.key, early.key, late.key]
    assert [b.key for b in store.batches("acme")] == [early.key, late.key]
    assert store.batches("acme")[0].source_file == "export.csv"
    late.path.write_bytes(b"no longer a Parquet file")
    assert [b.key for b in store.batches(known={late.key})] == [same_id.key, early.key]


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    store = LandingStore(tmp_path)
    landed = store.land(batch([observation()]), LANDED)
    landed.path.write_bytes(landed.path.read_bytes()[:-20])
    with pytest.raises(StoreCorrupt, match=r"b1\.parquet cannot be read .*import its source again"):
        store.batches()


def test_leftovers_of_a_killed_process_are_ignored_and_cleared_when_stale(tmp_path: Path) -> None:
    store = LandingStore(tmp_path)
    directory = store.land(batch([observation()]), LANDED).path.parent
    stale, fresh = directory / ".x.parquet.1.tmp", directory / ".y.parquet.2.tmp"
    for leftover in (stale, fresh):
        leftover.write_bytes(b"PAR1 half")
    long_ago = time.time() - STALE_SECONDS - 5
    os.utime(stale, (long_ago, long_ago))

    assert [b.batch_id for b in store.batches()] == ["b1"]
    store.land(batch([observation()], "b2"), LANDED)
    assert not stale.exists()
    assert fresh.exists()


@pytest.mark.parametrize(
    ("workspace", "batch_id"),
    [("../acme", "b1"), ("acme", "../../b1"), ("acme", "a/b"), ("acme", ".hidden"), ("", "b")],
)
def test_names_that_would_leave_the_directory_are_refused(tmp_path: Path, workspace: str, batch_id: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be stored"):
        LandingStore(tmp_path / "landing").land(batch([observation()], batch_id, workspace), LANDED)
    assert list(tmp_path.rglob("*.parquet")) == []


def test_a_pattern_does_not_list_other_workspaces(tmp_path: Path) -> None:
    store = LandingStore(tmp_path)
    store.land(batch([observation()]), LANDED)
    with pytest.raises(InvalidInput, match="no workspace id"):
        store.batches("*")


def test_text_that_utf8_cannot_hold_does_not_stop_the_batch(tmp_path: Path) -> None:
    hostile = content(title="lone \ud800 surrogate", body="'); drop table raw.content; --\x00")
    landed = LandingStore(tmp_path).land(batch([hostile]), LANDED)
    row = pq.read_table(landed.path).to_pylist()[0]
    assert row["title"] == "lone ? surrogate"
    assert row["body"] == hostile.body
