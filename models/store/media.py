"""Stored requests for pictures, videos and recordings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from models.domain.ai import Modality
from models.domain.media import MediaJob, MediaState
from models.store.ai_tables import media_jobs
from models.store.session import Session


class MediaJobRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, job: MediaJob) -> None:
        self._session.write(insert(media_jobs).values(id=job.id, **_values(job)))

    def put(self, job: MediaJob) -> None:
        """Writes the whole job over the stored one, which the caller has locked."""
        self._session.write(update(media_jobs).where(media_jobs.c.id == job.id).values(**_values(job)))

    def get(self, job_id: str, *, lock: bool = False) -> MediaJob | None:
        query = select(media_jobs).where(media_jobs.c.id == job_id)
        row = self._session.row(query.with_for_update(key_share=True) if lock else query)
        return None if row is None else _job(row)

    def of_workspace(
        self, workspace_id: str, *, draft_id: str | None = None, states: Sequence[MediaState] = ()
    ) -> list[MediaJob]:
        """Newest first; of one draft, and in some states, where asked."""
        query = select(media_jobs).where(media_jobs.c.workspace_id == workspace_id)
        if draft_id is not None:
            query = query.where(media_jobs.c.draft_id == draft_id)
        if states:
            query = query.where(media_jobs.c.state.in_([state.value for state in states]))
        return [
            _job(row) for row in self._session.rows(query.order_by(media_jobs.c.created_at.desc(), media_jobs.c.id))
        ]

    def due(self, states: Sequence[MediaState], now: datetime, *, lock: bool = True) -> MediaJob | None:
        """The job in one of the states that has been due longest, locked; those that others are taking are passed over."""
        query = (
            select(media_jobs)
            .where(media_jobs.c.state.in_([state.value for state in states]), media_jobs.c.due_at <= now)
            .order_by(media_jobs.c.due_at, media_jobs.c.id)
            .limit(1)
        )
        row = self._session.row(query.with_for_update(skip_locked=True) if lock else query)
        return None if row is None else _job(row)

    def workspace_of(self, job_id: str) -> str | None:
        row = self._session.row(select(media_jobs.c.workspace_id).where(media_jobs.c.id == job_id))
        return None if row is None else str(row.workspace_id)


def _values(job: MediaJob) -> dict[str, Any]:
    return {
        "workspace_id": job.workspace_id, "modality": job.modality.value, "provider": job.provider, "model": job.model,
        "chosen": job.chosen, "request": dict(job.request), "work": job.work, "state": job.state.value,
        "share": job.share, "draft_id": job.draft_id, "asset_id": job.asset_id, "reservation": job.reservation,
        "cost_microusd": job.cost_microusd, "requested_by": job.requested_by, "created_at": job.created_at,
        "updated_at": job.updated_at, "due_at": job.due_at, "message": job.message,
    }  # fmt: skip


def _job(row: Row[Any]) -> MediaJob:
    return MediaJob(
        id=row.id, workspace_id=row.workspace_id, modality=Modality(row.modality), request=dict(row.request),
        state=MediaState(row.state), requested_by=row.requested_by, created_at=row.created_at,
        updated_at=row.updated_at, due_at=row.due_at, provider=row.provider, model=row.model, work=row.work,
        reservation=row.reservation, share=row.share, draft_id=row.draft_id, asset_id=row.asset_id,
        cost_microusd=row.cost_microusd, message=row.message, chosen=row.chosen,
    )  # fmt: skip
