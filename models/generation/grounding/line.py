"""A text in sentences and segments, with what each names: the grammar that binds a number to its subject."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from models.generation.grounding.finding import Found
from models.generation.grounding.problem import Kind
from models.generation.grounding.subject import Mention, Names, Subject, fold

COUNTED = (Kind.NUMBER, Kind.PERCENT, Kind.POINTS, Kind.MONEY)
DATED = (Kind.DATE, Kind.TIME, Kind.WEEKDAY, Kind.PERIOD)

_END = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[^a-z\s])|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|approx|vs|no|dr|mr|mrs|st|(?!x)[a-z])\.)$", re.IGNORECASE)
_OWN_WORD = re.compile(
    r"(?!(?:posts?|week|public|engagements?|per|the|only|about)\b)\b[^\W\d_]{3,}|\bX\b|\bwe\b", re.IGNORECASE
)
_CUT = re.compile(
    r"[;()–—]|,(?!\d)|\s(?:and|while|but|whereas|against|versus|vs|than|compared (?:with|to)|beside|next to|although|though|yet|"
    r"up from|down from|of which)\s",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """What a number belongs to; `certain` when order or its own part of the sentence says so, not only nearness."""

    key: str
    certain: bool


@dataclass(frozen=True)
class Line:
    """One sentence. Offsets are those of the whole text. `carried` is what earlier sentences were about."""

    text: str
    start: int
    found: tuple[Found, ...]
    mentions: tuple[Mention, ...]
    carried: dict[str, str] = field(default_factory=dict)
    previous: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def segment(self, at: int) -> tuple[int, int]:
        """The part of the sentence around an offset that commas and conjunctions cut out.

        A part that holds nothing but a number and its unit belongs to the one before it.
        """
        begin, end = self._cut(at)
        while begin > self.start and not _OWN_WORD.search(_CUT.sub(" ", self.part((begin, end)))):
            begin = self._cut(begin - 2)[0]
        return begin, end

    def _cut(self, at: int) -> tuple[int, int]:
        begin, end = self.start, self.end
        for match in _CUT.finditer(self.text):
            left, right = self.start + match.start(), self.start + match.end()
            if right <= at:
                begin = right
            elif left >= at and left < end:
                end = left
                break
        return begin, end

    def part(self, span: tuple[int, int]) -> str:
        return self.text[span[0] - self.start : span[1] - self.start]

    def reading(self, dimension: str, token: Found) -> Reading | None:
        """What the token's number belongs to in a dimension; None when nothing is named.

        As many names as numbers, all on one side of them, are read in order; else the token's segment decides, then the
        nearest name of the sentence, then what the sentences before were about.
        """
        named = [m for m in self.mentions if m.dimension == dimension]
        if not named:
            return Reading(self.carried[dimension], certain=True) if dimension in self.carried else None
        if len({m.key for m in named}) == 1:
            return Reading(named[0].key, certain=bool(self.local(dimension, token)))
        numbers = [f for f in self.found if f.kind in COUNTED and not f.unit.startswith("day")]
        if token in numbers and len(numbers) == len(named) > 1 and _apart(numbers, named):
            return Reading(named[numbers.index(token)].key, certain=True)
        begin, end = self.segment(token.start)
        inside = [m for m in named if begin <= m.start < end]
        if len({m.key for m in inside}) == 1:
            return Reading(inside[0].key, certain=True)
        near = inside or named
        return Reading(
            min(near, key=lambda m: min(abs(m.end - token.start), abs(m.start - token.end))).key, certain=False
        )

    def local(self, dimension: str, token: Found) -> set[str]:
        """The names of a dimension in the token's own segment."""
        begin, end = self.segment(token.start)
        return {m.key for m in self.mentions if m.dimension == dimension and begin <= m.start < end}


def lines(text: str, found: Iterable[Found], names: Names, about: Subject) -> list[Line]:
    """The sentences of a text; `about` is what it is about before it says so."""
    tokens, carried = tuple(found), _start(about)
    made: list[Line] = []
    for start, end in _sentences(text):
        part = text[start:end]
        mentions = tuple(Mention(m.start + start, m.end + start, m.dimension, m.key) for m in names.mentions(part))
        own = tuple(f for f in tokens if start <= f.start < end)
        made.append(Line(part, start, own, mentions, dict(carried), made[-1].text if made else ""))
        for dimension in ("platform", "topic", "content_type"):
            keys = [m.key for m in mentions if m.dimension == dimension]
            if keys:
                carried[dimension] = keys[-1] if dimension != "platform" or len(set(keys)) == 1 else keys[0]
    return made


def _start(about: Subject) -> dict[str, str]:
    carried = {}
    if about.platform is not None:
        carried["platform"] = about.platform.value
    if about.topic:
        carried["topic"] = fold(about.topic)
    if about.content_type:
        carried["content_type"] = fold(about.content_type)
    return carried


def _sentences(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[start : match.start()]) and "\n" not in match[0]:
            continue
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, len(text)))
    return [(a, b) for a, b in spans if text[a:b].strip()]


def _apart(numbers: list[Found], named: list[Mention]) -> bool:
    return named[-1].end <= numbers[0].start or numbers[-1].end <= named[0].start
