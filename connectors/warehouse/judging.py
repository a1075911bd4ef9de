"""Landed batches reduced to what rules judge: the distinct combinations of judged columns, with how many rows have each.

A batch of millions of rows has a few hundred combinations, so what judges them never sees a row. The same expressions find
the rows of a combination again when they are to be left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import duckdb

from connectors.warehouse.landing import LandedBatch
from connectors.warehouse.sqltext import SESSION
from models.metrics.registry import registry

if TYPE_CHECKING:
    import polars as pl

FUTURE_TOLERANCE = timedelta(days=1)
"""How far `observed_at` may lie after the landing: clocks and day-precise exports differ by at most this."""

KEYS = ("account_id", "entity_id", "observed_at", "period_end")
"""Columns judged by being there or not."""
ENUMS = ("platform", "owner", "entity_type", "metric", "state")
"""Columns judged by their value."""
FLAGS = ("belongs_to_batch", "in_time", "period_in_order", "value_stands", "counter_not_negative", "metric_of_entity",
         "metric_of_platform")  # fmt: skip
"""Predicates over one row; NULL where a rule does not speak of the row."""
JUDGED = (*KEYS, *ENUMS, *FLAGS)

_CHUNK_ROWS = 5_000_000
"""Rows of small batches that are looked at together; a larger batch is looked at alone."""
_UNREADABLE = (duckdb.InvalidInputException, duckdb.IOException, duckdb.BinderException, duckdb.ConversionException)


@dataclass(frozen=True)
class Profile:
    """What judges see of the batches that could be read.

    `combinations`: `key`, `kind`, the judged columns and `rows`. `facts`: one row per batch with `repeated` (readings that
    stand in it more than once) and `falls` (lifetime counters that are lower in a later reading of the same batch).
    `unreadable`: key → what is wrong with the file.
    """

    combinations: pl.DataFrame
    facts: pl.DataFrame
    unreadable: dict[str, str]

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """Key → kind → rows."""
        found: dict[str, dict[str, int]] = {}
        if self.combinations.height:
            for key, kind, rows in self.combinations.select("key", "kind", "rows").iter_rows():
                of = found.setdefault(key, {})
                of[kind] = of.get(kind, 0) + rows
        return found


def judged_columns() -> str:
    """The judged columns of a landing row `r` of the batch `b` (`judged_batch`), as a select list."""
    there = [f"case when r.{key} is not null then '' end as {key}" for key in KEYS]
    return ", ".join(
        (
            *there,
            *(f"r.{column}" for column in ENUMS),
            "(r.workspace_id is not distinct from b.workspace_id and r.batch_id is not distinct from b.batch_id "
            "and r.source is not distinct from b.source) as belongs_to_batch",
            "(r.observed_at <= b.latest) as in_time",
            "(r.period_start <= r.period_end) as period_in_order",
            "case when r.kind = 'observation' then "
            "coalesce(isfinite(r.value), false) = coalesce(r.state = 'observed', false) end as value_stands",
            "case when r.metric in (select metric from known_metrics where counter) then not coalesce(r.value < 0, false) "
            "end as counter_not_negative",
            "case when r.metric in (select metric from known_metrics) then "
            "concat(r.metric, ' ', r.entity_type) in (select concat(metric, ' ', entity) from known_metrics) "
            "end as metric_of_entity",
            "case when r.metric in (select metric from known_metrics) then "
            "concat(r.metric, ' ', r.platform) in (select on_platform from known_fields) end as metric_of_platform",
        )
    )


def register_registry(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the metric registry known to the connection as the temporary tables that `judged_columns` reads."""
    known = registry()
    connection.execute(
        "create or replace temp table known_metrics (metric varchar, entity varchar, counter boolean, lifetime boolean)"
    )
    connection.executemany(
        "insert into known_metrics values (?, ?, ?, ?)",
        [(m.id, m.entity, m.kind == "counter", m.time_basis == "lifetime") for m in known.metrics.values()],
    )
    connection.execute("create or replace temp table known_fields (on_platform varchar)")
    connection.executemany(
        "insert into known_fields values (?)",
        [[text] for text in sorted({f"{f.metric} {f.platform}" for f in known.fields})],
    )


