"""Everything Dagster runs, and the composition root of its processes: `dagster dev -m orchestration.definitions`."""

from __future__ import annotations

import dagster as dg

from models.settings import Settings, load_settings
from orchestration.automation import (
    build_job,
    collect_job,
    daily_build,
    generate_job,
    hourly_collection,
    index_job,
    index_sensor,
    ingest_job,
    job_sensor,
    landing_sensor,
    media_job,
    media_sensor,
    publish_job,
    publish_sensor,
    rewrite_job,
    weekly_generation,
)
from orchestration.defs.generation.assets import calendars, drafts, strategies
from orchestration.defs.generation.checks import strategy_evidence
from orchestration.defs.ingestion.assets import landed_batches, operations, sync_runs, workspaces
from orchestration.defs.knowledge.assets import brand_studies, competitor_extracts, content_topics, vector_index
from orchestration.defs.platforms.assets import platform_assets
from orchestration.defs.serving.assets import serving_files
from orchestration.defs.serving.checks import serving_matches_marts
from orchestration.defs.transforms.assets import dbt_models
from orchestration.environment import quiet_telemetry
from orchestration.manifest import ensure_manifest
from orchestration.resources import Stores


def build_definitions(settings: Settings) -> dg.Definitions:
    """All assets, checks, jobs, schedules and sensors over the stores that `settings` names."""
    return dg.Definitions(
        assets=[
            workspaces,
            operations,
            sync_runs,
            *platform_assets(),
            landed_batches,
            content_topics,
            dbt_models(ensure_manifest(settings)),
            serving_files,
            brand_studies,
            competitor_extracts,
            strategies,
            calendars,
            drafts,
            vector_index,
        ],
        asset_checks=[serving_matches_marts, strategy_evidence],
        jobs=[collect_job, ingest_job, build_job, generate_job, index_job, media_job, publish_job, rewrite_job],
        schedules=[daily_build, hourly_collection, weekly_generation],
        sensors=[landing_sensor, publish_sensor, job_sensor, index_sensor, media_sensor],
        resources={"stores": Stores(settings)},
        # Steps of a run share one process: with one process a step, each pays the imports again (measured 29 s against
        # 7 s of CPU for three assets).
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dagster` loads, over the settings of its process."""
    quiet_telemetry()
    return build_definitions(load_settings())
