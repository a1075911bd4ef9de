"""Platforms: what connected accounts tell becomes landing files, one asset a vendor."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg

from models.domain.connection import Vendor
from orchestration.partitions import LandingPartition, landing_partitions
from orchestration.resources import Stores

COLLECTED = tuple(vendor for vendor in Vendor if vendor is not Vendor.SMTP)
"""Vendors that have something to tell; SMTP has no reports."""


class CollectConfig(dg.Config):
    """`only_due` leaves out streams that were read recently enough."""

    only_due: bool = False


def collected(vendor: Vendor) -> dg.AssetsDefinition:
    """The asset of one vendor.

    A run over today's partition reads the trailing windows; a backfill over earlier days reads from the first of them on,
    in one run. Two runs never read the same vendor at once (pool), nor the same account (lock).
    """

    @dg.asset(
        name=f"{vendor.value}_collected",
        group_name="platforms",
        kinds={"parquet"},
        partitions_def=landing_partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=f"api_{vendor.value}",
        description=f"Posts, account numbers and audience of the connected {vendor.label} accounts, as landing files.",
    )
    def asset(
        context: dg.AssetExecutionContext, config: CollectConfig, stores: dg.ResourceParam[Stores]
    ) -> dg.MaterializeResult[None]:
        from orchestration.ingesting import ingest

        days = [LandingPartition.parse(key) for key in context.partition_keys]
        totals = {"runs": 0, "posts": 0, "readings": 0, "gaps": 0}
        problems: list[str] = []
        for workspace_id in sorted({day.workspace_id for day in days}):
            since = _since([day for day in days if day.workspace_id == workspace_id], stores.now())
            report = ingest(
                stores, workspace_id, vendor=vendor, since=since, only_due=config.only_due, log=context.log.info
            )
            totals["runs"] += len(report.runs)
            totals["posts"] += sum(run.contents for run in report.runs)
            totals["readings"] += sum(run.observations for run in report.runs)
            totals["gaps"] += len(report.failed)
            problems += [run.message for run in report.failed]
        if problems and totals["gaps"] == totals["runs"]:
            raise dg.Failure(description="; ".join(problems[:3]), allow_retries=False)
        return dg.MaterializeResult(metadata={**totals, "problems": dg.MetadataValue.md("\n".join(problems) or "none")})

    return asset


def _since(days: Sequence[LandingPartition], now: datetime) -> datetime | None:
    """The first day asked for, None when it is today alone."""
    first = min(datetime.fromisoformat(day.day).replace(tzinfo=UTC) for day in days)
    return None if first.date() >= now.date() else first


platform_assets = [collected(vendor) for vendor in COLLECTED]
