"""The quality gate on real landing files: each rule costs what it is for, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors.warehouse.database import Warehouse
from connectors.warehouse.landing import LandedBatch
from models.domain.quality import Severity
from orchestration.quality import QualityReport, check_batches, sentence

from .conftest import LANDED, OBSERVED, World


@pytest.fixture(scope="module")
def landed(world: World) -> LandedBatch:
    return world.land("magazine", "sound", posts=6)


def altered(batch: LandedBatch, **columns: pl.Expr) -> LandedBatch:
    """A copy of the batch whose columns were changed behind the importer's back."""
    path = batch.path.with_name("altered.parquet")
    pl.read_parquet(batch.path).with_columns(**columns).write_parquet(path)
    return replace(batch, path=path, source_file="altered.csv")


def broken(report: QualityReport, severity: Severity = Severity.QUARANTINE) -> set[tuple[str, str, str, int]]:
    return {(r.kind, r.rule, r.column, r.rows_failed) for _, r in report.broken(severity)}


def where(condition: pl.Expr, value: object, column: str) -> pl.Expr:
    return pl.when(condition).then(pl.lit(value)).otherwise(pl.col(column))


FIRST = pl.col("source_line") == 2
REACTIONS = FIRST & (pl.col("metric") == "reactions")


def test_a_sound_batch_passes_and_is_counted(landed: LandedBatch) -> None:
    report = check_batches([landed])
    assert (report.batches, report.contents, report.observations, report.rejections) == (1, 6, 18, 0)
    (verdict,) = report.verdicts.values()
    assert (verdict.refused, verdict.rows_left_out, verdict.warnings) == (None, 0, ())
    assert {r.rows_failed for r in verdict.results} == {0}
    assert {"key_is_there", "value_is_known", "in_time", "file_is_sound"} <= {r.rule for r in verdict.results}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"metric": where(REACTIONS, "applause", "metric")}, {("observation", "value_is_known", "metric", 1)}),
        ({"metric": where(REACTIONS, "followers", "metric")}, {("observation", "metric_of_entity", "metric_of_entity", 1)}),
        ({"state": where(REACTIONS, "unavailable", "state")}, {("observation", "value_stands", "value_stands", 1)}),
        ({"value": where(REACTIONS, None, "value")}, {("observation", "value_stands", "value_stands", 1)}),
        ({"value": where(REACTIONS, float("nan"), "value")}, {("observation", "value_stands", "value_stands", 1)}),
        ({"value": where(REACTIONS, -1.0, "value")},
         {("observation", "counter_not_negative", "counter_not_negative", 1)}),
        ({"period_end": where(REACTIONS, OBSERVED - timedelta(days=900), "period_end").cast(pl.Datetime("us", "UTC"))},
         {("observation", "period_in_order", "period_in_order", 1)}),
        ({"platform": where(FIRST, "friendster", "platform")},
         {("content", "value_is_known", "platform", 1), ("observation", "value_is_known", "platform", 3)}),
        ({"entity_id": where(FIRST, None, "entity_id")},
         {("content", "key_is_there", "entity_id", 1), ("observation", "key_is_there", "entity_id", 3)}),
        ({"owner": where(FIRST, "theirs", "owner")},
         {("content", "value_is_known", "owner", 1), ("observation", "value_is_known", "owner", 3)}),
    ],
    ids=["metric", "metric of accounts", "state", "missing value", "not a number", "negative counter", "period",
         "platform", "key", "owner"],
)  # fmt: skip
def test_each_rule_puts_its_rows_aside_and_the_rest_loads(
    landed: LandedBatch, change: dict[str, pl.Expr], expected: set[tuple[str, str, str, int]], tmp_path: Path
) -> None:
    batch = altered(landed, **change)
    report = check_batches([batch])
    assert broken(report) == expected
    aside = sum(failed for *_, failed in expected)
    assert (report.quarantined, report.refused) == (aside, ())
    warehouse = Warehouse(tmp_path / "new.duckdb")
    assert warehouse.load([batch], report.verdicts) == 1
    with warehouse.connect(read_only=True) as connection:
        rows = connection.execute(
            "select kind, rule, column_name, count(*), bool_and(source_line = 2), bool_and(json_valid(raw)) "
            "from raw.quarantine group by all"
        ).fetchall()
        counts = connection.execute("select contents + observations from raw.batch").fetchone()
        loaded = connection.execute(
            "select (select count(*) from raw.content) + (select count(*) from raw.metric_observation)"
        ).fetchone()
    assert set(rows) == {(*found, True, True) for found in expected}
    assert counts == loaded == (24 - aside,)


