"""Ingestion: workspaces and landed batches become raw tables of the warehouse."""

from collections.abc import Iterator

import dagster as dg

from connectors.warehouse.sync_runs import replace_sync_runs
from orchestration.defs.ingestion.checks import landed_batch_files, landed_batch_quality, quality_results
from orchestration.loading import pending_in
from orchestration.partitions import LandingPartition, landing_partitions
from orchestration.resources import WAREHOUSE_POOL, Stores


@dg.asset(group_name="ingestion", pool=WAREHOUSE_POOL, kinds={"duckdb"})
def workspaces(stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """The workspaces of the operational store as rows of `raw.workspace`: name, zone, plan, synthetic or not."""
    found = stores.workspaces()
    changed = stores.warehouse.sync_workspaces(found)
    return dg.MaterializeResult(metadata={"workspaces": len(found), "changed": changed})


@dg.asset(group_name="ingestion", pool=WAREHOUSE_POOL, kinds={"duckdb"})
def operations(stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """Plans, drafts, decisions, the outbox, recommendations and calls of writers as the `op_` rows of each workspace."""
    from connectors.warehouse.operations import sync_operations

    found = stores.workspaces()
    changed = sum(sync_operations(stores.warehouse, stores.operations(workspace.id)) for workspace in found)
    return dg.MaterializeResult(metadata={"workspaces": len(found), "changed": changed})


@dg.asset(group_name="ingestion", pool=WAREHOUSE_POOL, kinds={"duckdb"})
def sync_runs(stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """Every attempt to read a connected account as rows of `raw.sync_run`: what was read, what failed, what is lost."""
    from orchestration.readings import readings_of

    runs = [run for workspace in stores.workspaces() for run in readings_of(stores, workspace.id)]
    changed = replace_sync_runs(stores.warehouse, [workspace.id for workspace in stores.workspaces()], runs)
    return dg.MaterializeResult(metadata={"readings": len(runs), "changed": changed})


@dg.asset(
    group_name="ingestion",
    pool=WAREHOUSE_POOL,
    kinds={"duckdb", "parquet"},
    partitions_def=landing_partitions,
    check_specs=[landed_batch_files, landed_batch_quality],
)
def landed_batches(
    context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores]
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """Landing files of one workspace and day (or a range of days), judged and loaded into the raw tables.

    Rows that break a rule go to `raw.quarantine` and the rest of their batch loads. A batch that cannot be used at all is
    recorded as refused and fails the run after the others have loaded; it waits until its file is replaced.
    """
    from orchestration.quality import check_batches

    batches = pending_in(stores, [LandingPartition.parse(key) for key in context.partition_keys])
    report = check_batches(batches, stores.warehouse.volumes())
    loaded = stores.warehouse.load(batches, report.verdicts)
    yield from quality_results(report)
    yield dg.MaterializeResult(
        metadata={
            "batches": loaded,
            "contents": report.contents,
            "observations": report.observations,
            "rejections": report.rejections,
            "rows in quarantine": report.quarantined,
            "refused": len(report.refused),
        }
    )
    if report.refused:
        raise dg.Failure(
            description="; ".join(f"{v.batch.source_file}: {v.refused}" for v in report.refused[:5]),
            allow_retries=False,
        )
