"""The content calendar: what is planned, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.domain.social import Platform


@dataclass(frozen=True)
class CalendarEntry:
    """One planned piece of content at one instant (`slot_at`, UTC), with one draft per platform.

    `id` is derived from workspace, strategy and slot, so generating the same calendar twice gives the same entries.
    """

    id: str
    workspace_id: str
    strategy_id: str
    slot_at: datetime
    pillar: str
    brief: str
    platforms: tuple[Platform, ...]
    fact_ids: tuple[str, ...]
    """Facts of the strategy that this entry was planned from."""


@dataclass(frozen=True)
class CalendarPlan:
    """A planned calendar, by time. `notes` say in words what moved, was left out or stands too near, and why."""

    entries: tuple[CalendarEntry, ...]
    notes: tuple[str, ...] = ()
