"""Cells to numbers and instants, and dates that a spreadsheet swapped."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.files.datestyle import DateStyle
from connectors.files.filedate import date_in_name
from connectors.files.values import CellError, TimeParser, check_value, mangled_id, parse_value
from models.metrics.registry import registry


@pytest.mark.parametrize(
    ("text", "conversion", "decimal", "value"),
    [
        ("0", "number", ".", 0.0),
        ("12,400", "number", ".", 12400.0),
        ("1 234 567", "number", ".", 1234567.0),
        ("1.234,5", "number", ",", 1234.5),
        ("1.250", "number", ",", 1250.0),
        ("-3", "number", ".", -3.0),
        ("$6.113", "number", ".", 6.113),
        ("1.2K", "compact", ".", 1200.0),
        ("18,400", "compact", ".", 18400.0),
        ("38%", "percent", ".", 38.0),
        ("3.16", "percent", ".", 3.16),
        ("0.31", "fraction", ".", 31.0),
        ("31%", "fraction", ".", 31.0),
        ("0:03:25", "duration", ".", 205.0),
        ("03:25", "duration", ".", 205.0),
        ("11.5", "duration", ".", 11.5),
        ("10:00:00", "duration", ".", 36000.0),
    ],
)
def test_numbers_in_every_spelling(text: str, conversion: str, decimal: str, value: float) -> None:
    assert parse_value(text, conversion, decimal) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["dezember", "&", "-", "1,2,3", "12,40", "1.5E+6", "nan", "inf", "0x10", "1_000", "٣", "3 4"]
)
def test_what_is_no_number_is_said(text: str) -> None:
    with pytest.raises(CellError):
        parse_value(text, "number")


@pytest.mark.parametrize("text", ["0:99:00", "3:61", "a:b"])
def test_what_is_no_duration_is_said(text: str) -> None:
    with pytest.raises(CellError, match="not a duration"):
        parse_value(text, "duration")


def test_counts_are_whole_and_not_negative() -> None:
    views = registry().metric("views")
    assert check_value(views, 3.0) == 3.0
    with pytest.raises(CellError, match="not a whole number"):
        check_value(views, 1.25)
    with pytest.raises(CellError, match="negative"):
        check_value(views, -1)
    assert check_value(registry().metric("watch_time_hours"), 0.25) == 0.25


@pytest.mark.parametrize("text", ["1.22E+17", "1,22158E+17", "1E5", "#NAME?", "#REF!", ""])
def test_ids_that_a_spreadsheet_spoilt(text: str) -> None:
    assert mangled_id(text)


@pytest.mark.parametrize("text", ["4OZip0cgOho", "-3d1NctSv0c", "7331091005_10154123560186006", "12E"])
def test_ids_that_are_fine(text: str) -> None:
    assert mangled_id(text) is None


def test_local_times_follow_the_zone_through_a_clock_change() -> None:
    parser = TimeParser(("%Y-%m-%d %H:%M",), ZoneInfo("America/New_York"))
    assert parser.parse("2016-03-12 12:00") == datetime(2016, 3, 12, 17, tzinfo=UTC)
    assert parser.parse("2016-03-14 12:00") == datetime(2016, 3, 14, 16, tzinfo=UTC)
    assert parser.parse("2016-11-06 01:30") == datetime(2016, 11, 6, 5, 30, tzinfo=UTC)


def test_an_offset_in_the_text_goes_before_the_zone() -> None:
    parser = TimeParser(("iso",), ZoneInfo("Asia/Tokyo"))
    assert parser.parse("2016-03-12T12:00:00Z") == datetime(2016, 3, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "  ", "13/13/2020", "0001-01-01", "2020-02-30"])
def test_no_time_is_invented(text: str) -> None:
    with pytest.raises(CellError):
        TimeParser(("%m/%d/%Y", "iso"), ZoneInfo("UTC")).parse(text)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("export_2026-09-14.csv", date(2026, 9, 14)),
        ("Content 2026-08-01_2026-09-01 Brand.csv", date(2026, 9, 1)),
        ("20260914.csv", date(2026, 9, 14)),
        ("posts-2026-13-14.csv", None),
        ("id_120260914123.csv", None),
        ("posts.csv", None),
    ],
)
def test_a_date_in_the_name(name: str, day: date | None) -> None:
    assert date_in_name(name) == day


def _mondays(count: int) -> list[date]:
    return [date(2024, 1, 1) + timedelta(days=7 * number) for number in range(count)]


def _style(days: list[date], *, swapped: bool) -> DateStyle:
    """Dates as a spreadsheet leaves them: untouched and unpadded above day 12, padded up to it."""
    style = DateStyle()
    for day in days:
        if day.day > 12:
            style.add(f"{day.month}-{day.day}-{day.year}")
        else:
            style.add(f"{day:%d-%m-%Y}" if swapped else f"{day:%m-%d-%Y}")
    return style


def test_swapped_dates_are_found_by_their_weekdays() -> None:
    assert _style(_mondays(100), swapped=True).swapped
    assert not _style(_mondays(100), swapped=False).swapped


def test_without_a_weekday_pattern_dates_stay_as_written() -> None:
    every_day = [date(2024, 1, 1) + timedelta(days=number) for number in range(300)]
    assert not _style(every_day, swapped=True).swapped


def test_a_consistently_padded_column_is_never_swapped() -> None:
    style = DateStyle()
    for day in _mondays(100):
        style.add(f"{day:%m-%d-%Y}")
    assert not style.swapped
