"""When a mean percentile is more than chance: the normal approximation for a mean of uniform percentiles.

If the posts of a group were drawn at random, their percentiles would be uniform on 0–1: mean ½, variance 1/12, so the
mean of n has standard error √(1 / 12n). The percentiles read here are shrunk towards ½ with ten pseudo-posts, which makes
the comparison stricter than the stated error.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import Literal

from models.domain.strategy import Confidence

MIDDLE = 0.5
PSEUDO_POSTS = 10
"""The weight of the middle in a shrunk percentile: (Σ percentile + 10 · ½) / (n + 10)."""

Standing = Literal["above", "level", "below"]


def standard_error(n: float) -> float:
    """Of the mean percentile of n posts that differ from the others by chance only; n > 0."""
    return sqrt(1 / (12 * n))


def critical(error: float, looks: int = 1) -> float:
    """The one-sided z for an error probability that is spread evenly over several looks (Bonferroni)."""
    return NormalDist().inv_cdf(1 - error / max(1, looks))


def standing(percentile: float, n: float, z: float) -> Standing:
    """Whether a mean percentile lies clearly above or below the middle."""
    reach = z * standard_error(n)
    if percentile - reach > MIDDLE:
        return "above"
    return "below" if percentile + reach < MIDDLE else "level"


def confidence(percentile: float, n: float) -> Confidence:
    """High, medium or low by how many standard errors lie between the percentile and the middle (3, 1.645, less)."""
    distance = abs(percentile - MIDDLE) / standard_error(n)
    if distance >= 3:
        return "high"
    return "medium" if distance >= critical(0.05) else "low"


def unshrunk_sum(percentile: float, n: float) -> float:
    """Σ percentile of n posts, from their shrunk mean."""
    return percentile * (n + PSEUDO_POSTS) - PSEUDO_POSTS * MIDDLE
