"""Can the draft be read at a go? English only."""

from __future__ import annotations

import re

from models.generation.checks.language import prose_of, told
from models.generation.checks.outcome import not_judged
from models.generation.quarantine.schema import Language

MIN_WORDS = 30
HARDEST = 30.0
"""Reading ease below which a text reads like a scientific paper (Flesch, "A new readability yardstick", 1948)."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")


def readability(text: str) -> str:
    """How hard it is to read, where that is hard."""
    if told(text) is not Language("en"):
        return not_judged("readability is told for English texts of some length only")
    words, sentences = _counted(text)
    if len(words) < MIN_WORDS:
        return not_judged(f"readability takes {MIN_WORDS} words")
    ease = reading_ease(words, sentences)
    if ease >= HARDEST:
        return ""
    return f"It is hard to read (reading ease {ease:.0f}, where {HARDEST:.0f} is a scientific paper): shorten sentences and words."


def reading_ease(words: list[str], sentences: int) -> float:
    """Flesch's formula: 206.835 - 1.015 · words per sentence - 84.6 · syllables per word; about 100 is easy.

    Syllables by the hyphenation patterns of pyphen, at least one a word.
    """
    import pyphen  # type: ignore[import-untyped]

    patterns = pyphen.Pyphen(lang="en_US")
    syllables = sum(len(patterns.positions(word.lower())) + 1 for word in words)
    return 206.835 - 1.015 * len(words) / max(1, sentences) - 84.6 * syllables / len(words)


def _counted(text: str) -> tuple[list[str], int]:
    lines = [prose_of(line) for line in text.split("\n")]
    plain = "\n".join(line for line in lines if line)
    parts = [part for part in _END.split(plain) if _WORD.search(part)]
    return _WORD.findall(plain), len(parts)
