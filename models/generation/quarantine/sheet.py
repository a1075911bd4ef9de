"""What planners are told of competitors: values of closed lists and single words, added up over everything read of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from models.generation.quarantine.cues import instruction
from models.generation.quarantine.schema import Call, Extract, Format, Sign, SpanKind
from models.generation.wording import clean_words

MAX_WORDS = 12
MIN_TEXTS = 2
"""Texts of a competitor in which a keyword must stand: one text alone puts no word before a planner."""
COMMON_SHARE = 0.1
"""Share of a competitor's texts from which a format, call or tone is named to planners."""


@dataclass(frozen=True)
class CompetitorSheet:
    """One competitor, over `texts` texts. `formats`, `calls`, `tones` and `languages` count texts by value, most first.

    `offers` counts texts that offer something, `topics` texts by keyword, `signs` texts by what in them may be meant for a
    machine. `name` has letters, digits, spaces and hyphens only.
    """

    name: str
    texts: int
    formats: Mapping[str, int]
    calls: Mapping[str, int]
    tones: Mapping[str, int]
    languages: Mapping[str, int]
    offers: int
    topics: Mapping[str, int]
    signs: Mapping[str, int]


def sheets(read: Iterable[tuple[str, Extract]]) -> tuple[CompetitorSheet, ...]:
    """A sheet for each competitor, by name; `read` pairs the competitor's name with each extract of its texts."""
    grouped: dict[str, list[Extract]] = {}
    for name, extract in read:
        grouped.setdefault(name, []).append(extract)
    return tuple(
        _sheet(_named(name, number), extracts)
        for number, (name, extracts) in enumerate(sorted(grouped.items()), start=1)
    )


def for_planner(found: Iterable[CompetitorSheet]) -> list[dict[str, Any]]:
    """The sheets as they may stand in a prompt: words only, no count, so there is no number to copy.

    Values are in order of how often they occur; topics are in alphabetical order, so that their order says nothing.
    """
    return [
        {
            "competitor": sheet.name,
            "formats": _usual(sheet.formats, sheet.texts, without=Format.OTHER),
            "calls_to_action": _usual(sheet.calls, sheet.texts, without=Call.NONE),
            "tones": _usual(sheet.tones, sheet.texts),
            "languages": _usual(sheet.languages, sheet.texts),
            "makes_offers": sheet.offers >= max(MIN_TEXTS, COMMON_SHARE * sheet.texts),
            "topics": sorted(sheet.topics),
        }
        for sheet in found
    ]


def _named(name: str, number: int) -> str:
    """The competitor's name as words; a number in place of one that has none, or that speaks to a model."""
    cleaned = clean_words(name)
    return cleaned if cleaned and not instruction(name) and not instruction(cleaned) else f"competitor {number}"


def _sheet(name: str, extracts: list[Extract]) -> CompetitorSheet:
    words = Counter(word for extract in extracts for word in extract.topics)
    told = sorted(((word, texts) for word, texts in words.items() if texts >= MIN_TEXTS), key=lambda e: (-e[1], e[0]))
    return CompetitorSheet(
        name=name,
        texts=len(extracts),
        formats=_counted(extract.format.value for extract in extracts),
        calls=_counted(extract.call_to_action.value for extract in extracts),
        tones=_counted(extract.tone.value for extract in extracts),
        languages=_counted(extract.language.value for extract in extracts),
        offers=sum(e.format is Format.OFFER or any(s.kind is SpanKind.OFFER for s in e.spans) for e in extracts),
        topics=MappingProxyType(dict(told[:MAX_WORDS])),
        signs=_counted(Sign(sign).value for extract in extracts for sign in extract.signs),
    )


def _counted(values: Iterable[str]) -> Mapping[str, int]:
    return MappingProxyType(dict(sorted(Counter(values).items(), key=lambda entry: (-entry[1], entry[0]))))


def _usual(counts: Mapping[str, int], texts: int, *, without: str = "") -> list[str]:
    return [value for value, count in counts.items() if value != without and count >= COMMON_SHARE * texts]


def lines(found: Iterable[CompetitorSheet]) -> tuple[str, ...]:
    """`for_planner` as sentences of code, one a competitor of whom anything can be said; the lines of a prompt."""
    said = []
    for told in for_planner(found):
        parts = [
            f"{title} {', '.join(value.replace('_', ' ') for value in told[key])}"
            for title, key in (("mostly", "formats"), ("asks to", "calls_to_action"), ("writes about", "topics"))
            if told[key]
        ]
        parts += ["makes offers"] if told["makes_offers"] else []
        if parts:
            said.append(f"Competitor {told['competitor'].removeprefix('competitor ')}: {'; '.join(parts)}")
    return tuple(said)
