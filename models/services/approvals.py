"""Decisions on drafts. An approval binds the hash of exactly what was approved."""

from __future__ import annotations

from datetime import datetime

from models.domain.approval import (
    TRANSITIONS,
    Approval,
    Decision,
    Draft,
    DraftStatus,
    DraftVersion,
)
from models.domain.workspace import Principal
from models.errors import Conflict, NotFound
from models.services._outgoing import approved_hash, enqueue, hash_of, withdraw
from models.services._recording import new_id, record
from models.services._wording import clean
from models.services.policy import DRAFT, Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.APPROVE_DRAFT, DRAFT)
def approve(
    uow: UnitOfWork, principal: Principal, draft_id: str, *, version: int, note: str = "", now: datetime
) -> Approval:
    """Approves `version`, which must be the newest, of a draft in review; raises `Conflict` otherwise.

    The same transaction writes what goes out: one outbox row for each connected account of the draft's platform.
    """
    return _decide(uow, principal, draft_id, version, Decision.APPROVED, note, now)


@policy(Action.REQUEST_CHANGES, DRAFT)
def request_changes(
    uow: UnitOfWork, principal: Principal, draft_id: str, *, version: int, note: str, now: datetime
) -> Approval:
    """Sends a draft in review back with a note that says what to change."""
    return _decide(uow, principal, draft_id, version, Decision.CHANGES_REQUESTED, note, now)


@policy(Action.REJECT_DRAFT, DRAFT)
def reject(uow: UnitOfWork, principal: Principal, draft_id: str, *, version: int, note: str, now: datetime) -> Approval:
    """Ends a draft, from any status, with a note that says why. It cannot be edited again.

    Raises `Conflict` when its post went out or may have.
    """
    return _decide(uow, principal, draft_id, version, Decision.REJECTED, note, now)


@policy(Action.VIEW_DRAFTS, DRAFT)
def decisions(uow: UnitOfWork, principal: Principal, draft_id: str) -> list[Approval]:
    """Every decision on the draft in the order taken, revocations included."""
    return uow.approvals.of_draft(draft_id)


@policy(Action.VIEW_DRAFTS, DRAFT)
def approved_version(uow: UnitOfWork, principal: Principal, draft_id: str) -> DraftVersion | None:
    """The version that may be published; None unless text, variants, media, slot and evidence are what was approved."""
    draft = _get(uow, draft_id)
    return draft.version if approved_hash(uow, draft) is not None else None


def _decide(
    uow: UnitOfWork, principal: Principal, draft_id: str, version: int, decision: Decision, note: str, now: datetime
) -> Approval:
    uow.drafts.lock(draft_id)
    draft = _get(uow, draft_id)
    status = DraftStatus(decision.value)
    words = clean(note, "The note", limit=2_000, required=decision is not Decision.APPROVED)
    if draft.version.number != version:
        raise Conflict(
            f"Version {draft.version.number} was saved while you looked at version {version}: reload, read it and decide again."
        )
    if status not in TRANSITIONS[draft.status]:
        wish = decision.value.replace("_", " ")
        raise Conflict(
            f"This draft is {draft.status.value.replace('_', ' ')} and cannot become {wish}: reload to see who decided."
        )
    withdraw(uow, draft, because=f"The draft was {decision.value.replace('_', ' ')}.", by=principal.user_id, now=now)
    approval = Approval(
        id=new_id(),
        workspace_id=draft.workspace_id,
        draft_id=draft_id,
        version=version,
        content_hash=hash_of(uow, draft),
        decision=decision,
        decided_by=principal.user_id,
        decided_at=now,
        note=words,
    )
    uow.approvals.add(approval)
    uow.drafts.set_status(draft_id, status)
    record(uow, principal, draft.workspace_id, f"draft.{decision.value}", draft_id, now, version=version)
    if decision is Decision.APPROVED:
        enqueue(uow, draft, approval.content_hash, by=principal.user_id, revive_failed=True, now=now)
    return approval


def _get(uow: UnitOfWork, draft_id: str) -> Draft:
    draft = uow.drafts.get(draft_id)
    if draft is None:
        raise NotFound(f"Draft {draft_id!r} does not exist: reload the list of drafts.")
    return draft
