"""Single errors put into true texts: each makes the text say something that its facts do not.

An injection takes a text and a random source and gives the wrong text (or template), or None where it does not apply.
Each one looks after itself that what it gives is wrong: a number is changed to one that the renderer would not write for
that fact, a name to one whose fact is another, a comparison to the one that the values contradict.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from models.domain.evidence import Fact
from models.domain.social import Platform
from models.generation.evidence import PLACEHOLDER
from models.generation.grounding.filling import Span, fits
from models.generation.grounding.finding import Found, find
from models.generation.grounding.line import COUNTED
from models.generation.grounding.problem import Kind
from models.generation.grounding.subject import Subject, fold, name_pattern, subject_of
from models.generation.grounding.value import Value, value_of
from models.generation.grounding.vocabulary import MONTHS, STRATEGY_NEUTRAL, WEEKDAYS
from models.generation.number_format import MISSING
from models.generation.wording import clean_words
from orchestration.bench.grounding.texts import Text
from orchestration.bench.grounding.workspaces import RIVALS, TOPICS

Injection = Callable[[Text, Random], str | None]


@dataclass(frozen=True)
class _Number:
    """A number that a placeholder wrote: where its digits stand, and the value behind."""

    start: int
    end: int
    digits: str
    token: Found
    value: Value


def _numbers(text: Text) -> list[_Number]:
    """The digits of a text that placeholders wrote."""
    found = []
    for span in text.spans:
        value = _value(span)
        if (
            value is None
            or value.value is None
            or value.day is not None
            or span.style in ("date", "weekday", "clock", "words")
        ):
            continue
        match = re.search(r"\d[\d,]*(?:\.\d+)?", text.text[span.start : span.end])
        token = next(
            (f for f in find(text.text) if f.start <= span.start + (match.start() if match else 0) < f.end), None
        )
        if match and token is not None and token.kind in COUNTED and "than" not in token.text:
            found.append(_Number(span.start + match.start(), span.start + match.end(), match[0], token, value))
    return found


def _value(span: Span) -> Value | None:
    return span.value if span.fact is None else value_of(span.fact)


def _put(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _is_wrong(number: _Number, digits: str) -> bool:
    """Whether the renderer writes the value in no format with these digits."""
    value = float(digits.replace(",", ""))
    return not number.value.shows(replace(number.token, value=value))


def _with(text: Text, number: _Number, digits: str) -> str | None:
    return _put(text.text, number.start, number.end, digits) if _is_wrong(number, digits) else None


def changed_digit(text: Text, random: Random) -> str | None:
    if not (numbers := _numbers(text)):
        return None
    number = random.choice(numbers)
    places = [i for i, char in enumerate(number.digits) if char.isdecimal()]
    at = random.choice(places)
    fresh = random.choice([d for d in "123456789" if d != number.digits[at]])
    return _with(text, number, number.digits[:at] + fresh + number.digits[at + 1 :])


def shifted_decimal(text: Text, random: Random) -> str | None:
    if not (numbers := _numbers(text)):
        return None
    number = random.choice(numbers)
    value = float(number.digits.replace(",", "")) * random.choice((0.1, 10.0, 100.0))
    return _with(text, number, f"{value:,.10g}" if value < 1e9 else "0")


def wrong_rounding(text: Text, random: Random) -> str | None:
    """One more or one less in the last place, of numbers that were rounded."""
    rounded = [
        n for n in _numbers(text)
        if n.value.value is not None and float(n.digits.replace(",", "")) not in (n.value.value, n.value.value * 100)
    ]  # fmt: skip
    if not rounded:
        return None
    number = random.choice(rounded)
    decimals = len(number.digits.partition(".")[2])
    value = float(number.digits.replace(",", "")) + random.choice((-1, 1)) * 10**-decimals
    return None if value <= 0 else _with(text, number, f"{value:,.{decimals}f}")


def swapped_numbers(text: Text, random: Random) -> str | None:
    numbers = _numbers(text)
    pairs = [
        (a, b) for i, a in enumerate(numbers) for b in numbers[i + 1 :]
        if a.value.id != b.value.id and a.token.kind is b.token.kind and _is_wrong(a, b.digits) and _is_wrong(b, a.digits)
    ]  # fmt: skip
    if not pairs:
        return None
    a, b = random.choice(pairs)
    return _put(_put(text.text, b.start, b.end, a.digits), a.start, a.end, b.digits)


def wrong_unit(text: Text, random: Random) -> str | None:
    swaps = {
        "posts a week": ("posts a day", "posts a month", "hours a week"), "post a week": ("post a month",),
        "public engagements": ("followers", "public shares", "views"), "days": ("weeks", "months"), "posts": ("followers", "comments", "stories"),
    }  # fmt: skip
    options = []
    for number in _numbers(text):
        after = text.text[number.end :]
        for noun, others in swaps.items():
            if re.match(rf"\s{noun}\b(?! a week)", after):
                options += [_put(text.text, number.end + 1, number.end + 1 + len(noun), other) for other in others]
        if after.startswith("%"):
            options += [_put(text.text, number.end, number.end + 1, new) for new in (" posts", " engagements", "‰")]
    return random.choice(options) if options else None


def points_for_percent(text: Text, random: Random) -> str | None:
    options = [n for n in _numbers(text) if text.text[n.end : n.end + 1] == "%"]
    if not options:
        return None
    number = random.choice(options)
    return _put(
        text.text, number.end, number.end + 1, random.choice((" percentage points", " points", " pp", " %-points"))
    )


_INVENTED = (
    "Another {n} posts are waiting.", "The audience counts {n} followers.", "It took {m} weeks to get there.", "That is {m}% of the market.",
    "The campaign cost ${n}.", "Each post reached {n} people.", "The team of {m} can do it.", "Expect {m}% from it.",
    "In {m} of the cases it worked.", "A score of {m} out of 10 is fair.",
)  # fmt: skip


def invented_number(text: Text, random: Random) -> str | None:
    sentence = random.choice(_INVENTED).format(n=f"{random.randint(13, 90_000):,}", m=random.randint(3, 89))
    return _beside(text.text, sentence, random)


_WORDED = (
    "A dozen posts did it.", "Half of the audience reads it.", "Two in three readers come back.", "It works twice as well as before.",
    "Three times as many people saw it.", "A third of the posts carry it.", "Hundreds of readers wrote back.", "Some forty posts are missing.",
    "It takes twenty-five posts to see it.", "One million people follow the topic.", "It is ¾ of the work.", "Chapter Ⅳ of the plan.",
    "It won by a factor of ten.", "Nine out of ten posts are ignored.", "A couple of hundred posts would do.", "It has ٣٤ posts.",
)  # fmt: skip


def number_word(text: Text, random: Random) -> str | None:
    """A number in words instead of the right one, or a sentence with one."""
    numbers = [n for n in _numbers(text) if n.token.kind is Kind.NUMBER]
    if numbers and random.random() < 0.5:
        number = random.choice(numbers)
        word, value = random.choice(
            (("a dozen", 12), ("eleven", 11), ("three", 3), ("forty", 40), ("two hundred", 200), ("half a dozen", 6))
        )
        return _put(text.text, number.start, number.end, word) if _is_wrong(number, str(value)) else None
    return _beside(text.text, random.choice(_WORDED), random)


_PERIODS = (
    "In March this was so.", "It has been so since last year.", "That was read last month.", "In Q3 it stood there.", "Since 2019 this holds.",
    "It was measured on 3 May 2024.", "The past six weeks show it.", "Yesterday it was the same.", "This quarter counts.", "By summer 2025 it will be done.",
    "It began in the second half of the year.", "Between April and June it held.", "It came overnight.", "Publish it on 24 December.",
)  # fmt: skip


def wrong_period(text: Text, random: Random) -> str | None:
    """Another day, weekday or hour in the place of the right one, or a period that no fact is about."""
    options = []
    for span in text.spans:
        shown = text.text[span.start : span.end]
        if span.style == "date":
            day, month, year = shown.split(" ")
            other = random.choice([m for m in MONTHS if m != month])
            wrong = random.choice(
                (f"{day} {other} {year}", f"{int(day) % 27 + 1} {month} {year}", f"{day} {month} {int(year) - 1}")
            )
            options.append(_put(text.text, span.start, span.end, wrong))
        elif span.style == "weekday":
            options.append(_put(text.text, span.start, span.end, random.choice([d for d in WEEKDAYS if d != shown])))
        elif span.style == "clock":
            options.append(
                _put(text.text, span.start, span.end, f"{(int(shown[:2]) + random.randint(1, 22)) % 24:02d}:00")
            )
    if options and random.random() < 0.7:
        return random.choice(options)
    return _beside(text.text, random.choice(_PERIODS), random)


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
    return _put(text.text, token.start, token.end, _capital(new, token.text))


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
    return _beside(text.text, random.choice(options), random)


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
    return _beside(text.text, sentence, random)


_CHANGES = (
    "Engagement grew strongly.", "The rhythm has doubled.", "Reach fell since then.", "Results are improving.", "The share rose by a third.",
    "Interest is declining.", "That is an increase over time.", "The number of readers climbed.", "Engagement dropped by half.", "It keeps growing.",
)  # fmt: skip


def false_change(text: Text, random: Random) -> str | None:
    return _beside(text.text, random.choice(_CHANGES), random)


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
            options.append(_put(text.text, *match.span(), new))
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
            options.append(_put(text.text, *matches[0].span(), _capital(new, matches[0][0])))
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
        _put(text.text, *match.span(), new)
        for old, news in swaps.items() for match in re.finditer(rf"\b{old}\b", text.text) for new in news
    ]  # fmt: skip
    return random.choice(options) if options else None


def dropped_missing(text: Text, random: Random) -> str | None:
    """A missing value told as if it had been seen, or as a number."""
    at = text.text.find(MISSING)
    if at < 0:
        return None
    new = random.choice(("observed", "0", "zero", "0.0%", "measured", "nil, that is 0"))
    return _put(text.text, at, at + len(MISSING), new)


def wrong_fact_id(text: Text, random: Random) -> str | None:
    """Another fact of the same unit in a placeholder (a template)."""
    if text.template is None:
        return None
    match = random.choice(list(PLACEHOLDER.finditer(text.template)))
    fact = text.universe[match[1]]
    others = [f for f in text.universe.values() if f.unit == fact.unit and f.id != fact.id and f.value != fact.value]
    if not others:
        return None
    if match[2] in ("weekday", "clock", "date"):
        return None
    other = random.choice(others).id
    return _put(text.template, *match.span(), f"{{{other}|{match[2]}}}" if match[2] else f"{{{other}}}")


def unknown_fact_id(text: Text, random: Random) -> str | None:
    if text.template is None:
        return None
    match = random.choice(list(PLACEHOLDER.finditer(text.template)))
    made_up = random.choice((f"{match[1]}.total", match[1].upper(), "engagements.all", f"{match[1]}s"))
    return _put(text.template, *match.span(), f"{{{made_up}}}")


def other_format(text: Text, random: Random) -> str | None:
    """A format that the fact's unit does not have (a template)."""
    if text.template is None:
        return None
    match = random.choice(list(PLACEHOLDER.finditer(text.template)))
    fact: Fact = text.universe[match[1]]
    styles = (
        "percent",
        "whole_percent",
        "points",
        "posts",
        "engagements",
        "per_week",
        "hours",
        "seconds",
        "usd",
        "clock",
        "weekday",
    )
    wrong = [style for style in styles if not fits(fact, style)]
    return _put(text.template, *match.span(), f"{{{match[1]}|{random.choice(wrong)}}}")