def test_a_row_that_breaks_two_rules_is_put_aside_once(landed: LandedBatch, tmp_path: Path) -> None:
    batch = altered(landed, value=where(REACTIONS, -1.0, "value"), metric=where(REACTIONS, "applause", "metric"),
                    state=where(REACTIONS, "delayed", "state"))  # fmt: skip
    report = check_batches([batch])
    assert {(r, n) for _, r, _, n in broken(report)} == {("value_is_known", 1), ("value_stands", 1)}
    assert report.quarantined == 1
    warehouse = Warehouse(tmp_path / "new.duckdb")
    warehouse.load([batch], report.verdicts)
    with warehouse.connect(read_only=True) as connection:
        assert connection.execute("select rule, source_file from raw.quarantine").fetchall() == [
            ("value_is_known", "altered.csv")
        ]


def test_a_gauge_may_be_negative_and_zero_is_a_value(landed: LandedBatch) -> None:
    gauge = {
        "metric": where(REACTIONS, "average_percentage_viewed", "metric"),
        "value": where(REACTIONS, -5.0, "value"),
    }
    assert broken(check_batches([altered(landed, **gauge)])) == set()
    assert broken(check_batches([altered(landed, value=where(REACTIONS, 0.0, "value"))])) == set()


def test_a_missing_value_with_its_state_is_sound(landed: LandedBatch) -> None:
    change = {"value": where(REACTIONS, None, "value"), "state": where(REACTIONS, "unavailable", "state")}
    assert broken(check_batches([altered(landed, **change)])) == set()


def test_an_observation_may_lie_a_day_after_landing_and_not_more(landed: LandedBatch) -> None:
    def seen(moment: object) -> QualityReport:
        return check_batches([altered(landed, observed_at=where(FIRST, moment, "observed_at"))])

    assert broken(seen(LANDED + timedelta(days=1))) == set()
    assert broken(seen(LANDED + timedelta(days=1, seconds=1))) == {
        ("content", "in_time", "in_time", 1),
        ("observation", "in_time", "in_time", 3),
    }


def test_a_metric_the_platform_is_not_known_to_have_is_a_warning_and_loads(landed: LandedBatch) -> None:
    report = check_batches([altered(landed, metric=where(REACTIONS, "machine_opens", "metric"))])
    assert report.quarantined == 0
    assert broken(report, Severity.WARNING) == {("observation", "metric_of_platform", "metric_of_platform", 1)}


def test_a_batch_without_one_sound_row_is_refused_and_stops_no_other(landed: LandedBatch, tmp_path: Path) -> None:
    bad = altered(landed, platform=pl.lit("friendster"))
    bad = replace(bad, batch_id="bad")
    report = check_batches([landed, bad])
    ((verdict,), sound) = report.refused, report.verdicts[landed.key]
    assert sound.refused is None
    assert "none of its 24 rows keeps the rules" in (verdict.refused or "")
    warehouse = Warehouse(tmp_path / "new.duckdb")
    assert warehouse.load([landed, bad], report.verdicts) == 1
    assert warehouse.loaded_ids() == {landed.key}
    assert set(warehouse.refused()) == {bad.key}
    assert "altered.csv of workspace magazine" in warehouse.refusals(["magazine"])[0]


def test_unreadable_files_and_false_footers_are_refused_one_by_one(world: World, landed: LandedBatch) -> None:
    torn = world.land("magazine", "torn", posts=2)
    torn.path.write_bytes(torn.path.read_bytes()[:-200] + bytes(200))
    short = replace(altered(landed), batch_id="short", contents=7)
    listed = {b.batch_id: b for b in world.stores.landing.batches("magazine", broken=True)}
    report = check_batches([listed["torn"], short, landed])
    assert {v.batch.batch_id for v in report.refused} == {"torn", "short"}
    assert "6 content rows instead of 7" in (report.verdicts[short.key].refused or "")
    torn.path.unlink()


def test_the_words_name_the_file_the_rule_and_an_example(landed: LandedBatch) -> None:
    report = check_batches([altered(landed, metric=where(REACTIONS, "applause", "metric"))])
    ((verdict, result),) = report.broken(Severity.QUARANTINE)
    assert sentence(verdict, result) == (
        "altered.csv: 1 of 18 observation rows break the rule that platform, owner, kind of thing, metric and state are "
        "known ones: metric (such as applause)"
    )


def test_a_counter_that_falls_inside_a_batch_is_a_finding_and_loads(landed: LandedBatch, tmp_path: Path) -> None:
    frame = pl.read_parquet(landed.path)
    later = frame.filter(REACTIONS).with_columns(
        value=pl.lit(2.0), observed_at=pl.col("observed_at") + timedelta(hours=2)
    )
    path = landed.path.with_name("altered.parquet")
    pl.concat([frame, later]).write_parquet(path)
    batch = replace(landed, path=path, observations=19)
    report = check_batches([batch])
    assert broken(report, Severity.WARNING) == {("batch", "no_fall", "falls", 1)}
    assert report.quarantined == 0
    pl.concat([frame, frame.filter(REACTIONS)]).write_parquet(path)
    assert broken(check_batches([batch]), Severity.WARNING) == {("batch", "no_repeat", "repeated", 1)}
