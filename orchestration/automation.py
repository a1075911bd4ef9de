"""What starts runs: schedules, and sensors for new landing files, for posts that are due and for jobs people asked for."""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from models.domain.usage import Job, JobKind, JobStatus
from orchestration.defs.generation.assets import DEFAULT_WEEKS, writer_for
from orchestration.defs.platforms.assets import COMPETITORS
from orchestration.jobs import GENERATED, JOB_TAG, claim, finish, running
from orchestration.loading import pending
from orchestration.outcome import problem_of
from orchestration.partitions import WORKSPACE_DIMENSION, LandingPartition, workspaces_partitions
from orchestration.resources import WAREHOUSE_POOL, Stores

ATTEMPT_TAG = "fabric/attempt"
"""Tag of the second run for a job whose first run's process vanished."""
QUIET: dict[str, Any] = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Run config: events go to the UI and the caller; a copy of each on the terminal would drown the commands' own words."""

ingest_job = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.assets("landed_batches"),
    config=QUIET,
    description="Check and load the landing files of one workspace and day.",
)
build_job = dg.define_asset_job(
    "build",
    selection=dg.AssetSelection.all()
    - dg.AssetSelection.groups("generation")
    - dg.AssetSelection.groups("platforms")
    - dg.AssetSelection.assets("landed_batches", "vector_index"),
    config=QUIET,
    description="Workspaces, topics, dbt models with their tests, serving files with their check.",
)
generate_job = dg.define_asset_job(
    "generate",
    selection=dg.AssetSelection.groups("generation"),
    config=QUIET,
    description="Strategy, calendar and drafts of one workspace.",
)

collect_job = dg.define_asset_job(
    "collect",
    selection=dg.AssetSelection.groups("platforms"),
    config=QUIET,
    description="Read the connected accounts of one workspace into landing files.",
)

index_job = dg.define_asset_job(
    "index",
    selection=dg.AssetSelection.assets("vector_index"),
    config=QUIET,
    description="Bring the search index of one workspace up to date.",
)


@dg.op(pool="publishing", description="Sends what is due, and looks for posts of unknown outcome.")
def publish_due(context: dg.OpExecutionContext, stores: dg.ResourceParam[Stores]) -> None:
    from orchestration.publishing import drain

    report = drain(stores, log=context.log.info)
    context.add_output_metadata({"ended": dict(report.counts)})


@dg.op(pool="media", description="Makes the pictures and recordings that were asked for, and asks after videos.")
def make_media(context: dg.OpExecutionContext, stores: dg.ResourceParam[Stores]) -> None:
    from orchestration.media import run_worker

    ended = run_worker(stores, log=context.log.info)
    context.add_output_metadata({"requests": len(ended)})


@dg.job(name="media", config=QUIET, description="Make pictures, videos and recordings that people asked for.")
def media_job() -> None:
    make_media()


class RewriteConfig(dg.Config):
    """The draft to write anew, and what the person who asked would like otherwise (may be empty)."""

    workspace_id: str
    draft_id: str
    wish: str = ""


@dg.op(description="Writes one draft anew; its earlier versions stay.")
def write_anew(context: dg.OpExecutionContext, config: RewriteConfig, stores: dg.ResourceParam[Stores]) -> None:
    with writer_for(stores, config.workspace_id, context.run) as writer:
        draft = writer.rewrite_draft(config.draft_id, config.wish)
    context.add_output_metadata({"version": draft.version.number, "writer": draft.version.author})


@dg.job(name="rewrite", description="Write one draft anew, as a person asked.")
def rewrite_job() -> None:
    write_anew()


@dg.job(name="publish", config=QUIET, description="Publish approved posts whose slot has come; nothing goes out twice.")
def publish_job() -> None:
    publish_due()


daily_build = dg.ScheduleDefinition(
    name="daily_build",
    job=build_job,
    cron_schedule="0 6 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="A build every day at 06:00 UTC.",
)


