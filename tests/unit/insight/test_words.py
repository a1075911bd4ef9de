from __future__ import annotations

import pytest

from models.insight.words import BREAK, hashtags, lexicon_of, lexicons, pieces, plain, singulars, spoken


def words(text: str) -> list[str]:
    return [piece for piece in pieces(plain(text)) if piece != BREAK]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("See https://on.natgeo.com/28P9SWC or thrl.st/abc now", ["See", "or", "now"]),
        ("[the report](https://example.org/x) is out", ["the", "report", "is", "out"]),
        ("`code()` and ```\nblock\n``` stay out", ["and", "stay", "out"]),
        ("<em>sharks</em> {{< figure >}} &amp; whales", ["sharks", "whales"]),
        ("write to me@example.org, @someone, #sharks", ["write", "to"]),
        ("Äpfel, œuvre, 日本 and 2016", ["Äpfel", "œuvre", "日本", "and"]),
    ],
)
def test_markup_addresses_and_numbers_are_not_words(text: str, left: list[str]) -> None:
    assert words(text) == left


def test_punctuation_separates_words() -> None:
    assert pieces(plain("great white shark, whale")) == ["great", "white", "shark", BREAK, "whale"]


def test_hashtags_read_as_phrases_unless_the_cut_is_a_guess() -> None:
    assert hashtags("at #ClimateChange and #MLBmemorybank, not a#b") == ["Climate Change", "MLBmemorybank"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the whales are back in the bay", "en"),
        ("die wale sind wieder in der bucht", "de"),
        ("les baleines sont dans la baie", "fr"),
        ("las ballenas están en la bahía", "es"),
        ("xyzzy", "en"),
    ],
)
def test_language_by_its_function_words(text: str, language: str) -> None:
    assert lexicon_of(set(text.split())).language == language


def test_every_list_is_lower_case() -> None:
    for lexicon in lexicons():
        for listed in (lexicon.function, lexicon.generic, lexicon.determiners, lexicon.verbal):
            assert listed == {word.lower() for word in listed}


def test_singulars() -> None:
    assert "shark" in singulars("sharks")
    assert "city" in singulars("cities")
    assert "fox" in singulars("foxes")
    assert singulars("glass") == singulars("virus") == singulars("bus") == ()


def test_names_as_a_text_says_them() -> None:
    assert spoken("National Geographic") == spoken("NationalGeographic") == "national geographic"
    assert spoken("23497828950") == spoken("X1") == ""
