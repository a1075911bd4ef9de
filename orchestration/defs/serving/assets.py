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
    from connectors.warehouse.serving import publish
    from models.errors import NothingServed
    from orchestration.manifest import ensure_manifest, mart_documentation

    documentation = mart_documentation(ensure_manifest(stores.settings))
    warehouse = stores.warehouse
    versions: dict[str, str] = {}
    written: list[str] = []
    with warehouse.building():
        built = warehouse.built()
        for workspace in stores.workspaces():
            signature = built.signature(workspace.id) if built else ""
            try:
                served = publish(
                    warehouse,
                    stores.settings.serving_dir,
                    workspace.id,
                    signature=signature,
                    documentation=documentation,
                )
            except NothingServed as nothing:
                context.log.info(str(nothing))
                continue
            versions[workspace.id] = served.version
            written += [workspace.id] if served.written else []
    return dg.MaterializeResult(
        metadata={
            "written": len(written),
            WRITTEN: dg.MetadataValue.json(written),
            "versions": dg.MetadataValue.json(versions),
        }
    )


WRITTEN = "workspaces written"
"""Metadata: ids of the workspaces that got a new version."""
