"""The opportunity feed: openings that pass a stated test, each with its numbers; what fails it is said, not shown.

A gap or a rise is a difference of two shares whose interval (Newcombe 1998, from Wilson's) lies above zero, at an error of
5 % spread over all topics looked at (Bonferroni). A stale pillar is a silence that a steady random rhythm of the topic's
own pace would hardly give. Nothing here says why: it is where to look, not what will happen.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from models.domain.evidence import Fact
from models.domain.opportunity import (
    BreakoutFacts,
    FormatUseFacts,
    GapFacts,
    Openings,
    Opportunity,
    OpportunityFeed,
    OpportunityKind,
    PillarFacts,
    RisingFacts,
)
from models.domain.strategy import Confidence, StrategyDocument
from models.generation.estimate import MIDDLE, confidence, critical, standing
from models.generation.evidence import PLACEHOLDER, known
from models.generation.number_format import UNIT_FORMATS, format_value
from models.generation.wording import clean_words, place, templates

ERROR = 0.05
LEAST_POSTS = 30
"""Posts with a topic on either side below which shares are not compared."""
LEAST_RECENT = 5
"""Posts on a topic below which it neither rises nor is a gap."""
MOST_OF_A_KIND = 4
STALE_CHANCE = 0.05
"""Chance of a silence as long, at the topic's own pace, below which a pillar counts as stale."""
STALE_POSTS = 8
FORMAT_POSTS = 8
FORMAT_RECENT = 10
FORMAT_SHARE = 0.10
"""Share of the last eight weeks' posts up to which a good format counts as left out."""
_WORD = re.compile(r"<([a-z_]+)>")
_ORDER: dict[Confidence, int] = {"high": 0, "medium": 1, "low": 2}


def find_opportunities(openings: Openings, strategy: StrategyDocument | None) -> OpportunityFeed:
    """The feed for a workspace: kinds in turn, the surest of each first. `strategy` names the pillars to watch."""
    abstentions: list[str] = []
    kinds = [
        _gaps(openings.gaps, abstentions),
        _rising(openings.rising, abstentions),
        _stale(openings.pillars, strategy, abstentions),
        _formats(openings.formats, abstentions),
        _breakouts(openings.breakouts, abstentions),
    ]
    if openings.own_until is None and openings.all_until is None:
        abstentions = [_say("abstentions", "nothing", {})]
    items = [item for turn in zip_longest(*kinds) for item in turn if item is not None]
    return OpportunityFeed(openings.workspace_id, openings.version, openings.as_of, tuple(items), tuple(abstentions))


def wilson(count: float, total: float, z: float) -> tuple[float, float]:
    """Wilson's interval of a share; total > 0."""
    share, spread = count / total, z * z / total
    centre = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    return max(0.0, centre - reach), min(1.0, centre + reach)


def least_difference(more: float, of_more: float, less: float, of_less: float, z: float) -> float:
    """The lower bound of more/of_more − less/of_less (Newcombe 1998, method 10)."""
    p, q = more / of_more, less / of_less
    low, high = wilson(more, of_more, z)[0], wilson(less, of_less, z)[1]
    return p - q - math.sqrt((p - low) ** 2 + (high - q) ** 2)


