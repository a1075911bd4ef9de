"""Knowledge: what the content is about."""

import dagster as dg

from orchestration.defs.ingestion.assets import landed_batches
from orchestration.resources import WAREHOUSE_POOL, Stores

# Plain `eager()` never fires for a new workspace: most of its days have no partition materialised.
_ON_NEW_BATCHES = dg.AutomationCondition.eager().without(~dg.AutomationCondition.any_deps_missing())


@dg.asset(
    group_name="knowledge",
    pool=WAREHOUSE_POOL,
    kinds={"python", "duckdb"},
    deps=[landed_batches],
    automation_condition=_ON_NEW_BATCHES,
)
def content_topics(context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """Keyword topics of every workspace's own and competitors' content, and which post is about which."""
    from orchestration.topics import label

    topics = assignments = changed = 0
    for workspace in stores.workspaces():
        found = label(stores.warehouse, workspace)
        changed += found.changed
        topics += found.topics
        assignments += found.assignments
        context.log.info(f"{workspace.id}: {found.topics} topics over {found.documents} pieces of content")
    return dg.MaterializeResult(metadata={"topics": topics, "assignments": assignments, "workspaces changed": changed})
