"""The calendar as people use it: look at a period, move a slot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from models.domain.approval import DraftStatus
from models.domain.calendar import CalendarEntry
from models.domain.workspace import Principal
from models.errors import InvalidInput, NotFound
from models.services._outgoing import withdraw
from models.services._recording import record, revoke_approval
from models.services.policy import ENTRY, Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.VIEW_PLAN)
def list_entries(
    uow: UnitOfWork, principal: Principal, workspace_id: str, *, start: datetime | None = None, end: datetime | None = None
) -> list[CalendarEntry]:  # fmt: skip
    """Entries with `start` ≤ slot < `end`, by slot; a side left out is open."""
    return uow.calendar.between(workspace_id, start, end)


@policy(Action.VIEW_PLAN, ENTRY)
def get_entry(uow: UnitOfWork, principal: Principal, entry_id: str) -> CalendarEntry:
    entry = uow.calendar.get(entry_id)
    if entry is None:
        raise NotFound(f"Calendar entry {entry_id!r} does not exist: reload the calendar.")
    return entry


@policy(Action.MOVE_SLOT, ENTRY)
def move_slot(
    uow: UnitOfWork, principal: Principal, entry_id: str, slot_at: datetime, *, now: datetime
) -> CalendarEntry:
    """Moves the entry and keeps its id. Approved drafts of it go back to review, because an approval binds the slot.

    Raises `Conflict` when a post of the entry went out or may have.
    """
    if slot_at.utcoffset() is None:
        raise InvalidInput(f"The slot {slot_at.isoformat()} has no zone: give it the workspace's.")
    entry = uow.calendar.get(entry_id, lock=True)
    if entry is None:
        raise NotFound(f"Calendar entry {entry_id!r} does not exist: reload the calendar.")
    if entry.slot_at == slot_at:
        return entry
    moved = replace(entry, slot_at=slot_at.astimezone(UTC))
    uow.calendar.set_slot(entry_id, moved.slot_at)
    record(
        uow, principal, entry.workspace_id, "entry.moved", entry_id, now,
        before=entry.slot_at.isoformat(), after=moved.slot_at.isoformat(),
    )  # fmt: skip
    because = f"The slot moved from {entry.slot_at:%Y-%m-%d %H:%M} to {moved.slot_at:%Y-%m-%d %H:%M} UTC."
    for draft_id in sorted(draft.id for draft in uow.drafts.of_workspace(entry.workspace_id, entry_id=entry_id)):
        uow.drafts.lock(draft_id)
        draft = uow.drafts.get(draft_id)
        if draft is not None:
            withdraw(uow, draft, because=because, by=principal.user_id, now=now)
        if draft is not None and draft.status is DraftStatus.APPROVED:
            revoke_approval(uow, principal, draft, because=because, at=now)
    return moved
