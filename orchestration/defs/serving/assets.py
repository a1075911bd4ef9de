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
    """The current serving version of every workspace. Runs after all blocking checks.

    A workspace whose inputs are those of its served version is not looked at further; unchanged marts write nothing.
    """
    from connectors.warehouse.serving import publish_all
    from orchestration.manifest import ensure_manifest, mart_documentation

    documentation = mart_documentation(ensure_manifest(stores.settings))
    warehouse = stores.warehouse
    with warehouse.building():
        built = warehouse.built()
        signatures = {workspace.id: built.signature(workspace.id) if built else "" for workspace in stores.workspaces()}
        served = publish_all(warehouse, stores.settings.serving_dir, signatures, documentation=documentation)
    if nothing := sorted(signatures.keys() - served.keys()):
        context.log.info(f"Nothing has been observed of {', '.join(nothing)}.")
    written = [workspace_id for workspace_id in signatures if workspace_id in served and served[workspace_id].written]
    versions = {workspace_id: version.version for workspace_id, version in served.items()}
    return dg.MaterializeResult(
        metadata={
            "written": len(written),
            WRITTEN: dg.MetadataValue.json(written),
            "versions": dg.MetadataValue.json(versions),
        }
    )


WRITTEN = "workspaces written"
"""Metadata: ids of the workspaces that got a new version."""
