"""Generation: strategy, calendar and drafts of one workspace, from its published marts.

Never eager: they run weekly, or when a person asks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.defs.knowledge.assets import competitor_extracts
from orchestration.defs.serving.assets import serving_files
from orchestration.partitions import workspaces_partitions
from orchestration.resources import Stores

if TYPE_CHECKING:
    from orchestration.writing import Span, Writer

DEFAULT_WEEKS = 4


class CalendarConfig(dg.Config):
    """The days to plan: `weeks` weeks from `start` (YYYY-MM-DD; empty: the next Monday in the workspace's zone)."""

    weeks: int = DEFAULT_WEEKS
    start: str = ""


@contextmanager
def writer_for(stores: Stores, workspace_id: str, run: dg.DagsterRun | None = None) -> "Iterator[Writer]":
    """The writer of a workspace, closed at the end. A run for a job says there what is being written."""
    from orchestration.authoring import Reports
    from orchestration.jobs import JOB_TAG, report
    from orchestration.writing import Writer

    job_id = run.tags.get(JOB_TAG) if run is not None else None
    say = None if job_id is None else Reports(partial(report, stores, job_id))
    writer = Writer(stores, workspace_id, now=stores.now(), say=say)
    try:
        yield writer
    finally:
        writer.close()


def _span(config: CalendarConfig, writer: "Writer", stores: Stores) -> "Span":
    from orchestration.writing import Span

    start = date.fromisoformat(config.start) if config.start else None
    return Span.of(writer.workspace(), start=start, weeks=config.weeks, now=stores.now())


@dg.asset(group_name="generation", partitions_def=workspaces_partitions, deps=[serving_files, competitor_extracts])
def strategies(context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """The workspace's strategy: pillars, platform roles, cadence, slots and goals, each number with its evidence."""
    with writer_for(stores, context.partition_key, context.run) as writer:
        strategy = writer.save_strategy()
    return dg.MaterializeResult(
        metadata={
            "version": strategy.version,
            "snapshot": strategy.document.snapshot_id,
            "writer": strategy.document.writer,
            "pillars": len(strategy.document.pillars),
            "evidence": len(strategy.document.evidence),
        }
    )


@dg.asset(group_name="generation", partitions_def=workspaces_partitions, deps=[strategies])
def calendars(
    context: dg.AssetExecutionContext, config: CalendarConfig, stores: dg.ResourceParam[Stores]
) -> dg.MaterializeResult[None]:
    """Calendar entries of the newest strategy around the planning dates; entries that exist, moved or not, stay as they are."""
    with writer_for(stores, context.partition_key, context.run) as writer:
        span = _span(config, writer, stores)
        added = writer.save_calendar(span)
        notes = list(writer.composed(span).notes)
    return dg.MaterializeResult(
        metadata={"added": added, "start": span.start.isoformat(), "weeks": span.weeks, "notes": notes}
    )


@dg.asset(group_name="generation", partitions_def=workspaces_partitions, deps=[calendars])
def drafts(
    context: dg.AssetExecutionContext, config: CalendarConfig, stores: dg.ResourceParam[Stores]
) -> dg.MaterializeResult[None]:
    """A draft per platform with two variants for every calendar entry that has none, ready for review."""
    with writer_for(stores, context.partition_key, context.run) as writer:
        added = writer.save_drafts(_span(config, writer, stores))
    return dg.MaterializeResult(metadata={"added": added})
