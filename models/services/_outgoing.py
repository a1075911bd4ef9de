"""What a draft's approval, change or end means for the outbox. All of it runs inside the transaction of its cause."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime

from models.domain.approval import Decision, Draft, DraftStatus, content_hash
from models.domain.connection import Connection
from models.domain.publishing import OutboxItem, OutboxStatus, PublishStep
from models.errors import Conflict
from models.store.unit_of_work import UnitOfWork

_GONE_OUT = {
    OutboxStatus.SENDING: "is being published right now",
    OutboxStatus.UNKNOWN: "may have been published, which is being found out",
    OutboxStatus.SENT: "has been published",
}
_WAITING = (OutboxStatus.QUEUED, OutboxStatus.CLAIMED)


def hash_of(uow: UnitOfWork, draft: Draft) -> str:
    """The hash of what an approval of the draft's newest version binds."""
    entry = uow.calendar.get(draft.entry_id)
    return content_hash(draft, entry.fact_ids if entry is not None else (), uow.assets.of_draft(draft.id))


def approved_hash(uow: UnitOfWork, draft: Draft) -> str | None:
    """The hash that was approved; None unless text, variants, media, slot and evidence are still what was approved."""
    if draft.status is not DraftStatus.APPROVED:
        return None
    taken = uow.approvals.of_draft(draft.id)
    if not taken or taken[-1].decision is not Decision.APPROVED:
        return None
    bound = taken[-1].content_hash
    return bound if bound == hash_of(uow, draft) else None


def outbox_key(draft: Draft, connection_id: str, approved: str) -> str:
    """The idempotency key of one approved version on its way to one account: the same whenever it is made."""
    parts = "|".join((draft.workspace_id, draft.id, connection_id, str(draft.version.number), approved))
    return hmac.new(draft.workspace_id.encode(), parts.encode(), hashlib.sha256).hexdigest()


def enqueue(uow: UnitOfWork, draft: Draft, approved: str, *, by: str, revive_failed: bool, now: datetime) -> int:
    """Writes the outbox rows of an approved draft, one an account of its platform; gives how many were new.

    A row that was cancelled, or on a person's new decision one that failed, is queued again. The draft must be locked.
    """
    revivable = {OutboxStatus.CANCELLED} | ({OutboxStatus.FAILED} if revive_failed else set())
    added = 0
    for connection in uow.connections.publishing_to(draft.workspace_id, draft.platform):
        item = _item(draft, connection, approved, now)
        words = f"Approved for {connection.vendor.label} account {connection.account_name}."
        if uow.outbox.add_new(item):
            log(uow, item, by, now, words)
            added += 1
            continue
        known = uow.outbox.get(item.key, lock=True)
        if known is not None and known.status in revivable:
            uow.outbox.drop_phases(known.key, only_after_sending=False)
            step(uow, replace(item, fence=known.fence + 1), by, now, words)
            added += 1
    return added


def withdraw(uow: UnitOfWork, draft: Draft, *, because: str, by: str, now: datetime) -> None:
    """Cancels what waits to go out for a draft that changes. Raises `Conflict` once it went out, or may have."""
    items = uow.outbox.of_draft(draft.id, lock=True)
    for item in items:
        if item.status in _GONE_OUT:
            where = f" ({item.url})" if item.url else ""
            raise Conflict(
                f"The {item.vendor.label} post of this draft {_GONE_OUT[item.status]}{where}, so the draft cannot be changed any "
                "more: write a new one."
            )
    for item in items:
        if item.status in _WAITING:
            cancel(uow, item, because=because, by=by, now=now)


def cancel(uow: UnitOfWork, item: OutboxItem, *, because: str, by: str, now: datetime) -> OutboxItem:
    """Ends a locked item that was not sent; whoever had claimed it may not write any more."""
    ended = replace(
        item, status=OutboxStatus.CANCELLED, fence=item.fence + 1, lease_until=None, not_before=None, finished_at=now,
        sending_since=None, message=because,
    )  # fmt: skip
    step(uow, ended, by, now, because)
    return ended


def step(uow: UnitOfWork, item: OutboxItem, by: str, now: datetime, message: str) -> None:
    """Stores the item's new state and says so in its log."""
    uow.outbox.save(item)
    log(uow, item, by, now, message)


def log(uow: UnitOfWork, item: OutboxItem, by: str, now: datetime, message: str) -> None:
    uow.outbox.log(item.workspace_id, PublishStep(item.key, now, by, item.fence, item.status, message))


def _item(draft: Draft, connection: Connection, approved: str, now: datetime) -> OutboxItem:
    return OutboxItem(
        key=outbox_key(draft, connection.id, approved),
        workspace_id=draft.workspace_id,
        draft_id=draft.id,
        connection_id=connection.id,
        vendor=connection.vendor,
        version=draft.version.number,
        content_hash=approved,
        due_at=draft.slot_at,
        status=OutboxStatus.QUEUED,
        fence=0,
        attempts=0,
        created_at=now,
    )
