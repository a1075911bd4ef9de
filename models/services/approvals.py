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
    content_hash,
)
from models.domain.workspace import Principal
from models.errors import Conflict, NotFound
from models.services._recording import new_id, record
from models.services._wording import clean
from models.services.policy import DRAFT, Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.APPROVE_DRAFT, DRAFT)
def approve(
    uow: UnitOfWork, principal: Principal, draft_id: str, *, version: int, note: str = "", now: datetime
) -> Approval:
    """Approves `version`, which must be the newest, of a draft in review; raises `Conflict` otherwise."""
    return _decide(uow, principal, draft_id, version, Decision.APPROVED, note, now)


@policy(Action.REQUEST_CHANGES, DRAFT)
def request_changes(
    uow: UnitOfWork, principal: Principal, draft_id: str, *, version: int, note: str, now: datetime
) -> Approval:
    """Sends a draft in review back with a note that says what to change."""
    return _decide(uow, principal, draft_id, version, Decision.CHANGES_REQUESTED, note, now)


@policy(Action.REJECT_DRAFT, DRAFT)
def reject(uow: UnitOfWork, principal: Principal, draft_id: str, *, version: int, note: str, now: datetime) -> Approval:
    """Ends a draft, from any status, with a note that says why. It cannot be edited again."""
    return _decide(uow, principal, draft_id, version, Decision.REJECTED, note, now)


@policy(Action.VIEW_DRAFTS, DRAFT)
def decisions(uow: UnitOfWork, principal: Principal, draft_id: str) -> list[Approval]:
    """Every decision on the draft in the order taken, revocations included."""
    return uow.approvals.of_draft(draft_id)


@policy(Action.VIEW_DRAFTS, DRAFT)
def approved_version(uow: UnitOfWork, principal: Principal, draft_id: str) -> DraftVersion | None:
    """The version that may be published; None unless text, variants, slot and evidence are what was approved."""
    draft = _get(uow, draft_id)
    taken = uow.approvals.of_draft(draft_id)
    if draft.status is not DraftStatus.APPROVED or not taken or taken[-1].decision is not Decision.APPROVED:
        return None
    return draft.version if taken[-1].content_hash == _hash(uow, draft) else None


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
    approval = Approval(
        id=new_id(),
        workspace_id=draft.workspace_id,
        draft_id=draft_id,
        version=version,
        content_hash=_hash(uow, draft),
        decision=decision,
        decided_by=principal.user_id,
        decided_at=now,
        note=words,
    )
    uow.approvals.add(approval)
    uow.drafts.set_status(draft_id, status)
    record(uow, principal, draft.workspace_id, f"draft.{decision.value}", draft_id, now, version=version)
    return approval


def _get(uow: UnitOfWork, draft_id: str) -> Draft:
    draft = uow.drafts.get(draft_id)
    if draft is None:
        raise NotFound(f"Draft {draft_id!r} does not exist: reload the list of drafts.")
    return draft


def _hash(uow: UnitOfWork, draft: Draft) -> str:
    entry = uow.calendar.get(draft.entry_id)
    return content_hash(draft, entry.fact_ids if entry is not None else ())
