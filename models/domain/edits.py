"""How far two texts lie apart, between 0 (equal) and 1 (nothing in common)."""

from __future__ import annotations


def edit_distance(before: str, after: str) -> float:
    """Characters to insert, remove or replace to turn one into the other, ÷ characters of the longer one.

    Counted with the bit-parallel algorithm of Myers (1999) in the form of Hyyrö (2003), whose bit vectors are Python's
    integers: about as many steps as the shorter text has characters, for what the two do not share at their ends.
    """
    longer = max(len(before), len(after))
    return 0.0 if before == after else _levenshtein(before, after) / longer


def _levenshtein(first: str, second: str) -> int:
    first, second = _apart(first, second)
    if len(first) < len(second):
        first, second = second, first
    if not second:
        return len(first)
    places: dict[str, int] = {}
    for index, char in enumerate(first):
        places[char] = places.get(char, 0) | 1 << index
    full, last = (1 << len(first)) - 1, 1 << (len(first) - 1)
    up, down, score = full, 0, len(first)
    for char in second:
        same = places.get(char, 0)
        zero = (((same & up) + up) ^ up) | same | down
        right = down | ~(zero | up) & full
        left = up & zero
        if right & last:
            score += 1
        elif left & last:
            score -= 1
        right, left = (right << 1 | 1) & full, left << 1 & full
        up, down = left | ~(zero | right) & full, right & zero
    return score


def _apart(first: str, second: str) -> tuple[str, str]:
    """Without what both begin and end with."""
    start, shorter = 0, min(len(first), len(second))
    while start < shorter and first[start] == second[start]:
        start += 1
    end = 0
    while end < shorter - start and first[-1 - end] == second[-1 - end]:
        end += 1
    return first[start : len(first) - end], second[start : len(second) - end]
