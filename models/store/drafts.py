"""Stored drafts with their append-only versions, and the decisions on them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.sql import Select

from models.domain.approval import Approval, Decision, Draft, DraftStatus, DraftVersion, Variant
from models.domain.social import Platform
from models.store.session import Session
from models.store.tables import approvals, calendar_entries, draft_versions, drafts


class DraftRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add_new(self, draft: Draft) -> bool:
        """Stores the draft and its version unless its id is known; True if it was stored."""
        added = self._session.insert_new(
            drafts,
            {
                "id": draft.id,
                "workspace_id": draft.workspace_id,
                "entry_id": draft.entry_id,
                "platform": draft.platform.value,
                "status": draft.status.value,
                "version": draft.version.number,
            },
            conflict=f"The calendar entry has a {draft.platform.label} draft already: edit that one instead.",
        )
        if added:
            self._append(draft.workspace_id, draft.version)
        return added

    def get(self, draft_id: str) -> Draft | None:
        row = self._session.row(_newest().where(drafts.c.id == draft_id))
        return None if row is None else _draft(row)

    def lock(self, draft_id: str) -> None:
        """Keeps others from changing the draft until commit; read it after this, not before."""
        self._session.row(select(drafts.c.id).where(drafts.c.id == draft_id).with_for_update(key_share=True))

    def of_workspace(
        self, workspace_id: str, *, status: DraftStatus | None = None, entry_id: str | None = None
    ) -> list[Draft]:
        """By slot, then platform."""
        query = _newest().where(drafts.c.workspace_id == workspace_id)
        if status is not None:
            query = query.where(drafts.c.status == status.value)
        if entry_id is not None:
            query = query.where(drafts.c.entry_id == entry_id)
        ordered = query.order_by(calendar_entries.c.slot_at, drafts.c.platform, drafts.c.id)
        return [_draft(row) for row in self._session.rows(ordered)]

    def versions(self, draft_id: str) -> list[DraftVersion]:
        """Oldest first."""
        query = select(draft_versions).where(draft_versions.c.draft_id == draft_id).order_by(draft_versions.c.number)
        return [_version(row) for row in self._session.rows(query)]

    def add_version(self, workspace_id: str, version: DraftVersion) -> None:
        """Appends the version and makes it the newest."""
        self._append(workspace_id, version)
        self._session.write(update(drafts).where(drafts.c.id == version.draft_id).values(version=version.number))

    def set_status(self, draft_id: str, status: DraftStatus) -> None:
        self._session.write(update(drafts).where(drafts.c.id == draft_id).values(status=status.value))

    def workspace_of(self, draft_id: str) -> str | None:
        row = self._session.row(select(drafts.c.workspace_id).where(drafts.c.id == draft_id))
        return None if row is None else str(row.workspace_id)

    def _append(self, workspace_id: str, version: DraftVersion) -> None:
        self._session.write(
            insert(draft_versions).values(
                draft_id=version.draft_id,
                number=version.number,
                workspace_id=workspace_id,
                text=version.text,
                variants=[{"label": v.label, "dimension": v.dimension, "text": v.text} for v in version.variants],
                author=version.author,
                created_at=version.created_at,
                note=version.note,
            ),
            conflict=f"Version {version.number} of this draft was saved by someone else: reload and edit again.",
        )


class ApprovalRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, approval: Approval) -> None:
        """Appends the decision after the draft's earlier ones."""
        count = select(func.count()).select_from(approvals).where(approvals.c.draft_id == approval.draft_id)
        row = self._session.row(count)
        self._session.write(
            insert(approvals).values(
                draft_id=approval.draft_id,
                number=1 + (row[0] if row is not None else 0),
                id=approval.id,
                workspace_id=approval.workspace_id,
                version=approval.version,
                content_hash=approval.content_hash,
                decision=approval.decision.value,
                decided_by=approval.decided_by,
                decided_at=approval.decided_at,
                note=approval.note,
            ),
            conflict="Someone else decided on this draft at the same time: reload to see the decision.",
        )

    def of_draft(self, draft_id: str) -> list[Approval]:
        """In the order they were taken."""
        query = select(approvals).where(approvals.c.draft_id == draft_id).order_by(approvals.c.number)
        return [_approval(row) for row in self._session.rows(query)]


def _newest() -> Select[Any]:
    entry = (calendar_entries.c.id == drafts.c.entry_id) & (calendar_entries.c.workspace_id == drafts.c.workspace_id)
    newest = (draft_versions.c.draft_id == drafts.c.id) & (draft_versions.c.number == drafts.c.version)
    return (
        select(
            drafts.c.id,
            drafts.c.workspace_id,
            drafts.c.entry_id,
            drafts.c.platform,
            drafts.c.status,
            calendar_entries.c.slot_at,
            *(draft_versions.c[name] for name in ("draft_id", "number", "text", "variants", "author", "created_at", "note")),
        )
        .join(calendar_entries, entry)
        .join(draft_versions, newest)
    )  # fmt: skip


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        id=row.id,
        workspace_id=row.workspace_id,
        entry_id=row.entry_id,
        platform=Platform(row.platform),
        status=DraftStatus(row.status),
        slot_at=row.slot_at,
        version=_version(row),
    )


def _version(row: Row[Any]) -> DraftVersion:
    return DraftVersion(
        draft_id=row.draft_id,
        number=row.number,
        text=row.text,
        variants=tuple(Variant(**variant) for variant in row.variants),
        author=row.author,
        created_at=row.created_at,
        note=row.note,
    )


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        workspace_id=row.workspace_id,
        draft_id=row.draft_id,
        version=row.version,
        content_hash=row.content_hash,
        decision=Decision(row.decision),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
    )
