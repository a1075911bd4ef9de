"""`fabric reconcile` on exports that were read before: what is planted in the file is found by name, and nothing is stored."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.files.importer import import_path, read_source
from connectors.warehouse.reconciling import sides
from models.insight.reconciliation import Cause, Reconciliation, reconcile
from models.metrics.registry import registry

from .conftest import ROOT, World

MADE = datetime(2026, 7, 1, 12, tzinfo=UTC)
UNITS = {m.id: m.unit for m in registry().metrics.values()}
Row = dict[str, Any]


def videos() -> list[Row]:
    rng = random.Random(11)
    return [
        {"Content": f"synthVid{n:03d}", "Video title": f"Video {n}",
         "Video publish time": f"{date(2026, 4, 1) + timedelta(days=n):%b %d, %Y}", "Views": rng.randrange(300, 9000),
         "Average view duration": rng.randrange(20, 400), "Watch time (hours)": round(rng.uniform(5, 300), 2),
         "Impressions": rng.randrange(10_000, 90_000)}
        for n in range(30)
    ]  # fmt: skip


def days() -> list[Row]:
    rng = random.Random(12)
    return [
        {"Date": f"{date(2026, 5, 1) + timedelta(days=n):%a, %b %d, %Y}", "Impressions": rng.randrange(500, 9000),
         "Engagements": rng.randrange(20, 400), "New follows": rng.randrange(0, 30), "Unfollows": rng.randrange(0, 9)}
        for n in range(40)
    ]  # fmt: skip


def write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def known(new_world: Callable[[], World], tmp_path_factory: pytest.TempPathFactory) -> World:
    """A workspace that has read both exports."""
    made = new_world()
    made.add_workspace("magazine")
    folder = tmp_path_factory.mktemp("exports")
    for name, rows in (("videos.csv", videos()), ("days.csv", days())):
        import_path(
            str(write(folder / name, rows)), workspace_id="magazine", landing=made.stores.landing, landed_at=MADE,
            observed_at=MADE, account="brand",
        )  # fmt: skip
    made.stores.warehouse.load(made.stores.landing.batches())
    return made


def compare(world: World, path: Path) -> Reconciliation:
    prepared, records = read_source(
        str(path), workspace_id="magazine", landed_at=MADE, observed_at=MADE, account="brand"
    )  # fmt: skip
    found = sides(
        world.stores.warehouse, "magazine", ZoneInfo("Europe/Berlin"), records, observed_at=prepared.observed_at
    )
    return reconcile(found.theirs, found.ours, units=UNITS, published=found.published)


def changed(rows: list[Row], **columns: Callable[[Any], Any]) -> list[Row]:
    names = {name.replace(" ", "_"): name for name in rows[0]}
    return [{**row, **{names[c]: change(row[names[c]]) for c, change in columns.items()}} for row in rows]


def causes(found: Reconciliation) -> list[tuple[Cause, str | None]]:
    return [(f.cause, f.metric) for f in found.findings]


@pytest.mark.parametrize("rows", [videos(), days()], ids=["posts", "days"])
def test_an_honest_export_agrees_and_nothing_is_stored(known: World, tmp_path: Path, rows: list[Row]) -> None:
    before = known.stores.landing_keys()
    found = compare(known, write(tmp_path / "again.csv", rows))
    assert found.agrees
    assert found.matched > 90
    assert found.findings == ()
    assert known.stores.landing_keys() == before


def test_doubled_points_are_named_by_metric(known: World, tmp_path: Path) -> None:
    found = compare(known, write(tmp_path / "half.csv", changed(videos(), Views=lambda v: v / 2)))
    assert causes(found) == [(Cause.DUPLICATED, "views")]
    assert found.findings[0].factor == 2


def test_a_duration_in_other_units_is_named(known: World, tmp_path: Path) -> None:
    found = compare(
        known, write(tmp_path / "minutes.csv", changed(videos(), **{"Watch_time_(hours)": lambda h: h * 60}))
    )
    assert causes(found) == [(Cause.UNIT, "watch_time_hours")]


def test_days_that_we_lack_are_named(known: World, tmp_path: Path, new_world: Callable[[], World]) -> None:
    poorer = new_world()
    poorer.add_workspace("magazine")
    kept = [row for n, row in enumerate(days()) if n not in (9, 37, 38, 39)]
    import_path(
        str(write(tmp_path / "poor.csv", kept)), workspace_id="magazine", landing=poorer.stores.landing, landed_at=MADE,
        observed_at=MADE, account="brand",
    )  # fmt: skip
    poorer.stores.warehouse.load(poorer.stores.landing.batches())
    found = compare(poorer, write(tmp_path / "days.csv", days()))
    assert causes(found) == [(Cause.DROPPED_DAYS, None), (Cause.LATE_BATCH, None)]
    assert found.findings[0].days == (date(2026, 5, 10),)
    assert found.findings[1].days == (date(2026, 6, 7), date(2026, 6, 8), date(2026, 6, 9))


def run(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FABRIC_", "DAGSTER_"))}
    command = "import sys; from orchestration.cli.main import run; sys.argv[0] = 'fabric'; run()"
    return subprocess.run(
        [sys.executable, "-c", command, "reconcile", *arguments], cwd=ROOT, text=True, capture_output=True, check=False,
        env={**environment, "FABRIC_HOME": str(world.settings.home)},
    )  # fmt: skip


def test_the_command_says_what_it_found_and_exits_with_one_when_they_differ(known: World, tmp_path: Path) -> None:
    options = ("--workspace", "magazine", "--account", "brand", "--observed-at", "2026-07-01T12:00:00Z")
    same = run(known, str(write(tmp_path / "same.csv", videos())), *options)
    assert (same.returncode, same.stderr) == (0, "")
    assert "30 of its 30 posts are known here." in same.stdout
    doubled = write(tmp_path / "doubled.csv", changed(videos(), Views=lambda v: v * 3))
    told = run(known, str(doubled), *options)
    assert told.returncode == 1
    assert "views: theirs are 3 times ours (100% of 30 rows)" in told.stdout
    answer = json.loads(run(known, str(doubled), *options, "--json").stdout)
    assert (answer["agrees"], len(answer["differing"]), answer["findings"][0]["cause"]) == (False, 30, "factor")
    assert run(known, str(doubled)).returncode == 2
