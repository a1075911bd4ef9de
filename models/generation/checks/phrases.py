"""Phrases that the brand profile bans and asks for, and places that are still open."""

from __future__ import annotations

import re

from models.generation.checks.context import Checks
from models.generation.voice import phrase_pattern, voice_of

_OPEN = re.compile(r"\[[^\[\]\n]{3,}\](?!\()")


def banned_phrases(text: str, context: Checks) -> str:
    """The banned phrases that stand in the text."""
    found = [phrase for phrase in context.brand.banned_phrases if _stands(phrase, text)]
    return "" if not found else f"The brand profile bans {_quoted(found)}: say it in other words."


def required_phrases(text: str, context: Checks) -> str:
    """The phrases that the brand profile asks for and the text lacks; one that it cannot hold is not asked for."""
    missing = [phrase for phrase in voice_of(context.brand).required if not _stands(phrase, text)]
    return "" if not missing else f"The brand profile asks for {_quoted(missing)}: add it."


def open_places(text: str) -> str:
    """What the writer left in square brackets for a person to fill in."""
    found = _OPEN.findall(text)
    if not found:
        return ""
    places = "1 place" if len(found) == 1 else f"{len(found)} places"
    return f"{places} in square brackets still to be filled in, the first: {found[0]}"


def _stands(phrase: str, text: str) -> bool:
    pattern = phrase_pattern(phrase)
    return pattern is not None and pattern.search(text) is not None


def _quoted(phrases: list[str]) -> str:
    return ", ".join(f"“{phrase.strip()}”" for phrase in phrases)
