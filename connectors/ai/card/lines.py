"""Lines of a text for a width: at spaces, after hyphens and slashes, between East Asian characters, else anywhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

Measure = Callable[[str], float]
"""The width of a text in pixels."""
_NEVER_FIRST = frozenset("、。，．・：；？！」』）］｝〉》】ー々”’%‰°")


def wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """As few lines as the width allows; a piece that is wider than the line is broken between characters."""
    lines: list[str] = []
    current = ""
    for piece, spaced in _pieces(text):
        joined = f"{current} {piece}" if spaced and current else current + piece
        if not current or measure(joined) <= width:
            current = joined
        else:
            lines.append(current)
            current = piece
        while measure(current) > width and len(current) > 1:
            at = _fitting(current, width, measure)
            lines.append(current[:at])
            current = current[at:]
    return [*lines, current] if current else lines


def balanced(text: str, width: float, measure: Measure) -> list[str]:
    """As few lines as `wrapped`, but of lengths as even as they can be: no single word is left for the last line."""
    lines = wrapped(text, width, measure)
    if len(lines) < 2:
        return lines
    low, high = width / len(lines), width
    widest = max(measure(piece) for piece, _ in _pieces(text))
    low = min(high, max(low, widest))
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (middle, high) if len(wrapped(text, middle, measure)) > len(lines) else (low, middle)
    return wrapped(text, high, measure)


def cut(lines: list[str], most: int, width: float, measure: Measure) -> list[str]:
    """The first `most` lines; the last ends with an ellipsis when something is cut off."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and measure(last + "…") > width:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip(" ,;:-–—.") + "…"]


def reads_from_right(text: str) -> bool:
    """Whether the first letter with a direction is Hebrew, Arabic or the like (UAX #9, P2)."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def _pieces(text: str) -> list[tuple[str, bool]]:
    """What must stay together, each with whether a space stands before it."""
    found: list[tuple[str, bool]] = []
    for word in text.split():
        first = True
        for part in re.split(r"(?<=[-–—/])(?=\w)", word):
            for piece in _characters(part):
                found.append((piece, first))
                first = False
    return found


def _characters(part: str) -> list[str]:
    """East Asian text character by character; closing marks stay with what is before them. Other text as it is."""
    found: list[str] = []
    for char in part:
        wide = unicodedata.east_asian_width(char) in ("W", "F")
        before_wide = bool(found) and unicodedata.east_asian_width(found[-1][-1]) in ("W", "F")
        if not found or (char not in _NEVER_FIRST and (wide or before_wide)):
            found.append(char)
        else:
            found[-1] += char
    return found


def _fitting(text: str, width: float, measure: Measure) -> int:
    """How many characters fit, at least one; never between a letter and its combining marks."""
    at, high = 1, len(text)
    while at < high:
        middle = (at + high + 1) // 2
        at, high = (middle, high) if measure(text[:middle]) <= width else (at, middle - 1)
    while 1 < at < len(text) and unicodedata.combining(text[at]):
        at -= 1
    return max(1, at)
