"""Days that planning must know: campaigns, days without posts, public holidays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


class DateKind(StrEnum):
    CAMPAIGN = "campaign"
    BLACKOUT = "blackout"


@dataclass(frozen=True)
class PlanningDate:
    """A span of local days, both ends included. A campaign takes `share` (0–1) of the slots in its span with its brief.

    `pillar` names the topic of a campaign; empty means that the campaign's own name is the topic. A blackout has share 0.
    """

    id: str
    workspace_id: str
    kind: DateKind
    name: str
    starts_on: date
    ends_on: date
    pillar: str = ""
    brief: str = ""
    share: float = 0.0
    created_by: str = ""
    created_at: datetime | None = None

    def holds(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True)
class PlanningRules:
    """A workspace's settings of planning.

    `country` is an ISO 3166 code such as `DE`, with a part as in `DE-BY`, or empty for no holidays. `topic_days` is the
    least number of days between two posts of one topic; 0 and 1 allow neighbouring days.
    """

    country: str = ""
    holidays: Literal["keep", "avoid"] = "keep"
    topic_days: int = 2


@dataclass(frozen=True)
class PlanningDays:
    """Everything a calendar must respect, read once. `holidays` maps local days to names."""

    rules: PlanningRules = PlanningRules()
    dates: tuple[PlanningDate, ...] = ()
    holidays: Mapping[date, str] = field(default_factory=dict)