def _gaps(gaps: Sequence[GapFacts], abstentions: list[str]) -> list[Opportunity]:
    with_posts = [gap for gap in gaps if known(gap.other_total)]
    if not with_posts:
        abstentions.append(_say("abstentions", "no_competitors", {}))
        return []
    first = with_posts[0]
    totals = {"own_total": first.own_total, "other_total": first.other_total}
    own_total, other_total = _number(first.own_total), _number(first.other_total)
    if min(own_total, other_total) < LEAST_POSTS:
        abstentions.append(_say("abstentions", "gap_thin", totals, least=LEAST_POSTS))
        return []
    found: list[tuple[float, Opportunity]] = []
    for gap in with_posts:
        theirs, mine = _number(gap.other_posts), _number(gap.own_posts)
        wide = 2 * _number(gap.accounts_above) > _number(gap.accounts) > 0
        above_median = _number(gap.median_share) > _number(gap.own_share)
        z = critical(ERROR, len(with_posts))
        bound = least_difference(theirs, other_total, mine, own_total, z)
        how = known(gap.percentile)
        weak = how is not None and gap.percentile.n and standing(how, gap.percentile.n, critical(ERROR)) == "below"
        if theirs < LEAST_RECENT or not wide or not above_median or bound <= 0 or weak:
            continue
        sure = least_difference(theirs, other_total, mine, own_total, 2 * z) > 0
        facts = {
            "own_share": gap.own_share, "own_posts": gap.own_posts, "other_share": gap.other_share,
            "other_posts": gap.other_posts, "median_share": gap.median_share, "accounts_above": gap.accounts_above,
            "accounts": gap.accounts,
        }  # fmt: skip
        reason = [_say("gap", "reason", facts)]
        if how is not None and gap.percentile.n:
            facts["percentile"] = gap.percentile
            reason.append(_say("gap", "does_well", facts, measured=gap.percentile.n))
        item = _item(OpportunityKind.GAP, gap.topic, " ".join(reason), "high" if sure else "medium", facts)
        found.append((bound, item))
    if not found:
        abstentions.append(_say("abstentions", "gap_none", totals))
    return _best(found)


def _rising(rising: Sequence[RisingFacts], abstentions: list[str]) -> list[Opportunity]:
    if not rising:
        return []
    totals = {"recent_total": rising[0].recent_total, "before_total": rising[0].before_total}
    recent, before = _number(rising[0].recent_total), _number(rising[0].before_total)
    if min(recent, before) < LEAST_POSTS:
        abstentions.append(_say("abstentions", "rising_thin", totals, least=LEAST_POSTS))
        return []
    found: list[tuple[float, Opportunity]] = []
    z = critical(ERROR, len(rising))
    for topic in rising:
        now, then = _number(topic.recent_posts), _number(topic.before_posts)
        bound = least_difference(now, recent, then, before, z)
        if now < LEAST_RECENT or _number(topic.accounts) < 2 or bound <= 0:
            continue
        facts = {
            "recent_share": topic.recent_share, "recent_posts": topic.recent_posts, "before_share": topic.before_share,
            "before_posts": topic.before_posts, "accounts": topic.accounts,
        }  # fmt: skip
        sure = least_difference(now, recent, then, before, 2 * z) > 0
        found.append(
            (
                bound,
                _item(
                    OpportunityKind.RISING,
                    topic.topic,
                    _say("rising", "reason", facts),
                    "high" if sure else "medium",
                    facts,
                ),
            )
        )
    if not found:
        abstentions.append(_say("abstentions", "rising_none", totals))
    return _best(found)


def _stale(
    pillars: Sequence[PillarFacts], strategy: StrategyDocument | None, abstentions: list[str]
) -> list[Opportunity]:
    if strategy is None:
        abstentions.append(_say("abstentions", "stale_strategy", {}))
        return []
    named = {pillar.name.casefold() for pillar in strategy.pillars}
    found: list[tuple[float, Opportunity]] = []
    for pillar in pillars:
        pace, days = known(pillar.per_week), known(pillar.days_since)
        if clean_words(pillar.topic).casefold() not in named or pace is None or days is None:
            continue
        chance = math.exp(-pace * days / 7)
        if _number(pillar.posts) < STALE_POSTS or chance >= STALE_CHANCE:
            continue
        facts = {"days_since": pillar.days_since, "per_week": pillar.per_week, "posts": pillar.posts}
        sure: Confidence = "high" if chance < STALE_CHANCE / 10 else "medium"
        found.append((-chance, _item(OpportunityKind.STALE, pillar.topic, _say("stale", "reason", facts), sure, facts)))
    if not found:
        abstentions.append(_say("abstentions", "stale_none", {}))
    return _best(found)


