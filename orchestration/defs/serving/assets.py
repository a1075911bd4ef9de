"""Serving: the marts, published as one read-only file per workspace and version."""

import dagster as dg

from connectors.warehouse.marts import MARTS
from orchestration.resources import WAREHOUSE_POOL, Stores


@dg.asset(
    group_name="serving",
    pool=WAREHOUSE_POOL,
    kinds={"duckdb"},
    deps=[dg.AssetKey(["marts", mart]) for mart in MARTS],
)
def serving_files(context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """The current serving version of every workspace. Runs after all blocking checks; unchanged marts write nothing."""
    from connectors.warehouse.serving import publish
    from models.errors import NothingServed

    versions: dict[str, str] = {}
    written = 0
    for workspace in stores.workspaces():
        try:
            served = publish(stores.warehouse, stores.settings.serving_dir, workspace.id)
        except NothingServed as nothing:
            context.log.info(str(nothing))
            continue
        versions[workspace.id] = served.version
        written += served.written
    return dg.MaterializeResult(metadata={"written": written, "versions": dg.MetadataValue.json(versions)})
