"""Background jobs that a person asked for, and what writers were called for at which cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobKind(StrEnum):
    BUILD = "build"
    GENERATE = "generate"
    REWRITE = "rewrite"
    """Write a draft anew; arguments `draft_id` and `wish`, what the person would like otherwise."""
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
    progress: str = ""
    """What a running job is at, in words, or the text that a model has written so far."""


class Outcome(StrEnum):
    """How a call of a writer ended."""

    WRITTEN = "written"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class ModelUsage:
    """One call of a writer, a language model or the built-in rules, and what it made.

    `cost_microusd` is in millionths of a US dollar and None when the price is not known: never 0 for that. Tokens are None
    where the provider counts none. `latency_ms` is the time of the call; a call that made several artefacts is one row
    each, with an equal share of time, tokens and cost. `artefact_kind` is strategy, calendar or draft.
    """

    id: str
    workspace_id: str
    at: datetime
    task: str
    tier: str
    provider: str
    model: str
    outcome: Outcome
    cache_hit: bool
    latency_ms: float
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    cost_microusd: int | None = None
    input_hash: str | None = None
    prompt_version: str | None = None
    artefact_kind: str | None = None
    artefact_id: str | None = None
