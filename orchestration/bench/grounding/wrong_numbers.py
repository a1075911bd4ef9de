"""Errors in numbers, units and dates: each gives a text whose number is not what the renderer writes for its fact."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from random import Random

from models.generation.grounding.finding import Found, find
from models.generation.grounding.line import COUNTED
from models.generation.grounding.problem import Kind
from models.generation.grounding.value import Value
from models.generation.grounding.vocabulary import MONTHS, WEEKDAYS
from orchestration.bench.grounding.placing import beside, put, value_behind
from orchestration.bench.grounding.texts import Text


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
        value = value_behind(span)
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


def _is_wrong(number: _Number, digits: str) -> bool:
    """Whether the renderer writes the value in no format with these digits."""
    value = float(digits.replace(",", ""))
    return not number.value.shows(replace(number.token, value=value))


def _with(text: Text, number: _Number, digits: str) -> str | None:
    return put(text.text, number.start, number.end, digits) if _is_wrong(number, digits) else None


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
    return put(put(text.text, b.start, b.end, a.digits), a.start, a.end, b.digits)


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
                options += [put(text.text, number.end + 1, number.end + 1 + len(noun), other) for other in others]
        if after.startswith("%"):
            options += [put(text.text, number.end, number.end + 1, new) for new in (" posts", " engagements", "‰")]
    return random.choice(options) if options else None


def points_for_percent(text: Text, random: Random) -> str | None:
    options = [n for n in _numbers(text) if text.text[n.end : n.end + 1] == "%"]
    if not options:
        return None
    number = random.choice(options)
    return put(
        text.text, number.end, number.end + 1, random.choice((" percentage points", " points", " pp", " %-points"))
    )


_INVENTED = (
    "Another {n} posts are waiting.", "The audience counts {n} followers.", "It took {m} weeks to get there.", "That is {m}% of the market.",
    "The campaign cost ${n}.", "Each post reached {n} people.", "The team of {m} can do it.", "Expect {m}% from it.",
    "In {m} of the cases it worked.", "A score of {m} out of 10 is fair.",
)  # fmt: skip


def invented_number(text: Text, random: Random) -> str | None:
    sentence = random.choice(_INVENTED).format(n=f"{random.randint(13, 90_000):,}", m=random.randint(3, 89))
    return beside(text.text, sentence, random)


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
        return put(text.text, number.start, number.end, word) if _is_wrong(number, str(value)) else None
    return beside(text.text, random.choice(_WORDED), random)


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
            options.append(put(text.text, span.start, span.end, wrong))
        elif span.style == "weekday":
            options.append(put(text.text, span.start, span.end, random.choice([d for d in WEEKDAYS if d != shown])))
        elif span.style == "clock":
            options.append(
                put(text.text, span.start, span.end, f"{(int(shown[:2]) + random.randint(1, 22)) % 24:02d}:00")
            )
    if options and random.random() < 0.7:
        return random.choice(options)
    return beside(text.text, random.choice(_PERIODS), random)
