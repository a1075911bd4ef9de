"""The preview says what the import then does, and stores nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.files.importer import import_path
from connectors.files.preview import Preview, preview
from connectors.warehouse.landing import LandingStore
from models.errors import ImportRefused

EXPORTS = Path(__file__).resolve().parents[2] / "fixtures" / "exports"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
COUNTS = (
    "rows_read", "contents", "readings", "observations", "rejected", "repeated", "skipped", "batch_id", "observed_at",
    "observations_new", "observations_known", "observations_changed", "notes", "layout",
)  # fmt: skip


@pytest.fixture
def landing(tmp_path: Path) -> LandingStore:
    return LandingStore(tmp_path / "landing")


def show(landing: LandingStore, path: Path, **arguments: Any) -> Preview:
    return preview(str(path), workspace_id="w", landing=landing, landed_at=NOW, **arguments)


@pytest.mark.parametrize("name", sorted(path.name for path in EXPORTS.glob("*.csv")))
def test_it_counts_what_the_import_counts_and_stores_nothing(landing: LandingStore, name: str) -> None:
    arguments = {"account": "acme", "platform": "facebook" if name.startswith("viewers") else None}
    seen = show(landing, EXPORTS / name, **arguments).summary
    assert landing.batches("w") == []
    done = import_path(str(EXPORTS / name), workspace_id="w", landing=landing, landed_at=NOW, **arguments)
    assert {field: getattr(seen, field) for field in COUNTS} == {field: getattr(done, field) for field in COUNTS}
    assert (seen.path, seen.already_known) == (done.path, False)
    again = show(landing, EXPORTS / name, **arguments).summary
    assert (again.already_known, again.observations_known, again.observations_changed) == (True, done.observations, 0)


def test_it_shows_the_first_rows_as_they_would_be_stored(landing: LandingStore) -> None:
    seen = show(landing, EXPORTS / "facebook_posts.csv", observed_at=datetime(2026, 11, 1, tzinfo=UTC))
    first, reel, *_ = seen.rows
    assert (first.line, first.entity_id, first.body) == (2, "122158000000000001", "Pack light, walk far")
    assert first.at == datetime(2026, 10, 3, 15, 31, tzinfo=UTC)
    assert (first.metrics["views"], reel.metrics["views"]) == (12400, None)
    assert [(problem.source_line, problem.column) for problem in seen.problems] == [(7, "Date")]
    (table,) = seen.summary.recognised
    assert table.accounts == (("100064000000001", "Summit Outdoor (synthetic)"),)
    assert table.zone == "America/Los_Angeles"
    assert (table.first, table.newest) == (
        datetime(2026, 9, 12, 13, tzinfo=UTC), datetime(2026, 10, 3, 15, 31, tzinfo=UTC),
    )  # fmt: skip
    assert table.taken["Total clicks"] == "clicks"
    assert "Reactions, Comments and Shares" not in table.taken
    assert table.why == "it has the columns 'Post ID', 'Page ID', 'Publish time', 'Permalink'"


def test_it_shows_days_and_segments(landing: LandingStore) -> None:
    days = show(landing, EXPORTS / "facebook_follows.csv", account="p").rows
    assert [row.metrics["followers_gained"] for row in days] == [12, 0, None, 1204]
    assert days[0].at == datetime(2026, 10, 1, 7, tzinfo=UTC)
    segments = show(landing, EXPORTS / "facebook_audience.csv", account="p")
    assert segments.rows[0].entity_id == "age_gender=18-24.F"
    assert segments.summary.recognised[0].why.startswith("it has the blocks 'Age & gender', 'Top cities'")


def test_another_zone_moves_the_times_and_is_another_batch(landing: LandingStore) -> None:
    path, read = EXPORTS / "instagram_posts.csv", datetime(2026, 11, 5, tzinfo=UTC)
    pacific, berlin = show(landing, path, observed_at=read), show(landing, path, observed_at=read, zone="Europe/Berlin")
    assert berlin.rows[0].at == datetime(2026, 10, 3, 6, 31, tzinfo=UTC)
    assert berlin.summary.recognised[0].zone == "Europe/Berlin"
    assert pacific.summary.batch_id != berlin.summary.batch_id
    with pytest.raises(ImportRefused, match="Zone 'Mars' is not known: use an IANA time zone"):
        show(landing, path, zone="Mars")


def test_what_cannot_be_imported_cannot_be_previewed(landing: LandingStore, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("sku,price\nA1,3\n", encoding="utf-8")
    with pytest.raises(ImportRefused, match="has a layout that is not known"):
        show(landing, path)
