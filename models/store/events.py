"""Stored domain events: append-only."""

from __future__ import annotations

from sqlalchemy import insert, select

from models.domain.events import DomainEvent
from models.store.session import Session
from models.store.tables import domain_events


class EventRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, event: DomainEvent) -> None:
        """Appends the event; the store gives the id."""
        self._session.write(
            insert(domain_events).values(
                workspace_id=event.workspace_id,
                kind=event.kind,
                subject_id=event.subject_id,
                actor=event.actor,
                at=event.at,
                data=event.data,
            )
        )

    def of_workspace(self, workspace_id: str, *, after: int = 0, limit: int = 1000) -> list[DomainEvent]:
        """Events with an id above `after`, oldest first, at most `limit`."""
        query = (
            select(domain_events)
            .where(domain_events.c.workspace_id == workspace_id, domain_events.c.id > after)
            .order_by(domain_events.c.id)
            .limit(limit)
        )
        return [
            DomainEvent(
                workspace_id=row.workspace_id,
                kind=row.kind,
                subject_id=row.subject_id,
                actor=row.actor,
                at=row.at,
                data=dict(row.data),
                id=row.id,
            )
            for row in self._session.rows(query)
        ]
