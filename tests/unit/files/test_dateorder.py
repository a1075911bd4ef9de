"""Day or month first: the certain dates of a file decide, and a contradiction decides nothing."""

from __future__ import annotations

import pytest

from connectors.files.dateorder import AmbiguousDate, DateOrder, Order, month_first


def order(*texts: str) -> Order:
    found = DateOrder()
    for text in texts:
        found.add(text)
    return found.order


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("10/03/2026", "10/14/2026"), "month"),
        (("03.10.2026", "14.10.2026"), "day"),
        (("10.03.2026", "10/14/2026"), "month"),
        (("2026-03-10", "10/14/2026"), "month, ISO swapped"),
        (("2026-03-10", "2026-03-20", "10/14/2026"), "month"),
        (("10/14/2026", "14/10/2026"), "mixed"),
        (("10/03/2026", "10/04/2026"), "month"),
        (("10.03.2026", "10.04.2026"), "mixed"),
        (("2026-03-10", "2026-03-11"), "month"),
        (("Sep 14, 2026",), "month"),
        ((), "month"),
    ],
)
def test_what_a_file_shows(texts: tuple[str, ...], expected: Order) -> None:
    assert order(*texts) == expected


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("3.10.26 8:31", "day", "10/03/2026 8:31"),
        ("10/03/2026 08:31", "month", "10/03/2026 08:31"),
        ("14/10/2026", "mixed", "10/14/2026"),
        ("05/05/2026", "mixed", "05/05/2026"),
        ("2026-03-10 08:31", "month, ISO swapped", "2026-10-03 08:31"),
        ("2026-03-10 08:31", "day", "2026-03-10 08:31"),
        ("Sun, Dec 14, 2025", "day", "Sun, Dec 14, 2025"),
    ],
)
def test_dates_are_written_month_first(text: str, given: Order, expected: str) -> None:
    assert month_first(text, given) == expected


def test_a_date_of_a_contradictory_file_is_not_guessed() -> None:
    with pytest.raises(AmbiguousDate, match="could be 03 October or 10 March 2026"):
        month_first("10/03/2026", "mixed")
