"""The second pass over a whole strategy: every claim's final text against the facts and proposals it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from models.domain.evidence import Fact
from models.domain.strategy import Claim, StrategyDocument
from models.generation.evidence import PLACEHOLDER, known
from models.generation.grounding.checker import check_text
from models.generation.grounding.problem import Problem
from models.generation.grounding.subject import Subject
from models.generation.grounding.value import Value
from models.generation.rules import RULES

_RULE_UNITS = {
    "equal_age_days": "days",
    "pillar_min_posts": "posts",
    "slot_min_posts": "posts",
    "cadence_fallback": "per_week",
}


@dataclass(frozen=True)
class Passage:
    """A claim's text with everything that it may state."""

    where: str
    template: str
    text: str
    facts: tuple[Fact, ...]
    also: tuple[Value, ...]
    about: Subject
    names: tuple[str, ...]


def check_document(document: StrategyDocument, universe: Mapping[str, Fact]) -> tuple[tuple[str, Problem], ...]:
    """Where and what: every refusal in a strategy's claims. `universe` is every fact of the snapshot by id."""
    return tuple(
        (passage.where, problem)
        for passage in passages(document)
        for problem in check_passage(passage, universe.values())
    )


def check_passage(passage: Passage, universe: Iterable[Fact], text: str | None = None) -> tuple[Problem, ...]:
    """The refusals of one passage, or of another text in its place."""
    return check_text(
        passage.text if text is None else text,
        passage.facts,
        universe=universe,
        also=passage.also,
        about=passage.about,
        names=passage.names,
    )


def passages(document: StrategyDocument) -> Iterator[Passage]:
    """Every claim of a document, in reading order, with what its place is about."""
    for claim in document.summary:
        yield _passage(document, "summary", claim, Subject())
    for pillar in document.pillars:
        yield _passage(document, f"pillar {pillar.name}", pillar.rationale, Subject(topic=pillar.name))
    for role in document.platform_roles:
        yield _passage(document, f"role of {role.platform.label}", role.rationale, Subject(platform=role.platform))
    for cadence in document.cadence:
        yield _passage(
            document, f"cadence on {cadence.platform.label}", cadence.rationale, Subject(platform=cadence.platform)
        )
    for slot in document.slots:
        yield _passage(document, f"time on {slot.platform.label}", slot.rationale, Subject(platform=slot.platform))
    for goal in document.goals:
        yield _passage(document, f"goal on {goal.platform.label}", goal.rationale, Subject(platform=goal.platform))


def _passage(document: StrategyDocument, where: str, claim: Claim, about: Subject) -> Passage:
    facts = tuple(document.fact(fact_id) for fact_id in claim.fact_ids)
    also = [value for match in PLACEHOLDER.finditer(claim.template) for value in _proposed(document, match[1])]
    names = tuple(pillar.name for pillar in document.pillars)
    return Passage(
        where, claim.template, claim.text, facts, (*dict.fromkeys(also), *_constants(document)), about, names
    )


def _constants(document: StrategyDocument) -> tuple[Value, ...]:
    """What sentences may say in words of the rules, and the day of the data."""
    return (
        Value("rule:cadence_change", RULES.cadence_change, "ratio", Subject("rule"), "rule"),
        Value("rule:cadence_min", float(RULES.cadence_min), "per_week", Subject("rule"), "rule"),
        Value("@as_of", None, "date", Subject("as_of"), day=document.as_of.date()),
    )


def _proposed(document: StrategyDocument, reference: str) -> Iterator[Value]:
    if reference.startswith("rule:"):
        name = reference.removeprefix("rule:")
        yield Value(reference, float(getattr(RULES, name)), _RULE_UNITS.get(name, "ratio"), Subject("rule"), "rule")
    elif match := re.fullmatch(r"@pillars\.(\d+)\.share_proposed\.value", reference):
        pillar = document.pillars[int(match[1])]
        yield Value(reference, pillar.share_proposed.value, "ratio", Subject("share", topic=pillar.name), "proposed")
        today = part_today(document, int(match[1]))
        yield Value(f"@pillars.{match[1]}.part_today", today, "ratio", Subject("part", topic=pillar.name))
    elif match := re.fullmatch(r"@cadence\.(\d+)\.posts_per_week\.value", reference):
        cadence = document.cadence[int(match[1])]
        subject = Subject("posts_per_week", cadence.platform)
        yield Value(reference, cadence.posts_per_week.value, "per_week", subject, "proposed")
    elif match := re.fullmatch(r"@slots\.(\d+)\.(weekday|hour)", reference):
        slot = document.slots[int(match[1])]
        number = slot.weekday if match[2] == "weekday" else slot.hour
        yield Value(reference, float(number), match[2], Subject(match[2], slot.platform), "proposed")
    elif match := re.fullmatch(r"@goals\.(\d+)\.(target\.value|due)", reference):
        goal = document.goals[int(match[1])]
        if match[2] == "due":
            yield Value(reference, None, "date", Subject("due", goal.platform), "proposed", day=goal.due)
        else:
            metric = "median_engagements" if goal.target.unit == "count" else goal.metric
            yield Value(reference, goal.target.value, goal.target.unit, Subject(metric, goal.platform), "proposed")


def given_of(document: StrategyDocument, template: str) -> dict[str, Value | str]:
    """What a template's placeholders name beside facts: proposals, the rules' constants, the day and pillars' names."""
    given: dict[str, Value | str] = {
        "@as_of": Value("@as_of", None, "date", Subject("as_of"), day=document.as_of.date())
    }
    for match in PLACEHOLDER.finditer(template):
        if name := re.fullmatch(r"@pillars\.(\d+)\.name", match[1]):
            given[match[1]] = document.pillars[int(name[1])].name
        given |= {value.id: value for value in _proposed(document, match[1]) if value.id == match[1]}
    return given


def part_today(document: StrategyDocument, index: int) -> float:
    """A pillar's part of the pillars' posts today, with an unknown share counted as an average one."""
    shares = [known(document.fact(pillar.share_now_fact_id)) for pillar in document.pillars]
    there = [share for share in shares if share is not None and share > 0]
    middle = sum(there) / len(there) if there else 1.0
    parts = [middle if share is None else max(share, 0.0) for share in shares]
    return parts[index] / sum(parts) if sum(parts) > 0 else 1 / len(parts)
