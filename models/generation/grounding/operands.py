"""Comparisons and changes: which two values a word compares, and whether they stand that way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isclose

from models.generation.estimate import MIDDLE, critical, standing
from models.generation.grounding.cues import family, metrics_named
from models.generation.grounding.finding import Found
from models.generation.grounding.line import Line
from models.generation.grounding.problem import Kind
from models.generation.grounding.subject import Mention, fold
from models.generation.grounding.value import FORMATS, Value
from models.generation.number_format import format_value

_PERCENTILE_GAP = re.compile(r"[^.;:,]{0,16}?(?:\s(?:than|of))?(?:\s(?:only|about|some|fully|a mere))?\s*")
_MIDDLE = re.compile(
    r"[^.;,]{0,30}?\b(?:the|its|their|our|that)\s(?:brand['’]s\s)?(?:own\s)?(?:middle|average|median|others?|rest|half)\b(?! of tracked)",
    re.IGNORECASE,
)
_CHANCE = re.compile(r"\s(?:than\s)?(?:\w+\s)?chance\b", re.IGNORECASE)
_INVERTED = re.compile(
    r"^\W*(?:compared (?:with|to)|against|next to|beside|unlike|while|where|whereas|than|after|from)\b", re.IGNORECASE
)
DENIED = "it denies a comparison for all, so the value must be the extreme of its kind"
_NEGATED = re.compile(r"\W*(?:no|none|neither|nothing|nowhere)\b", re.IGNORECASE)
_PLAIN_CHANGE = re.compile(
    r"(?:raise|lift|increase|cut|reduce|lower|drop|double|triple|improve|halve|boost|grow|up from|down from)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Bound:
    """A number in the text and the value it is."""

    token: Found
    value: Value


def comparison(line: Line, token: Found, bound: Sequence[Bound], pool: Sequence[Value]) -> str:
    """Why a comparison or a change is not supported, or an empty text.

    `bound` are the numbers of this sentence, `pool` every value that the text may use.
    """
    here = sorted((b for b in bound if b.value.role != "rule"), key=lambda b: b.token.start)
    if (beside := _beside_percentile(line, token, here)) is not None:
        return beside
    after = line.text[token.end - line.start :]
    if _CHANCE.match(after) or _CHANCE.match(line.text[token.end - line.start - 1 :]):
        return _beyond_chance(line, here, pool) if token.direction > 0 else "no reading is less than chance would give"
    percentile = _percentile(line, here, pool)
    if percentile is not None and (_MIDDLE.match(after) or _stands_alone(token, line)):
        if _NEGATED.match(line.text):
            return "" if _no_better(percentile, token, pool) else "the numbers show one that does"
        return _direction(percentile.value, MIDDLE, token, "the middle of the brand's own posts")
    if token.kind is Kind.CHANGE or token.text.lower() in ("up from", "down from"):
        return _change(line, token, here, pool)
    if _NEGATED.match(line.text):
        return DENIED
    pair = _pair(line, token, here, pool)
    if pair is None and _than_nothing(line, token) and any(b.value is percentile for b in here):
        assert percentile is not None
        return _direction(percentile.value, MIDDLE, token, "the middle of the brand's own posts")
    if pair is None:
        return "it compares, and the text does not hold two values of the same kind to compare"
    left, right = pair
    if left.value is None or right.value is None:
        return "it compares with a value that was not observed"
    if token.value is not None:
        return _factor(left.value, right.value, token.value)
    if token.direction == 0:
        shown = [format_value(v.value, FORMATS.get(v.unit, ("count",))[0]) for v in pair]
        return "" if shown[0] == shown[1] else f"the values are {shown[0]} and {shown[1]}"
    return _direction(left.value, right.value, token, f"the other ({_write(right)})", _write(left))


def _direction(left: float | None, right: float, token: Found, what: str, shown: str = "") -> str:
    if left is None:
        return "it compares with a value that was not observed"
    if (left > right and token.direction > 0) or (left < right and token.direction < 0):
        return ""
    stands = "equal to" if isclose(left, right) else "above" if left > right else "below"
    return f"the value {f'({shown}) ' if shown else ''}is {stands} {what}"


def _factor(left: float, right: float, factor: float) -> str:
    if right > 0 and isclose(left / right, factor, rel_tol=0.05):
        return ""
    return "the one value is not that many times the other"


def _write(value: Value) -> str:
    return format_value(value.value, FORMATS.get(value.unit, ("count",))[0])


def _beside_percentile(line: Line, token: Found, here: Sequence[Bound]) -> str | None:
    """“better (on average) than (only) 71%”: true by what a percentile is, as long as it says better."""
    for item in here:
        if item.value.unit != "percentile" or item.token.start < token.end:
            continue
        between = line.text[token.end - line.start : item.token.start - line.start]
        if _PERCENTILE_GAP.fullmatch(between):
            return "" if token.direction > 0 else "the percentage says how many posts are outdone, not by how many"
    return None


def _percentile(line: Line, here: Sequence[Bound], pool: Sequence[Value]) -> Value | None:
    found = [b.value for b in here if b.value.unit == "percentile"]
    if found:
        return found[0]
    of_line = [v for v in pool if v.unit == "percentile" and v.value is not None and _belongs(line, v)]
    values = {v.value is not None and v.value > MIDDLE for v in of_line}
    return of_line[0] if of_line and len(values) == 1 else None


def _belongs(line: Line, value: Value) -> bool:
    subject = value.subject
    topics = {m.key for m in line.mentions if m.dimension == "topic"} or {line.carried.get("topic", "")}
    platforms = {m.key for m in line.mentions if m.dimension == "platform"} or {line.carried.get("platform", "")}
    if subject.topic and topics - {""} and fold(subject.topic) not in topics:
        return False
    return not (subject.platform and platforms - {""} and subject.platform.value not in platforms)


def _than_nothing(line: Line, token: Found) -> bool:
    """“better results”: a comparison that does not say with what."""
    return re.search(r"\bthan\b", line.text[token.end - line.start :]) is None


def _no_better(best: Value, token: Found, pool: Sequence[Value]) -> bool:
    """Whether “no topic does better” holds, when `best` is the one that is named."""
    assert best.value is not None
    if (best.value - MIDDLE) * token.direction <= 0:
        return True
    n = _measured(best, pool)
    return bool(n) and standing(best.value, n, critical(0.05)) == "level"


def _measured(value: Value, pool: Sequence[Value]) -> float:
    counts = (v.value for v in pool if v.id == value.id.removesuffix("percentile") + "posts_measured")
    return value.n or next(counts, None) or 0.0


def _stands_alone(token: Found, line: Line) -> bool:
    """“falls behind”, “stands out”: a comparison with the rest that names nothing."""
    if re.fullmatch(r"stands? out", token.text, re.IGNORECASE):
        return True
    after = line.text[token.end - line.start :]
    lone = re.fullmatch(
        r"(?:\w+ )?(?:behind|ahead|lags?|trails?|weaker|stronger|better|worse)", token.text, re.IGNORECASE
    )
    return lone is not None and re.match(r"\s*(?:[:;,.]|$)", after) is not None


def _beyond_chance(line: Line, here: Sequence[Bound], pool: Sequence[Value]) -> str:
    value = _percentile(line, here, pool)
    if value is None or value.value is None:
        return "it speaks of chance, and the text cites no measured comparison"
    n = _measured(value, pool)
    if not n:
        return "it speaks of chance, and the text does not cite how many posts were measured"
    return "" if standing(value.value, n, critical(0.05)) != "level" else "chance alone could give this difference"


def _change(line: Line, token: Found, here: Sequence[Bound], pool: Sequence[Value]) -> str:
    """A change needs where it starts and where it ends."""
    start, end = _from_to(line, here)
    if start is None and token.text.lower() in ("up from", "down from"):
        right = next((b for b in here if b.token.start >= token.end), None)
        left = next((b for b in reversed(here) if b.token.end <= token.start), None)
        start, end = (right.value if right else None), (left.value if left else None)
    if start is None and (aim := next((b.value for b in here if b.value.role == "proposed"), None)) is not None:
        start, end = next((v for v in pool if v.role == "observed" and v.subject == aim.subject), None), aim
    if start is None or end is None or start.unit != end.unit:
        return "it states a change, and the text does not hold the value before and the value after"
    if start.value is None or end.value is None:
        return "it states a change of a value that was not observed"
    if end.role == "proposed" and not _PLAIN_CHANGE.fullmatch(token.text):
        return "it states as done what is only proposed"
    if end.role == start.role == "observed" and start.subject == end.subject:
        return "it states a change, and both numbers are of the same day"
    if end.role == start.role == "observed":
        return "it states a change over time, and the numbers are two things of the same day"
    return _direction(end.value, start.value, token, f"where it starts ({_write(start)})", _write(end))


def _from_to(line: Line, here: Sequence[Bound]) -> tuple[Value | None, Value | None]:
    for first, second in pairwise(here):
        before = line.text[: first.token.start - line.start]
        between = line.text[first.token.end - line.start : second.token.start - line.start]
        if re.search(r"\bfrom\s(?:\w+\s)?$", before) and re.search(r"\bto\s(?:\w+\s)?$", between):
            return first.value, second.value
    return None, None


def _pair(line: Line, token: Found, here: Sequence[Bound], pool: Sequence[Value]) -> tuple[Value, Value] | None:
    than = re.search(r"\bthan\b", line.text[token.end - line.start :])
    pivot = token.end if than is None else token.end + than.start()
    left = _side(line, token, here, pool, (line.start, token.start), (token.end, pivot))
    right = _side(line, token, here, pool, (pivot, line.end))
    near = line.segment(token.start)
    starts = [*(m.start for m in line.mentions), *(b.token.start for b in here)]
    local = any(near[0] <= start < token.start for start in starts)
    inverted = not local and _INVERTED.match(line.text) is not None
    if left and right and left[0].id == right[0].id:
        # “competitors give it less, 8%”: the number after the word is the value of what stands before it
        right = [*right[1:], *left[1:]]
        left = left[:1]
    for a in left:
        for b in right:
            if _comparable(a, b):
                return (b, a) if inverted else (a, b)
    if left and re.match(r"\s+than (?:its|their|the) part\b", line.text[token.end - line.start :]):
        parts = [v for v in pool if v.subject.metric == "part" and fold(v.subject.topic) == fold(left[0].subject.topic)]
        return (left[0], parts[0]) if parts else None
    if _speechless(line, (pivot, line.end), right) or _speechless(line, (line.start, token.start), left):
        return None
    alone = left or right
    if not right and len(left) > 1:
        pairs = [(a, b) for a in left for b in left if a is not b and _comparable(a, b)]
        if pairs:
            a, b = pairs[0]
            return a, b
    for value in alone:
        counterparts = [v for v in pool if _comparable(value, v) and _counterpart(value, v)]
        if len({v.value for v in counterparts}) == 1:
            return (value, counterparts[0]) if value in left else (counterparts[0], value)
    return None


def _speechless(line: Line, part: tuple[int, int], values: Sequence[Value]) -> bool:
    """Whether a part names a channel or a topic for which the text holds no value."""
    named = {m.key for m in line.mentions if m.dimension in ("platform", "topic") and part[0] <= m.start < part[1]}
    held = {v.subject.platform.value for v in values if v.subject.platform} | {fold(v.subject.topic) for v in values}
    return bool(named - held)


def _comparable(a: Value, b: Value) -> bool:
    return a is not b and a.id != b.id and a.unit == b.unit and family(a.subject.metric) == family(b.subject.metric)


def _counterpart(a: Value, b: Value) -> bool:
    """The brand's own and the others', or today's and the planned, of the same thing."""
    same = (a.subject.platform, fold(a.subject.topic)) == (b.subject.platform, fold(b.subject.topic))
    return same and (a.subject.rival != b.subject.rival) != (a.role != b.role)


