"""Goals: one modest target per platform that has a baseline."""

from __future__ import annotations

from datetime import timedelta
from math import ceil, floor

from models.domain.evidence import Fact
from models.domain.snapshot import PlatformFacts, Snapshot
from models.domain.social import Platform
from models.domain.strategy import Decision, Goal
from models.generation.channels import own_platforms, rate_name
from models.generation.evidence import claim, known
from models.generation.rules import RULES
from models.generation.wording import labels, phrase, place

MEDIAN_METRIC = "engagements_public"
"""The registry id of a goal on the median engagements of a post."""


def baseline_of(facts: PlatformFacts) -> tuple[str, Fact] | None:
    """Metric id and baseline fact: the engagement rate where there is one above zero, else the median engagements."""
    if facts.rate is not None and facts.rate_id and (known(facts.rate) or 0.0) > 0:
        return facts.rate_id, facts.rate
    if (known(facts.median_engagements) or 0.0) > 0:
        return MEDIAN_METRIC, facts.median_engagements
    return None


def write_goals(snapshot: Snapshot) -> tuple[Goal, ...]:
    """A goal for every platform with a baseline above zero, the busiest platform first."""
    goals: list[Goal] = []
    for facts in own_platforms(snapshot):
        if (found := baseline_of(facts)) is not None:
            goals.append(_goal(len(goals), snapshot, facts, *found))
    return tuple(goals)


def goal_abstentions(snapshot: Snapshot) -> list[str]:
    """Templates naming the platforms without a goal and why."""
    missing: list[Platform] = []
    zero: list[Platform] = []
    for facts in own_platforms(snapshot):
        if baseline_of(facts) is None:
            unseen = known(facts.rate) is None and known(facts.median_engagements) is None
            (missing if unseen else zero).append(facts.platform)
    said = [phrase("abstentions.goal_missing", names=labels(missing))] if missing else []
    return [*said, phrase("abstentions.goal_zero", names=labels(zero))] if zero else said


def _goal(index: int, snapshot: Snapshot, facts: PlatformFacts, metric: str, baseline: Fact) -> Goal:
    value = known(baseline) or 0.0
    raised = value * (1 + RULES.goal_lift)
    is_rate = metric != MEDIAN_METRIC
    given = {
        "baseline": baseline.id, "target": f"@goals.{index}.target.value", "due": f"@goals.{index}.due",
    }  # fmt: skip
    sentence = phrase(
        "goals.rate" if is_rate else "goals.median",
        given,
        place=place(facts.platform),
        **({"metric": rate_name(metric)} if is_rate else {}),
    )
    return Goal(
        platform=facts.platform,
        metric=metric,
        baseline_fact_id=baseline.id,
        target=Decision(
            value=float(f"{raised:.9g}") if is_rate else float(max(ceil(round(raised, 6)), floor(value) + 1)),
            unit="ratio" if is_rate else "count",
            rule=phrase("goals.rule"),
            fact_ids=(baseline.id,),
        ),
        due=snapshot.as_of.date() + timedelta(weeks=RULES.goal_weeks),
        rationale=claim(sentence, phrase("goals.first") if index == 0 else ""),
    )
