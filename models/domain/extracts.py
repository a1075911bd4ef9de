"""What is kept of foreign texts, as the store sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.domain.social import Platform


@dataclass(frozen=True)
class StoredExtract:
    """The extract of the newest text of one piece of a competitor's content; never the text.

    `content_hash` is the SHA-256 of that text, `asked` the rules or the prompt version that read it for good: while they
    stay the same, the text is not read again. `extract` is a `models.generation.quarantine.schema.Extract` as JSON.
    """

    workspace_id: str
    platform: Platform
    account_id: str
    entity_id: str
    content_hash: str
    asked: str
    at: datetime
    extract: Mapping[str, Any]

    @property
    def key(self) -> tuple[Platform, str, str]:
        return self.platform, self.account_id, self.entity_id
