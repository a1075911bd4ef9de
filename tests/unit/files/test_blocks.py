"""Audience exports: blocks one below the other, in either of their two shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.blocks import Audience, audience_in
from connectors.files.countries import country_code


def read(tmp_path: Path, text: str) -> Audience | None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-16")
    return audience_in(path, path.read_bytes())


def cells(audience: Audience) -> list[tuple[str, ...]]:
    return [tuple(row.cells) for table in audience.tables for row in table.rows()]


def test_a_table_of_two_columns_and_a_line_of_names_are_the_same(tmp_path: Path) -> None:
    below = read(tmp_path, "Top countries\nCountry,Share\nGermany,41%\nAustria,17%\n")
    beside = read(tmp_path, "Top countries\nGermany,Austria\n41%,17%\n")
    assert below is not None
    assert beside is not None
    assert cells(below) == cells(beside)
    assert cells(below) == [("country=DE", "Top countries", "41%"), ("country=AT", "Top countries", "17%")]


def test_followers_are_told_from_shares(tmp_path: Path) -> None:
    audience = read(tmp_path, 'Top cities\nBerlin,Vienna\n"1,250",980\n\nTop countries\nGermany,Austria\n0.41,0.17\n')
    assert audience is not None
    assert {table.columns[2]: [row.cells[0] for row in table.rows()] for table in audience.tables} == {
        "Audience share": ["country=DE", "country=AT"],
        "Audience followers": ["city=Berlin", "city=Vienna"],
    }


def test_a_block_is_skipped_to_the_next_blank_line(tmp_path: Path) -> None:
    audience = read(tmp_path, "Shoe sizes\nsize,share\n42,3%\n43,4%\n\nTop countries\nGermany,Austria\n41%,17%\n")
    assert audience is not None
    assert [row[0] for row in cells(audience)] == ["country=DE", "country=AT"]
    assert "'Shoe sizes' (line 1)" in audience.notes[0]


@pytest.mark.parametrize(
    "text", ["id,text\n1,Top cities to visit\n", "Date,Primary\n2026-10-01,3\n", "Post ID,Text\n1,age and gender\n"]
)
def test_another_file_is_no_audience(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Germany", "DE"),
        ("United Kingdom", "GB"),
        ("Cote d’Ivoire", "CI"),
        ("Türkiye", "TR"),
        ("Atlantis", "Atlantis"),
        ("DE", "DE"),
    ],
)
def test_country_names_become_codes(name: str, code: str) -> None:
    assert country_code(name) == code
