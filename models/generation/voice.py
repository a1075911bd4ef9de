"""The brand profile as the writer may use it: words, links and phrases that may or may not stand in a draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from models.domain.brand import BrandProfile
from models.generation.angles import digest
from models.generation.wording import clean_words, has_number, templates
from models.generation.x_length import link_spans

AUDIENCE_LIMIT = 90
DESCRIPTION_LIMIT = 400
"""Characters up to which the brand's own words are quoted whole; longer ones are left out, never cut."""


@dataclass(frozen=True)
class Voice:
    """What drafts may use of a brand profile. Empty means "not said" or "cannot be quoted as it stands"."""

    tone: str
    audience: str
    description: str
    links: tuple[str, ...]
    required: tuple[str, ...]
    banned: tuple[re.Pattern[str], ...]

    def allows(self, text: str) -> bool:
        """Whether no banned phrase stands in the text."""
        return not any(pattern.search(text) for pattern in self.banned)

    def first_allowed(self, sentences: Iterable[str]) -> str:
        """The first sentence without a banned phrase, or an empty text."""
        return next((sentence for sentence in sentences if self.allows(sentence)), "")

    def without_banned(self, text: str) -> str:
        """The text with banned phrases taken out, for what only arises when lines are joined."""
        while not self.allows(text):
            for pattern in self.banned:
                text = pattern.sub("", text)
        return text

    def link(self, key: str) -> str:
        """One of the brand's links, the same for the same key."""
        return self.links[digest(key) % len(self.links)] if self.links else ""


def voice_of(brand: BrandProfile) -> Voice:
    """The voice of a profile: quotable words only, no number and no link that the profile does not list."""
    links = tuple(link for raw in brand.links if _is_link(link := raw.strip()))
    banned = tuple(pattern for phrase in brand.banned_phrases if (pattern := phrase_pattern(phrase)) is not None)
    unchecked = Voice(
        tone=_tone(brand.tone),
        audience=_quotable(brand.audience, AUDIENCE_LIMIT).rstrip(".!?"),
        description=_quotable(brand.description, DESCRIPTION_LIMIT),
        links=links,
        required=tuple(phrase for raw in brand.required_phrases if (phrase := _one_line(raw))),
        banned=banned,
    )
    return replace(
        unchecked,
        links=tuple(link for link in links if unchecked.allows(link)),
        required=tuple(
            phrase for phrase in unchecked.required if unchecked.allows(phrase) and set(_links_in(phrase)) <= set(links)
        ),
    )


def phrase_pattern(phrase: str) -> re.Pattern[str] | None:
    """Finds a phrase whatever its case and spacing, as whole words; None for a phrase without a letter or digit."""
    words = phrase.split()
    if not any(char.isalnum() for char in phrase):
        return None
    body = r"\s+".join(map(re.escape, words))
    return re.compile(rf"(?<!\w){body}(?!\w)" if phrase.strip()[-1].isalnum() else rf"(?<!\w){body}", re.IGNORECASE)


def topic_words(pillar: str) -> str:
    """A pillar's name as a draft may write it: without the words that hold a digit."""
    words = [word for word in clean_words(pillar).split() if not has_number(word)]
    return " ".join(words) or templates("drafts")["fallback_topic"]


def _tone(tone: str) -> str:
    said = set(re.findall(r"[a-z]+", tone.lower()))
    sets: dict[str, Sequence[str]] = templates("drafts")["tones"]
    return next((name for name, words in sets.items() if said & set(words)), "neutral")


def _quotable(text: str, limit: int) -> str:
    line = _one_line(text)
    unfit = has_number(line) or len(line) > limit or _links_in(line) or any(char in line for char in "<>[]{}#@")
    return "" if unfit else line


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _is_link(text: str) -> bool:
    """A web address and nothing else, with its scheme or as X would recognise it without one."""
    return re.fullmatch(r"https?://\S+", text) is not None or link_spans(text) == [(0, len(text))]


def _links_in(text: str) -> list[str]:
    """Everything in a text that reads as an address: recognised links, and words with a scheme or `www.`."""
    spans = [text[start:end] for start, end in link_spans(text)]
    return [*spans, *(word.rstrip(".,;:!?)") for word in re.findall(r"(?:\w+://|www\.)\S+", text))]
