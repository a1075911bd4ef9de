"""When streams are read, how far back, and what is lost when nobody does."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.rhythms import due, lost, rhythm, streams_of, window
from models.domain.connection import Vendor
from models.ports import Stream

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_first_reading_goes_back_the_whole_backfill_and_the_next_only_the_trailing_window() -> None:
    beat = rhythm(Vendor.FACEBOOK, Stream.POSTS)
    first = window(beat, through=None, now=NOW, backfill=180 * DAY)
    assert first == (datetime(2026, 5, 27, tzinfo=UTC), NOW)
    second = window(beat, through=NOW, now=NOW + DAY, backfill=180 * DAY)
    assert second == (datetime(2026, 10, 24, tzinfo=UTC), NOW + DAY)


def test_nothing_is_asked_for_that_the_vendor_cannot_tell() -> None:
    since, _ = window(rhythm(Vendor.INSTAGRAM, Stream.ACCOUNT), through=None, now=NOW, backfill=180 * DAY)
    assert since == datetime(2026, 10, 24, tzinfo=UTC)


def test_a_person_may_name_the_beginning() -> None:
    since, _ = window(rhythm(Vendor.X, Stream.POSTS), through=NOW, now=NOW, backfill=DAY, since=NOW - 100 * DAY)
    assert since == datetime(2026, 8, 15, tzinfo=UTC)


def test_a_stream_with_a_deadline_is_read_twice_within_it() -> None:
    totals = rhythm(Vendor.TIKTOK, Stream.POSTS)
    assert due(totals, last_started=None, now=NOW)
    assert not due(totals, last_started=NOW - timedelta(hours=11), now=NOW)
    assert due(totals, last_started=NOW - timedelta(hours=12), now=NOW)


def test_what_a_missed_deadline_lost_is_named() -> None:
    private = rhythm(Vendor.X, Stream.POSTS)
    assert lost(private, through=NOW - 20 * DAY, now=NOW) is None
    assert lost(private, through=NOW - 45 * DAY, now=NOW) == (NOW - 45 * DAY, NOW - 30 * DAY)
    assert lost(rhythm(Vendor.FACEBOOK, Stream.POSTS), through=NOW - 900 * DAY, now=NOW) is None


def test_a_reading_a_few_hours_late_loses_nothing() -> None:
    """A daily job never runs after exactly 24 hours."""
    followers = rhythm(Vendor.X, Stream.ACCOUNT)
    assert lost(followers, through=NOW - DAY - timedelta(hours=5), now=NOW) is None
    assert lost(followers, through=NOW - 2 * DAY, now=NOW) == (NOW - 2 * DAY, NOW - DAY)


def test_no_hole_is_left_after_what_has_been_read() -> None:
    account = rhythm(Vendor.LINKEDIN, Stream.ACCOUNT)
    since, _ = window(account, through=NOW - 20 * DAY, now=NOW, backfill=DAY, since=NOW - 2 * DAY)
    assert since == datetime(2026, 11, 3, tzinfo=UTC)
    since, _ = window(account, through=NOW - DAY, now=NOW, backfill=DAY, gap=NOW - 50 * DAY)
    assert since == datetime(2026, 10, 4, tzinfo=UTC)


@pytest.mark.parametrize("vendor", Vendor)
def test_every_stream_that_a_connector_reads_has_its_rhythm_and_no_other(vendor: Vendor) -> None:
    """A rhythm without a stream would be due for ever."""
    family = "email" if vendor.platform.value == "email" else "social"
    module: Any = importlib.import_module(f"connectors.{family}.{vendor.value}.connector")
    streams = {
        tuple(sorted(found.streams))
        for found in vars(module).values()
        if isinstance(found, type)
        and found.__module__ == module.__name__
        and getattr(found, "streams", None) is not None
    }
    assert streams == {tuple(sorted(streams_of(vendor)))}
