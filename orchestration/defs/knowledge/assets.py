"""Knowledge: what the content is about, and finding it by meaning."""

import dagster as dg

from orchestration.defs.ingestion.assets import landed_batches
from orchestration.defs.serving.assets import serving_files
from orchestration.partitions import workspaces_partitions
from orchestration.resources import VECTORS_POOL, WAREHOUSE_POOL, Stores

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


class ExtractsConfig(dg.Config):
    """`max_calls` bounds the calls of a model in one run; the rest is read by the rules until a later run."""

    max_calls: int = 200


@dg.asset(group_name="generation", kinds={"python"}, partitions_def=workspaces_partitions, deps=[serving_files])
def competitor_extracts(
    context: dg.AssetExecutionContext, config: ExtractsConfig, stores: dg.ResourceParam[Stores]
) -> dg.MaterializeResult[None]:
    """Closed values, single words and checked quotes from the competitors' newest texts, each text read once.

    Never eager: like the generation that reads it, it runs weekly or when a person asks.
    """
    from orchestration.extracting import read_with_models

    told = read_with_models(stores, context.partition_key, max_calls=config.max_calls, log=context.log.info)
    return dg.MaterializeResult(
        metadata={
            "texts": told.texts,
            "read by rules": told.by_rules,
            "read by a model": told.by_model,
            "calls": told.calls,
            "dropped": told.dropped,
            "fallbacks": dg.MetadataValue.json(dict(told.fallbacks)),
            "meant for machines": dg.MetadataValue.json(dict(told.signs)),
        }
    )


@dg.asset(group_name="generation", kinds={"python"}, partitions_def=workspaces_partitions, deps=[serving_files])
def brand_studies(context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """What the brand says of itself and how it writes, from its site and its posts; unchanged texts add no version.

    Never eager: like the generation that reads it, it runs weekly or when a person asks.
    """
    from orchestration.models import text_generator
    from orchestration.studying import study_brand

    workspace = context.partition_key
    with stores.open_store() as store:
        generator = text_generator(stores, store, workspace)
        told = study_brand(stores, workspace, generator=generator, log=context.log.info)
    return dg.MaterializeResult(
        metadata={
            "business version": told.business.version,
            "voice version": told.voice.version,
            "new": list(told.changed),
            "notes": list(told.notes),
        }
    )


@dg.asset(
    group_name="knowledge",
    pool=VECTORS_POOL,
    kinds={"lancedb"},
    partitions_def=workspaces_partitions,
    deps=[serving_files, dg.AssetKey("drafts")],
    retry_policy=dg.RetryPolicy(max_retries=2, delay=60),
)
def vector_index(context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores]) -> dg.MaterializeResult[None]:
    """The search index of one workspace: its posts, drafts and briefs, and its competitors' content.

    Not part of a build, which would wait for the model: a sensor asks for it when content has changed, and `fabric search`
    brings it up to date itself. Only texts that are new are embedded.
    """
    from orchestration.searching import update_index

    done = update_index(stores, context.partition_key, log=context.log.info)
    return dg.MaterializeResult(
        metadata={
            "documents": done.documents,
            "chunks": done.chunks,
            "embedded": done.embedded,
            "removed": done.removed,
            "changed": done.changed,
            "rebuilt": done.rebuilt,
        }
    )
