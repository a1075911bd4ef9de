"""The days a calendar covers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from models.domain.workspace import Plan, Workspace
from orchestration.writing import Span

MONDAY_NIGHT_UTC = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "start"),
    [("UTC", date(2026, 11, 23)), ("Europe/Berlin", date(2026, 11, 30)), ("America/New_York", date(2026, 11, 23))],
)
def test_without_a_start_it_begins_on_the_next_monday_of_the_workspace(zone: str, start: date) -> None:
    """It is Monday 23:30 in UTC and counts, but Tuesday already in Berlin."""
    workspace = Workspace("w", "W", zone, Plan.STUDIO, MONDAY_NIGHT_UTC)
    assert Span.of(workspace, start=None, weeks=4, now=MONDAY_NIGHT_UTC) == Span(start, 4)


def test_a_given_start_is_kept() -> None:
    workspace = Workspace("w", "W", "UTC", Plan.STUDIO, MONDAY_NIGHT_UTC)
    assert Span.of(workspace, start=date(2027, 1, 6), weeks=2, now=MONDAY_NIGHT_UTC) == Span(date(2027, 1, 6), 2)
