"""Checks on what was published."""

from typing import cast

import dagster as dg

from orchestration.defs.serving.assets import WRITTEN, serving_files
from orchestration.resources import WAREHOUSE_POOL, Stores


@dg.asset_check(asset=serving_files, pool=WAREHOUSE_POOL)
def serving_matches_marts(
    context: dg.AssetCheckExecutionContext, stores: dg.ResourceParam[Stores]
) -> dg.AssetCheckResult:
    """Every file written last holds exactly the rows that the models gave for its workspace when it was cut."""
    from connectors.warehouse.serving import altered_marts

    written = _written(context.instance)
    differing = [
        f"{workspace_id}: {mart}"
        for workspace_id in written
        for mart in altered_marts(stores.reader.current(workspace_id))
    ]
    return dg.AssetCheckResult(
        passed=not differing, metadata={"workspaces": len(written), "differing": ", ".join(differing) or "none"}
    )


def _written(instance: dg.DagsterInstance) -> list[str]:
    """The workspaces that the last run of `serving_files` wrote a version for."""
    event = instance.get_latest_materialization_event(serving_files.key)
    if event is None or event.asset_materialization is None:
        return []
    return list(map(str, cast(list[object], event.asset_materialization.metadata[WRITTEN].value)))