def _side(
    line: Line, token: Found, here: Sequence[Bound], pool: Sequence[Value], *parts: tuple[int, int]
) -> list[Value]:
    """The values on one side of the word, nearest first: the numbers of its parts, then what their names stand for."""
    metrics = {family(b.value.subject.metric) for b in here} or metrics_named(line.text)
    values: list[Value] = []
    near = line.segment(token.start)
    for begin, end in parts:
        inside = [b for b in here if begin <= b.token.start < end]
        named = [m for m in line.mentions if begin <= m.start < end] + _they(line, begin, end)
        closest = sorted(inside, key=lambda b: _distance(token, b.token.start, b.token.end))
        if not any(near[0] <= b.token.start < near[1] for b in inside):
            values += _resolved([m for m in named if near[0] <= m.start < near[1]], token, line, named, pool, metrics)
        values += [b.value for b in closest]
        values += _resolved(named, token, line, named, pool, metrics)
    return list(dict.fromkeys(values))


def _they(line: Line, begin: int, end: int) -> list[Mention]:
    """“They post more often”: the competitors, where the sentence names no one else."""
    if any(m.dimension in ("owner", "topic") for m in line.mentions):
        return []
    found = re.finditer(r"\bthey\b", line.part((begin, end)), re.IGNORECASE)
    return [Mention(begin + m.start(), begin + m.end(), "owner", "rivals") for m in found]


