"""Finds in a text whatever states a number, a date, a rank or a comparison."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.generation.grounding.numerals import Numeral, numerals
from models.generation.grounding.problem import Kind
from models.generation.grounding.vocabulary import (
    BEST,
    EQUAL,
    FALLEN,
    GROWN,
    LESS,
    MISSING,
    MONTHS,
    MORE,
    MULTIPLE,
    OBSERVED,
    WEEKDAYS,
    WORST,
    words,
)


@dataclass(frozen=True)
class Found:
    """A statement at (start, end). `value` is the number as it is written (12 of "12%"), None where there is none.

    `unit` is the unit as it follows the number, lower case. `direction` is 1 for more or best, -1 for less or worst, 0 for
    equal or none.
    """

    kind: Kind
    start: int
    end: int
    text: str
    value: float | None = None
    unit: str = ""
    direction: int = 0


_SHORT_MONTHS = "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_MONTH = rf"(?:{'|'.join(MONTHS)}|(?:{_SHORT_MONTHS})\.?)"
_YEAR = r"(?:19|20)\d\d"
_DATES = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? {_YEAR})?\b|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? {_YEAR})?\b"
    rf"|\b{_MONTH},? {_YEAR}\b|\b{_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}\b|\b\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:{_YEAR}|\d\d)\b"
    rf"|\b\d{{1,2}}\. ?{_MONTH}(?: {_YEAR})?"
)
_PERIODS = re.compile(
    rf"\b(?:[Ii]n|[Ss]ince|[Bb]y|[Uu]ntil|[Tt]ill|of|[Ff]rom|[Dd]uring|[Tt]hrough|[Ll]ast|[Nn]ext|[Tt]his|[Ee]arly|[Ll]ate|[Mm]id|before|after"
    rf"|for|between|and|to)[ -]{_MONTH}(?![\w])"
    rf"|\b(?:Q[1-4]|H[12]|FY ?\d\d(?:\d\d)?)(?: {_YEAR})?\b"
    r"|(?i:\b(?:last|past|this|next|previous|preceding|same|recent|prior|current)(?: (?:\w+))? "
    r"(?:days?|weeks?|months?|quarters?|years?|decades?|fortnight|weekend|spring|summer|autumn|fall|winter|season|morning|evening|afternoon|night)\b"
    r"|\b(?:week|month|quarter|year)[ -](?:on|over|to)[ -](?:week|month|quarter|year|date)\b"
    r"|\byesterday(?:'s)?\b|\btomorrow(?:'s)?\b|\bovernight\b|\b(?:the )?(?:first|second) half of (?:the )?\w+\b)",
)
_LONE_MONTHS = re.compile(
    rf"(?<![\w])(?:{'|'.join(m for m in MONTHS if m not in ('March', 'May', 'August'))})(?:'s)?\b"
)
_LONE_YEARS = re.compile(rf"(?<![\w.,$€£]){_YEAR}(?:s|\b)(?! (?:posts?|engagements?|public|people|followers))")
_TIMES = re.compile(
    r"(?<![\d.,:])\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b\.?"
    r"|\b(?:noon|midnight|midday|o'clock)\b",
    re.IGNORECASE,
)
_WEEKDAYS = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)})s?\b|\b(?:Mon|Tues?|Wed|Thurs?|Fri)\b\.?|\bweekends?\b(?! of)")
_POINTS = re.compile(r"\s?(?:percentage|percent|per cent|%)[ -]points?|\s?(?:points?|pp|pts)\b", re.IGNORECASE)
_PERCENT = re.compile(r"\s?(?:%|％|‰)|[\s-](?:percent|per cent|pct)\b\.?", re.IGNORECASE)
_MONEY_AFTER = re.compile(r"\s?(?:US dollars?|dollars?|euros?|pounds|USD|EUR|GBP|CHF|cents|bucks|k\b)", re.IGNORECASE)
_MONEY_BEFORE = re.compile(r"(?:[$€£¥]|\b(?:USD|EUR|GBP))\s?$")
_RANK_BEFORE = re.compile(r"(?:#|\bno\. ?|\bnumber |\brank(?:s|ed|ing)?(?: in)?(?: the)? )$", re.IGNORECASE)
_NOUNS = (
    "posts? (?:a|per|each|every) week", "times (?:a|per|each|every) week", "(?:a|per|each|every) week", "(?:a|per|each|every) (?:day|month|year)",
    "public engagements?", "engagements?", "measured posts?", "posts?", "times", "seconds?", "minutes?", "hours?", "days?", "weeks?",
    "months?", "years?", "followers?", "subscribers?", "likes?", "views?", "comments?", "shares?", "clicks?", "impressions?",
    "people", "readers?", "accounts?", "channels?", "articles?", "videos?", "e-?mails?", "reels?", "topics?", "pillars?",
)  # fmt: skip
_NOUN = re.compile(rf"\s(?:of the brand's |of its |own |more |fewer )?({'|'.join(_NOUNS)})\b", re.IGNORECASE)
_WORD = re.compile(
    r"\s(?!(?:on|by|at|in|of|for|and|or|to|with|from|a|an|the|here|there|against|while|than|is|are|was|were|then|now|today|so|as|but|among|"
    r"under|over|per|up|down|it|its|that|which|where|when|because|since|until|after|before|this|compared|each|every|also|too|yet|only|not|both"
    r"|have|has|had|do|does|did|will|would|can|could|should|may|might|must|if|versus|vs)\b)([a-z][a-z'’-]+)"
)
_BOUND = re.compile(r"(?:fewer|less|more) than\s$", re.IGNORECASE)
_RENDERED_BOUNDS = {"less than 1%", "more than 99%", "fewer than 0.1"}

_WORD_KINDS = (
    (EQUAL, Kind.COMPARISON, 0), (MORE, Kind.COMPARISON, 1), (LESS, Kind.COMPARISON, -1), (GROWN, Kind.CHANGE, 1),
    (FALLEN, Kind.CHANGE, -1), (BEST, Kind.SUPERLATIVE, 1), (WORST, Kind.SUPERLATIVE, -1), (MISSING, Kind.MISSING, 0),
    (OBSERVED, Kind.MISSING, 1),
)  # fmt: skip
_NOT = words("not", "n't", "no", "without", "neither", "never", "nothing")


def find(
    text: str, *, neutral: Iterable[re.Pattern[str]] = (), names: Iterable[tuple[int, int]] = ()
) -> tuple[Found, ...]:
    """Every statement in the text, in order; of two that overlap the longer one.

    `neutral` are set phrases that state nothing, `names` the spans of proper names, in which digits are no numbers.
    """
    closed = [*names, *(m.span() for pattern in neutral for m in pattern.finditer(text))]
    found = [*_dated(text), *_counted(text), *_worded(text)]
    kept: list[Found] = []
    for item in sorted(found, key=lambda f: (-(f.end - f.start), f.start)):
        inside = any(start <= item.start and item.end <= end for start, end in closed)
        if not inside and all(item.end <= other.start or other.end <= item.start for other in kept):
            kept.append(item)
    return tuple(sorted(kept, key=lambda f: f.start))


def _dated(text: str) -> Iterator[Found]:
    for pattern, kind in (
        (_DATES, Kind.DATE), (_PERIODS, Kind.PERIOD), (_LONE_MONTHS, Kind.PERIOD), (_LONE_YEARS, Kind.PERIOD),
        (_TIMES, Kind.TIME), (_WEEKDAYS, Kind.WEEKDAY),
    ):  # fmt: skip
        for match in pattern.finditer(text):
            yield Found(kind, *match.span(), match[0])


def _counted(text: str) -> Iterator[Found]:
    for numeral in numerals(text):
        yield _with_unit(text, numeral)


def _with_unit(text: str, numeral: Numeral) -> Found:
    before, after = text[: numeral.start], text[numeral.end :]
    start = numeral.start
    if (bound := _BOUND.search(before)) and any(
        f"{bound[0]}{numeral.text}{after[: 1 if '%' in form else 0]}" == form for form in _RENDERED_BOUNDS
    ):
        start = bound.start()
    if numeral.ordinal or (rank := _RANK_BEFORE.search(before)):
        begin = numeral.start if numeral.ordinal or rank is None else rank.start()
        return Found(Kind.RANKING, begin, numeral.end, text[begin : numeral.end], numeral.value, direction=1)
    for pattern, kind, unit in (
        (_POINTS, Kind.POINTS, "points"), (_PERCENT, Kind.PERCENT, "%"), (_MONEY_AFTER, Kind.MONEY, "usd"),
    ):  # fmt: skip
        if match := pattern.match(after):
            end = numeral.end + match.end()
            value = numeral.value
            if kind is Kind.MONEY:
                unit = match[0].strip().lower()
            return Found(kind, start, end, text[start:end], value, "‰" if "‰" in match[0] else unit)
    if match := _MONEY_BEFORE.search(before):
        return Found(Kind.MONEY, match.start(), numeral.end, text[match.start() : numeral.end], numeral.value, match[0])
    noun = _NOUN.match(after) or _WORD.match(after)
    unit = "" if noun is None else noun[1].lower()
    return Found(Kind.NUMBER, start, numeral.end, text[start : numeral.end], numeral.value, unit)


def _worded(text: str) -> Iterator[Found]:
    for pattern, kind, direction in _WORD_KINDS:
        for match in pattern.finditer(text):
            if pattern is OBSERVED and _NOT.search(
                re.split(r"[:;.,]", text[max(0, match.start() - 60) : match.start()])[-1]
            ):
                continue
            yield Found(kind, *match.span(), match[0], direction=direction)
    for match in MULTIPLE.finditer(text):
        yield Found(Kind.COMPARISON, *match.span(), match[0], value=_factor(match[0]), direction=1)


def _factor(text: str) -> float | None:
    """How many times, in words or digits; None where that cannot be read."""
    found = numerals(re.sub(r"fold$", "", text, flags=re.IGNORECASE))
    return found[0].value if found else None
