"""Media files of a workspace and their place in drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.domain.publishing import MediaKind


@dataclass(frozen=True)
class Asset:
    """One file. `id` is the SHA-256 of its bytes, so the same file is one asset of its workspace.

    `content_type` was told from the bytes, never from the name. Pixels as shown (after rotation), seconds and bytes; None
    where it does not apply or the file does not say.
    """

    id: str
    workspace_id: str
    kind: MediaKind
    content_type: str
    size: int
    name: str
    created_at: datetime
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


@dataclass(frozen=True)
class DraftMedia:
    """An asset in a draft, in the draft's order, with the words for those who cannot see it."""

    asset: Asset
    alt_text: str = ""
