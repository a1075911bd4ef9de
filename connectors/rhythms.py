"""When each stream must be read: how often, how far back again, and after how long it can never be had.

A platform's counters move for days after the fact, so a trailing window is read again each time; what a platform forgets
must be read before it does (rule 14 of the metric contract). A missed deadline is a gap that is recorded, not a flat line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.domain.connection import Vendor
from models.ports import Stream

_DAY = timedelta(days=1)
POST_AGES = 30 * _DAY
"""Posts are compared up to an age of 28 days, so posts younger than that are read again every time."""
LATE = timedelta(hours=6)
"""A reading that comes this much after its deadline is late and loses nothing that is worth a record."""


@dataclass(frozen=True)
class Rhythm:
    """`every`: the longest pause between two readings. `trailing`: how far before the last reading to begin again.
    `history`: how far back the vendor can tell. `lost_after`: the age at which numbers are gone for good, None when they
    stay; for what is told of the present only, the longest pause that a series of readings bears. Where a number is the
    vendor's, `source` says so."""

    vendor: Vendor
    stream: Stream
    every: timedelta
    trailing: timedelta
    history: timedelta
    lost_after: timedelta | None
    source: str


def _rhythms() -> dict[tuple[Vendor, Stream], Rhythm]:
    two_years, year = 730 * _DAY, 365 * _DAY
    table = [
        Rhythm(Vendor.FACEBOOK, Stream.POSTS, _DAY, POST_AGES, two_years, None, "Page insights: two years are kept"),
        Rhythm(Vendor.FACEBOOK, Stream.ACCOUNT, _DAY, 4 * _DAY, two_years, two_years, "Page insights: two years are kept"),
        Rhythm(Vendor.INSTAGRAM, Stream.POSTS, _DAY, POST_AGES, two_years, two_years, "Media insights: two years are kept"),
        Rhythm(Vendor.INSTAGRAM, Stream.ACCOUNT, _DAY, 4 * _DAY, 30 * _DAY, 30 * _DAY, "follower_count: the last 30 days"),
        Rhythm(Vendor.INSTAGRAM, Stream.AUDIENCE, 7 * _DAY, _DAY, _DAY, 7 * _DAY, "Demographics: the present only"),
        Rhythm(Vendor.LINKEDIN, Stream.POSTS, _DAY, POST_AGES, year, year, "Share statistics: rolling 12 months"),
        Rhythm(Vendor.LINKEDIN, Stream.ACCOUNT, _DAY, 4 * _DAY, year, year, "Share statistics: rolling 12 months"),
        Rhythm(Vendor.LINKEDIN, Stream.AUDIENCE, 7 * _DAY, _DAY, _DAY, 7 * _DAY, "Follower facets: the present only"),
        Rhythm(Vendor.X, Stream.POSTS, _DAY, POST_AGES, two_years, 30 * _DAY, "Private metrics: posts of the last 30 days"),
        Rhythm(Vendor.X, Stream.ACCOUNT, _DAY, _DAY, _DAY, _DAY, "Followers: the present only"),
        Rhythm(Vendor.TIKTOK, Stream.POSTS, _DAY, POST_AGES, two_years, _DAY, "Lifetime totals without dates"),
        Rhythm(Vendor.TIKTOK, Stream.ACCOUNT, _DAY, _DAY, _DAY, _DAY, "Followers: the present only"),
        Rhythm(Vendor.YOUTUBE, Stream.POSTS, _DAY, POST_AGES, two_years, None, "Analytics: from the channel's beginning"),
        Rhythm(Vendor.YOUTUBE, Stream.ACCOUNT, _DAY, 5 * _DAY, two_years, None, "Analytics: past days are revised"),
        Rhythm(Vendor.YOUTUBE, Stream.AUDIENCE, 7 * _DAY, 28 * _DAY, 90 * _DAY, None, "Analytics by country and age"),
        Rhythm(Vendor.MAILCHIMP, Stream.POSTS, _DAY, POST_AGES, two_years, None, "Reports stay with the campaign"),
        Rhythm(Vendor.BREVO, Stream.POSTS, _DAY, POST_AGES, 180 * _DAY, None, "Listed statistics: the last six months"),
        Rhythm(Vendor.SENDGRID, Stream.POSTS, _DAY, POST_AGES, two_years, None, "Single send statistics"),
        Rhythm(Vendor.SENDGRID, Stream.ACCOUNT, _DAY, 8 * _DAY, two_years, None, "Global statistics by day"),
    ]  # fmt: skip
    return {(rhythm.vendor, rhythm.stream): rhythm for rhythm in table}


RHYTHMS = _rhythms()


def rhythm(vendor: Vendor, stream: Stream) -> Rhythm:
    """The rhythm of a stream; one a day over the last day where nothing is stated."""
    return RHYTHMS.get((vendor, stream)) or Rhythm(vendor, stream, _DAY, _DAY, _DAY, None, "own default")


def window(
    beat: Rhythm,
    *,
    through: datetime | None,
    now: datetime,
    backfill: timedelta,
    since: datetime | None = None,
    gap: datetime | None = None,
) -> tuple[datetime, datetime]:
    """What to read now, `[since, until)`: from `since` where a person names it, else from the trailing window before what
    has been read `through`, else the whole `backfill`; never later than an open `gap` or than what has been read, so that no
    hole is left; never before what the vendor can tell; from a UTC midnight on."""
    begin = since or (through - beat.trailing if through else now - backfill)
    begin = min(moment for moment in (begin, through, gap) if moment is not None)
    earliest = now - beat.history
    day = max(begin, earliest).replace(hour=0, minute=0, second=0, microsecond=0)
    return day, now


def streams_of(vendor: Vendor) -> tuple[Stream, ...]:
    """The streams that have a rhythm, in the order of the table."""
    return tuple(stream for known, stream in RHYTHMS if known is vendor)


def next_due(beat: Rhythm, last_started: datetime | None, *, now: datetime) -> datetime:
    """When the stream is to be read next: at once when it never was; twice within a deadline as short as its pause."""
    pause = beat.every if beat.lost_after is None else min(beat.every, beat.lost_after / 2)
    return now if last_started is None else last_started + pause


def due(beat: Rhythm, *, last_started: datetime | None, now: datetime) -> bool:
    """Whether the stream is to be read now."""
    return next_due(beat, last_started, now=now) <= now


def lost(beat: Rhythm, *, through: datetime | None, now: datetime) -> tuple[datetime, datetime] | None:
    """The span that can no longer be read because nobody did in time; None when nothing is lost but for a delay."""
    if beat.lost_after is None or through is None:
        return None
    kept_from = now - beat.lost_after
    return (through, kept_from) if through < kept_from - LATE else None
