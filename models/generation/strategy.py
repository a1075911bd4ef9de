"""The rule-based strategy: pillars, roles, cadence, times and goals from a snapshot, every number with its evidence.

Deterministic: the same snapshot and brand profile give the same document. Decisions follow stated rules; where the facts
are too thin for a rule, the document says so under `abstentions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.domain.brand import BrandProfile
from models.domain.evidence import Fact
from models.domain.snapshot import Snapshot
from models.domain.strategy import Cadence, Claim, Goal, Pillar, PlatformRole, SlotAdvice, StrategyDocument
from models.errors import InvalidInput
from models.generation.cadence import cadence_abstentions, write_cadence
from models.generation.channels import own_platforms, write_roles
from models.generation.evidence import fill, references, render
from models.generation.goals import goal_abstentions, write_goals
from models.generation.pillars import Candidate, choose_topics, pillar_abstentions, write_pillars
from models.generation.rules import WRITER
from models.generation.slots import slot_abstentions, write_slots
from models.generation.summary import write_summary
from models.generation.wording import phrase


@dataclass(frozen=True)
class Plan:
    """What the rules decided, before it is put into a document: a writer may change words, never a decision."""

    snapshot: Snapshot
    brand: BrandProfile
    facts: Mapping[str, Fact]
    chosen: tuple[Candidate, ...]
    pillars: tuple[Pillar, ...]
    roles: tuple[PlatformRole, ...]
    cadence: tuple[Cadence, ...]
    slots: tuple[SlotAdvice, ...]
    goals: tuple[Goal, ...]


def write_strategy(snapshot: Snapshot, brand: BrandProfile) -> StrategyDocument:
    """A strategy document for the snapshot's workspace; its evidence holds exactly the facts that it cites.

    Raises `InvalidInput` if the profile is another workspace's or a fact id cannot stand in a placeholder.
    """
    return document_of(decide(snapshot, brand))


def decide(snapshot: Snapshot, brand: BrandProfile, chosen: Sequence[Candidate] | None = None) -> Plan:
    """What the rules decide from the facts, with the topics they choose or with `chosen`."""
    if brand.workspace_id != snapshot.workspace_id:
        raise InvalidInput(
            f"The brand profile of {brand.workspace_id} cannot be used for a strategy of {snapshot.workspace_id}: "
            "read the profile of the same workspace."
        )
    facts = _catalogue(snapshot)
    topics = tuple(choose_topics(snapshot) if chosen is None else chosen)
    cadence = write_cadence(snapshot)
    return Plan(
        snapshot=snapshot,
        brand=brand,
        facts=facts,
        chosen=topics,
        pillars=write_pillars(topics),
        roles=write_roles(snapshot),
        cadence=cadence,
        slots=write_slots(snapshot, cadence),
        goals=write_goals(snapshot),
    )


def document_of(plan: Plan, *, writer: str = WRITER, summary: tuple[Claim, ...] = ()) -> StrategyDocument:
    """The document of a plan, with the rules' own summary where none is given."""
    snapshot, brand, facts = plan.snapshot, plan.brand, plan.facts
    draft = StrategyDocument(
        workspace_id=snapshot.workspace_id,
        snapshot_id=snapshot.id,
        as_of=snapshot.as_of,
        writer=writer,
        summary=summary or write_summary(snapshot, plan.chosen, plan.cadence, plan.slots, plan.goals),
        pillars=plan.pillars,
        platform_roles=plan.roles,
        cadence=plan.cadence,
        slots=plan.slots,
        goals=plan.goals,
        abstentions=(),
        evidence=(),
    )
    abstentions = [
        *pillar_abstentions(plan.chosen),
        *_channel_abstentions(snapshot),
        *cadence_abstentions(snapshot),
        *slot_abstentions(plan.slots),
        *goal_abstentions(snapshot),
        *([] if brand.audience.strip() else [phrase("abstentions.audience")]),
        phrase("abstentions.cause"),
    ]
    cited = draft.model_copy(update={"evidence": tuple(facts[fact_id] for fact_id in references(draft))})
    return fill(cited.model_copy(update={"abstentions": tuple(render(text, cited) for text in abstentions)}))


def _channel_abstentions(snapshot: Snapshot) -> list[str]:
    platforms = own_platforms(snapshot)
    if not platforms:
        return [phrase("abstentions.no_platforms")]
    return [phrase("abstentions.platforms_compared")] if len(platforms) > 1 else []


def _catalogue(snapshot: Snapshot) -> dict[str, Fact]:
    """Every fact of the snapshot by id."""
    facts: dict[str, Fact] = {}
    for fact in _facts(snapshot):
        if not fact.id or fact.id.startswith(("@", "rule:")) or any(char in fact.id for char in "{}|"):
            raise InvalidInput(
                f"Fact id {fact.id!r} of {snapshot.workspace_id} cannot stand in a sentence: ids hold no braces and no "
                "bar, and do not start with '@' or 'rule:'."
            )
        if facts.setdefault(fact.id, fact) != fact:
            raise InvalidInput(
                f"Fact id {fact.id!r} of {snapshot.workspace_id} stands for two different facts: give each its own id."
            )
    return facts


def _facts(snapshot: Snapshot) -> Iterator[Fact]:
    for platform in snapshot.platforms:
        yield from (platform.posts, platform.posts_per_week, platform.median_engagements)
        if platform.rate is not None:
            yield platform.rate
    for topic in snapshot.topics:
        yield from (topic.posts, topic.share, topic.posts_measured, topic.percentile, topic.competitor_share)
    for form in snapshot.formats:
        yield from (form.posts, form.posts_measured, form.percentile)
    for slot in snapshot.slots:
        yield from (slot.posts_measured, slot.percentile)
    for rival in snapshot.competitors:
        yield from (rival.posts_per_week, rival.median_engagements)