def literal_number(text: Text, random: Random) -> str | None:
    """A model that writes a number itself (a template)."""
    if text.template is None:
        return None
    match = random.choice(list(PLACEHOLDER.finditer(text.template)))
    return _put(
        text.template,
        *match.span(),
        random.choice(("about 40%", "17 posts", "a dozen", "2.5", "half", "three", "1,200")),
    )


ON_TEXTS: dict[str, Injection] = {
    "changed digit": changed_digit, "shifted decimal": shifted_decimal, "wrong rounding": wrong_rounding,
    "swapped numbers": swapped_numbers, "wrong unit": wrong_unit, "percentage points for percent": points_for_percent,
    "invented number": invented_number, "number word": number_word, "wrong date or period": wrong_period,
    "flipped direction": flipped_direction, "false superlative": false_superlative, "false comparison": false_comparison,
    "false change": false_change, "wrong platform": wrong_platform, "wrong topic": wrong_topic,
    "wrong competitor": wrong_competitor, "brand and competitors confused": wrong_owner, "wrong metric": wrong_metric,
    "dropped “not observed”": dropped_missing,
}  # fmt: skip
ON_TEMPLATES: dict[str, Injection] = {
    "wrong fact id": wrong_fact_id, "unknown fact id": unknown_fact_id, "placeholder with another format": other_format,
    "number written by the model": literal_number,
}  # fmt: skip


def _beside(text: str, sentence: str, random: Random) -> str:
    end = "" if text.endswith((".", ":", "!", "?")) else "."
    return f"{sentence} {text}" if random.random() < 0.3 else f"{text}{end} {sentence}"


def _label(fact: Fact) -> str:
    platform = subject_of(fact).platform
    assert platform is not None
    return platform.label


def _subjects(text: Text) -> list[Subject]:
    """What the numbers of a text are about."""
    return [value.subject for span in text.spans if (value := _value(span)) is not None]


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
    return _put(text.text, *random.choice(options), clean_words(random.choice(others)))