def _formats(formats: Sequence[FormatUseFacts], abstentions: list[str]) -> list[Opportunity]:
    measured = [
        form for form in formats if _number(form.posts_measured) >= FORMAT_POSTS and known(form.percentile) is not None
    ]
    found: list[tuple[float, Opportunity]] = []
    for form in measured:
        how, n = _number(form.percentile), _number(form.posts_measured)
        recent, total = _number(form.recent_posts), _number(form.recent_total)
        if total < FORMAT_RECENT or standing(how, n, critical(ERROR, len(measured))) != "above":
            continue
        if recent / total > max(FORMAT_SHARE, _number(form.share) / 2):
            continue
        facts = {
            "percentile": form.percentile, "measured": form.posts_measured, "recent_posts": form.recent_posts,
            "recent_total": form.recent_total, "share": form.share,
        }  # fmt: skip
        words = {"format": clean_words(form.content_type).lower(), "place": place(form.platform)}
        item = _item(
            OpportunityKind.FORMAT, f"{form.content_type} {form.platform}", _say("format", "reason", facts, words),
            confidence(how, n), facts, words,
        )  # fmt: skip
        found.append((how - MIDDLE, _on(item, form)))
    if not found:
        abstentions.append(_say("abstentions", "format_none", {}))
    return _best(found)


def _breakouts(breakouts: Sequence[BreakoutFacts], abstentions: list[str]) -> list[Opportunity]:
    """Single posts are weak evidence: medium at most, and low when few posts are compared."""
    found: list[tuple[float, Opportunity]] = []
    for post in breakouts:
        facts = {"engagements": post.engagements, "usual": post.usual, "z": post.z, "compared": post.compared}
        words = {"name": clean_words(post.name) or "a competitor", "place": place(post.platform)}
        reason = _say("breakout", "reason", facts, words, day=post.published_on)
        topic = clean_words(post.topic)
        if topic:
            reason = f"{reason} {_say('breakout', 'topic', {}, {'topic': topic})}"
        sure: Confidence = "medium" if _number(post.compared) >= LEAST_POSTS else "low"
        item = _item(OpportunityKind.BREAKOUT, post.z.id, reason, sure, facts, words)
        found.append(
            (_number(post.z), Opportunity(**{**vars(item), "topic": topic, "platform": post.platform, "url": post.url}))
        )
    if not found:
        abstentions.append(_say("abstentions", "breakout_none", {}))
    return _best(found)


def _on(item: Opportunity, form: FormatUseFacts) -> Opportunity:
    return Opportunity(**{**vars(item), "topic": "", "platform": form.platform})


def _best(found: list[tuple[float, Opportunity]]) -> list[Opportunity]:
    ordered = sorted(found, key=lambda pair: (_ORDER[pair[1].confidence], -pair[0], pair[1].id))
    return [item for _, item in ordered[:MOST_OF_A_KIND]]


def _item(
    kind: OpportunityKind, subject: str, reason: str, sure: Confidence, facts: Mapping[str, Fact],
    words: Mapping[str, str] | None = None,
) -> Opportunity:  # fmt: skip
    topic = clean_words(subject)
    title = _say(kind.value, "title", {}, {"topic": topic, **(words or {})})
    made = hashlib.sha256(f"{kind}:{subject}".encode()).hexdigest()[:16]
    return Opportunity(made, kind, title, reason, sure, topic, tuple(facts.values()))


def _say(
    section: str, name: str, facts: Mapping[str, Fact], words: Mapping[str, str] | None = None, **plain: Any
) -> str:
    """A sentence with its numbers: `facts` by local name, `plain` for constants, counts and days. KeyError for a lack."""

    def fill(match: re.Match[str]) -> str:
        if match[1] in plain:
            return format_value(plain[match[1]], match[2] or "count")
        fact = facts[match[1]]
        return format_value(known(fact), match[2] or UNIT_FORMATS.get(fact.unit, "count"))

    sentence = PLACEHOLDER.sub(fill, " ".join(str(templates("opportunities")[section][name]).split()))
    given = words or {}
    return _WORD.sub(lambda match: given[match[1]], sentence)


def _number(fact: Fact) -> float:
    value = known(fact)
    return math.nan if value is None else value


def facts_of(feed: OpportunityFeed) -> Iterator[Fact]:
    """Every fact of the feed, each once."""
    seen: set[str] = set()
    for item in feed.items:
        for fact in item.facts:
            if fact.id not in seen:
                seen.add(fact.id)
                yield fact
