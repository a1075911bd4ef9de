"""Content pillars: topics that did well at equal age, and their share of the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.domain.snapshot import Snapshot, TopicFacts
from models.domain.strategy import Claim, Decision, Pillar
from models.generation.estimate import MIDDLE, Standing, confidence, critical, standing
from models.generation.evidence import claim, known
from models.generation.rules import RULES
from models.generation.wording import clean_words, has_number, join_words, phrase


@dataclass(frozen=True)
class Candidate:
    """A topic with its cleaned name.

    `score` is the percentile's distance from the middle × coverage (the part of the topic's posts that is measured), so a
    topic of which little is measured is drawn to the middle; None without evidence.
    """

    name: str
    facts: TopicFacts
    posts: float
    score: float | None
    standing: Standing | None

    @property
    def percentile(self) -> float | None:
        return known(self.facts.percentile) if self.score is not None else None


def choose_topics(snapshot: Snapshot) -> list[Candidate]:
    """The topics that become pillars, best first: measured ones by score, then the most written about.

    Topics without evidence only fill up to the smallest number of pillars. No two of them are a name and its narrower one.
    """
    known_topics = candidates(snapshot)
    measured = [c for c in known_topics if c.score is not None]
    measured.sort(key=lambda c: (-(c.score or 0.0), c.name))
    chosen = apart(measured)[: RULES.pillars_max]
    others = sorted(
        (c for c in known_topics if c.score is None),
        key=lambda c: (-_share(c), -c.posts, c.name),
    )
    return apart([*chosen, *others])[: max(RULES.pillars_min, len(chosen))]


def apart(topics: Sequence[Candidate]) -> list[Candidate]:
    """The topics in their order without those whose words hold an earlier one's, or are held by it: `services` and
    `acquisition services` are one pillar."""
    kept: list[Candidate] = []
    for topic in topics:
        words = set(topic.name.casefold().split())
        others = [set(other.name.casefold().split()) for other in kept]
        if not any(words <= other or other <= words for other in others):
            kept.append(topic)
    return kept


def weakest_left_out(snapshot: Snapshot, chosen: Sequence[Candidate]) -> Candidate | None:
    """The weakest topic that is clearly below the middle, did not become a pillar and can be named in a sentence."""
    names = {c.name for c in chosen}
    weak = [c for c in candidates(snapshot) if c.standing == "below" and c.name not in names and not has_number(c.name)]
    return min(weak, key=lambda c: (c.percentile or 0.0, c.name), default=None)


def write_pillars(chosen: Sequence[Candidate]) -> tuple[Pillar, ...]:
    """The pillars with their proposed shares, which add up to one."""
    today = _shares_today(chosen)
    proposed = _proposed_shares(chosen, today)
    return tuple(
        _pillar(index, candidate, now, share)
        for index, (candidate, now, share) in enumerate(zip(chosen, today, proposed, strict=True))
    )


def pillar_abstentions(chosen: Sequence[Candidate]) -> list[str]:
    """Templates of what is not said about topics."""
    if not chosen:
        return [phrase("abstentions.no_topics")]
    said = []
    if len(chosen) < RULES.pillars_min:
        said.append(phrase("abstentions.few_topics"))
    open_names = [c.name for c in chosen if c.score is None]
    named = [name for name in open_names if not has_number(name)]
    if open_names and len(named) < len(open_names):
        said.append(phrase("abstentions.unmeasured_topics_unnamed"))
    elif open_names:
        key = "abstentions.unmeasured_topics" + ("_one" if len(named) == 1 else "")
        said.append(phrase(key, names=join_words(named)))
    return said


def candidates(snapshot: Snapshot) -> list[Candidate]:
    """Every topic that could become a pillar, in the snapshot's order."""
    found: dict[str, Candidate] = {}
    for facts in snapshot.topics:
        name = clean_words(facts.topic)
        posts = known(facts.posts)
        if not name or not posts or posts < 0 or name.casefold() in found:
            continue
        measured, percentile = known(facts.posts_measured), known(facts.percentile)
        if measured is None or measured < RULES.pillar_min_posts or percentile is None:
            found[name.casefold()] = Candidate(name, facts, posts, None, None)
            continue
        score = (percentile - MIDDLE) * min(1.0, measured / posts)
        level = standing(percentile, measured, critical(0.05))
        found[name.casefold()] = Candidate(name, facts, posts, score, level)
    return list(found.values())


def _share(candidate: Candidate) -> float:
    share = known(candidate.facts.share)
    return -1.0 if share is None else share


