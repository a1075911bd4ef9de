"""Errors in words: directions, ranks, comparisons, names and metrics that the values contradict."""

from __future__ import annotations

import re
from random import Random

from models.domain.evidence import Fact
from models.domain.social import Platform
from models.generation.grounding.finding import find
from models.generation.grounding.problem import Kind
from models.generation.grounding.subject import Subject, fold, name_pattern, subject_of
from models.generation.grounding.vocabulary import STRATEGY_NEUTRAL
from models.generation.number_format import MISSING
from models.generation.wording import clean_words
from orchestration.bench.grounding.placing import beside, put, value_behind
from orchestration.bench.grounding.texts import Text
from orchestration.bench.grounding.workspaces import RIVALS, TOPICS

_FLIPS = {
    "more": "less", "less": "more", "fewer": "more", "above": "below", "below": "above", "better": "worse", "higher": "lower",
    "lower": "higher", "larger": "smaller", "smaller": "larger", "stronger": "weaker", "weaker": "stronger", "busier": "quieter",
    "quieter": "busier", "slower": "faster", "faster": "slower", "ahead": "behind", "outperforms": "underperforms",
    "outperform": "underperform", "up from": "down from", "outpaces": "trails", "trails": "outpaces", "lags behind": "is ahead of",
    "stays behind": "is ahead of", "falls behind": "is ahead", "fall behind": "are ahead", "beat": "lose to", "beats": "loses to",
    "highest": "lowest", "lowest": "highest", "strongest": "weakest", "weakest": "strongest", "busiest": "quietest",
    "quietest": "busiest", "best": "worst", "worst": "best", "slowest": "fastest", "largest": "smallest", "fewest": "most",
    "most": "fewest", "clearest strength": "clearest weakness",
}  # fmt: skip


def flipped_direction(text: Text, random: Random) -> str | None:
    """The opposite of a comparing word that states something."""
    found = [
        f for f in find(text.text, neutral=(STRATEGY_NEUTRAL,))
        if f.kind in (Kind.COMPARISON, Kind.SUPERLATIVE) and f.text.lower() in _FLIPS and "stands out" not in text.text[: f.start][-11:]
    ]  # fmt: skip
    if not found:
        return None
    token = random.choice(found)
    new = _FLIPS[token.text.lower()]
    return put(text.text, token.start, token.end, _capital(new, token.text))


def false_superlative(text: Text, random: Random) -> str | None:
    """A rank for something that does not have it, or one that no query can show."""
    paces = [
        f for f in text.universe.values() if f.unit == "per_week" and not subject_of(f).rival and f.value is not None
    ]
    topics = [
        f for f in text.universe.values() if f.unit == "percentile" and subject_of(f).topic and f.value is not None
    ]
    options = [
        "It is always the right choice.", "Nobody in the field does this.", "That is a record result.", "No other channel comes near.",
        "It is the number one topic.", "Readers like it most.", "It has never failed.", "This is the best there is.",
    ]  # fmt: skip
    if len(paces) > 1:
        low = min(paces, key=lambda f: f.value or 0.0)
        high = max(paces, key=lambda f: f.value or 0.0)
        options += [
            f"The channel with the highest rhythm is {_label(low)}.",
            f"{_label(high)} has the lowest cadence of all channels.",
        ]
        options += [f"Of all channels {_label(low)} has the most posts a week."]
    if len(topics) > 1:
        low = min(topics, key=lambda f: f.value or 0.0)
        name = clean_words(subject_of(low).topic)
        options += [
            f"The strongest topic is “{name}”.",
            f"Posts about {name} outperform the others most often.",
            f"Top performer: {name}.",
        ]
    return beside(text.text, random.choice(options), random)


def false_comparison(text: Text, random: Random) -> str | None:
    """Two things compared the way in which they do not stand."""
    paces = [
        f for f in text.universe.values() if f.unit == "per_week" and not subject_of(f).rival and f.value is not None
    ]
    if len(paces) < 2:
        return None
    low, high = sorted(random.sample(paces, 2), key=lambda f: f.value or 0.0)
    if low.value == high.value:
        return None
    a, b = _label(low), _label(high)
    sentence = random.choice((
        f"{a} gets more posts a week than {b}.", f"The rhythm on {b} is lower than on {a}.", f"Posts go out more often on {a} than on {b}.",
        f"{a} outpaces {b} in posts a week.", f"{b} trails {a} in weekly rhythm.", f"{a} has twice the weekly rhythm of {b}.",
        f"The cadence on {a} is as high as on {b}.", f"Compared with {b}, {a} has the higher rhythm.",
    ))  # fmt: skip
    return beside(text.text, sentence, random)


