"""When streams are read, how far back, and what is lost when nobody does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.rhythms import due, lost, rhythm, window
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
    stories = rhythm(Vendor.INSTAGRAM, Stream.POSTS)
    assert due(stories, last_started=None, now=NOW)
    assert not due(stories, last_started=NOW - timedelta(hours=11), now=NOW)
    assert due(stories, last_started=NOW - timedelta(hours=12), now=NOW)


def test_what_a_missed_deadline_lost_is_named() -> None:
    private = rhythm(Vendor.X, Stream.POSTS)
    assert lost(private, through=NOW - 20 * DAY, now=NOW) is None
    assert lost(private, through=NOW - 45 * DAY, now=NOW) == (NOW - 45 * DAY, NOW - 30 * DAY)
    assert lost(rhythm(Vendor.FACEBOOK, Stream.POSTS), through=NOW - 900 * DAY, now=NOW) is None
