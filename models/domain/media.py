"""Pictures, videos and recordings that people ask for, and how far each has come.

    queued → claimed (lease) → starting (committed before the call) → done | running → done
         ↖ again, when nothing happened          ↘ unknown                 ↘ failed
A job whose worker died while `starting` is `unknown`: the work may have been made and charged, so a person decides. A video
that is `running` is asked after by its provider's id for as long as it takes, by whichever process comes next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from models.domain.ai import ImageRequest, Modality, SpeechRequest, VideoRequest

Request = ImageRequest | VideoRequest | SpeechRequest
CARD = "card"
"""The provider that needs no key: branded cards."""
LOCAL = frozenset({CARD, "espeak"})
"""Makers on this machine, which cost nothing and may be asked twice."""
LEASE = timedelta(minutes=10)
"""How long one worker has a job: longer than any call may take."""
PATIENCE = timedelta(days=1)
"""How long a job waits for a provider that is busy, or for a video."""
_KINDS: dict[Modality, Any] = {
    Modality.IMAGE: ImageRequest, Modality.VIDEO: VideoRequest, Modality.SPEECH: SpeechRequest,
}  # fmt: skip


class MediaState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    STARTING = "starting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        """Whether something may still become of it without a person."""
        return self in (MediaState.QUEUED, MediaState.CLAIMED, MediaState.STARTING, MediaState.RUNNING)


@dataclass(frozen=True)
class MediaJob:
    """One request. `provider` and `model` are empty until a model took it, unless a person chose.

    `due_at` is when the next worker may take it: at once, when its lease ends, or when its video is asked after again.
    `work` is the provider's id of a video, `reservation` what is set aside of the budget for it. `share` is between 0 and 1.
    """

    id: str
    workspace_id: str
    modality: Modality
    request: Mapping[str, Any]
    state: MediaState
    requested_by: str
    created_at: datetime
    updated_at: datetime
    due_at: datetime
    provider: str = ""
    model: str = ""
    work: str | None = None
    reservation: str | None = None
    share: float | None = None
    draft_id: str | None = None
    asset_id: str | None = None
    cost_microusd: int | None = None
    message: str = ""
    chosen: bool = field(default=False, compare=False)
    """Whether the person chose the provider; then no other is tried."""

    @property
    def asked(self) -> Request:
        """The request as it was asked."""
        return request_of(self.modality, self.request)

    @property
    def words(self) -> str:
        """What was asked for, in one line of at most 80 characters."""
        asked = self.asked
        text = asked.text if isinstance(asked, SpeechRequest) else asked.prompt
        if isinstance(asked, ImageRequest) and asked.title:
            text = asked.title
        line = " ".join(text.split())
        return line if len(line) <= 80 else line[:79] + "…"


def plain(request: Request) -> dict[str, Any]:
    """The request as JSON."""
    found = asdict(request)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def request_of(modality: Modality, found: Mapping[str, Any]) -> Request:
    """The request of stored JSON."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    made: Request = _KINDS[modality](**values)
    return made


def modality_of(request: Request) -> Modality:
    return next(modality for modality, kind in _KINDS.items() if isinstance(request, kind))


def headline(text: str, most: int = 90) -> str:
    """The first sentence of a post for a card: without addresses, hashtags and mentions, cut between words."""
    plain_text = re.sub(r"https?://\S+|[#@]\w+", " ", text)
    lines = [line.strip() for line in plain_text.splitlines() if line.strip()]
    first = re.split(r"(?<=[.!?。！？])\s+", lines[0], maxsplit=1)[0] if lines else ""
    line = " ".join(first.split()).strip(" -–—:·")
    if len(line) > most:
        line = line[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:-–—") + "…"
    return line.removesuffix(".") if line.count(".") == 1 else line


def last_style(jobs: Iterable[MediaJob]) -> dict[str, str]:
    """Colours and brand of the newest card among the jobs, newest first; empty without one."""
    for job in jobs:
        if job.provider == CARD and isinstance(job.asked, ImageRequest):
            return dict(job.asked.style)
    return {}
