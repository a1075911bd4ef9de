"""What of a quote or a keyword may be kept: it stands in the visible text, and it cannot be more than it says it is."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from models.generation.quarantine.cues import instruction
from models.generation.quarantine.reading import is_mixed, words
from models.generation.quarantine.schema import MAX_SPANS, MAX_TOPICS, SPAN_LENGTH, WORD_LENGTH, Span, SpanKind
from models.generation.wording import clean_words

_SENTENCE = re.compile(r"(?<=[.!?…。！？।؟])\s+|(?<=[。！？])|\n")
_NOT_QUOTED = re.compile(
    r"[<>{}\[\]|`\\@*_~#^=$]|://|\bwww\.|(?<=\w)\.(?=[^\W\d_]{2})|/\w+/|\b(?:javascript|data|mailto):", re.IGNORECASE
)
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese, which write words without spaces between them."""


@dataclass(frozen=True)
class Quotable:
    """A visible text, seen as what may be quoted of it and which words it has."""

    text: str
    common: Collection[str] = ()
    """Lower-case words that say nothing about a topic."""

    @cached_property
    def _parts(self) -> tuple[str, ...]:
        return tuple(part for part in _SENTENCE.split(self.text) if part and part.strip())

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sentences and lines that do not look like an instruction to a model."""
        return tuple(part for part in self._parts if not instruction(part))

    @property
    def left_out(self) -> bool:
        """Whether a sentence looks like an instruction."""
        return len(self.sentences) < len(self._parts)

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for part in self.sentences for word in map(_plain, words(part)) if word)

    def topic(self, offered: str) -> str | None:
        """The keyword as it is kept, or None: one word of letters that stands in a quotable sentence.

        No digits and one alphabet, so that neither a number nor a code fits into it.
        """
        word = _plain(offered)
        shortest, longest = (2, 4) if _WITHOUT_SPACES.search(word) else (3, WORD_LENGTH)
        if not shortest <= len(word) <= longest:
            return None
        if word in self.common or is_mixed(word):
            return None
        if word in self.words:
            return word
        return word if _WITHOUT_SPACES.search(word) and any(word in part for part in self.sentences) else None

    def span(self, kind: SpanKind, offered: str) -> Span | None:
        """The quote as it is kept, or None: letter by letter inside a quotable sentence, short, without markup or address."""
        text = " ".join(offered.split())
        if not 2 <= len(text) <= SPAN_LENGTH or _NOT_QUOTED.search(text) or instruction(text):
            return None
        if not any(char.isalpha() for char in text) or any(is_mixed(word) for word in words(text)):
            return None
        return Span(kind=kind, text=text) if any(text in part for part in self.sentences) else None

    def topics(self, offered: Collection[str]) -> tuple[tuple[str, ...], int]:
        """The kept keywords, each once, and how many were dropped."""
        kept = [self.topic(word) for word in offered]
        found = tuple(dict.fromkeys(word for word in kept if word is not None))
        return found[:MAX_TOPICS], sum(word is None for word in kept)

    def spans(self, offered: Collection[tuple[SpanKind, str]]) -> tuple[tuple[Span, ...], int]:
        """The kept quotes, each once, and how many were dropped."""
        kept = [self.span(kind, text) for kind, text in offered]
        found = {span.text: span for span in reversed(kept) if span is not None}
        return tuple(reversed(found.values()))[:MAX_SPANS], sum(span is None for span in kept)


def _plain(word: str) -> str:
    """A word as topics are kept: cleaned, lower-case; nothing when it is none, or more than one."""
    cleaned = clean_words(word, WORD_LENGTH + 1).casefold()
    return cleaned if all(char == "-" or not char.isdigit() for char in cleaned) and " " not in cleaned else ""
