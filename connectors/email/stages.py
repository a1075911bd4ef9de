"""How far a campaign is at its service, and whether that means that it went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.domain.publishing import Finding, Presence, Published


class Stage(StrEnum):
    """How far a campaign is at its service."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"
    """Paused, cancelled or archived by a person at the service."""


@dataclass(frozen=True)
class CampaignState:
    """A campaign as the service tells it; `at` is when it was or will be sent, `url` the public archive page."""

    id: str
    stage: Stage
    at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True)
class Scheduled:
    """A campaign that the service will send at `at`."""

    campaign_id: str
    at: datetime


GONE = (Stage.SENT, Stage.SENDING)


def instant(text: Any) -> datetime | None:
    """A vendor's ISO 8601 instant, None for anything else."""
    if not isinstance(text, str) or not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def published(state: CampaignState) -> Published:
    return Published(state.id, state.url, state.at)


def verdict(states: list[CampaignState], what: str) -> Finding:
    out = [state for state in states if state.stage in GONE]
    if len(out) == 1:
        return Finding(Presence.FOUND, f"{what}: {out[0].stage} at {moment(out[0].at)}", published(out[0]))
    if out:
        return Finding(Presence.UNCERTAIN, f"{what}: {len(out)} were sent ({', '.join(state.id for state in out)})")
    if any(state.stage is Stage.SCHEDULED for state in states):
        return Finding(Presence.UNCERTAIN, f"{what}: scheduled for {moment(states[0].at)} and not sent yet")
    told = ", ".join(f"{state.id} is {state.stage}" for state in states) or "none was found"
    return Finding(Presence.ABSENT, f"{what}: {told}")


def moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "a time the service does not tell"
