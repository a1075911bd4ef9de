"""Platforms: what connected accounts and competitors' public addresses tell becomes landing files."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg

from models.domain.connection import Vendor
from models.errors import FabricError
from orchestration.partitions import LandingPartition, landing_partitions
from orchestration.resources import Stores

COLLECTED = tuple(vendor for vendor in Vendor if vendor is not Vendor.SMTP)
"""Vendors that have something to tell; SMTP has no reports."""
COMPETITORS = "competitors"
_NAMED = 3


class CollectConfig(dg.Config):
    """`only_due` leaves out what was read recently enough."""

    only_due: bool = False


def collected(vendor: Vendor) -> dg.AssetsDefinition:
    """The asset of one vendor.

    A run over today's partition reads the trailing windows; a backfill over earlier days reads from the first of them on,
    in one run. Two runs never read the same vendor at once (pool), nor the same account (lock). It fails when a workspace
    gave nothing at all.
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

        totals = {"runs": 0, "posts": 0, "readings": 0, "gaps": 0}
        problems: list[str] = []
        nothing = False
        for workspace_id, days in _by_workspace(context.partition_keys).items():
            try:
                report = ingest(
                    stores, workspace_id, vendor=vendor, since=_since(days, stores.now()), only_due=config.only_due,
                    log=context.log.info,
                )  # fmt: skip
            except FabricError as error:
                problems.append(str(error))
                nothing = True
                continue
            totals["runs"] += len(report.runs)
            totals["posts"] += sum(run.contents for run in report.runs)
            totals["readings"] += sum(run.observations for run in report.runs)
            totals["gaps"] += len(report.failed)
            problems += [*(run.message for run in report.failed), *report.problems]
            nothing |= bool(report.failed) and len(report.failed) == len(report.runs)
        if nothing:
            raise dg.Failure(description="; ".join(problems[:_NAMED]), metadata=totals, allow_retries=False)
        return dg.MaterializeResult(metadata={**totals, "problems": dg.MetadataValue.md("\n".join(problems) or "none")})

    return asset


def competitors() -> dg.AssetsDefinition:
    """The asset of the competitors' feeds and sitemaps. Whatever the days asked for: a site tells what it has now."""

    @dg.asset(
        name=f"{COMPETITORS}_collected",
        group_name="platforms",
        kinds={"parquet"},
        partitions_def=landing_partitions,
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="api_web",
        description="New articles and videos of the competitors' feeds and sitemaps, as landing files.",
    )
    def asset(
        context: dg.AssetExecutionContext, config: CollectConfig, stores: dg.ResourceParam[Stores]
    ) -> dg.MaterializeResult[None]:
        from orchestration.watching import watch

        articles = failed = 0
        problems: list[str] = []
        for workspace_id in _by_workspace(context.partition_keys):
            report = watch(stores, workspace_id, only_due=config.only_due, log=context.log.info)
            articles += report.contents
            failed += report.failed
            problems += [*(note for one in report.reports for note in one.notes), *report.problems]
        told = dg.MetadataValue.md("\n".join(problems) or "none")
        return dg.MaterializeResult(metadata={"articles": articles, "not read": failed, "problems": told})

    return asset


def platform_assets() -> list[dg.AssetsDefinition]:
    """Everything that is collected. A function, so that importing this module makes no definitions."""
    return [*(collected(vendor) for vendor in COLLECTED), competitors()]


def _by_workspace(partition_keys: Sequence[str]) -> dict[str, list[LandingPartition]]:
    found: dict[str, list[LandingPartition]] = {}
    for key in partition_keys:
        partition = LandingPartition.parse(key)
        found.setdefault(partition.workspace_id, []).append(partition)
    return dict(sorted(found.items()))


def _since(days: Sequence[LandingPartition], now: datetime) -> datetime | None:
    """The first day asked for, None when it is today alone."""
    first = min(datetime.fromisoformat(day.day).replace(tzinfo=UTC) for day in days)
    return None if first.date() >= now.date() else first
