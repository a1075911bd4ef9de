"""Jobs that people asked for, seen from the side that runs them."""

from __future__ import annotations

from collections.abc import Sequence

from models.domain.usage import Job, JobStatus
from models.domain.workspace import SYSTEM
from orchestration.resources import Stores

JOB_TAG = "fabric/job_id"
"""Tag of a Dagster run that works on a job, so that its end can be written back."""


GENERATED = {
    "strategy": ("strategies",),
    "calendar": ("strategies", "calendars"),
    "drafts": ("strategies", "calendars", "drafts"),
    "variants": ("strategies", "calendars", "drafts"),
    "all": ("strategies", "calendars", "drafts"),
    "brand": ("brand_studies",),
}
"""The assets behind each thing one can ask for; each includes what it needs first (variants come with their drafts)."""


def claim(stores: Stores) -> Job | None:
    """Takes the job that has waited longest, marking it running; None when none waits."""
    from models.services import jobs

    with stores.open_store() as store, store.unit_of_work() as uow:
        return jobs.claim_job(uow, SYSTEM, now=stores.now())


def running(stores: Stores) -> Sequence[Job]:
    """Jobs marked running, over all workspaces."""
    from models.services import jobs

    found: list[Job] = []
    with stores.open_store() as store, store.unit_of_work() as uow:
        for workspace in stores.workspaces():
            found += [j for j in jobs.list_jobs(uow, SYSTEM, workspace.id) if j.status is JobStatus.RUNNING]
    return found


def report(stores: Stores, job_id: str, progress: str) -> None:
    """Writes what a running job is at, for the person who waits."""
    from models.services import jobs

    with stores.open_store() as store, store.unit_of_work() as uow:
        jobs.report_progress(uow, SYSTEM, job_id, progress, now=stores.now())


def finish(stores: Stores, job_id: str, status: JobStatus, message: str) -> None:
    """Writes a job's end; `message` is one sentence for the person who asked."""
    from models.services import jobs

    with stores.open_store() as store, store.unit_of_work() as uow:
        jobs.finish_job(uow, SYSTEM, job_id, status, message, now=stores.now())
