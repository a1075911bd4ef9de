"""The strategy in a model's words: it chooses topics and says why; every number, share, pace, time and goal is the rules'.

A part that a model cannot write so that it passes the checks is the rules' own, and the record says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.domain.snapshot import Snapshot
from models.domain.strategy import Claim, StrategyDocument
from models.generation.grounding.document import check_passage, passages
from models.generation.strategy import Plan, decide, document_of
from models.generation.writers.asking import OnText
from models.generation.writers.background import Background
from models.generation.writers.opening import write_opening
from models.generation.writers.pillars import with_pillars
from models.generation.writers.record import Record
from models.generation.writers.roles import write_roles
from models.ports import TextGenerator

PARTS = ("pillars", "roles", "summary")
"""What can be asked for again by itself."""


@dataclass(frozen=True)
class Written:
    document: StrategyDocument
    record: Record


def write_with_model(
    snapshot: Snapshot,
    background: Background,
    generator: TextGenerator,
    *,
    feedback: dict[str, tuple[str, ...]] | None = None,
    on_part: OnText | None = None,
    on_text: OnText | None = None,
) -> Written:
    """A strategy whose words come from `generator`. `feedback` holds remarks by part (`""` for all parts); `on_part` hears which
    part is being written."""
    record, remarks = Record(), feedback or {}

    def about(part: str) -> Background:
        asked = (*remarks.get("", ()), *remarks.get(part, ()))
        if on_part is not None:
            on_part(part)
        return replace(background, feedback=asked)

    plan = decide(snapshot, background.brand)
    plan = with_pillars(plan, about("pillars"), generator, record, on_text)
    plan = replace(plan, roles=write_roles(plan, about("roles"), generator, record, on_text))
    summary = write_opening(plan, about("summary"), generator, record, on_text)
    record.feedback = "; ".join(remark for part in remarks.values() for remark in part)
    return Written(_held_to_facts(plan, summary, record), record)


def _held_to_facts(plan: Plan, summary: tuple[Claim, ...], record: Record) -> StrategyDocument:
    """The document after the second pass over its final texts: a claim that fails there is the rules' after all."""
    by_rules = decide(plan.snapshot, plan.brand, plan.chosen)
    document = document_of(plan, writer=record.writer, summary=summary)
    wrong = {
        passage.template: (passage.where, problems[0].reason)
        for passage in passages(document)
        if (problems := check_passage(passage, plan.facts.values()))
    }
    if not wrong:
        return document
    for where, reason in wrong.values():
        record.fallbacks.append(f"{where}: a sentence was taken back, because {reason.rstrip('.')}.")
    opening = document_of(by_rules).summary
    kept = tuple(rules if claim.template in wrong else claim for claim, rules in zip(summary, opening, strict=True))
    pillars = tuple(
        pillar.model_copy(update={"rationale": rules.rationale}) if pillar.rationale.template in wrong else pillar
        for pillar, rules in zip(plan.pillars, by_rules.pillars, strict=True)
    )
    roles = tuple(
        role.model_copy(update={"rationale": rules.rationale}) if role.rationale.template in wrong else role
        for role, rules in zip(plan.roles, by_rules.roles, strict=True)
    )
    mended = replace(plan, pillars=pillars, roles=roles)
    return document_of(mended, writer=record.writer, summary=kept)