@dg.schedule(
    job=generate_job,
    cron_schedule="0 7 * * 1",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Strategy, calendar and drafts for every workspace, Mondays at 07:00 UTC.",
)
def weekly_generation(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    for workspace_id in context.instance.get_dynamic_partitions(WORKSPACE_DIMENSION):
        yield dg.RunRequest(run_key=None, partition_key=workspace_id)


@dg.schedule(
    job=collect_job,
    cron_schedule="10 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description=(
        "Reads, every hour, the streams of connected accounts and the competitors' addresses whose time has come (see "
        "connectors.rhythms)."
    ),
)
def hourly_collection(
    context: dg.ScheduleEvaluationContext, stores: dg.ResourceParam[Stores]
) -> Iterator[dg.RunRequest]:
    """A vendor that forgets soon is read at least twice before it does; the others once a day."""
    from orchestration import watching
    from orchestration.ingesting import due_vendors

    known = context.instance.get_dynamic_partitions(WORKSPACE_DIMENSION)
    for workspace in stores.workspaces():
        if workspace.id not in known:
            continue
        names = [vendor.value for vendor in due_vendors(stores, workspace.id)]
        names += [COMPETITORS] if watching.anything_due(stores, workspace.id) else []
        if names:
            yield _collect_request(workspace.id, names, stores.now(), run_key=None, only_due=True)


@dg.sensor(
    job=ingest_job,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Loads landing files as they appear, and tells Dagster of new workspaces.",
)
def landing_sensor(context: dg.SensorEvaluationContext, stores: dg.ResourceParam[Stores]) -> dg.SensorResult:
    """Compares file names with the last tick's; opens the warehouse only when they differ and no run is using it."""
    seen = _digest(stores.landing_keys())
    news = _new_workspaces(context.instance, stores)
    if seen == context.cursor and not news:
        return dg.SensorResult(skip_reason="No landing file and no workspace is new.")
    if _warehouse_in_use(context.instance):
        return dg.SensorResult(skip_reason="A run is using the warehouse; looking again at the next tick.")
    return dg.SensorResult(
        run_requests=[
            _ingest_request(partition, [batch.key for batch in batches])
            for partition, batches in pending(stores, {workspace.id for workspace in stores.workspaces()}).items()
        ],
        dynamic_partitions_requests=[workspaces_partitions.build_add_request(news)] if news else [],
        cursor=seen,
    )


@dg.sensor(
    jobs=[ingest_job, build_job, generate_job, rewrite_job, collect_job],
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs the builds and generations that people asked for in the app, and reports how they ended.",
)
def job_sensor(context: dg.SensorEvaluationContext, stores: dg.ResourceParam[Stores]) -> dg.SensorResult:
    """Moves the running job one step on, or takes the one that has waited longest: one at a time, so that what was
    asked for after a build sees its result.

    The state of a job is read from its Dagster run, so a daemon killed between claiming and running picks it up again.
    """
    under_way = running(stores) or [taken for taken in (claim(stores),) if taken is not None]
    requests = [request for job in under_way for request in _advance(context.instance, stores, job)]
    news = _new_workspaces(context.instance, stores)
    return dg.SensorResult(
        run_requests=requests,
        dynamic_partitions_requests=[workspaces_partitions.build_add_request(news)] if news else [],
    )


@dg.sensor(
    job=index_job,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Brings search indexes up to date when a workspace has a new serving version, or its plans or drafts changed.",
)
def index_sensor(context: dg.SensorEvaluationContext, stores: dg.ResourceParam[Stores]) -> dg.SensorResult:
    """Compares what the content was at the last tick; opens neither the index nor the content."""
    from orchestration.searching import content_state

    seen: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
    known = context.instance.get_dynamic_partitions(WORKSPACE_DIMENSION)
    state = {workspace: now for workspace, now in content_state(stores).items() if workspace in known}
    changed = [workspace for workspace, now in state.items() if seen.get(workspace) != now]
    if not changed:
        return dg.SensorResult(skip_reason="No content has changed.")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(partition_key=workspace) for workspace in changed],
        cursor=json.dumps(state, sort_keys=True),
    )


