"""Drafts, their append-only versions, and approvals bound to exactly what was approved.

    draft → in_review → approved
              ↘ changes_requested → (edit) → in_review      any of them → rejected
An edit, changed media or a moved slot revokes an approval: the draft goes back to `in_review`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.domain.assets import DraftMedia
from models.domain.social import Platform


class DraftStatus(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"


TRANSITIONS: dict[DraftStatus, frozenset[DraftStatus]] = {
    DraftStatus.DRAFT: frozenset({DraftStatus.IN_REVIEW, DraftStatus.REJECTED}),
    DraftStatus.IN_REVIEW: frozenset({DraftStatus.APPROVED, DraftStatus.CHANGES_REQUESTED, DraftStatus.REJECTED}),
    DraftStatus.CHANGES_REQUESTED: frozenset({DraftStatus.IN_REVIEW, DraftStatus.REJECTED}),
    DraftStatus.APPROVED: frozenset({DraftStatus.IN_REVIEW, DraftStatus.REJECTED}),
    DraftStatus.REJECTED: frozenset(),
}


class Decision(StrEnum):
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    REVOKED = "revoked"
    """Not taken by a person: an edit or a moved slot after the approval."""


@dataclass(frozen=True)
class Variant:
    """An alternative text of the same draft that differs along one stated `dimension` (e.g. "opening")."""

    label: str
    dimension: str
    text: str


@dataclass(frozen=True)
class DraftVersion:
    """One immutable state of a draft's text. Numbers count from 1 per draft."""

    draft_id: str
    number: int
    text: str
    variants: tuple[Variant, ...]
    author: str
    created_at: datetime
    note: str = ""


@dataclass(frozen=True)
class Draft:
    """The text for one platform of one calendar entry, with its newest version."""

    id: str
    workspace_id: str
    entry_id: str
    platform: Platform
    status: DraftStatus
    slot_at: datetime
    version: DraftVersion


@dataclass(frozen=True)
class Approval:
    """One decision on one version. `content_hash` is what was decided on; append-only."""

    id: str
    workspace_id: str
    draft_id: str
    version: int
    content_hash: str
    decision: Decision
    decided_by: str
    decided_at: datetime
    note: str = ""


def content_hash(draft: Draft, evidence_ids: tuple[str, ...], media: Sequence[DraftMedia] = ()) -> str:
    """SHA-256 of what an approval binds: platform, slot, text, variants, media in their order and the evidence."""
    bound: dict[str, Any] = {
        "platform": draft.platform,
        "slot_at": draft.slot_at.isoformat(),
        "text": draft.version.text,
        "variants": [[v.label, v.dimension, v.text] for v in draft.version.variants],
        "evidence": sorted(evidence_ids),
    }
    if media:  # left out without media, so that approvals older than media stay valid
        bound["media"] = [[shown.asset.id, shown.alt_text] for shown in media]
    return hashlib.sha256(json.dumps(bound, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
