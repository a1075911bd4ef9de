"""Does the draft repeat a text of the brand, or take one of a competitor?"""

from __future__ import annotations

from collections.abc import Sequence

from models.generation.checks.context import Checks
from models.generation.checks.fingerprint import Fingerprint, fingerprint, likeness, overlap
from models.generation.checks.outcome import not_judged

OWN_LIMIT = 0.5
"""Jaccard index of word groups from which two texts of the brand say the same in the same words."""
RIVAL_LIMIT = 0.25
"""Lower for competitors': a quarter of the word groups in common is no accident."""
PART_LIMIT = 0.6
"""Part of the shorter text that stands in the longer one."""
MEANING_LIMIT = 0.95
"""Closeness by meaning from which a search index's find is the same text."""


def own_duplicates(text: str, context: Checks) -> str:
    """The brand's own text that the draft repeats, or an empty text."""
    if not context.own and context.nearest is None:
        return not_judged("there is no other text of the brand to compare it with")
    found = _closest(fingerprint(text), context.own, OWN_LIMIT)
    if found:
        title, share = found
        return f"It repeats “{title}” ({share:.0%} of the wording is the same): write it anew or leave it out."
    for near in context.nearest(text) if context.nearest is not None else ():
        if near.closeness >= MEANING_LIMIT:
            return f"It says the same as “{near.title}”: take another angle."
    return ""


def rival_duplicates(text: str, context: Checks) -> str:
    """Whose text the draft comes too close to, or an empty text."""
    if not context.rivals:
        return not_judged("there is no competitor's text to compare it with")
    found = _closest(fingerprint(text), context.rivals, RIVAL_LIMIT)
    if not found:
        return ""
    title, share = found
    return f"It comes too close to a post of {title} ({share:.0%} of the wording is the same): write it in own words."


def _closest(mine: Fingerprint, others: Sequence[tuple[str, Fingerprint]], limit: float) -> tuple[str, float] | None:
    best: tuple[str, float] | None = None
    for title, other in others:
        alike, part = likeness(mine, other), overlap(mine, other)
        share = max(alike, part if part >= PART_LIMIT else 0.0)
        if share >= limit and (best is None or share > best[1]):
            best = (title, share)
    return best
