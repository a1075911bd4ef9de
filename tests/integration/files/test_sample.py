"""The demo's synthetic files go through the ordinary import, the same every time, with the faults they state."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors.files.importer import ImportSummary, import_path
from connectors.sandbox.sample import CSV_COMPETITOR, POSTS, READING_DAYS, SampleFile, write_sample
from connectors.warehouse.landing import LandingStore

END = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[SampleFile, ImportSummary]]:
    folder = tmp_path_factory.mktemp("sample")
    landing = LandingStore(folder / "landing")
    return [
        (
            sample,
            import_path(
                str(sample.path), workspace_id="sample", landing=landing, landed_at=NOW, platform=sample.platform,
                mapping=sample.mapping, competitor=sample.competitor, observed_at=sample.observed_at,
            ),
        )
        for sample in write_sample(folder / "files", end=END)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def rows(imported: list[tuple[SampleFile, ImportSummary]]) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(summary.path) for _, summary in imported])


def digest(folder: Path) -> str:
    parts = [path.relative_to(folder).as_posix().encode() + path.read_bytes() for path in sorted(folder.rglob("*.*"))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_sample(tmp_path / name, end=END, seed=seed)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


def test_its_size_and_its_two_faults(imported: list[tuple[SampleFile, ImportSummary]], rows: pl.DataFrame) -> None:
    posts = rows.filter((pl.col("kind") == "content") & (pl.col("platform") == "facebook"))
    assert posts["entity_id"].n_unique() == POSTS
    assert posts["owner"].unique().to_list() == ["competitor"]
    assert sum(summary.rows_rejected for _, summary in imported) == 1
    assert sum(summary.rejected for _, summary in imported) == 2
    assert {sample.competitor for sample, _ in imported} == {None, CSV_COMPETITOR}


def test_everything_is_labelled_synthetic(rows: pl.DataFrame) -> None:
    names = rows["account_name"].drop_nulls().unique().to_list()
    assert len(names) == 2
    assert all("(synthetic)" in name for name in names)


def test_every_post_is_read_at_the_stated_midnights(rows: pl.DataFrame) -> None:
    numbers = rows.filter((pl.col("metric") == "reactions") & (pl.col("kind") == "observation"))
    old = numbers.filter(pl.col("period_start") < NOW - timedelta(days=31))
    days = old.group_by("entity_id").agg(
        (pl.col("observed_at").dt.date() - pl.col("period_start").dt.date()).dt.total_days().alias("days")
    )
    assert days.height > 50
    assert all(set(READING_DAYS) <= set(found) for found in days["days"])


def test_counters_never_fall(rows: pl.DataFrame) -> None:
    falls = (
        rows.filter(
            (pl.col("kind") == "observation") & (pl.col("entity_type") == "post") & pl.col("value").is_not_null()
        )
        .sort("observed_at")
        .select((pl.col("value").diff().over("platform", "entity_id", "metric") < 0).sum())
    )
    assert falls.item() == 0
