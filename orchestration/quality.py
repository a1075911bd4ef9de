"""The quality gate at the boundary: what a landed batch must satisfy before it may enter the warehouse.

Great Expectations validates the landing files themselves, so a batch that fails never reaches a raw table. Its import
costs about 9 s of CPU, hence inside the function.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """Validates landing files, batch by batch, in chunks.

    Content and observations: keys are there, platform, owner and entity type are known, `observed_at` is not later than
    the landing plus one day. Observations: metric and state are the registry's, a value stands exactly with state
    `observed`, and a counter is not negative.
    """
    breaches: list[Breach] = []
    for batch in batches:
        found: dict[tuple[str, str, str], Breach] = {}
        for rows_of, frame in _frames(batch):
            for breach in _validate(batch, rows_of, frame):
                before = found.get((rows_of, breach.column, breach.rule))
                rows = breach.rows + (before.rows if before else 0)
                examples = before.examples if before else breach.examples
                found[(rows_of, breach.column, breach.rule)] = Breach(
                    breach.batch, breach.source_file, rows_of, breach.column, breach.rule, rows, examples
                )
        breaches.extend(found.values())
    return QualityReport(
        batches=len(batches),
        contents=sum(b.contents for b in batches),
        observations=sum(b.observations for b in batches),
        rejections=sum(b.rejections for b in batches),
        breaches=tuple(breaches),
    )


def _frames(batch: LandedBatch) -> Iterator[tuple[str, pl.DataFrame]]:
    """Chunks of the batch's rows as frames, each with the columns its rules need."""
    import polars as pl

    counters = [m.id for m in registry().metrics.values() if m.kind == "counter"]
    latest = batch.landed_at + FUTURE_TOLERANCE
    timely = (pl.col("observed_at") <= latest).alias("in_time")
    sound = (
        pl.col("value").is_finite().fill_null(False) == (pl.col("state") == ObservationState.OBSERVED.value)
    ).alias("value_stands_with_state")
    counted = pl.when(pl.col("metric").is_in(counters)).then(pl.col("value")).alias("counter_value")
    lazy = pl.scan_parquet(batch.path)
    plans = {
        "content": (lazy.filter(pl.col("kind") == "content").select(*_KEYS, timely), batch.contents),
        "observation": (
            lazy.filter(pl.col("kind") == "observation").select(
                *_KEYS, *_OBSERVATION_KEYS, "value", timely, sound, counted
            ),
            batch.observations,
        ),
    }
    for rows_of, (plan, rows) in plans.items():
        for offset in range(0, rows, CHUNK_ROWS):
            yield rows_of, plan.slice(offset, CHUNK_ROWS).collect()


def _validate(batch: LandedBatch, rows_of: str, frame: pl.DataFrame) -> Iterator[Breach]:
    result = _definition(rows_of).get_batch({"dataframe": frame.to_pandas()}).validate(_suite(rows_of))
    for outcome in result.results:
        if outcome.success:
            continue
        config = outcome.expectation_config
        yield Breach(
            batch=batch.batch_id,
            source_file=batch.source_file,
            rows_of=rows_of,
            column=config.kwargs["column"],
            rule=str(config.meta["rule"]),
            rows=int(outcome.result["unexpected_count"]),
            examples=tuple(dict.fromkeys(str(v) for v in outcome.result.get("partial_unexpected_list", ()) if v == v))[
                :_EXAMPLES
            ],
        )


@lru_cache(maxsize=1)
def _context() -> Any:
    """An in-memory Great Expectations context: no files, no progress bars, no usage statistics."""
    import great_expectations as gx
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
    import great_expectations as gx

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