def _resolved(
    mentions: Sequence[Mention],
    token: Found,
    line: Line,
    side: Sequence[Mention],
    pool: Sequence[Value],
    metrics: set[str],
) -> list[Value]:
    """The values that names stand for, the nearest name first."""
    nearest = sorted(mentions, key=lambda m: _distance(token, m.start, m.end))
    return [
        v
        for m in nearest
        for v in pool
        if v.role == "observed" and family(v.subject.metric) in metrics and _named(m, v, line, side)
    ]


def _distance(token: Found, start: int, end: int) -> int:
    return max(token.start - end, start - token.end)


def _named(mention: Mention, value: Value, line: Line, side: Sequence[Mention]) -> bool:
    """Whether a value is what a name on one side of the comparison stands for."""
    subject = value.subject
    keys = {d: {m.key for m in side if m.dimension == d} for d in ("platform", "topic", "owner")}
    context = {
        d: keys[d] or {m.key for m in line.mentions if m.dimension == d} or {line.carried.get(d, "")} - {""}
        for d in ("platform", "topic")
    }
    if subject.platform is not None and context["platform"] and subject.platform.value not in context["platform"]:
        return False
    if subject.topic and context["topic"] and fold(subject.topic) not in context["topic"]:
        return False
    if mention.dimension == "owner":
        if mention.key == "own":
            return not subject.rival
        return subject.rival and (mention.key == "rivals" or fold(subject.name) == mention.key)
    if mention.dimension == "platform":
        return (
            subject.platform is not None
            and subject.platform.value == mention.key
            and (not subject.rival or bool(keys["owner"] - {"own"}))
        )
    if mention.dimension == "topic":
        return fold(subject.topic) == mention.key and (not subject.rival or bool(keys["owner"] - {"own"}))
    return False
