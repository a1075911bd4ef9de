"""Documents as counted terms: the words and two-word phrases each document is about, its tags, and how words are used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.insight.words import BREAK, hashtags, lexicon_of, lexicons, pieces, plain, stems

LEAD_WORDS = 60
"""A word among the first ones is what the document is about; further down it has to return."""
MOST_WORDS = 1500
"""Words read of one document: enough for a long article, and a bound for a book."""
TAG_COUNT = 3
"""A tag counts as much as the word said three times."""

_ENDING = re.compile(r"\.(?:com|org|net|gov|io)$", re.IGNORECASE)


@dataclass(slots=True)
class Reading:
    """What one document is about: terms with how often each is said, and the tags among them."""

    terms: dict[str, int]
    tags: set[str]


@dataclass(slots=True)
class Usage:
    """How words are used over all documents: verbs follow pronouns and precede articles, adjectives precede nouns."""

    seen: Counter[str] = field(default_factory=Counter)
    as_verb: Counter[str] = field(default_factory=Counter)
    as_adjective: Counter[str] = field(default_factory=Counter)
    in_capitals: Counter[str] = field(default_factory=Counter)
    generic: set[str] = field(default_factory=set)

    def is_generic(self, word: str) -> bool:
        """Whether the word says too little by itself in the language of the documents it was read in."""
        return word in self.generic

    def is_fragment(self, word: str) -> bool:
        """Whether the word is two letters that are no abbreviation: `st` of 1st, unlike `AI`."""
        return len(word) < 3 and self.in_capitals[word] * 2 < self.seen[word]

    def is_topical(self, word: str) -> bool:
        """Whether the word can name a topic: long enough, not generic, and used as a noun."""
        if word in self.generic or self.is_fragment(word):
            return False
        if any(len(stem) > 2 and (stem in self.seen or stem in self.generic) for stem in stems(word)):
            return False
        return self.as_verb[word] <= 0.3 * self.seen[word] and self.as_adjective[word] <= 0.65 * self.seen[word]


def read_documents(documents: Iterable[tuple[str, Sequence[str]]]) -> tuple[list[Reading], Usage]:
    """Reads (text, tags) pairs. The usage is counted over all of them."""
    usage = Usage()
    return [_read(text, tags, usage) for text, tags in documents], usage


def _read(text: str, tags: Sequence[str], usage: Usage) -> Reading:
    said = pieces(plain(text))[: 2 * MOST_WORDS]
    words = [piece.lower() for piece in said]
    lexicon = lexicon_of(set(words))
    usage.generic |= lexicon.generic
    counts: Counter[str] = Counter()
    lead: set[str] = set()
    function, determiners, verbal = lexicon.function, lexicon.determiners, lexicon.verbal
    position = 0
    before, content_before = BREAK, False
    for surface, word, after in zip(said, words, [*words, BREAK][1:], strict=True):
        content = len(word) > 1 and word not in function
        if content:
            usage.seen[word] += 1
            if len(word) == 2 and surface.isupper():
                usage.in_capitals[word] += 1
            if after in determiners or (not content_before and before in verbal):
                usage.as_verb[word] += 1
            elif len(after) > 1 and after not in function:
                usage.as_adjective[word] += 1
            said_here = (word, f"{before} {word}") if content_before else (word,)
            counts.update(said_here)
            if position < LEAD_WORDS:
                lead.update(said_here)
        position += word != BREAK
        before, content_before = word, content
    often = max(2, position // 250)
    terms = {term: count for term, count in counts.items() if term in lead or count >= often}
    named = {phrase for tag in (*tags, *hashtags(text)) if (phrase := _tag(tag))}
    for phrase in named:
        terms[phrase] = terms.get(phrase, 0) + TAG_COUNT
    return Reading(terms, named)


def _tag(tag: str) -> str:
    """A tag as a term, or nothing when it holds a number (year, version) or is one generic word."""
    if any(character.isdigit() for character in tag):
        return ""
    words = [piece.lower() for piece in pieces(_ENDING.sub("", tag.replace("-", " "))) if piece != BREAK]
    if not 0 < len(words) <= 4 or sum(map(len, words)) < 3:
        return ""
    if len(words) == 1 and any(words[0] in lexicon.function | lexicon.generic for lexicon in lexicons()):
        return ""
    return " ".join(words)
