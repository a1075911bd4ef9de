"""What a strategy advised, one row a recommendation, said so that it can be held against what happened later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from models.domain.operations import RecommendationRow
from models.domain.strategy import Cadence, Goal, Pillar, SlotAdvice, Strategy
from models.generation.estimate import MIDDLE
from models.generation.rules import RULES


@dataclass(frozen=True)
class _Said:
    """The parts of a recommendation that differ by kind."""

    kind: str
    statement: str
    fact_ids: tuple[str, ...] = ()
    platform: str | None = None
    subject: str | None = None
    weekday: int | None = None
    hour: int | None = None
    metric: str | None = None
    unit: str | None = None
    direction: str | None = None
    baseline: float | None = None
    target: float | None = None
    confidence: str | None = None
    abstained: bool = False
    due_on: date | None = None


def recommendations_of(strategy: Strategy) -> tuple[RecommendationRow, ...]:
    """Every cadence, share, time, goal and abstention of a strategy version, in the document's order.

    Only goals carry a date of their own; the others are due when goals are, `RULES.goal_weeks` weeks after the day of the
    numbers that they rest on.
    """
    document = strategy.document
    start = document.as_of.date()
    return tuple(
        RecommendationRow(
            recommendation_id=f"{strategy.id}:{said.kind}:{index}",
            strategy_id=strategy.id,
            kind=said.kind,
            platform=said.platform,
            subject=said.subject,
            weekday=said.weekday,
            hour=said.hour,
            metric=said.metric,
            unit=said.unit,
            direction=said.direction,
            baseline=said.baseline,
            target=said.target,
            confidence=said.confidence,
            abstained=said.abstained,
            made_at=strategy.created_at,
            window_start=start,
            due_on=said.due_on or start + timedelta(weeks=RULES.goal_weeks),
            fact_ids=", ".join(said.fact_ids),
            statement=said.statement,
        )
        for listed in _all(strategy)
        for index, said in enumerate(listed)
    )


def _all(strategy: Strategy) -> Iterator[Iterable[_Said]]:
    document = strategy.document
    yield (_cadence(strategy, item) for item in document.cadence)
    yield (_share(strategy, pillar) for pillar in document.pillars)
    yield (_slot(slot) for slot in document.slots)
    yield (_goal(strategy, goal) for goal in document.goals)
    yield (_Said("abstention", text, abstained=True) for text in document.abstentions)


def _cadence(strategy: Strategy, item: Cadence) -> _Said:
    facts = [strategy.document.fact(fact_id) for fact_id in item.posts_per_week.fact_ids]
    baseline = next((fact.value for fact in facts if fact.unit == "per_week"), None)
    return _Said(
        "cadence", item.rationale.text, item.posts_per_week.fact_ids, platform=item.platform.value,
        metric="posts_per_week", unit=item.posts_per_week.unit, direction=_direction(baseline, item.posts_per_week.value),
        baseline=baseline, target=item.posts_per_week.value,
    )  # fmt: skip


def _share(strategy: Strategy, pillar: Pillar) -> _Said:
    baseline = strategy.document.fact(pillar.share_now_fact_id).value
    return _Said(
        "pillar_share", pillar.rationale.text, pillar.share_proposed.fact_ids, subject=pillar.name,
        metric="share_of_posts", unit=pillar.share_proposed.unit,
        direction=_direction(baseline, pillar.share_proposed.value), baseline=baseline,
        target=pillar.share_proposed.value, confidence=pillar.confidence,
    )  # fmt: skip


def _slot(slot: SlotAdvice) -> _Said:
    """A recommended time says that posts then stand above the middle; one without evidence says nothing."""
    advised = slot.verdict == "recommend"
    return _Said(
        "slot", slot.rationale.text, slot.rationale.fact_ids, platform=slot.platform.value,
        subject=f"{slot.weekday} {slot.hour:02d}", weekday=slot.weekday, hour=slot.hour,
        metric="percentile_28d" if advised else None, unit="percentile" if advised else None,
        direction="up" if advised else None, baseline=MIDDLE if advised else None,
        confidence=slot.confidence, abstained=not advised,
    )  # fmt: skip


def _goal(strategy: Strategy, goal: Goal) -> _Said:
    baseline = strategy.document.fact(goal.baseline_fact_id).value
    return _Said(
        "goal", goal.rationale.text, goal.target.fact_ids, platform=goal.platform.value, metric=goal.metric,
        unit=goal.target.unit, direction=_direction(baseline, goal.target.value), baseline=baseline,
        target=goal.target.value, due_on=goal.due,
    )  # fmt: skip


def _direction(baseline: float | None, target: float) -> str | None:
    if baseline is None:
        return None
    return "hold" if target == baseline else "up" if target > baseline else "down"
