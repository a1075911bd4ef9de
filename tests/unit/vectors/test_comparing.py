"""When two texts are near-duplicates: close in meaning and sharing words in the same order."""

from __future__ import annotations

import pytest

from connectors.vectors.comparing import SHARED, SIMILAR, same, shared_triples

TEXT = "We closed the shop for a day and cleared three kilograms of litter from the river"


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        (TEXT, 1, 1),
        (TEXT.upper() + "!", 1, 1),
        (TEXT.replace("three", "eight"), 0.75, 0.85),
        ("Today: " + TEXT + " #river", 1, 1),
        ("from the river of litter three kilograms cleared a day for the shop closed we", 0, 0.1),
        ("Autumn rates for guided tours", 0, 0),
        ("", 0, 0),
        ("the shop", 0, 1),
    ],
)
def test_shared_triples(other: str, least: float, most: float) -> None:
    assert least <= shared_triples(TEXT, other) <= most
    assert shared_triples(TEXT, other) == shared_triples(other, TEXT)


def test_texts_of_one_or_two_words_are_compared_as_they_are() -> None:
    assert shared_triples("Good morning", "good MORNING!") == 1
    assert shared_triples("Good morning", "good evening") == 0


def test_both_bounds_count() -> None:
    assert same(SIMILAR, SHARED)
    assert not same(SIMILAR - 0.01, 1)
    assert not same(1, SHARED - 0.01)
