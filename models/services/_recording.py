"""Writes the domain event of a change, and what a change of a draft means for its review."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from models.domain.approval import Approval, Decision, Draft, DraftStatus, DraftVersion
from models.domain.events import DomainEvent
from models.domain.workspace import Principal
from models.store.unit_of_work import UnitOfWork


def new_id() -> str:
    return uuid.uuid4().hex


def record(
    uow: UnitOfWork, principal: Principal, workspace_id: str, kind: str, subject_id: str, at: datetime, **data: Any
) -> None:
    """Appends an event. `data` holds ids, numbers and statuses, never texts, so that events outlive an erasure."""
    uow.events.add(DomainEvent(workspace_id, kind, subject_id, principal.user_id, at, data))


def change_draft(
    uow: UnitOfWork, principal: Principal, draft: Draft, version: DraftVersion, *, because: str, at: datetime
) -> None:
    """Makes `version` the draft's newest. An approved draft, or one with changes requested, goes back to review."""
    uow.drafts.add_version(draft.workspace_id, version)
    record(uow, principal, draft.workspace_id, "draft.edited", draft.id, at, version=version.number)
    if draft.status is DraftStatus.APPROVED:
        revoke_approval(uow, principal, draft, because=because, at=at)
    elif draft.status is DraftStatus.CHANGES_REQUESTED:
        uow.drafts.set_status(draft.id, DraftStatus.IN_REVIEW)
        record(uow, principal, draft.workspace_id, "draft.submitted", draft.id, at, version=version.number)


def revoke_approval(uow: UnitOfWork, principal: Principal, draft: Draft, *, because: str, at: datetime) -> None:
    """Ends the approval of an approved draft and sends the draft back to review.

    `draft` is its state before the change. The row names the version and hash that had been approved.
    """
    approved = [taken for taken in uow.approvals.of_draft(draft.id) if taken.decision is Decision.APPROVED][-1]
    uow.approvals.add(
        Approval(
            id=new_id(),
            workspace_id=draft.workspace_id,
            draft_id=draft.id,
            version=approved.version,
            content_hash=approved.content_hash,
            decision=Decision.REVOKED,
            decided_by=principal.user_id,
            decided_at=at,
            note=because,
        )
    )
    uow.drafts.set_status(draft.id, DraftStatus.IN_REVIEW)
    record(uow, principal, draft.workspace_id, "draft.approval_revoked", draft.id, at, version=approved.version)
