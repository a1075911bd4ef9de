"""Where an error is put."""

from __future__ import annotations

from random import Random

from models.generation.grounding.filling import Span
from models.generation.grounding.value import Value, value_of


def value_behind(span: Span) -> Value | None:
    """The value that a placeholder wrote."""
    return span.value if span.fact is None else value_of(span.fact)


def put(text: str, start: int, end: int, new: str) -> str:
    """The text with something new from start to end."""
    return text[:start] + new + text[end:]


def beside(text: str, sentence: str, random: Random) -> str:
    """The text with a sentence before or after it."""
    end = "" if text.endswith((".", ":", "!", "?")) else "."
    return f"{sentence} {text}" if random.random() < 0.3 else f"{text}{end} {sentence}"
