"""The synthetic sample goes through the ordinary import, the same every time, and carries the effects it states."""

from __future__ import annotations

import hashlib
import statistics
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors.files.importer import ImportSummary, import_path
from connectors.sandbox.phrases import TOPICS
from connectors.sandbox.sample import CSV_COMPETITOR, EFFECTS, RSS_COMPETITOR, SampleFile, grown, write_sample
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
    own = rows.filter((pl.col("kind") == "content") & (pl.col("owner") == "own") & (pl.col("platform") != "web"))
    assert own["entity_id"].n_unique() == 400
    assert 15_000 < rows.filter(pl.col("kind") == "observation").height < 30_000
    assert sum(summary.rows_rejected for _, summary in imported) == 1
    assert sum(summary.rejected for _, summary in imported) == 2
    assert {sample.competitor for sample, _ in imported} == {None, RSS_COMPETITOR, CSV_COMPETITOR}


def test_everything_is_labelled_synthetic(rows: pl.DataFrame) -> None:
    names = rows["account_name"].drop_nulls().unique().to_list()
    assert len(names) == 4
    assert all("(synthetic)" in name for name in names)


def test_readings_bracket_the_ages_that_posts_are_compared_at(rows: pl.DataFrame) -> None:
    numbers = rows.filter((pl.col("metric") == "reactions") & (pl.col("owner") == "own")).with_columns(
        age=(pl.col("observed_at") - pl.col("period_start")).dt.total_seconds() / 3600
    )
    old = numbers.filter(pl.col("period_start") < NOW - timedelta(days=31))
    for age in (24, 72, 168, 672):
        bracketed = old.group_by("entity_id").agg(
            ((pl.col("age") <= age).any() & (pl.col("age") >= age).any()).alias("both")
        )
        assert bracketed["both"].all(), age


def test_counters_never_fall(rows: pl.DataFrame) -> None:
    falls = (
        rows.filter(
            (pl.col("kind") == "observation") & (pl.col("entity_type") == "post") & pl.col("value").is_not_null()
        )
        .sort("observed_at")
        .select((pl.col("value").diff().over("platform", "entity_id", "metric") < 0).sum())
    )
    assert falls.item() == 0


def test_growth_is_whole_at_28_days() -> None:
    assert grown(672, 14) == pytest.approx(1)
    assert grown(24, 14) < grown(72, 14) < 1 < grown(2000, 14) < 1.05


def test_the_stated_effects_are_in_the_numbers(rows: pl.DataFrame) -> None:
    """Reactions at the end, relative to the platform's median: the best topic and hour beat the worst clearly."""
    last = (
        rows.filter((pl.col("metric") == "reactions") & (pl.col("owner") == "own") & pl.col("value").is_not_null())
        .sort("observed_at")
        .group_by("platform", "entity_id")
        .last()
        .filter(pl.col("period_start") < NOW - timedelta(days=31))
        .with_columns(relative=pl.col("value") / pl.col("value").median().over("platform"))
    )
    posts = last.select("entity_id", "relative", "period_start").join(
        rows.filter(pl.col("kind") == "content").select("entity_id", "tags"), on="entity_id"
    )

    def median(tag: str) -> float:
        return statistics.median(posts.filter(pl.col("tags").str.contains(tag))["relative"])

    best, worst = max(TOPICS, key=lambda t: t.effect), min(TOPICS, key=lambda t: t.effect)
    assert median(best.hashtags[0]) > 1.5 * median(worst.hashtags[0])
    hour = pl.col("period_start").dt.convert_time_zone("Europe/Berlin").dt.hour()
    good, bad = max(EFFECTS.hours, key=EFFECTS.hours.__getitem__), min(EFFECTS.hours, key=EFFECTS.hours.__getitem__)
    assert posts.filter(hour == good)["relative"].median() > 1.2 * posts.filter(hour == bad)["relative"].median()  # type: ignore[operator]
