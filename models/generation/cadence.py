"""How often to post: today's rhythm, moved a little towards tracked competitors, within bounds."""

from __future__ import annotations

from math import ceil, floor
from statistics import median

from models.domain.snapshot import CompetitorFacts, PlatformFacts, Snapshot
from models.domain.strategy import Cadence, Claim, Decision
from models.generation.channels import own_platforms
from models.generation.evidence import claim, known
from models.generation.rules import RULES
from models.generation.wording import clean_words, has_number, phrase, places

_STEP = 0.5


def write_cadence(snapshot: Snapshot) -> tuple[Cadence, ...]:
    """One cadence per platform, the busiest platform first."""
    return tuple(
        _cadence(index, facts, _rivals(snapshot, facts)) for index, facts in enumerate(own_platforms(snapshot))
    )


def has_rhythm(facts: PlatformFacts) -> bool:
    """Whether the history is long enough to read posts a week from."""
    posts, pace = known(facts.posts), known(facts.posts_per_week)
    return posts is not None and posts >= RULES.cadence_min_posts and pace is not None and pace > 0


def cadence_abstentions(snapshot: Snapshot) -> list[str]:
    """A template naming the platforms whose cadence is a default, if there are such."""
    unread = [facts.platform for facts in own_platforms(snapshot) if not has_rhythm(facts)]
    return [phrase("abstentions.cadence", names=places(unread))] if unread else []


def propose(pace: float, rival: float | None) -> float:
    """Posts a week from today's pace and the competitors' middle, in half posts, within a quarter and the bounds."""
    held = _half(pace)
    if rival is None:
        proposed = held
    elif rival > pace:
        proposed = max(held, floor(min(rival, pace * (1 + RULES.cadence_change)) / _STEP) * _STEP)
    else:
        proposed = min(held, ceil(max(rival, pace * (1 - RULES.cadence_change)) / _STEP) * _STEP)
    return float(min(max(proposed, RULES.cadence_min), RULES.cadence_max))


def _half(pace: float) -> float:
    return floor(pace / _STEP + 0.5) * _STEP


def _rivals(snapshot: Snapshot, facts: PlatformFacts) -> list[tuple[float, CompetitorFacts]]:
    found = [(known(c.posts_per_week), c) for c in snapshot.competitors if c.platform is facts.platform]
    return sorted(
        ((pace, c) for pace, c in found if pace is not None and pace > 0),
        key=lambda item: (item[0], item[1].name),
    )


def _cadence(index: int, facts: PlatformFacts, rivals: list[tuple[float, CompetitorFacts]]) -> Cadence:
    proposed = f"@cadence.{index}.posts_per_week.value"
    pace = known(facts.posts_per_week)
    if not has_rhythm(facts) or pace is None:
        given = {"proposed": proposed, "posts": facts.posts.id}
        decision = Decision(
            value=float(RULES.cadence_fallback),
            unit="per_week",
            rule=phrase("cadence.rule_fallback"),
            fact_ids=(facts.posts.id, facts.posts_per_week.id),
        )
        short = bool(known(facts.posts)) and (known(facts.posts) or 0) < RULES.cadence_min_posts
        rationale = claim(phrase("cadence.short" if short else "cadence.short_none", given))
        return Cadence(platform=facts.platform, posts_per_week=decision, rationale=rationale)
    middle = median(rival for rival, _ in rivals) if rivals else None
    value = propose(pace, middle)
    decision = Decision(
        value=value,
        unit="per_week",
        rule=phrase("cadence.rule"),
        fact_ids=(facts.posts_per_week.id, *(c.posts_per_week.id for _, c in rivals)),
    )
    rationale = _rationale(facts, proposed, pace, value, middle, rivals)
    return Cadence(platform=facts.platform, posts_per_week=decision, rationale=rationale)


def _rationale(
    facts: PlatformFacts,
    proposed: str,
    pace: float,
    value: float,
    middle: float | None,
    rivals: list[tuple[float, CompetitorFacts]],
) -> Claim:
    given = {"proposed": proposed, "pace": facts.posts_per_week.id}
    if pace > RULES.cadence_max and value == RULES.cadence_max:
        return claim(phrase("cadence.capped", given))
    if pace < RULES.cadence_min and value == RULES.cadence_min:
        return claim(phrase("cadence.floor", given))
    if middle is None:
        return claim(phrase("cadence.hold", given))
    if value == _half(pace):
        close = abs(middle - pace) <= max(_STEP, pace * RULES.cadence_change)
        return claim(phrase("cadence.hold_competitors" if close else "cadence.hold_small", given))
    ahead = [item for item in rivals if (item[0] > pace) == (value > pace)]
    _, nearest = min(ahead, key=lambda item: (abs(item[0] - middle), item[1].name))
    given["rival"] = nearest.posts_per_week.id
    name = clean_words(nearest.name)
    direction = "more" if value > pace else "less"
    if not name or has_number(name):
        return claim(phrase(f"cadence.{direction}_unnamed", given))
    return claim(phrase(f"cadence.{direction}", given, competitor=name))
