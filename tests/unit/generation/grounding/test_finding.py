"""What counts as a number, a date, a rank or a comparison in a text, and what does not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.generation.grounding.finding import find
from models.generation.grounding.numerals import numerals, read_digits, read_words
from models.generation.grounding.problem import Kind
from models.generation.grounding.vocabulary import COPY_NEUTRAL, STRATEGY_NEUTRAL


def kinds(text: str) -> list[tuple[str, str]]:
    return [(f.kind.value, f.text.strip()) for f in find(text, neutral=(STRATEGY_NEUTRAL,))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,234 posts", ("number", "1,234")), ("0.57", ("number", "0.57")), ("-3", ("number", "-3")), ("twenty-five of them", ("number", "twenty-five")),
        ("a dozen posts", ("number", "dozen")), ("half of it all", ("number", "half")), ("two and a half", ("number", "two and a half")),
        ("½ a post", ("number", "½")), ("Ⅳ", ("number", "Ⅳ")), ("chapter XIV", ("number", "XIV")), ("٣٤ posts", ("number", "٣٤")),
        ("３４ posts", ("number", "３４")), ("① first", ("number", "①")), ("二十人", ("number", "二十")), ("hundreds of readers", ("number", "hundreds")),
        ("4.1%", ("percent", "4.1%")), ("4 percent", ("percent", "4 percent")), ("five per cent", ("percent", "five per cent")),
        ("4 percentage points", ("percentage points", "4 percentage points")), ("4 pp", ("percentage points", "4 pp")),
        ("$1,200", ("money", "$1,200")), ("12 US dollars", ("money", "12 US dollars")), ("€ 5", ("money", "€ 5")),
        ("15 November 2026", ("date", "15 November 2026")), ("November 15, 2026", ("date", "November 15, 2026")), ("2026-11-15", ("date", "2026-11-15")),
        ("15.11.2026", ("date", "15.11.2026")), ("March 2025", ("date", "March 2025")), ("it was in March", ("period", "in March")),
        ("since 2019", ("period", "2019")), ("Q3", ("period", "Q3")), ("last month", ("period", "last month")), ("the past six weeks", ("period", "past six weeks")),
        ("yesterday", ("period", "yesterday")), ("year over year", ("period", "year over year")), ("18:00", ("time", "18:00")), ("6 pm", ("time", "6 pm")),
        ("noon", ("time", "noon")), ("on Tuesdays", ("weekday", "Tuesdays")), ("the best topic", ("superlative", "best")), ("always", ("superlative", "always")),
        ("most posts", ("superlative", "most")), ("the second topic", ("ranking", "second")), ("#1", ("ranking", "#1")), ("3rd", ("ranking", "3rd")),
        ("more than that", ("comparison", "more")), ("twice as many", ("comparison", "twice as")), ("three times as often", ("comparison", "three times as")),
        ("a tenfold gain", ("comparison", "tenfold")), ("it outperforms them", ("comparison", "outperforms")), ("as often as them", ("comparison", "as often as")),
        ("it grew", ("change", "grew")), ("it doubled", ("change", "doubled")), ("it fell", ("change", "fell")), ("was not observed", ("missing value", "not observed")),
    ],
)  # fmt: skip
def test_a_statement_is_found_with_its_kind(text: str, found: tuple[str, str]) -> None:
    assert found in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "at first", "no one", "one of them", "once more", "above all", "more or less", "There is room to say more.", "This one works.",
        "over time", "as well", "first of all", "We may march on.", "the main idea", "the evidence behind it", "a week", "today", "I think so",
        "falls on deaf ears", "at the same age",
    ],
)  # fmt: skip
def test_set_phrases_state_nothing(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Read more", "The best way to ask is simple.", "Best wishes", "One step at a time.", "First: look.", "A second look.", "Never mind.", "All the best",
        "Tell us more.", "Do your best", "Learn more about weirs", "for a better river", "once upon a time", "See you below.", "Once more", "at least",
    ],
)  # fmt: skip
def test_set_phrases_of_drafts_state_nothing(text: str) -> None:
    assert find(text, neutral=(COPY_NEUTRAL,)) == ()


@pytest.mark.parametrize(
    "text",
    ["one million people", "one of the best", "more than ever", "number one", "most people", "better than theirs"],
)
def test_a_set_phrase_does_not_hide_a_claim(text: str) -> None:
    assert find(text, neutral=(COPY_NEUTRAL,))


def test_names_hold_no_numbers() -> None:
    assert find("Posts about CO2 levels", names=[(12, 22)]) == ()


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("twenty-five", 25), ("one hundred and five", 105), ("two million", 2_000_000), ("a dozen", 12), ("half", 0.5), ("three thousand two hundred", 3_200),
        ("two and a half", 2.5), ("thousands", None),
    ],
)  # fmt: skip
def test_words_are_read(words: str, value: float | None) -> None:
    found = numerals(words)
    assert len(found) == 1
    assert found[0].value == value
    assert value is None or read_words(found[0].text) == value


@given(st.one_of(st.integers(0, 10**9), st.floats(0, 10**6, allow_nan=False).map(lambda x: round(x, 2))))
def test_every_number_that_is_written_is_found_and_read(number: float) -> None:
    shown = f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"
    found = find(f"We saw {shown} of it.")
    assert [(f.kind, f.text) for f in found if f.kind is Kind.NUMBER] == [(Kind.NUMBER, shown)]
    assert read_digits(shown) == pytest.approx(number)


@given(st.text(max_size=60))
def test_no_text_breaks_the_finder_and_statements_do_not_overlap(text: str) -> None:
    found = find(text, neutral=(STRATEGY_NEUTRAL,))
    assert all(text[f.start : f.end] == f.text for f in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.text("0123456789", min_size=1, max_size=4), st.text(max_size=20))
def test_no_digit_escapes(digits: str, around: str) -> None:
    text = f"{around} {digits} {around}"
    at = len(around) + 1
    assert any(f.start <= at < f.end for f in find(text))
