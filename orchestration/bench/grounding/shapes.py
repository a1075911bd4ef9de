"""What each shape of `styles.yaml` speaks of: the facts behind its placeholders and what holds between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from models.domain.evidence import Fact
from models.domain.snapshot import CompetitorFacts, PlatformFacts, Snapshot, TopicFacts
from models.generation.number_format import UNIT_FORMATS, format_value
from models.generation.wording import clean_words, place
from models.metrics.registry import registry


@dataclass(frozen=True)
class Choice:
    """Facts by local name, and words; one way to fill a shape so that its sentences are true."""

    facts: dict[str, Fact]
    words: dict[str, str] = field(default_factory=dict)


def choices(shape: str, found: Snapshot) -> list[Choice]:
    """Every way that a snapshot fills a shape truly; empty when it cannot."""
    return list(_SHAPES[shape](found))


def _channel(facts: PlatformFacts, p: str = "p") -> dict[str, str]:
    return {p: place(facts.platform), p.upper(): facts.platform.label}


def _topic(facts: TopicFacts, t: str = "t") -> dict[str, str]:
    name = clean_words(facts.topic)
    return {t: name, t.upper(): name[:1].upper() + name[1:]}


def _rate(facts: PlatformFacts) -> dict[str, str]:
    return {"rate": registry().rates[facts.rate_id or ""].name.lower()}


def _differ(a: Fact, b: Fact) -> bool:
    """Whether a is above b also as the renderer writes them."""
    if a.value is None or b.value is None or a.value <= b.value:
        return False
    style = UNIT_FORMATS.get(a.unit, "count")
    return format_value(a.value, style) != format_value(b.value, style)


def _extreme(facts: Sequence[Fact], sign: int) -> Fact | None:
    """The one fact above (or below) all the others; None without at least two, or with a tie."""
    there = sorted((f for f in facts if f.value is not None), key=lambda f: sign * (f.value or 0.0), reverse=True)
    if len(there) < 2:
        return None
    first, second = (there[0], there[1]) if sign > 0 else (there[1], there[0])
    return there[0] if _differ(first, second) else None


def _own(found: Snapshot, pick: Callable[[PlatformFacts], dict[str, Fact | None]]) -> Iterator[Choice]:
    for facts in found.platforms:
        picked = {name: fact for name, fact in pick(facts).items() if fact is not None and fact.value is not None}
        if len(picked) == len(pick(facts)):
            yield Choice(picked, _channel(facts) | (_rate(facts) if "r" in picked else {}))


def _own_pairs(found: Snapshot, of: Callable[[PlatformFacts], Fact]) -> Iterator[Choice]:
    for one in found.platforms:
        for two in found.platforms:
            if _differ(of(one), of(two)):
                yield Choice({"a": of(one), "b": of(two)}, _channel(one) | _channel(two, "q"))


def _own_extreme(found: Snapshot, sign: int) -> Iterator[Choice]:
    best = _extreme([facts.posts_per_week for facts in found.platforms], sign)
    for facts in found.platforms:
        if facts.posts_per_week is best:
            yield Choice({"a": best}, _channel(facts))


def _missing(found: Snapshot, name: str) -> Iterator[Choice]:
    for facts in found.platforms:
        fact = facts.rate if name == "r" else facts.median_engagements
        if fact is not None and fact.value is None:
            yield Choice({name: fact}, _channel(facts) | (_rate(facts) if name == "r" else {}))


def _shares(found: Snapshot, *, more: bool) -> Iterator[Choice]:
    for facts in found.topics:
        first, second = (facts.share, facts.competitor_share) if more else (facts.competitor_share, facts.share)
        if _differ(first, second):
            yield Choice({"s": facts.share, "c": facts.competitor_share}, _topic(facts))


def _standing(found: Snapshot, low: float, high: float) -> Iterator[Choice]:
    for facts in found.topics:
        if facts.percentile.value is not None and low < facts.percentile.value < high:
            yield Choice({"p": facts.percentile, "n": facts.posts_measured}, _topic(facts))


def _topic_pairs(found: Snapshot) -> Iterator[Choice]:
    for one in found.topics:
        for two in found.topics:
            if _differ(one.percentile, two.percentile):
                yield Choice({"a": one.percentile, "b": two.percentile}, _topic(one) | _topic(two, "u"))


def _topic_extreme(found: Snapshot, sign: int) -> Iterator[Choice]:
    best = _extreme([facts.percentile for facts in found.topics], sign)
    for facts in found.topics:
        if facts.percentile is best:
            yield Choice({"p": best}, _topic(facts))


def _rivals(found: Snapshot, what: str, *, more: bool) -> Iterator[Choice]:
    own = {facts.platform: facts for facts in found.platforms}
    for rival in found.competitors:
        mine = own.get(rival.platform)
        if mine is None:
            continue
        theirs, ours = _of(rival, what), getattr(mine, what)
        if _differ(theirs, ours) if more else _differ(ours, theirs):
            yield Choice({"a": theirs, "b": ours}, _channel(mine) | {"C": rival.name})


def _of(rival: CompetitorFacts, what: str) -> Fact:
    return rival.posts_per_week if what == "posts_per_week" else rival.median_engagements


def _formats(found: Snapshot) -> Iterator[Choice]:
    for facts in found.formats:
        if facts.percentile.value is not None and facts.percentile.value > 0.52:
            words = {"k": facts.content_type, "p": place(facts.platform), "P": facts.platform.label}
            yield Choice({"p": facts.percentile, "n": facts.posts_measured}, words)


def _slots(found: Snapshot) -> Iterator[Choice]:
    for facts in found.slots:
        if facts.percentile.value is not None and facts.percentile.value > 0.52:
            words = {"p": place(facts.platform), "P": facts.platform.label}
            yield Choice({"p": facts.percentile, "n": facts.posts_measured}, words)


_SHAPES: dict[str, Callable[[Snapshot], Iterator[Choice]]] = {
    "pace1": lambda s: _own(s, lambda f: {"a": f.posts_per_week}),
    "pace2": lambda s: _own_pairs(s, lambda f: f.posts_per_week),
    "pace_top": lambda s: _own_extreme(s, 1),
    "pace_low": lambda s: _own_extreme(s, -1),
    "posts1": lambda s: _own(s, lambda f: {"n": f.posts}),
    "median1": lambda s: _own(s, lambda f: {"m": f.median_engagements}),
    "median2": lambda s: _own_pairs(s, lambda f: f.median_engagements),
    "rate1": lambda s: _own(s, lambda f: {"r": f.rate}),
    "median_rate": lambda s: _own(s, lambda f: {"m": f.median_engagements, "r": f.rate}),
    "share_less": lambda s: _shares(s, more=False),
    "share_more": lambda s: _shares(s, more=True),
    "share1": lambda s: (Choice({"s": f.share}, _topic(f)) for f in s.topics),
    "topic_above": lambda s: _standing(s, 0.52, 1.0),
    "topic_below": lambda s: _standing(s, 0.0, 0.48),
    "topic2": _topic_pairs,
    "topic_top": lambda s: _topic_extreme(s, 1),
    "topic_low": lambda s: _topic_extreme(s, -1),
    "topic_posts": lambda s: (Choice({"posts": f.posts, "n": f.posts_measured}, _topic(f)) for f in s.topics),
    "rival_more": lambda s: _rivals(s, "posts_per_week", more=True),
    "rival_less": lambda s: _rivals(s, "posts_per_week", more=False),
    "rival_median_more": lambda s: _rivals(s, "median_engagements", more=True),
    "rival_median_less": lambda s: _rivals(s, "median_engagements", more=False),
    "format_above": _formats,
    "slot_above": _slots,
    "missing_rate": lambda s: _missing(s, "r"),
    "missing_median": lambda s: _missing(s, "m"),
    "day": lambda s: _own(s, lambda f: {"a": f.posts_per_week}),
}