def register_batches(connection: duckdb.DuckDBPyConnection, batches: Sequence[LandedBatch]) -> None:
    """Makes what the files' footers say known as the temporary table `judged_batch`."""
    connection.execute(
        "create or replace temp table judged_batch "
        "(path varchar, key varchar, workspace_id varchar, source varchar, batch_id varchar, latest timestamptz)"
    )
    connection.executemany(
        "insert into judged_batch values (?, ?, ?, ?, ?, ?)",
        [
            (str(b.path), b.key, b.workspace_id, b.source, b.batch_id, b.landed_at + FUTURE_TOLERANCE)
            for b in batches
        ],
    )  # fmt: skip


def profile(batches: Sequence[LandedBatch]) -> Profile:
    """Reduces the batches. A file that cannot be read is named in the answer and stops no other."""
    import polars as pl

    combinations: list[pl.DataFrame] = []
    facts: list[pl.DataFrame] = []
    unreadable: dict[str, str] = {}
    with duckdb.connect() as connection:
        connection.execute(SESSION)
        register_registry(connection)
        waiting = _groups(batches)
        while waiting:
            group = waiting.pop(0)
            try:
                found = _reduced(connection, group)
            except _UNREADABLE as error:
                if len(group) == 1:
                    unreadable[group[0].key] = str(error).splitlines()[0]
                else:  # one of them: halves find it without looking at each alone
                    waiting[:0] = [group[: len(group) // 2], group[len(group) // 2 :]]
                continue
            combinations.append(found[0])
            facts.append(found[1])
    return Profile(
        pl.concat(combinations) if combinations else pl.DataFrame(),
        pl.concat(facts) if facts else pl.DataFrame(),
        unreadable,
    )


def _groups(batches: Sequence[LandedBatch]) -> list[list[LandedBatch]]:
    groups: list[list[LandedBatch]] = []
    rows = _CHUNK_ROWS
    for batch in batches:
        size = batch.contents + batch.observations + batch.rejections
        if rows + size > _CHUNK_ROWS:
            groups.append([])
            rows = 0
        groups[-1].append(batch)
        rows += size
    return groups


def _reduced(
    connection: duckdb.DuckDBPyConnection, group: Sequence[LandedBatch]
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    register_batches(connection, group)
    paths = [str(batch.path) for batch in group]
    combinations = connection.execute(
        f"""
        with judged as (
            select b.key, coalesce(r.kind, 'unknown') as kind, {judged_columns()}, r.observed_at as seen
            from read_parquet($1, filename = true) as r inner join judged_batch as b on r.filename = b.path
        )
        select * exclude (seen), count(*) as rows, min(seen) as first_seen, max(seen) as last_seen
        from judged group by all
        """,  # noqa: S608
        [paths],
    ).pl()
    facts = connection.execute(
        """
        with readings as (
            select b.key, r.platform, r.account_id, r.entity_type, r.entity_id, r.metric, r.period_start, r.period_end,
                r.value, r.state, r.observed_at
            from read_parquet($1, filename = true) as r inner join judged_batch as b on r.filename = b.path
            where r.kind = 'observation'
        )
        select key, count(*) - count(distinct hash(
            platform, account_id, entity_type, entity_id, metric, period_start, period_end, value, state, observed_at
        )) as repeated
        from readings group by key
        """,
        [paths],
    ).pl()
    return combinations, facts.join(_falls(connection, combinations, group), on="key", how="left")


def _falls(
    connection: duckdb.DuckDBPyConnection, combinations: pl.DataFrame, group: Sequence[LandedBatch]
) -> pl.DataFrame:
    """[key, falls] of the batches that hold readings of more than one instant; the others cannot hold a fall."""
    import polars as pl

    spans = combinations.filter(pl.col("kind") == "observation").group_by("key").agg(
        pl.col("first_seen").min(), pl.col("last_seen").max()
    )  # fmt: skip
    several = set(spans.filter(pl.col("first_seen") < pl.col("last_seen"))["key"])
    paths = [str(batch.path) for batch in group if batch.key in several]
    if not paths:
        return pl.DataFrame(schema={"key": pl.String, "falls": pl.Int64})
    return connection.execute(
        """
        with readings as (
            select b.key, r.value, lag(r.value) over (
                partition by b.key, r.platform, r.account_id, r.entity_id, r.metric
                order by r.observed_at, r.period_end, r.source_line, r.value
            ) as before
            from read_parquet($1, filename = true) as r inner join judged_batch as b on r.filename = b.path
            where r.kind = 'observation' and r.state = 'observed'
                and r.metric in (select metric from known_metrics where counter and lifetime)
        )
        select key, count(*) filter (value < before) as falls from readings group by key
        """,
        [paths],
    ).pl()
