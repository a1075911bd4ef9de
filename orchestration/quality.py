"""The quality gate at the boundary: what a landed batch must satisfy before it may enter the warehouse.

Great Expectations validates the landing files themselves, so a batch that fails never reaches a raw table. Its import
costs about 9 s of CPU, hence inside the function.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from models.domain.content import EntityType, ObservationState, Owner
from models.domain.social import Platform
from models.metrics.registry import registry

if TYPE_CHECKING:
    import polars as pl

    from connectors.warehouse.landing import LandedBatch

CHUNK_ROWS = 500_000
"""Rows validated at once, so that memory does not grow with the batch."""

FUTURE_TOLERANCE = timedelta(days=1)
"""How far `observed_at` may lie after the landing: clocks and day-precise exports differ by at most this."""

_KEYS = (
    "workspace_id",
    "batch_id",
    "source",
    "platform",
    "account_id",
    "owner",
    "entity_type",
    "entity_id",
    "observed_at",
)
_SETS: dict[str, list[str]] = {
    "platform": [p.value for p in Platform],
    "owner": [o.value for o in Owner],
    "entity_type": [e.value for e in EntityType],
}
_OBSERVATION_KEYS = ("metric", "state", "period_end")
_EXAMPLES = 3


@dataclass(frozen=True)
class Breach:
    """One rule that rows of a batch break: how many, with a few of the offending values."""

    batch: str
    source_file: str
    rows_of: str
    column: str
    rule: str
    rows: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        shown = f" (such as {', '.join(self.examples)})" if self.examples else ""
        return f"{self.source_file}: {self.rows} {self.rows_of} rows break “{self.column} {self.rule}”{shown}"


@dataclass(frozen=True)
class QualityReport:
    """What was looked at, in rows, and every rule that was broken."""

    batches: int
    contents: int
    observations: int
    rejections: int
    breaches: tuple[Breach, ...]

    @property
    def passed(self) -> bool:
        return not self.breaches


def check_batches(batches: Sequence[LandedBatch]) -> QualityReport:
    """Validates landing files.

    Content and observations: keys are there, platform, owner and entity type are known, `observed_at` is not later than
    the landing plus one day. Observations: metric and state are the registry's, a value stands exactly with state
    `observed`, and a counter is not negative. Small batches are validated together, and one by one only when their group
    breaks a rule, so that a year of daily batches costs a few validations.
    """
    breaches: list[Breach] = []
    for group in _groups(batches):
        if len(group) == 1 or not _sound(group):
            for batch in group:
                breaches += _breaches(batch)
    return QualityReport(
        batches=len(batches),
        contents=sum(b.contents for b in batches),
        observations=sum(b.observations for b in batches),
        rejections=sum(b.rejections for b in batches),
        breaches=tuple(breaches),
    )


def _groups(batches: Sequence[LandedBatch]) -> Iterator[list[LandedBatch]]:
    """Whole batches with at most `CHUNK_ROWS` rows together; a larger batch is a group of its own."""
    group: list[LandedBatch] = []
    rows = 0
    for batch in batches:
        size = batch.contents + batch.observations
        if group and rows + size > CHUNK_ROWS:
            yield group
            group, rows = [], 0
        group.append(batch)
        rows += size
    if group:
        yield group


def _sound(group: Sequence[LandedBatch]) -> bool:
    """Whether all rows of the batches together satisfy the rules."""
    import polars as pl

    frames: dict[str, list[pl.DataFrame]] = {}
    for batch in group:
        for rows_of, frame in _frames(batch):
            frames.setdefault(rows_of, []).append(frame)
    return all(_validation(rows_of, pl.concat(parts)).success for rows_of, parts in frames.items())


def _breaches(batch: LandedBatch) -> Iterable[Breach]:
    """The rules that one batch breaks, with rows added up over its chunks."""
    found: dict[tuple[str, str, str], Breach] = {}
    for rows_of, frame in _frames(batch):
        for outcome in _validation(rows_of, frame).results:
            if outcome.success:
                continue
            column, rule = outcome.expectation_config.kwargs["column"], str(outcome.expectation_config.meta["rule"])
            before = found.get((rows_of, column, rule))
            values = (str(v) for v in outcome.result.get("partial_unexpected_list", ()) if v == v)
            found[(rows_of, column, rule)] = Breach(
                batch=batch.batch_id,
                source_file=batch.source_file,
                rows_of=rows_of,
                column=column,
                rule=rule,
                rows=int(outcome.result["unexpected_count"]) + (before.rows if before else 0),
                examples=before.examples if before else tuple(dict.fromkeys(values))[:_EXAMPLES],
            )
    return found.values()


def _frames(batch: LandedBatch) -> Iterator[tuple[str, pl.DataFrame]]:
    """Chunks of the batch's rows as frames, each with the columns its rules need."""
    import polars as pl

    counters = [m.id for m in registry().metrics.values() if m.kind == "counter"]
    observed = pl.col("state") == ObservationState.OBSERVED.value
    timely = (pl.col("observed_at") <= batch.landed_at + FUTURE_TOLERANCE).alias("in_time")
    stands = (pl.col("value").is_finite().fill_null(False) == observed).alias("value_stands_with_state")
    counted = pl.when(pl.col("metric").is_in(counters)).then(pl.col("value")).alias("counter_value")
    plans = {
        "content": ((*_KEYS, timely), batch.contents),
        "observation": ((*_KEYS, *_OBSERVATION_KEYS, timely, stands, counted), batch.observations),
    }
    for rows_of, (columns, rows) in plans.items():
        plan = pl.scan_parquet(batch.path).filter(pl.col("kind") == rows_of).select(*columns)
        for offset in range(0, rows, CHUNK_ROWS):
            yield rows_of, plan.slice(offset, CHUNK_ROWS).collect()


