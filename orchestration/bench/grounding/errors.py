"""Single errors put into true texts: each makes the text say something that its facts do not.

An injection takes a text and a random source and gives the wrong text (or template), or None where it does not apply.
Each one looks after itself that what it gives is wrong: a number is changed to one that the renderer would not write for
that fact, a name to one whose fact is another, a comparison to the one that the values contradict.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from models.domain.evidence import Fact
from models.generation.evidence import PLACEHOLDER
from models.generation.grounding.filling import fits
from orchestration.bench.grounding.placing import put
from orchestration.bench.grounding.texts import Text
from orchestration.bench.grounding.wrong_numbers import (
    changed_digit,
    invented_number,
    number_word,
    points_for_percent,
    shifted_decimal,
    swapped_numbers,
    wrong_period,
    wrong_rounding,
    wrong_unit,
)
from orchestration.bench.grounding.wrong_words import (
    dropped_missing,
    false_change,
    false_comparison,
    false_superlative,
    flipped_direction,
    wrong_competitor,
    wrong_metric,
    wrong_owner,
    wrong_platform,
    wrong_topic,
)

Injection = Callable[[Text, Random], str | None]


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
    return put(text.template, *match.span(), f"{{{other}|{match[2]}}}" if match[2] else f"{{{other}}}")


def unknown_fact_id(text: Text, random: Random) -> str | None:
    if text.template is None:
        return None
    match = random.choice(list(PLACEHOLDER.finditer(text.template)))
    made_up = random.choice((f"{match[1]}.total", match[1].upper(), "engagements.all", f"{match[1]}s"))
    return put(text.template, *match.span(), f"{{{made_up}}}")


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
    return put(text.template, *match.span(), f"{{{match[1]}|{random.choice(wrong)}}}")


def literal_number(text: Text, random: Random) -> str | None:
    """A model that writes a number itself (a template)."""
    if text.template is None:
        return None
    match = random.choice(list(PLACEHOLDER.finditer(text.template)))
    return put(
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
