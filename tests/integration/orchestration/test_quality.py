"""The quality gate on real landing files: each rule refuses what it is for, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from connectors.warehouse.landing import LandedBatch
from orchestration.quality import QualityReport, check_batches

from .conftest import LANDED, OBSERVED, World


@pytest.fixture(scope="module")
def landed(world: World) -> LandedBatch:
    return world.land("magazine", "sound", posts=6)


def altered(batch: LandedBatch, **columns: pl.Expr) -> QualityReport:
    """The report on a copy of the batch whose columns were changed behind the importer's back."""
    path = batch.path.with_name("altered.parquet")
    pl.read_parquet(batch.path).with_columns(**columns).write_parquet(path)
    return check_batches([replace(batch, path=path, source_file="altered.csv")])


def broken(report: QualityReport) -> set[tuple[str, str, int]]:
    return {(breach.rows_of, breach.column, breach.rows) for breach in report.breaches}


def where(condition: pl.Expr, value: object, column: str) -> pl.Expr:
    return pl.when(condition).then(pl.lit(value)).otherwise(pl.col(column))


FIRST = pl.col("source_line") == 2
REACTIONS = FIRST & (pl.col("metric") == "reactions")


def test_a_sound_batch_passes_and_is_counted(landed: LandedBatch) -> None:
    report = check_batches([landed])
    assert report == QualityReport(batches=1, contents=6, observations=18, rejections=0, breaches=())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"metric": where(REACTIONS, "applause", "metric")}, {("observation", "metric", 1)}),
        ({"state": where(REACTIONS, "unavailable", "state")}, {("observation", "value_stands_with_state", 1)}),
        ({"value": where(REACTIONS, None, "value")}, {("observation", "value_stands_with_state", 1)}),
        ({"value": where(REACTIONS, float("nan"), "value")}, {("observation", "value_stands_with_state", 1)}),
        ({"value": where(REACTIONS, -1.0, "value")}, {("observation", "counter_value", 1)}),
        ({"platform": where(FIRST, "friendster", "platform")}, {("content", "platform", 1), ("observation", "platform", 3)}),
        ({"entity_id": where(FIRST, None, "entity_id")}, {("content", "entity_id", 1), ("observation", "entity_id", 3)}),
        ({"owner": where(FIRST, "theirs", "owner")}, {("content", "owner", 1), ("observation", "owner", 3)}),
    ],
    ids=["metric", "state", "missing value", "not a number", "negative counter", "platform", "key", "owner"],
)  # fmt: skip
def test_each_rule_names_its_rows(
    landed: LandedBatch, change: dict[str, pl.Expr], expected: set[tuple[str, str, int]]
) -> None:
    assert broken(altered(landed, **change)) == expected


def test_a_gauge_may_be_negative_and_zero_is_a_value(landed: LandedBatch) -> None:
    gauge = {"metric": where(REACTIONS, "followers", "metric"), "value": where(REACTIONS, -5.0, "value")}
    assert altered(landed, **gauge).passed
    assert altered(landed, value=where(REACTIONS, 0.0, "value")).passed


def test_a_missing_value_with_its_state_is_sound(landed: LandedBatch) -> None:
    change = {"value": where(REACTIONS, None, "value"), "state": where(REACTIONS, "unavailable", "state")}
    assert altered(landed, **change).passed


def test_an_observation_may_lie_a_day_after_landing_and_not_more(landed: LandedBatch) -> None:
    tolerated, ahead = LANDED + timedelta(days=1), LANDED + timedelta(days=1, seconds=1)
    assert altered(landed, observed_at=pl.lit(tolerated).cast(pl.Datetime("us", "UTC"))).passed
    assert broken(altered(landed, observed_at=pl.lit(ahead).cast(pl.Datetime("us", "UTC")))) == {
        ("content", "in_time", 6),
        ("observation", "in_time", 18),
    }
    assert OBSERVED < LANDED


def test_large_batches_are_checked_in_chunks_and_added_up(landed: LandedBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.quality.CHUNK_ROWS", 4)
    assert broken(altered(landed, value=pl.lit(-1.0))) == {("observation", "counter_value", 18)}


def test_of_batches_checked_together_the_broken_one_is_named(world: World, landed: LandedBatch) -> None:
    bad = world.land("magazine", "sour", posts=2, metric="applause")
    report = check_batches([landed, bad])
    assert [(b.source_file, b.column, b.rows) for b in report.breaches] == [("sour.csv", "metric", 2)]
    assert (report.batches, report.contents) == (2, 8)


def test_the_words_name_the_file_the_rule_and_an_example(landed: LandedBatch) -> None:
    (breach,) = altered(landed, metric=where(REACTIONS, "applause", "metric")).breaches
    assert str(breach) == "altered.csv: 1 observation rows break “metric is a known one” (such as applause)"
