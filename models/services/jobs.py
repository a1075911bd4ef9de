"""Background jobs: people request them, the system's sensor claims and finishes them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from models.domain.usage import Job, JobKind, JobStatus
from models.domain.workspace import Principal
from models.errors import Conflict, InvalidInput, NotFound
from models.services._recording import new_id, record
from models.services.policy import INSTALLATION, Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.REQUEST_JOB)
def request_job(
    uow: UnitOfWork, principal: Principal, workspace_id: str, kind: JobKind, arguments: dict[str, Any], *, now: datetime
) -> Job:
    """Queues a job. While an equal one waits in the queue, that one is returned, so a double click asks once."""
    try:
        plain = json.loads(json.dumps(arguments, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"The arguments of the {kind.value} job are not plain JSON ({error}).") from error
    uow.workspaces.get(workspace_id, lock=True)
    for waiting in uow.jobs.of_workspace(workspace_id, status=JobStatus.QUEUED):
        if (waiting.kind, waiting.arguments) == (kind, plain):
            return waiting
    job = Job(new_id(), workspace_id, kind, plain, JobStatus.QUEUED, principal.user_id, now)
    uow.jobs.add(job)
    record(uow, principal, workspace_id, "job.requested", job.id, now, job=kind.value)
    return job


@policy(Action.RUN_JOBS, INSTALLATION)
def claim_job(uow: UnitOfWork, principal: Principal, *, now: datetime) -> Job | None:
    """Takes the job that has waited longest and marks it running; None when the queue is empty.

    No two callers get the same job.
    """
    job = uow.jobs.oldest_queued()
    if job is None:
        return None
    uow.jobs.start(job.id, now)
    record(uow, principal, job.workspace_id, "job.started", job.id, now)
    return replace(job, status=JobStatus.RUNNING)


@policy(Action.RUN_JOBS, INSTALLATION)
def report_progress(uow: UnitOfWork, principal: Principal, job_id: str, progress: str, *, now: datetime) -> None:
    """Says what a running job is at; cut to its last 4,000 characters."""
    uow.jobs.report(job_id, progress[-4_000:], now)


@policy(Action.RUN_JOBS, INSTALLATION)
def finish_job(
    uow: UnitOfWork, principal: Principal, job_id: str, status: JobStatus, message: str, *, now: datetime
) -> Job:
    """Marks a running job done or failed, with a sentence for the person who asked for it."""
    if status not in (JobStatus.DONE, JobStatus.FAILED):
        raise InvalidInput(f"A job ends as done or failed, not as {status.value}.")
    job = uow.jobs.get(job_id, lock=True)
    if job is None:
        raise NotFound(f"Job {job_id!r} does not exist: its workspace may have been deleted.")
    if job.status is not JobStatus.RUNNING:
        raise Conflict(f"Job {job_id!r} is {job.status.value}, not running: it cannot be finished.")
    uow.jobs.finish(job_id, status, message, now)
    record(uow, principal, job.workspace_id, f"job.{status.value}", job_id, now)
    return replace(job, status=status, message=message, finished_at=now)


@policy(Action.VIEW_JOBS)
def list_jobs(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[Job]:
    """The workspace's jobs, newest first."""
    return uow.jobs.of_workspace(workspace_id)