_CHANGES = (
    "Engagement grew strongly.", "The rhythm has doubled.", "Reach fell since then.", "Results are improving.", "The share rose by a third.",
    "Interest is declining.", "That is an increase over time.", "The number of readers climbed.", "Engagement dropped by half.", "It keeps growing.",
)  # fmt: skip


def false_change(text: Text, random: Random) -> str | None:
    return beside(text.text, random.choice(_CHANGES), random)


def wrong_platform(text: Text, random: Random) -> str | None:
    """Another platform in the place of the one that a number is about."""
    bound = {s.platform for s in _subjects(text) if s.platform is not None}
    options = []
    for platform in bound:
        patterns = {"email": r"\bby e-mail\b|\bE-mail\b", "web": r"\bon the blog\b|\bBlog\b", "x": r"\bon X\b|\bX\b"}
        matches = list(
            re.finditer(patterns.get(platform.value, rf"\bon {platform.label}\b|\b{platform.label}\b"), text.text)
        )
        for other in Platform:
            if other in bound or other in (Platform.EMAIL, Platform.WEB) or len(matches) != 1:
                continue
            match = matches[0]
            new = f"on {other.label}" if match[0].startswith(("on ", "by ")) else other.label
            options.append(put(text.text, *match.span(), new))
    return random.choice(options) if options else None


def wrong_topic(text: Text, random: Random) -> str | None:
    return _renamed(text, random, {s.topic for s in _subjects(text) if s.topic}, _topics(text), TOPICS)


def wrong_competitor(text: Text, random: Random) -> str | None:
    named = {s.name for s in _subjects(text) if s.name}
    known = {subject_of(f).name for f in text.universe.values() if subject_of(f).name}
    return _renamed(text, random, named, known, RIVALS)


def wrong_owner(text: Text, random: Random) -> str | None:
    """The brand's number given to competitors, or theirs to the brand."""
    if not any(s.rival for s in _subjects(text)):
        return None
    swaps = {
        "tracked competitors": "the brand",
        "competitors": "the brand",
        "the brand's": "the competitors'",
        "the brand": "the competitors",
        "our": "the competitors'",
    }
    options = []
    for old, new in swaps.items():
        matches = list(re.finditer(rf"(?<![\w']){old}(?![\w'])", text.text, re.IGNORECASE))
        if len(matches) == 1:
            options.append(put(text.text, *matches[0].span(), _capital(new, matches[0][0])))
    return random.choice(options) if options else None


def _capital(new: str, old: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def wrong_metric(text: Text, random: Random) -> str | None:
    swaps = {
        "median": ("total", "average"), "typical": ("average",), "engagement rate": ("click-through rate", "bounce rate"), "click rate": ("bounce rate", "open rate"),
        "by impressions": ("by reach", "by followers"), "by reach": ("by impressions",), "by views": ("by reach",),
        "share of posts": ("engagement rate of posts",), "rhythm": ("engagement rate",), "cadence": ("median engagement",),
    }  # fmt: skip
    options = [
        put(text.text, *match.span(), new)
        for old, news in swaps.items() for match in re.finditer(rf"\b{old}\b", text.text) for new in news
    ]  # fmt: skip
    return random.choice(options) if options else None


def dropped_missing(text: Text, random: Random) -> str | None:
    """A missing value told as if it had been seen, or as a number."""
    at = text.text.find(MISSING)
    if at < 0:
        return None
    new = random.choice(("observed", "0", "zero", "0.0%", "measured", "nil, that is 0"))
    return put(text.text, at, at + len(MISSING), new)


def _label(fact: Fact) -> str:
    platform = subject_of(fact).platform
    assert platform is not None
    return platform.label


def _subjects(text: Text) -> list[Subject]:
    """What the numbers of a text are about."""
    return [value.subject for span in text.spans if (value := value_behind(span)) is not None]


def _topics(text: Text) -> set[str]:
    return {subject_of(f).topic for f in text.universe.values() if subject_of(f).topic}


def _renamed(text: Text, random: Random, named: set[str], known: set[str], all_names: tuple[str, ...]) -> str | None:
    """One name of the text replaced by another tracked one, or by one that nobody tracks."""
    folded = {fold(name) for name in named}
    others = sorted(name for name in {*known, *all_names} if fold(name) not in folded)
    options = []
    for name in sorted(named):
        pattern = name_pattern(clean_words(name))
        matches = [] if pattern is None else list(pattern.finditer(text.text))
        if len(matches) == 1:
            options.append(matches[0].span())
    if not options or not others:
        return None
    return put(text.text, *random.choice(options), clean_words(random.choice(others)))