def _shares_today(chosen: Sequence[Candidate]) -> list[float]:
    """Each pillar's part of the pillars' posts today; a pillar with an unknown share counts as an average one."""
    shares = [known(c.facts.share) for c in chosen]
    there = [s for s in shares if s is not None and s > 0]
    middle = sum(there) / len(there) if there else 1.0
    parts = [middle if s is None else max(s, 0.0) for s in shares]
    total = sum(parts)
    return [part / total for part in parts] if total > 0 else [1 / len(parts) for part in parts]


def _proposed_shares(chosen: Sequence[Candidate], today: Sequence[float]) -> list[float]:
    """Shares in steps of `share_step`, at least one step each, by largest remainder."""
    if not chosen:
        return []
    weights = []
    for candidate, now in zip(chosen, today, strict=True):
        percentile = candidate.percentile
        shift = 0.0 if percentile is None else RULES.share_shift * (2 * min(1.0, max(0.0, percentile)) - 1)
        weights.append(now * (1 + shift))
    steps = round(1 / RULES.share_step)
    exact = [steps * share for share in _capped(weights)]
    units = [max(1, int(value)) for value in exact]
    while sum(units) > steps:
        most = max((i for i in range(len(units)) if units[i] > 1), key=lambda i: (units[i] - exact[i], units[i], -i))
        units[most] -= 1
    while sum(units) < steps:
        units[max(range(len(units)), key=lambda i: (exact[i] - units[i], -i))] += 1
    return [round(unit * RULES.share_step, 2) for unit in units]


def _capped(weights: Sequence[float]) -> list[float]:
    """Weights as shares of one; what a pillar has above the cap goes to the others in proportion."""
    total = sum(weights)
    shares = [weight / total if total > 0 else 1 / len(weights) for weight in weights]
    if len(shares) < RULES.pillars_min:
        return shares
    full: set[int] = set()
    while over := {i for i, share in enumerate(shares) if share > RULES.share_cap and i not in full}:
        full |= over
        rest = sum(share for i, share in enumerate(shares) if i not in full)
        left = 1 - RULES.share_cap * len(full)
        shares = [
            RULES.share_cap if i in full else share / rest * left if rest > 0 else left / (len(shares) - len(full))
            for i, share in enumerate(shares)
        ]
    return shares


def _pillar(index: int, candidate: Candidate, now: float, share: float) -> Pillar:
    facts = candidate.facts
    percentile, measured = candidate.percentile, known(facts.posts_measured)
    also = (facts.percentile.id,) if percentile is not None else ()
    return Pillar(
        name=candidate.name,
        keywords=_keywords(candidate),
        share_now_fact_id=facts.share.id,
        share_proposed=Decision(
            value=share, unit="ratio", rule=phrase("pillars.rule"), fact_ids=(facts.share.id, *also)
        ),
        performance="no_evidence" if percentile is None else "measured",
        confidence="low" if percentile is None or not measured else confidence(percentile, measured),
        rationale=_rationale(index, candidate, now, share),
    )


def _rationale(index: int, candidate: Candidate, now: float, share: float) -> Claim:
    proposed = f"@pillars.{index}.share_proposed.value"
    plan = "pillars.plan"
    if now > RULES.share_cap == share:
        plan = "pillars.plan_capped"
    elif known(candidate.facts.share) is not None:
        change = share - now
        level = "same" if abs(change) < RULES.share_step / 2 else "more" if change > 0 else "less"
        plan = f"pillars.plan_{level}"
    return claim(*observed(candidate, f"{{@pillars.{index}.name}}"), phrase(plan, {"proposed": proposed}))


def observed(candidate: Candidate, name: str) -> tuple[str, ...]:
    """What was observed of a topic, as sentences with placeholders; `name` is how they call it."""
    facts = candidate.facts
    given = {
        "posts": facts.posts.id, "measured": facts.posts_measured.id, "percentile": facts.percentile.id,
        "share": facts.share.id, "competitor": facts.competitor_share.id, "name": "name",
    }  # fmt: skip
    has_share, has_competitor = known(facts.share) is not None, known(facts.competitor_share) is not None
    if candidate.standing is not None:
        opening = f"pillars.{candidate.standing}"
    elif (measured := known(facts.posts_measured)) is not None and measured >= RULES.pillar_min_posts:
        opening = "pillars.uncompared"
    else:
        opening = "pillars.unmeasured" if measured else "pillars.unmeasured_none"
    context = ""
    if has_share:
        context = "pillars.share_now_competitor" if has_competitor else "pillars.share_now"
    elif has_competitor:
        context = "pillars.competitor_only"
    said = (phrase(key, given) for key in (opening, context) if key)
    return tuple(sentence.replace("{name}", name) for sentence in said)


def _keywords(candidate: Candidate) -> tuple[str, ...]:
    words = (clean_words(word) for word in candidate.facts.keywords)
    return tuple(dict.fromkeys(word for word in words if word and word.casefold() != candidate.name.casefold()))
