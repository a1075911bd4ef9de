"""A content strategy: claims with evidence, decisions with their rule, and what it will not say for want of evidence.

Pydantic models with `extra="forbid"`, because a language model will fill the same shapes later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from models.domain.evidence import Fact
from models.domain.social import Platform

Confidence = Literal["low", "medium", "high"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Claim(_Frozen):
    """A sentence with `{fact_id}` placeholders where numbers stand; `text` is the sentence with them filled by code."""

    template: str
    text: str
    fact_ids: tuple[str, ...] = ()


class Decision(_Frozen):
    """A number the strategy proposes (not observes): its value, the rule in words and the facts the rule read."""

    value: float
    unit: str
    rule: str
    fact_ids: tuple[str, ...]


class Pillar(_Frozen):
    """A content pillar made from a topic. `performance` is "measured" only if enough posts have an equal-age value.

    `name` is the topic, by which posts are found again; `title` and `about` are a strategist's words for it, where one wrote.
    """

    name: str
    title: str = ""
    about: str = ""
    keywords: tuple[str, ...]
    share_now_fact_id: str
    share_proposed: Decision
    performance: Literal["measured", "no_evidence"]
    confidence: Confidence
    rationale: Claim


class PlatformRole(_Frozen):
    platform: Platform
    role: str
    rationale: Claim


class Cadence(_Frozen):
    platform: Platform
    posts_per_week: Decision
    rationale: Claim


class SlotAdvice(_Frozen):
    """A time to post, local to the workspace; `verdict` says whether evidence stands behind it or it is a fallback."""

    platform: Platform
    weekday: int = Field(ge=1, le=7)
    hour: int = Field(ge=0, le=23)
    verdict: Literal["recommend", "no_evidence"]
    confidence: Confidence
    rationale: Claim


class Goal(_Frozen):
    """A target for one registry metric on one platform by a date."""

    platform: Platform
    metric: str
    baseline_fact_id: str
    target: Decision
    due: date
    rationale: Claim


class StrategyDocument(_Frozen):
    """One version's content. `abstentions` lists in words what could not be recommended and what it would take."""

    workspace_id: str
    snapshot_id: str
    as_of: datetime
    writer: str
    summary: tuple[Claim, ...]
    pillars: tuple[Pillar, ...]
    platform_roles: tuple[PlatformRole, ...]
    cadence: tuple[Cadence, ...]
    slots: tuple[SlotAdvice, ...]
    goals: tuple[Goal, ...]
    abstentions: tuple[str, ...]
    evidence: tuple[Fact, ...]

    def fact(self, fact_id: str) -> Fact:
        """The cited fact; KeyError if the document cites what it does not carry."""
        for fact in self.evidence:
            if fact.id == fact_id:
                return fact
        raise KeyError(fact_id)


class Strategy(_Frozen):
    """A stored version. Versions count from 1 per workspace and are never rewritten."""

    id: str
    workspace_id: str
    version: int
    created_at: datetime
    created_by: str
    document: StrategyDocument


class Verdict(StrEnum):
    APPROVED = "approved"
    REVISE = "revise"
    """It is to be written again with a remark; one part of it, or the whole."""


@dataclass(frozen=True)
class StrategyDecision:
    """What a person decided on a version. `part` names what is to be written again, empty for the whole."""

    id: str
    workspace_id: str
    strategy_id: str
    verdict: Verdict
    part: str
    note: str
    decided_by: str
    decided_at: datetime


def standing_remarks(decisions: Sequence[StrategyDecision]) -> dict[str, tuple[str, ...]]:
    """By part (`""` for the whole), the remarks since the last approval, oldest first."""
    approved = [at for at, decision in enumerate(decisions) if decision.verdict is Verdict.APPROVED]
    found: dict[str, tuple[str, ...]] = {}
    for decision in decisions[approved[-1] + 1 if approved else 0 :]:
        found[decision.part] = (*found.get(decision.part, ()), decision.note)
    return found
