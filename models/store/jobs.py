"""Stored background jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from models.domain.usage import Job, JobKind, JobStatus
from models.store.session import Session
from models.store.tables import jobs


class JobRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, job: Job) -> None:
        self._session.write(
            insert(jobs).values(
                id=job.id,
                workspace_id=job.workspace_id,
                kind=job.kind.value,
                arguments=job.arguments,
                status=job.status.value,
                requested_by=job.requested_by,
                created_at=job.created_at,
                finished_at=job.finished_at,
                message=job.message,
            )
        )

    def get(self, job_id: str, *, lock: bool = False) -> Job | None:
        query = select(jobs).where(jobs.c.id == job_id)
        if lock:
            query = query.with_for_update(key_share=True)
        row = self._session.row(query)
        return None if row is None else _job(row)

    def of_workspace(self, workspace_id: str, *, status: JobStatus | None = None) -> list[Job]:
        """Newest first."""
        query = select(jobs).where(jobs.c.workspace_id == workspace_id)
        if status is not None:
            query = query.where(jobs.c.status == status.value)
        return [_job(row) for row in self._session.rows(query.order_by(jobs.c.created_at.desc(), jobs.c.id))]

    def oldest_queued(self) -> Job | None:
        """The job that has waited longest, locked; jobs that another process is claiming are passed over."""
        query = (
            select(jobs)
            .where(jobs.c.status == JobStatus.QUEUED.value)
            .order_by(jobs.c.created_at, jobs.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self._session.row(query)
        return None if row is None else _job(row)

    def start(self, job_id: str, at: datetime) -> None:
        self._session.write(
            update(jobs).where(jobs.c.id == job_id).values(status=JobStatus.RUNNING.value, started_at=at)
        )  # fmt: skip

    def finish(self, job_id: str, status: JobStatus, message: str, at: datetime) -> None:
        self._session.write(
            update(jobs).where(jobs.c.id == job_id).values(status=status.value, message=message, finished_at=at)
        )

    def report(self, job_id: str, progress: str, at: datetime) -> None:
        """What a running job is at; one that has ended stays as it is."""
        running = (jobs.c.id == job_id) & (jobs.c.status == JobStatus.RUNNING.value)
        self._session.write(update(jobs).where(running).values(progress=progress, heartbeat_at=at))

    def workspace_of(self, job_id: str) -> str | None:
        row = self._session.row(select(jobs.c.workspace_id).where(jobs.c.id == job_id))
        return None if row is None else str(row.workspace_id)


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        workspace_id=row.workspace_id,
        kind=JobKind(row.kind),
        arguments=dict(row.arguments),
        status=JobStatus(row.status),
        requested_by=row.requested_by,
        created_at=row.created_at,
        finished_at=row.finished_at,
        message=row.message,
        progress=row.progress or "",
    )
