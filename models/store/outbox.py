"""The stored outbox and its append-only log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update
from sqlalchemy.sql import Select

from models.domain.connection import ConnectionStatus, Vendor
from models.domain.publishing import OutboxItem, OutboxStatus, PublishStep
from models.store.session import Session
from models.store.tables import connections, outbox, publish_attempts


class OutboxRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add_new(self, item: OutboxItem) -> bool:
        """Stores the item unless its key is known; True if it was stored."""
        return self._session.insert_new(
            outbox,
            {
                "key": item.key,
                "workspace_id": item.workspace_id,
                "draft_id": item.draft_id,
                "connection_id": item.connection_id,
                "vendor": item.vendor.value,
                "version": item.version,
                "content_hash": item.content_hash,
                "created_at": item.created_at,
                "phases": {},
                "phases_after_sending": {},
                **_state(item),
            },
        )

    def save(self, item: OutboxItem) -> None:
        """Stores the item's state; its phases are kept by `put_phase` and `drop_phases` alone."""
        self._session.write(update(outbox).where(outbox.c.key == item.key).values(_state(item)))

    def put_phase(self, key: str, phase: str, values: Mapping[str, str], *, after_sending: bool) -> None:
        """Keeps what a phase finished with. The row must be locked.

        A phase that was there before sending stays with those, however often it goes on: it is true whatever becomes of
        the whole (the recipients that a mail has reached).
        """
        row = self._session.row(select(outbox.c.phases, outbox.c.phases_after_sending).where(outbox.c.key == key))
        if row is None:
            return
        late = after_sending and phase not in row.phases
        column, kept = ("phases_after_sending", row.phases_after_sending) if late else ("phases", row.phases)
        self._session.write(update(outbox).where(outbox.c.key == key).values({column: {**kept, phase: dict(values)}}))

    def drop_phases(self, key: str, *, only_after_sending: bool) -> None:
        """Forgets what phases finished with."""
        values: dict[str, Any] = {"phases_after_sending": {}} if only_after_sending else {"phases": {}, "phases_after_sending": {}}  # fmt: skip
        self._session.write(update(outbox).where(outbox.c.key == key).values(values))

    def get(self, key: str, *, lock: bool = False) -> OutboxItem | None:
        query = select(outbox).where(outbox.c.key == key)
        if lock:
            query = query.with_for_update(key_share=True)
        return self._one(query)

    def next_due(self, now: datetime) -> OutboxItem | None:
        """The queued item that is due longest, on an account that is connected; locked. Those that others hold are passed over."""
        query = (
            select(outbox)
            .join(connections, connections.c.id == outbox.c.connection_id)
            .where(
                outbox.c.status == OutboxStatus.QUEUED.value,
                outbox.c.due_at <= now,
                or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
                connections.c.status == ConnectionStatus.CONNECTED.value,
            )
            .order_by(outbox.c.due_at, outbox.c.key)
            .limit(1)
            .with_for_update(skip_locked=True, of=outbox)
        )
        return self._one(query)

    def expired(self, now: datetime) -> list[OutboxItem]:
        """Items whose worker has not been heard of since its lease ended; locked, those that others hold passed over."""
        query = (
            select(outbox)
            .where(
                outbox.c.status.in_([OutboxStatus.CLAIMED.value, OutboxStatus.SENDING.value]),
                outbox.c.lease_until <= now,
            )
            .order_by(outbox.c.key)
            .with_for_update(skip_locked=True)
        )
        return self._all(query)

    def unresolved(self, now: datetime, most_looks: int) -> list[OutboxItem]:
        """Items of unknown outcome that may be looked for now, on connected accounts."""
        query = (
            select(outbox)
            .join(connections, connections.c.id == outbox.c.connection_id)
            .where(
                outbox.c.status == OutboxStatus.UNKNOWN.value,
                outbox.c.looks < most_looks,
                or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
                connections.c.status == ConnectionStatus.CONNECTED.value,
            )
            .order_by(outbox.c.due_at, outbox.c.key)
        )
        return self._all(query)

    def of_draft(self, draft_id: str, *, lock: bool = False) -> list[OutboxItem]:
        """By key."""
        query = select(outbox).where(outbox.c.draft_id == draft_id).order_by(outbox.c.key)
        return self._all(query.with_for_update(key_share=True) if lock else query)

    def waiting_on(self, connection_id: str) -> list[OutboxItem]:
        """Items of an account that have not been sent yet, locked."""
        query = select(outbox).where(
            outbox.c.connection_id == connection_id,
            outbox.c.status.in_([OutboxStatus.QUEUED.value, OutboxStatus.CLAIMED.value]),
        )
        return self._all(query.order_by(outbox.c.key).with_for_update(key_share=True))

    def of_workspace(
        self, workspace_id: str, *, statuses: Sequence[OutboxStatus] = (), limit: int | None = None
    ) -> list[OutboxItem]:
        """Latest due first."""
        query = select(outbox).where(outbox.c.workspace_id == workspace_id)
        if statuses:
            query = query.where(outbox.c.status.in_([status.value for status in statuses]))
        return self._all(query.order_by(outbox.c.due_at.desc(), outbox.c.key).limit(limit))

    def planned(self, workspace_id: str, after: datetime) -> set[tuple[str, int, str]]:
        """Draft, version and connection of every item due after an instant that was not cancelled."""
        query = select(outbox.c.draft_id, outbox.c.version, outbox.c.connection_id).where(
            outbox.c.workspace_id == workspace_id,
            outbox.c.due_at > after,
            outbox.c.status != OutboxStatus.CANCELLED.value,
        )
        return {(row.draft_id, row.version, row.connection_id) for row in self._session.rows(query)}

    def sent_as(self, connection_id: str, post_id: str) -> str | None:
        """The key of the item that went out as this post of the account."""
        query = select(outbox.c.key).where(outbox.c.connection_id == connection_id, outbox.c.post_id == post_id)
        row = self._session.row(query)
        return None if row is None else str(row.key)

    def log(self, workspace_id: str, step: PublishStep) -> None:
        """Appends a line to the item's log."""
        self._session.write(
            insert(publish_attempts).values(
                workspace_id=workspace_id, key=step.key, at=step.at, worker=step.worker, fence=step.fence,
                status=step.status.value, message=step.message,
            )
        )  # fmt: skip

    def steps(self, key: str) -> list[PublishStep]:
        """The item's log, oldest first."""
        query = select(publish_attempts).where(publish_attempts.c.key == key).order_by(publish_attempts.c.id)
        return [
            PublishStep(row.key, row.at, row.worker, row.fence, OutboxStatus(row.status), row.message)
            for row in self._session.rows(query)
        ]

    def workspace_of(self, key: str) -> str | None:
        row = self._session.row(select(outbox.c.workspace_id).where(outbox.c.key == key))
        return None if row is None else str(row.workspace_id)

    def _one(self, query: Select[Any]) -> OutboxItem | None:
        row = self._session.row(query)
        return None if row is None else _item(row)

    def _all(self, query: Select[Any]) -> list[OutboxItem]:
        return [_item(row) for row in self._session.rows(query)]


def _state(item: OutboxItem) -> dict[str, Any]:
    return {
        "due_at": item.due_at,
        "status": item.status.value,
        "fence": item.fence,
        "attempts": item.attempts,
        "looks": item.looks,
        "lease_until": item.lease_until,
        "sending_since": item.sending_since,
        "not_before": item.not_before,
        "finished_at": item.finished_at,
        "post_id": item.post_id,
        "url": item.url,
        "message": item.message,
    }


def _item(row: Row[Any]) -> OutboxItem:
    return OutboxItem(
        key=row.key,
        workspace_id=row.workspace_id,
        draft_id=row.draft_id,
        connection_id=row.connection_id,
        vendor=Vendor(row.vendor),
        version=row.version,
        content_hash=row.content_hash,
        due_at=row.due_at,
        status=OutboxStatus(row.status),
        fence=row.fence,
        attempts=row.attempts,
        created_at=row.created_at,
        lease_until=row.lease_until,
        sending_since=row.sending_since,
        not_before=row.not_before,
        finished_at=row.finished_at,
        phases={**row.phases, **row.phases_after_sending},
        post_id=row.post_id,
        url=row.url,
        message=row.message,
        looks=row.looks,
    )