@dg.sensor(
    job=publish_job,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts the publishing worker when a post is due or an outcome is unknown.",
)
def publish_sensor(context: dg.SensorEvaluationContext, stores: dg.ResourceParam[Stores]) -> dg.SensorResult:
    """One worker at a time: a run under way sees what became due meanwhile."""
    from orchestration.publishing import anything_due

    under_way = context.instance.get_runs(
        dg.RunsFilter(job_name=publish_job.name, statuses=list(NOT_FINISHED_STATUSES)), limit=1
    )
    if under_way:
        return dg.SensorResult(skip_reason="The publishing worker is running.")
    if not anything_due(stores):
        return dg.SensorResult(skip_reason="No post is due.")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=None)])


@dg.sensor(
    job=media_job,
    minimum_interval_seconds=15,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Starts the worker of media when something was asked for, or a video is to be asked after.",
)
def media_sensor(context: dg.SensorEvaluationContext, stores: dg.ResourceParam[Stores]) -> dg.SensorResult:
    """One worker at a time: a run under way sees what was asked for meanwhile."""
    from orchestration.media import anything_due

    under_way = context.instance.get_runs(
        dg.RunsFilter(job_name=media_job.name, statuses=list(NOT_FINISHED_STATUSES)), limit=1
    )
    if under_way:
        return dg.SensorResult(skip_reason="The worker of media is running.")
    if not anything_due(stores):
        return dg.SensorResult(skip_reason="No picture, video or recording is waiting.")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=None)])


def _new_workspaces(instance: dg.DagsterInstance, stores: Stores) -> list[str]:
    """Workspaces that Dagster has no partition for yet."""
    known = instance.get_dynamic_partitions(WORKSPACE_DIMENSION)
    return sorted({workspace.id for workspace in stores.workspaces()} - set(known))


def _advance(instance: dg.DagsterInstance, stores: Stores, job: Job) -> Sequence[dg.RunRequest]:
    run = _last_run(instance, {JOB_TAG: job.id})
    if run is not None and not _died(instance, job, run):
        if run.is_finished:
            _report(instance, stores, job, run)
        return []
    if job.kind is JobKind.GENERATE:
        return [_generate_request(job, attempt=2 if run is not None else 1)]
    if job.kind is JobKind.REWRITE:
        return [_rewrite_request(job)]
    if job.kind is JobKind.COLLECT:
        names = _collectable(stores, job)
        if not names:
            finish(stores, job.id, JobStatus.FAILED, "No such account is connected: connect one with fabric connect.")
            return []
        return [_collect_request(job.workspace_id, names, stores.now(), run_key=job.id, tags={JOB_TAG: job.id})]
    if _warehouse_in_use(instance):
        return []
    waiting = pending(stores, {job.workspace_id})
    if not waiting:
        return [dg.RunRequest(run_key=job.id, job_name=build_job.name, tags={JOB_TAG: job.id})]
    requests = []
    for partition, batches in waiting.items():
        request = _ingest_request(partition, [batch.key for batch in batches])
        tried = _last_run(instance, {"dagster/run_key": request.run_key or ""})
        if tried is not None and tried.is_finished:
            _report(instance, stores, job, tried)
            return []
        requests.append(request)
    return requests


def _collectable(stores: Stores, job: Job) -> list[str]:
    """What a job that collects is about: one vendor where it names one, else all accounts and the competitors."""
    from orchestration import watching
    from orchestration.ingesting import connected_vendors

    names = [vendor.value for vendor in connected_vendors(stores, job.workspace_id)]
    if wanted := job.arguments.get("vendor"):
        return [name for name in names if name == wanted]
    return names + ([COMPETITORS] if watching.anything_watched(stores, job.workspace_id) else [])


def _warehouse_in_use(instance: dg.DagsterInstance) -> bool:
    return instance.event_log_storage.get_concurrency_info(WAREHOUSE_POOL).active_slot_count > 0


