"""The rules as Great Expectations suites over reduced frames.

A frame has one row per distinct combination of judged columns (`connectors.warehouse.judging`), so a suite costs the same
for a batch of a hundred rows and of fifty million. Great Expectations' import costs about 9 s of CPU, hence inside.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from connectors.warehouse.judging import KEYS
from models.domain.content import EntityType, ObservationState, Owner
from models.domain.social import Platform
from models.metrics.registry import registry

if TYPE_CHECKING:
    import polars as pl

_SETS: dict[str, list[str]] = {
    "platform": [p.value for p in Platform],
    "owner": [o.value for o in Owner],
    "entity_type": [e.value for e in EntityType],
}
_ROW_FLAGS = {
    "content": ("belongs_to_batch", "in_time"),
    "observation": (
        "belongs_to_batch", "metric_of_entity", "in_time", "period_in_order", "value_stands", "counter_not_negative",
        "metric_of_platform",
    ),
}  # fmt: skip
_BOUNDS = {"no_fall": "falls", "no_repeat": "repeated", "usual_volume": "rows_off", "in_rhythm": "hours_late"}
"""Rules about a whole batch → the column that is 0 when the rule is kept, and NULL when it says nothing."""


@dataclass(frozen=True)
class Finding:
    """One expectation on one frame: the rows of the frame (by position) that break it, with a few of the values."""

    rule: str
    column: str
    rows: tuple[int, ...]
    values: tuple[str, ...]


def row_findings(kind: str, frame: pl.DataFrame) -> Iterator[Finding]:
    """Every row rule on the combinations of one kind (`content` or `observation`), kept or not."""
    yield from _findings(f"rows_{kind}", frame)


def batch_findings(frame: pl.DataFrame) -> Iterator[Finding]:
    """Every rule about whole batches on the facts of the batches, kept or not."""
    yield from _findings("batches", frame)


def _findings(suite: str, frame: pl.DataFrame) -> Iterator[Finding]:
    outcome = (
        _definition(suite)
        .get_batch({"dataframe": frame.to_pandas()})
        .validate(_suite(suite), result_format={"result_format": "COMPLETE"})
    )
    for result in outcome.results:
        config = result.expectation_config
        rows = tuple(int(i) for i in result.result.get("unexpected_index_list") or ())
        values = dict.fromkeys(str(v) for v in result.result.get("partial_unexpected_list") or ())
        yield Finding(str(config.meta["rule"]), str(config.kwargs["column"]), rows, tuple(values))


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


@lru_cache(maxsize=3)
def _definition(suite: str) -> Any:
    return (
        _context()
        .data_sources.add_pandas(suite)
        .add_dataframe_asset(suite)
        .add_batch_definition_whole_dataframe(suite)
    )  # fmt: skip


@lru_cache(maxsize=3)
def _suite(suite: str) -> Any:
    """The expectations; `meta.rule` is the id of the rule in `models.domain.quality`."""
    gx = _great_expectations()
    expect = gx.expectations
    if suite == "batches":
        rules = [
            expect.ExpectColumnValuesToBeBetween(column=column, max_value=0, meta={"rule": rule})
            for rule, column in _BOUNDS.items()
        ]
        return gx.ExpectationSuite(name=suite, expectations=rules)
    kind = suite.removeprefix("rows_")
    sets, keys = dict(_SETS), tuple(key for key in KEYS if key != "period_end")
    if kind == "observation":
        sets |= {"metric": sorted(registry().metrics), "state": [s.value for s in ObservationState]}
        keys = KEYS
    rules = [
        *(
            expect.ExpectColumnValuesToBeInSet(column=flag, value_set=[True], meta={"rule": flag})
            for flag in _ROW_FLAGS[kind]
        ),
        *(expect.ExpectColumnValuesToNotBeNull(column=key, meta={"rule": "key_is_there"}) for key in (*keys, *sets)),
        *(
            expect.ExpectColumnValuesToBeInSet(column=column, value_set=values, meta={"rule": "value_is_known"})
            for column, values in sets.items()
        ),
    ]
    return gx.ExpectationSuite(name=suite, expectations=rules)
