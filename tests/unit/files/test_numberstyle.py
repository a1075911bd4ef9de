"""1.250 or 1,250: decided once a file; and styled letters."""

from __future__ import annotations

import pytest

from connectors.files.letters import plain_letters
from connectors.files.numberstyle import NumberStyle


def style(*cells: str, counts: bool = True) -> NumberStyle:
    found = NumberStyle()
    for line, cell in enumerate(cells, start=2):
        found.add(cell, line=line, column="Views", is_count=counts)
    return found


@pytest.mark.parametrize(
    ("cells", "counts", "decimal"),
    [
        (("12,400", "31"), True, "."),
        (("1.250", "31"), True, ","),
        (("1.250", "31"), False, "."),
        (("1.250.000",), False, ","),
        (("1,250,000",), False, "."),
        (("1.250,5",), False, ","),
        (("3,16", "2,7"), False, ","),
        (("0.250", "0.125"), False, "."),
        (("1,2K", "950"), True, ","),
        (("1.2K", "18,400"), True, "."),
        (("38,2%",), False, ","),
        (("12", "0", ""), True, "."),
        (("1.250", "2,500", "3,100"), True, "."),
    ],
)
def test_what_a_file_shows(cells: tuple[str, ...], counts: bool, decimal: str) -> None:
    assert style(*cells, counts=counts).decimal == decimal


def test_a_count_with_a_fraction_is_remembered_with_its_place() -> None:
    assert style("7", "12,4").broken == (3, "Views", "12,4")
    assert style("12,4", counts=False).broken is None
    assert style("1,2K").broken is None


@pytest.mark.parametrize(
    ("styled", "plain"),
    [
        ("𝗡𝗲𝘄 𝒃𝒐𝒐𝒕𝒔", "New boots"),
        ("Ⓢⓐⓛⓔ 🅽🅾🆆 ｗｉｄｅ", "Sale NOW wide"),
        ("½ price™ … ﬁne", "½ price™ … ﬁne"),
        ("Grüße 👋🏽", "Grüße 👋🏽"),
    ],
)
def test_styled_letters_alone_are_written_plainly(styled: str, plain: str) -> None:
    assert plain_letters(styled) == plain
