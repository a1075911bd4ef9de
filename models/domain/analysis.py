"""What analysts keep: their own queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SavedQuery:
    """A named select over the workspace's marts; names are unique in a workspace, whatever their case."""

    id: str
    workspace_id: str
    name: str
    sql: str
    saved_by: str
    saved_at: datetime
