"""The opening of a strategy: three to seven sentences on where the brand stands and what to change."""

from __future__ import annotations

from collections.abc import Sequence

from models.domain.snapshot import PlatformFacts, Snapshot
from models.domain.strategy import Cadence, Claim, Goal, SlotAdvice
from models.generation.cadence import has_rhythm
from models.generation.channels import best_format, own_platforms, rate_name
from models.generation.evidence import claim, known
from models.generation.goals import MEDIAN_METRIC
from models.generation.pillars import Candidate, weakest_left_out
from models.generation.rules import RULES
from models.generation.wording import clean_words, join_words, phrase, place, places

SHORTEST = 3
"""Sentences below which the summary closes with what would make it longer."""


def write_summary(
    snapshot: Snapshot,
    chosen: Sequence[Candidate],
    cadence: Sequence[Cadence],
    slots: Sequence[SlotAdvice],
    goals: Sequence[Goal],
) -> tuple[Claim, ...]:
    """What a reader in a hurry needs, most important first; each sentence with its evidence."""
    sentences = [
        _position(snapshot),
        _lead(chosen),
        _format(snapshot),
        _second(snapshot, chosen),
        _rhythm(snapshot, cadence),
        _times(slots),
        _target(goals),
    ]
    said = [sentence for sentence in sentences if sentence is not None]
    return tuple(said) if len(said) >= SHORTEST else (*said, claim(phrase("summary.next_step")))


def _position(snapshot: Snapshot) -> Claim:
    platforms = own_platforms(snapshot)
    if not platforms:
        return claim(phrase("summary.nothing_observed"))
    paced = [facts for facts in platforms if known(facts.posts_per_week)]
    silent = [facts.platform for facts in platforms if not known(facts.posts_per_week)]
    if not paced:
        return claim(phrase("summary.no_rhythm", names=places(silent)))
    if len(platforms) == 1:
        return claim(phrase("summary.one_platform", {"a": paced[0].posts_per_week.id}, a=place(paced[0].platform)))
    rhythms = [
        phrase(
            "summary.platform_rhythm" if index else "summary.platform_first",
            {"a": facts.posts_per_week.id},
            a=place(facts.platform),
        )
        for index, facts in enumerate(paced)
    ]
    opening = f"{phrase('summary.platforms_head')} {join_words(rhythms)}."
    return claim(opening, phrase("summary.platforms_more", names=places(silent)) if silent else "")


def _lead(chosen: Sequence[Candidate]) -> Claim:
    if not chosen:
        return claim(phrase("summary.no_topics"))
    best = next((c for c in chosen if c.standing == "above"), chosen[0])
    if best.score is None:
        return claim(phrase("summary.no_measured"))
    key = f"lead_{best.standing}"
    if best.standing == "above":
        key = "lead_pillar" if known(best.facts.share) is not None else "lead_pillar_no_share"
    return claim(phrase(f"summary.{key}", _pillar_references(chosen, best)))


def _format(snapshot: Snapshot) -> Claim | None:
    """The format that stands out on the busiest platform that has one."""
    for facts in own_platforms(snapshot):
        if (best := best_format(snapshot, facts.platform)) is not None:
            given = {"percentile": best.percentile.id, "measured": best.posts_measured.id}
            return claim(
                phrase("summary.format", given, format=clean_words(best.content_type), place=place(facts.platform))
            )
    return None


def _second(snapshot: Snapshot, chosen: Sequence[Candidate]) -> Claim | None:
    """The weakest topic, if one is clearly weak; else a strong one that competitors write about more."""
    left_out = weakest_left_out(snapshot, chosen)
    if left_out is not None:
        given = {"percentile": left_out.facts.percentile.id, "measured": left_out.facts.posts_measured.id}
        return claim(phrase("summary.left_out", given, name=left_out.name))
    weak = [c for c in chosen if c.standing == "below"]
    if weak:
        weakest = min(weak, key=lambda c: (c.percentile or 0.0, c.name))
        return claim(phrase("summary.weak_pillar", _pillar_references(chosen, weakest)))
    for candidate in chosen:
        own, theirs = known(candidate.facts.share), known(candidate.facts.competitor_share)
        if own is not None and theirs is not None and candidate.score is not None and theirs > 1.5 * own:
            return claim(phrase("summary.opportunity", _pillar_references(chosen, candidate)))
    return None


def _rhythm(snapshot: Snapshot, cadence: Sequence[Cadence]) -> Claim | None:
    facts = {f.platform: f for f in own_platforms(snapshot)}
    unread = [item.platform for item in cadence if not has_rhythm(facts[item.platform])]
    moved = [item for item in cadence if item.platform not in unread and _moves(facts[item.platform], item)]
    first = ""
    if moved:
        first = phrase("summary.cadence_move", names=places(item.platform for item in moved))
    elif len(unread) < len(cadence):
        first = phrase("summary.cadence_hold")
    second = phrase("summary.cadence_mixed", names=places(unread)) if unread else ""
    return claim(first, second) if first or second else None


def _moves(facts: PlatformFacts, item: Cadence) -> bool:
    """Whether the cadence leaves today's rhythm because of competitors, not because of a bound or a rounding."""
    pace = known(facts.posts_per_week)
    bounds = (RULES.cadence_min, RULES.cadence_max)
    return pace is not None and item.posts_per_week.value not in bounds and abs(item.posts_per_week.value - pace) > 0.25


def _times(slots: Sequence[SlotAdvice]) -> Claim | None:
    if not slots:
        return None
    for index, slot in enumerate(slots):
        if slot.verdict == "recommend":
            given = {"weekday": f"@slots.{index}.weekday", "hour": f"@slots.{index}.hour"}
            percentile = [fact_id for fact_id in slot.rationale.fact_ids[:1] if len(slot.rationale.fact_ids) == 2]
            if percentile:
                given["percentile"] = percentile[0]
                return claim(phrase("summary.slots_some", given, place=place(slot.platform)))
            return claim(phrase("summary.slots_hour", given, place=place(slot.platform)))
    return claim(phrase("summary.slots_none"))


def _target(goals: Sequence[Goal]) -> Claim | None:
    if not goals:
        return None
    goal = goals[0]
    is_rate = goal.metric != MEDIAN_METRIC
    given = {"due": "@goals.0.due", "baseline": goal.baseline_fact_id, "target": "@goals.0.target.value"}
    return claim(
        phrase(
            "summary.goal_rate" if is_rate else "summary.goal_median",
            given,
            place=place(goal.platform),
            **({"metric": rate_name(goal.metric)} if is_rate else {}),
        )
    )


def _pillar_references(chosen: Sequence[Candidate], candidate: Candidate) -> dict[str, str]:
    index = list(chosen).index(candidate)
    facts = candidate.facts
    return {
        "name": f"@pillars.{index}.name", "proposed": f"@pillars.{index}.share_proposed.value",
        "percentile": facts.percentile.id, "share": facts.share.id, "competitor": facts.competitor_share.id,
    }  # fmt: skip
