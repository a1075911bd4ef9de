"""Background jobs that a person asked for; Dagster's sensor picks them up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    BUILD = "build"
    GENERATE = "generate"
    COLLECT = "collect"
    """Read the connected accounts now; argument `vendor` names one vendor."""


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Job:
    id: str
    workspace_id: str
    kind: JobKind
    arguments: dict[str, Any]
    status: JobStatus
    requested_by: str
    created_at: datetime
    finished_at: datetime | None = None
    message: str = ""
