"""Reads what happened to a workspace's plans, drafts and posts, as flat rows in a total order."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.sql import Select

from models.domain.connection import Vendor
from models.domain.edits import edit_distance
from models.domain.operations import (
    DraftEventRow,
    DraftRow,
    OutboxRow,
    PlannedRow,
    PublishStepRow,
    VariantRow,
    VersionRow,
)
from models.store.ai_tables import manifests
from models.store.session import Session
from models.store.tables import (
    ai_usage,
    calendar_entries,
    connections,
    domain_events,
    draft_versions,
    drafts,
    outbox,
    publish_attempts,
    workspaces,
)

_DRAFT_EVENTS = {
    "draft.edited": "edited",
    "draft.submitted": "submitted",
    "draft.approved": "approved",
    "draft.changes_requested": "changes_requested",
    "draft.rejected": "rejected",
    "draft.approval_revoked": "revoked",
}
_PLANNING = ("draft.", "drafts.", "calendar.", "strategy.", "post.")
"""Beginnings of the kinds of events that change a row listed here."""
CONTROL = "as written"


class OperationRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def state(self) -> dict[str, tuple[int, int, int]]:
        """By workspace: the newest event about plans and drafts, the newest line of a publishing log, the count of calls
        and of manifests.

        Equal states mean equal rows; four short queries whatever the size.
        """
        found = {row.id: [0, 0, 0] for row in self._session.rows(select(workspaces.c.id))}
        planning = or_(*(domain_events.c.kind.startswith(prefix) for prefix in _PLANNING))
        queries: tuple[Select[Any], ...] = (
            select(domain_events.c.workspace_id, func.max(domain_events.c.id).label("value")).where(planning),
            select(publish_attempts.c.workspace_id, func.max(publish_attempts.c.id).label("value")),
            select(ai_usage.c.workspace_id, func.count().label("value")),
            select(manifests.c.workspace_id, func.count().label("value")),
        )
        for position, query in enumerate(queries):
            for row in self._session.rows(query.group_by(query.selected_columns[0])):
                if row.workspace_id in found:
                    # calls and manifests only become more, so that their sum changes with either
                    found[row.workspace_id][min(position, 2)] += row.value
        return {workspace_id: (state[0], state[1], state[2]) for workspace_id, state in found.items()}

    def planned(self, workspace_id: str) -> tuple[PlannedRow, ...]:
        query = select(calendar_entries).where(calendar_entries.c.workspace_id == workspace_id)
        ordered = query.order_by(calendar_entries.c.created_at, calendar_entries.c.id)
        return tuple(
            PlannedRow(row.id, row.strategy_id, platform, row.pillar, row.slot_at, row.created_at)
            for row in self._session.rows(ordered)
            for platform in row.platforms
        )

    def drafts(self, workspace_id: str) -> tuple[DraftRow, ...]:
        query = select(drafts).where(drafts.c.workspace_id == workspace_id).order_by(drafts.c.id)
        return tuple(
            DraftRow(row.id, row.entry_id, row.platform, row.status, row.version) for row in self._session.rows(query)
        )

    def texts(self, workspace_id: str) -> tuple[tuple[VersionRow, ...], tuple[VariantRow, ...]]:
        """The versions of all drafts, and the texts of each: the version's own first, then its variants."""
        query = select(draft_versions).where(draft_versions.c.workspace_id == workspace_id)
        versions: list[VersionRow] = []
        variants: list[VariantRow] = []
        first: dict[str, str] = {}
        for row in self._session.rows(query.order_by(draft_versions.c.draft_id, draft_versions.c.number)):
            key = (row.draft_id, row.number)
            distance = edit_distance(first.setdefault(row.draft_id, row.text), row.text)
            versions.append(
                VersionRow(*key, row.author, row.created_at, _digest(row.text), len(row.text), round(distance, 6))
            )
            listed = [(CONTROL, "none", row.text), *((v["label"], v["dimension"], v["text"]) for v in row.variants)]
            variants += [
                VariantRow(*key, position, label, dimension, _digest(text), len(text), row.created_at)
                for position, (label, dimension, text) in enumerate(listed)
            ]
        return tuple(versions), tuple(variants)

    def draft_events(self, workspace_id: str) -> tuple[DraftEventRow, ...]:
        """The steps of every draft's review; the event log gives their order."""
        query = select(domain_events).where(
            domain_events.c.workspace_id == workspace_id, domain_events.c.kind.in_(_DRAFT_EVENTS)
        )
        counted: Counter[str] = Counter()
        found = []
        for row in self._session.rows(query.order_by(domain_events.c.id)):
            counted[row.subject_id] += 1
            found.append(
                DraftEventRow(
                    row.subject_id, counted[row.subject_id], _DRAFT_EVENTS[row.kind], row.data["version"], row.actor, row.at
                )
            )  # fmt: skip
        return tuple(found)

    def outbox(self, workspace_id: str) -> tuple[OutboxRow, ...]:
        query = (
            select(outbox, connections.c.account_id)
            .join(connections, connections.c.id == outbox.c.connection_id)
            .where(outbox.c.workspace_id == workspace_id)
            .order_by(outbox.c.key)
        )
        return tuple(
            OutboxRow(
                row.key, row.draft_id, row.version, Vendor(row.vendor).platform.value, row.vendor, _account(row), row.status,
                row.attempts, row.due_at, row.created_at, row.sending_since, row.finished_at, row.post_id, row.url,
            )
            for row in self._session.rows(query)
        )  # fmt: skip

    def publish_steps(self, workspace_id: str) -> tuple[PublishStepRow, ...]:
        query = select(publish_attempts).where(publish_attempts.c.workspace_id == workspace_id)
        counted: Counter[str] = Counter()
        found = []
        for row in self._session.rows(query.order_by(publish_attempts.c.id)):
            counted[row.key] += 1
            found.append(PublishStepRow(row.key, counted[row.key], row.status, row.at))
        return tuple(found)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _account(row: Any) -> str:
    """The account as the platform names it; a mail server's account can be a person's address and shows as the connection."""
    return str(row.connection_id) if "@" in row.account_id else str(row.account_id)