def _last_run(instance: dg.DagsterInstance, tags: dict[str, str]) -> dg.DagsterRun | None:
    runs = instance.get_runs(dg.RunsFilter(tags=tags), limit=1)
    return runs[0] if runs else None


def _report(instance: dg.DagsterInstance, stores: Stores, job: Job, run: dg.DagsterRun) -> None:
    if run.status is dg.DagsterRunStatus.SUCCESS:
        finish(stores, job.id, JobStatus.DONE, f"Run {run.run_id[:8]} of {run.job_name} finished.")
    elif run.status is dg.DagsterRunStatus.CANCELED:
        finish(
            stores, job.id, JobStatus.FAILED, f"Run {run.run_id[:8]} of {run.job_name} was stopped; ask for it again."
        )
    else:
        message = f"Run {run.run_id[:8]} of {run.job_name} stopped: {problem_of(instance, run.run_id)}"
        finish(stores, job.id, JobStatus.FAILED, message)


def _died(instance: dg.DagsterInstance, job: Job, run: dg.DagsterRun) -> bool:
    """Whether a generation's process vanished, once: no step failed, and what it had written is there, so it may go on."""
    if job.kind is not JobKind.GENERATE or run.status is not dg.DagsterRunStatus.FAILURE or ATTEMPT_TAG in run.tags:
        return False
    failed = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE, limit=1).records
    return not failed


def _ingest_request(partition: LandingPartition, keys: Collection[str]) -> dg.RunRequest:
    """One run per partition and set of files: the same request twice runs once."""
    return dg.RunRequest(
        run_key=f"{partition.key}:{_digest(keys)[:16]}", job_name=ingest_job.name, partition_key=partition.key
    )


def _collect_request(
    workspace_id: str,
    sources: Collection[str],
    now: datetime,
    *,
    run_key: str | None,
    only_due: bool = False,
    tags: dict[str, str] | None = None,
) -> dg.RunRequest:
    names = [f"{source}_collected" for source in sorted(sources)]
    return dg.RunRequest(
        run_key=run_key,
        job_name=collect_job.name,
        partition_key=LandingPartition.holding(workspace_id, now).key,
        asset_selection=[dg.AssetKey(name) for name in names],
        run_config={**QUIET, "ops": {name: {"config": {"only_due": only_due}} for name in names}},
        tags=tags or {},
    )


def _rewrite_request(job: Job) -> dg.RunRequest:
    config = {
        "workspace_id": job.workspace_id, "draft_id": str(job.arguments.get("draft_id", "")),
        "wish": str(job.arguments.get("wish", "")),
    }  # fmt: skip
    return dg.RunRequest(
        run_key=job.id,
        job_name=rewrite_job.name,
        run_config={**QUIET, "ops": {write_anew.name: {"config": config}}},
        tags={JOB_TAG: job.id},
    )


def _generate_request(job: Job, *, attempt: int = 1) -> dg.RunRequest:
    what = str(job.arguments.get("what", "all"))
    steps = GENERATED[what]
    return dg.RunRequest(
        run_key=job.id if attempt == 1 else f"{job.id}:{attempt}",
        job_name=generate_job.name,
        partition_key=job.workspace_id,
        asset_selection=[dg.AssetKey(step) for step in steps],
        run_config=calendar_config(
            steps, weeks=int(job.arguments.get("weeks", DEFAULT_WEEKS)), start=str(job.arguments.get("start") or "")
        ),
        tags={JOB_TAG: job.id} if attempt == 1 else {JOB_TAG: job.id, ATTEMPT_TAG: str(attempt)},
    )


def calendar_config(steps: Sequence[str], *, weeks: int, start: str) -> dict[str, Any]:
    """Run config for the chosen generation assets, see `CalendarConfig`."""
    config = {"config": {"weeks": weeks, "start": start}}
    return {**QUIET, "ops": {step: config for step in steps if step in {"calendars", "drafts"}}}


def _digest(keys: Collection[str]) -> str:
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()
