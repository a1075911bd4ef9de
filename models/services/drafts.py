"""Drafts: read, edit, submit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from models.domain.approval import TRANSITIONS, Draft, DraftStatus, DraftVersion, Variant
from models.domain.social import Platform
from models.domain.workspace import Principal
from models.errors import Conflict, InvalidInput, NotFound
from models.generation.limits import check_text
from models.services._outgoing import withdraw
from models.services._recording import change_draft, record
from models.services._wording import clean, clean_line
from models.services.policy import DRAFT, Action, policy
from models.store.unit_of_work import UnitOfWork

_TEXT = 200_000
"""Bound of a text before the platform's own limit is looked at, in characters."""


@policy(Action.VIEW_DRAFTS)
def list_drafts(
    uow: UnitOfWork, principal: Principal, workspace_id: str, *, status: DraftStatus | None = None,
    entry_id: str | None = None,
) -> list[Draft]:  # fmt: skip
    """Drafts with their newest version, by slot and platform."""
    return uow.drafts.of_workspace(workspace_id, status=status, entry_id=entry_id)


@policy(Action.VIEW_DRAFTS, DRAFT)
def get_draft(uow: UnitOfWork, principal: Principal, draft_id: str) -> Draft:
    return _get(uow, draft_id)


@policy(Action.VIEW_DRAFTS, DRAFT)
def history(uow: UnitOfWork, principal: Principal, draft_id: str) -> list[DraftVersion]:
    """Every version, oldest first."""
    return uow.drafts.versions(draft_id)


@policy(Action.EDIT_DRAFT, DRAFT)
def edit_draft(
    uow: UnitOfWork, principal: Principal, draft_id: str, *, text: str, variants: Sequence[Variant] | None = None,
    based_on: int, note: str = "", now: datetime,
) -> Draft:  # fmt: skip
    """Appends a version made from version `based_on`; variants left out stay as they are.

    An approved draft, or one with changes requested, goes back to review; an approval is revoked. A text equal to the
    newest version changes nothing. Raises `Conflict` when someone else edited since, the draft was rejected, or its post
    went out or may have; `InvalidInput` when a text breaks the platform's limits.
    """
    return _append(uow, principal, draft_id, text, variants, based_on, note, now, author=principal.user_id)


@policy(Action.EDIT_DRAFT, DRAFT)
def rewrite_draft(
    uow: UnitOfWork, principal: Principal, draft_id: str, *, text: str, variants: Sequence[Variant], writer: str,
    based_on: int, note: str, now: datetime,
) -> Draft:  # fmt: skip
    """Appends what `writer`, a model or the rules, wrote anew from version `based_on`; as an edit in all else."""
    return _append(uow, principal, draft_id, text, variants, based_on, note, now, author=writer)


@policy(Action.SUBMIT_DRAFT, DRAFT)
def submit_draft(uow: UnitOfWork, principal: Principal, draft_id: str, *, now: datetime) -> Draft:
    """Sends a draft, or one with changes requested, to review. Raises `Conflict` from any other status."""
    uow.drafts.lock(draft_id)
    draft = _get(uow, draft_id)
    # An approved draft returns to review only by a change, which also revokes the approval.
    if draft.status is DraftStatus.APPROVED or DraftStatus.IN_REVIEW not in TRANSITIONS[draft.status]:
        raise Conflict(
            f"This draft is {draft.status.value.replace('_', ' ')} and cannot be submitted: reload to see it."
        )
    _check_limits(draft.platform, draft.version.text, draft.version.variants)
    uow.drafts.set_status(draft_id, DraftStatus.IN_REVIEW)
    record(uow, principal, draft.workspace_id, "draft.submitted", draft_id, now, version=draft.version.number)
    return replace(draft, status=DraftStatus.IN_REVIEW)


def _append(
    uow: UnitOfWork,
    principal: Principal,
    draft_id: str,
    text: str,
    variants: Sequence[Variant] | None,
    based_on: int,
    note: str,
    now: datetime,
    *,
    author: str,
) -> Draft:
    uow.drafts.lock(draft_id)
    draft = _get(uow, draft_id)
    if draft.status is DraftStatus.REJECTED:
        raise Conflict("This draft was rejected and cannot be edited: write a new one for its calendar entry.")
    if draft.version.number != based_on:
        raise Conflict(
            f"Version {draft.version.number} was saved while you edited version {based_on}: reload, compare and edit again."
        )
    new_text = clean(text, "The text", limit=_TEXT)
    new_variants = draft.version.variants if variants is None else tuple(_clean_variant(v) for v in variants)
    if (new_text, new_variants) == (draft.version.text, draft.version.variants):
        return draft
    _check_limits(draft.platform, new_text, new_variants)
    version = DraftVersion(
        draft_id=draft_id,
        number=based_on + 1,
        text=new_text,
        variants=new_variants,
        author=author,
        created_at=now,
        note=clean(note, "The note", limit=2_000, required=False),
    )
    because = f"The text was edited to version {version.number}."
    withdraw(uow, draft, because=because, by=principal.user_id, now=now)
    change_draft(uow, principal, draft, version, because=because, at=now)
    return _get(uow, draft_id)


def _get(uow: UnitOfWork, draft_id: str) -> Draft:
    draft = uow.drafts.get(draft_id)
    if draft is None:
        raise NotFound(f"Draft {draft_id!r} does not exist: reload the calendar.")
    return draft


def _clean_variant(variant: Variant) -> Variant:
    return Variant(
        label=clean_line(variant.label, "A variant's label"),
        dimension=clean_line(variant.dimension, "A variant's dimension"),
        text=clean(variant.text, "A variant's text", limit=_TEXT),
    )


def _check_limits(platform: Platform, text: str, variants: Sequence[Variant]) -> None:
    problems = check_text(platform, text)
    for variant in variants:
        problems += [f"Variant {variant.label}: {problem}" for problem in check_text(platform, variant.text)]
    if problems:
        raise InvalidInput(" ".join(problems))