def _validation(rows_of: str, frame: pl.DataFrame) -> Any:
    """Great Expectations' result of the suite on the frame."""
    return _definition(rows_of).get_batch({"dataframe": frame.to_pandas()}).validate(_suite(rows_of))


@lru_cache(maxsize=1)
def _great_expectations() -> Any:
    """Great Expectations, imported as if there were no PySpark.

    Where PySpark 4.3 is installed without its Connect client, a module that Great Expectations looks into ends the
    process (`sys.exit` in `pyspark.sql.connect.utils`). The frames here are pandas'; Spark plays no part.
    """
    hidden = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "pyspark"}
    for name in hidden:
        del sys.modules[name]
    sys.modules["pyspark"] = None  # type: ignore[assignment]
    try:
        import great_expectations
    finally:
        del sys.modules["pyspark"]
        sys.modules.update(hidden)
    return great_expectations


@lru_cache(maxsize=1)
def _context() -> Any:
    """An in-memory Great Expectations context: no files, no progress bars, no usage statistics."""
    gx = _great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)


@lru_cache(maxsize=2)
def _definition(rows_of: str) -> Any:
    return (
        _context()
        .data_sources.add_pandas(rows_of)
        .add_dataframe_asset(rows_of)
        .add_batch_definition_whole_dataframe(rows_of)
    )


@lru_cache(maxsize=2)
def _suite(rows_of: str) -> Any:
    """The rules as a Great Expectations suite; `meta.rule` is the rule in words."""
    gx = _great_expectations()
    expect = gx.expectations
    observation = rows_of == "observation"
    keys = (*_KEYS, *_OBSERVATION_KEYS) if observation else _KEYS
    known = registry().metrics
    sets = {**_SETS, "metric": sorted(known), "state": [s.value for s in ObservationState]} if observation else _SETS
    rules: list[Any] = [
        *(expect.ExpectColumnValuesToNotBeNull(column=key, meta={"rule": "is there"}) for key in keys),
        *(
            expect.ExpectColumnValuesToBeInSet(column=column, value_set=values, meta={"rule": "is a known one"})
            for column, values in sets.items()
        ),
        expect.ExpectColumnValuesToBeInSet(
            column="in_time", value_set=[True], meta={"rule": "(observed_at is at most one day after the landing)"}
        ),
    ]
    if observation:
        rules += [
            expect.ExpectColumnValuesToBeInSet(
                column="value_stands_with_state",
                value_set=[True],
                meta={"rule": "(a value is there exactly when the state is observed)"},
            ),
            expect.ExpectColumnValuesToBeBetween(
                column="counter_value", min_value=0, meta={"rule": "(a counter is not negative)"}
            ),
        ]
    return gx.ExpectationSuite(name=rows_of, expectations=rules)
