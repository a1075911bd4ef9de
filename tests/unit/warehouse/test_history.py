"""Which instant a person means, and how long a cut moment is kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.warehouse.history import KEPT_MOMENTS, forget_oldest, is_cut, moment_of, shelf_of
from models.errors import InvalidInput

T = datetime(2026, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-05-03", "Europe/Berlin", datetime(2026, 5, 3, 21, 59, 59, 999999, tzinfo=UTC)),
        ("2026-05-03", "America/New_York", datetime(2026, 5, 4, 3, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-29", "Europe/Berlin", datetime(2026, 3, 29, 21, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-28", "Europe/Berlin", datetime(2026, 3, 28, 22, 59, 59, 999999, tzinfo=UTC)),
        ("2026-05-03T18:00", "Europe/Berlin", datetime(2026, 5, 3, 16, tzinfo=UTC)),
        ("2026-05-03 18:00:30", "UTC", datetime(2026, 5, 3, 18, 0, 30, tzinfo=UTC)),
        ("2026-05-03T18:00+09:00", "Europe/Berlin", datetime(2026, 5, 3, 9, tzinfo=UTC)),
        ("2026-05-03T18:00Z", "Europe/Berlin", datetime(2026, 5, 3, 18, tzinfo=UTC)),
    ],
)
def test_a_date_is_the_end_of_the_local_day_and_a_time_is_itself(text: str, zone: str, moment: datetime) -> None:
    assert moment_of(text, zone) == moment


@pytest.mark.parametrize("text", ["", "3 May", "2026-13-01", "2026-05-03T25:00", "9999-12-31", "yesterday", "'; drop"])
def test_what_is_no_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="2026-05-03T18:00"):
        moment_of(text, "Europe/Berlin")


def test_moments_have_shelves_of_their_own_below_the_workspace(tmp_path: Path) -> None:
    shelves = {shelf_of(tmp_path, "acme", T, "s1"), shelf_of(tmp_path, "acme", T, "s2")}
    shelves |= {shelf_of(tmp_path, "acme", T.replace(day=4), "s1"), shelf_of(tmp_path, "other", T, "s1")}
    assert len(shelves) == 4
    assert all(shelf.is_relative_to(tmp_path) and shelf.parents[1].name in {"acme", "other"} for shelf in shelves)
    assert shelf_of(tmp_path, "acme", T, "s1") in shelves
    with pytest.raises(InvalidInput):
        shelf_of(tmp_path, "../acme", T, "s1")


def test_the_moments_asked_for_last_are_kept(tmp_path: Path) -> None:
    shelves = []
    for index in range(KEPT_MOMENTS + 2):
        shelf = shelf_of(tmp_path, "acme", T, str(index))
        (shelf / "acme").mkdir(parents=True)
        (shelf / "acme" / "current.json").write_text("{}")
        os.utime(shelf, (index, index))
        shelves.append(shelf)
    assert is_cut(shelves[0], "acme")
    assert not is_cut(shelf_of(tmp_path, "acme", T, "never"), "acme")
    forget_oldest(shelves[-1])
    assert [shelf.exists() for shelf in shelves] == [True, False, False] + [True] * (KEPT_MOMENTS - 1)
