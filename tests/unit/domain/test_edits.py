"""The edit distance, held against the textbook's table."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain.edits import edit_distance


def by_the_book(first: str, second: str) -> int:
    """Levenshtein (1966), as the table of Wagner and Fischer (1974)."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


@settings(deadline=None)
@given(st.text(alphabet="abcé 😀", max_size=40), st.text(alphabet="abcé 😀", max_size=40))
def test_it_is_the_textbooks(first: str, second: str) -> None:
    longer = max(len(first), len(second), 1)
    assert edit_distance(first, second) == pytest.approx(by_the_book(first, second) / longer)


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [("", "", 0), ("", "abc", 1), ("kitten", "sitting", 3 / 7), ("same", "same", 0), ("abcd", "wxyz", 1)],
)
def test_known_distances(first: str, second: str, distance: float) -> None:
    assert edit_distance(first, second) == pytest.approx(distance)
    assert edit_distance(second, first) == pytest.approx(distance)


def test_a_long_post_takes_no_time() -> None:
    """Two texts of 10,000 characters with nothing shared at their ends; the textbook needs half a minute."""
    first, second = "x" + "one two three " * 714, "y" + "four five six " * 714 + "z"
    started = time.process_time()
    assert 0 < edit_distance(first, second) < 1
    assert time.process_time() - started < 3
