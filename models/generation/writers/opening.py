"""The opening of a strategy in a model's words."""

from __future__ import annotations

from models.domain.evidence import Fact
from models.domain.strategy import Claim
from models.generation.channels import own_platforms
from models.generation.number_format import format_value
from models.generation.strategy import Plan
from models.generation.writers.answers import SENTENCES, SummaryAnswer
from models.generation.writers.asking import OnText, Verdict, ask
from models.generation.writers.background import Background, section
from models.generation.writers.offered import Planned, offer
from models.generation.writers.pillars import topic_facts
from models.generation.writers.record import Record
from models.generation.writers.request import strategy_request
from models.generation.writers.sentences import take
from models.ports import TextGenerator

SHORTEST, LONGEST = SENTENCES
LEAST_SHOWN = 2
"""Sentences of an opening that show a number: without, it says nothing that can be held against data."""


def write_opening(
    plan: Plan, background: Background, generator: TextGenerator, record: Record, on_text: OnText | None
) -> tuple[Claim, ...]:
    """The sentences of a model that pass; none where too few do."""
    offered = offer(_summary_facts(plan), _planned(plan))
    data = [
        background.section(noticed=True),
        section("What the strategy decided", _decided(plan)),
        section("Numbers", offered.lines().splitlines()),
    ]
    request = strategy_request("strategy_summary", SummaryAnswer, data, background)

    def judge(answer: SummaryAnswer) -> Verdict[tuple[Claim, ...]]:
        claims: list[Claim] = []
        problems: list[str] = []
        for number, sentence in enumerate(answer.sentences[:LONGEST], start=1):
            taken = take([sentence], offered, plan.facts, where=f"sentence {number}")
            problems += taken.problems
            if taken.claim in claims:
                problems.append(f"sentence {number} repeats another")
            elif taken.claim is not None:
                claims.append(taken.claim)
        if len(claims) < SHORTEST:
            return Verdict(None, (*problems, f"only {len(claims)} sentences passed; it takes {SHORTEST}"))
        shown = sum("{" in claim.template for claim in claims)
        if shown < LEAST_SHOWN:
            return Verdict(None, (*problems, f"{shown} sentences show a listed number; it takes {LEAST_SHOWN}"))
        return Verdict(tuple(claims), tuple(problems))

    asked = ask(generator, request, judge, on_text)
    record.note("summary", asked)
    return () if asked.value is None else asked.value


def _summary_facts(plan: Plan) -> list[Fact]:
    facts: list[Fact] = []
    for platform in own_platforms(plan.snapshot):
        facts += [platform.posts, platform.posts_per_week, platform.median_engagements]
        facts += [platform.rate] if platform.rate is not None else []
    for candidate in plan.chosen:
        facts += topic_facts(candidate)
    for slot in plan.slots:
        if slot.verdict == "recommend":
            facts += [plan.facts[fact_id] for fact_id in slot.rationale.fact_ids]
    return facts


def _planned(plan: Plan) -> list[Planned]:
    shares = [
        Planned(
            f"@pillars.{index}.share_proposed.value", "whole_percent", f"Share of the plan for “{pillar.name}”",
            format_value(pillar.share_proposed.value, "whole_percent"),
        )
        for index, pillar in enumerate(plan.pillars)
    ]  # fmt: skip
    paces = [
        Planned(
            f"@cadence.{index}.posts_per_week.value", "per_week", f"Planned rhythm on {cadence.platform.label}",
            format_value(cadence.posts_per_week.value, "per_week"),
        )
        for index, cadence in enumerate(plan.cadence)
    ]  # fmt: skip
    goals = []
    for index, goal in enumerate(plan.goals):
        style = "percent" if goal.target.unit == "ratio" else "count"
        what = f"Goal on {goal.platform.label}, {goal.metric.replace('_', ' ')}"
        goals += [
            Planned(f"@goals.{index}.target.value", style, what, format_value(goal.target.value, style)),
            Planned(f"@goals.{index}.due", "date", f"{what}: due", format_value(goal.due, "date")),
        ]
    as_of = Planned("@as_of", "date", "The day up to which data was read", format_value(plan.snapshot.as_of, "date"))
    return [*shares, *paces, *goals, as_of]


def _decided(plan: Plan) -> list[str]:
    pillars = [
        f"Pillar “{pillar.name}”" + (f" ({pillar.title})" if pillar.title else "") + f": {pillar.performance}"
        for pillar in plan.pillars
    ]
    roles = [f"{role.platform.label}: {role.role}" for role in plan.roles]
    found = any(slot.verdict == "recommend" for slot in plan.slots)
    return [*pillars, *roles, "Times of posting: evidence for some" if found else "Times of posting: no evidence"]
