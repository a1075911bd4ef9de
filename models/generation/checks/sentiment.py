"""What tone a reader hears. English only; it informs and refuses nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from models.generation.checks.language import prose_of, told
from models.generation.checks.outcome import not_judged, note
from models.generation.quarantine.schema import Language

CLEAR = 0.05
"""Compound score from which VADER's authors call a text positive or negative."""


def sentiment(text: str) -> str:
    """Positive, neutral or negative, by VADER (Hutto and Gilbert, 2014)."""
    if told(text) is not Language("en"):
        return not_judged("sentiment is told for English texts of some length only")
    score = float(_analyser().polarity_scores(prose_of(text))["compound"])
    word = "positive" if score >= CLEAR else "negative" if score <= -CLEAR else "neutral"
    return note(f"it reads {word}.")


@lru_cache(maxsize=1)
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]

    return SentimentIntensityAnalyzer()
