"""Domain events: what happened, to what, by whom; append-only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class DomainEvent:
    """`kind` is a past-tense name such as `draft.edited`; `subject_id` the thing it happened to."""

    workspace_id: str
    kind: str
    subject_id: str
    actor: str
    at: datetime
    data: dict[str, Any]
    id: int | None = None
