"""Ingestion: workspaces and landed batches become raw tables of the warehouse."""

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.ingestion.checks import landed_batch_quality, quality_result
from orchestration.loading import pending_in
from orchestration.partitions import LandingPartition, landing_partitions
from orchestration.resources import WAREHOUSE_POOL, Stores


@dg.asset(group_name="ingestion", pool=WAREHOUSE_POOL, kinds={"duckdb"})
def workspaces(stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """The workspaces of the operational store as rows of `raw.workspace`: name, zone, plan, synthetic or not."""
    found = stores.workspaces()
    changed = stores.warehouse.sync_workspaces(found)
    return dg.MaterializeResult(metadata={"workspaces": len(found), "changed": changed})


@dg.asset(
    group_name="ingestion",
    pool=WAREHOUSE_POOL,
    kinds={"duckdb", "parquet"},
    partitions_def=landing_partitions,
    check_specs=[landed_batch_quality],
)
def landed_batches(
    context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores]
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[None]]:
    """Landing files of one workspace and day (or a range of days), loaded into the raw tables after a quality check.

    The check runs first and on the files: a batch that fails it is not loaded, so nothing downstream can see it, and it
    stays pending until its file is mended or moved away.
    """
    from orchestration.quality import check_batches

    batches = pending_in(stores, [LandingPartition.parse(key) for key in context.partition_keys])
    report = check_batches(batches)
    yield quality_result(report)
    if not report.passed:
        raise dg.Failure(description="; ".join(str(breach) for breach in report.breaches[:5]), allow_retries=False)
    loaded = stores.warehouse.load(batches)
    yield dg.MaterializeResult(
        metadata={
            "batches": loaded,
            "contents": report.contents,
            "observations": report.observations,
            "rejections": report.rejections,
        }
    )
