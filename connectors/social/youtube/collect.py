"""What is collected from a channel: videos with their counts, the account by day, the audience by segment.

Lifetime counts come from the Data API, all else from Analytics reports, whose days are Pacific days, which lag by one to
three days and leave out what they do not have yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connectors.readings import Account, number
from connectors.social.youtube.channel import Channel
from connectors.social.youtube.errors import PACIFIC
from connectors.social.youtube.reports import Reports, Row
from connectors.social.youtube.videos import PARTS, content, count, counts, instant
from models.domain.content import ObservationState, Record

REPORT_IDS = 500
"""Videos of one report: the most that the filter takes (Analytics API, filters)."""
LAG = timedelta(days=4)
"""Younger than this, what a report leaves out is late; older, it does not exist."""
SCHEDULED_AHEAD = timedelta(days=14)
"""The list of uploads is in the order of uploading; a video scheduled for later stands this much deeper at most."""
AUDIENCE_DAYS = 28


@dataclass(frozen=True)
class Field:
    """A metric of a report; `factor` turns its unit into the registry's."""

    name: str
    metric: str
    factor: float = 1.0


BY_VIDEO = (
    Field("shares", "shares"),
    Field("dislikes", "dislikes"),
    Field("estimatedMinutesWatched", "watch_time_hours", 1 / 60),
    Field("averageViewDuration", "average_view_duration_seconds"),
    Field("averageViewPercentage", "average_percentage_viewed"),
    Field("subscribersGained", "subscribers_gained"),
    Field("subscribersLost", "subscribers_lost"),
    Field("engagedViews", "engaged_views"),
)
BY_DAY = (
    Field("views", "account_views"),
    Field("subscribersGained", "followers_gained"),
    Field("subscribersLost", "followers_lost"),
)
GENDERS = {"female": "F", "male": "M", "user_specified": "U"}


def posts(channel: Channel, account: Account, since: datetime, until: datetime) -> Iterator[Record]:
    """Videos published in the window, with their lifetime counts; a report for each 500 of them."""
    reports = Reports(channel)
    waiting: list[dict[str, Any]] = []
    seen: set[str] = set()
    for ids in _published(channel, since, until):
        fresh = [video_id for video_id in ids if video_id not in seen]
        seen.update(fresh)
        for video in channel.videos(fresh, PARTS):
            published = instant((video.get("snippet") or {}).get("publishedAt"))
            private = (video.get("status") or {}).get("privacyStatus") == "private"
            if "id" in video and published is not None and since <= published < until and not private:
                waiting.append(video)
                yield content(account, video)
                yield from counts(account, video)
        while len(waiting) >= REPORT_IDS:
            yield from _reported(reports, account, waiting[:REPORT_IDS])
            del waiting[:REPORT_IDS]
    if waiting:
        yield from _reported(reports, account, waiting)


def days(channel: Channel, account: Account, since: datetime, until: datetime) -> Iterator[Record]:
    """Subscribers now, and every whole Pacific day that ends in the window."""
    statistics = channel.profile().get("statistics") or {}
    hidden = statistics.get("hiddenSubscriberCount") is True
    yield account.of_period(
        "followers",
        None,
        account.at,
        None if hidden else count(statistics.get("subscriberCount")),
        ObservationState.PRIVACY_LIMITED if hidden else ObservationState.UNAVAILABLE,
    )
    wanted = list(_days(since, until))
    if not wanted:
        return
    reports = Reports(channel)
    table = reports.table([field.name for field in BY_DAY], wanted[0], wanted[-1], dimensions=["day"])
    told = {str(row.get("day")): row for row in table}
    for day in wanted:
        row = told.get(day.isoformat(), {})
        start, end = midnight(day), midnight(day + timedelta(days=1))
        for field in BY_DAY:
            late = ObservationState.DELAYED if until - end < LAG else ObservationState.UNAVAILABLE
            value = number(row.get(field.name))
            yield account.of_period(field.metric, start, end, value, reports.refused.get(field.name, late))


def audience(channel: Channel, account: Account, until: datetime) -> Iterator[Record]:
    """Shares in percent over the 28 Pacific days before: viewers by age and gender; views by country, as the interface
    has no viewers by country. A dimension that is kept back for privacy is one observation without a value."""
    last = until.astimezone(PACIFIC).date() - timedelta(days=1)
    first = last - timedelta(days=AUDIENCE_DAYS - 1)
    reports = Reports(channel)
    rows = reports.table(["viewerPercentage"], first, last, dimensions=["ageGroup", "gender"])
    refused = reports.refused.get("viewerPercentage", ObservationState.PRIVACY_LIMITED)
    yield from _shares(account, "age", _summed(rows, "ageGroup"), refused)
    yield from _shares(account, "gender", _summed(rows, "gender"), refused)
    total = [number(row.get("views")) for row in reports.table(["views"], first, last)]
    countries: dict[str, float] = {}
    if total and total[0]:
        for row in reports.table(["views"], first, last, dimensions=["country"]):
            if (views := number(row.get("views"))) is not None:
                countries[str(row.get("country"))] = 100.0 * views / total[0]
    yield from _shares(account, "country", countries, reports.refused.get("views", ObservationState.UNAVAILABLE))


def midnight(day: date) -> datetime:
    """The beginning of a Pacific day, in UTC."""
    return datetime.combine(day, time(), tzinfo=PACIFIC).astimezone(UTC)


def _published(channel: Channel, since: datetime, until: datetime) -> Iterator[list[str]]:
    """Ids of videos that may be in the window, by up to 50."""
    for rows in channel.uploads():
        moments = [instant((row.get("contentDetails") or {}).get("videoPublishedAt")) for row in rows]
        yield [
            str(row["contentDetails"]["videoId"])
            for row, moment in zip(rows, moments, strict=True)
            if (row.get("contentDetails") or {}).get("videoId") and (moment is None or since <= moment < until)
        ]
        if moments and all(moment is not None and moment < since - SCHEDULED_AHEAD for moment in moments):
            return


def _reported(reports: Reports, account: Account, videos: list[dict[str, Any]]) -> Iterator[Record]:
    """The report of up to 500 videos. A video without views yet has no row."""
    published = {str(video["id"]): instant(video["snippet"]["publishedAt"]) for video in videos}
    moments = [moment for moment in published.values() if moment is not None]
    table = reports.table(
        [field.name for field in BY_VIDEO],
        min(moments).astimezone(PACIFIC).date(),
        account.at.astimezone(PACIFIC).date(),
        dimensions=["video"],
        filters=f"video=={','.join(published)}",
    )
    told: dict[str, Row] = {str(row.get("video")): row for row in table}
    for video_id, moment in published.items():
        young = moment is not None and account.at - moment < LAG
        late = ObservationState.DELAYED if young else ObservationState.UNAVAILABLE
        for field in BY_VIDEO:
            value = number(told.get(video_id, {}).get(field.name))
            yield account.of_post(
                video_id,
                field.metric,
                moment,
                None if value is None else value * field.factor,
                reports.refused.get(field.name, late),
            )


def _days(since: datetime, until: datetime) -> Iterator[date]:
    """Pacific days that end in `(since, until]`."""
    day = since.astimezone(PACIFIC).date()
    while midnight(day + timedelta(days=1)) <= until:
        yield day
        day += timedelta(days=1)


def _summed(rows: list[Row], dimension: str) -> dict[str, float]:
    """Percent by the values of one of the two dimensions of the demographic report."""
    found: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        if (value := number(row.get("viewerPercentage"))) is not None:
            found[segment_name(dimension, str(row.get(dimension)))] += value
    return found


def segment_name(dimension: str, value: str) -> str:
    """`age18-24` → `18-24`, `age65-` → `65+`, `female` → `F`: the names that the other platforms' segments have."""
    if dimension == "gender":
        return GENDERS.get(value, value)
    plain = value.removeprefix("age")
    return f"{plain[:-1]}+" if plain.endswith("-") else plain


def _shares(account: Account, dimension: str, shares: dict[str, float], without: ObservationState) -> Iterator[Record]:
    for name, share in sorted(shares.items()):
        yield account.of_segment(f"{dimension}={name}", "audience_share", share)
    if not shares:
        yield account.of_segment(f"{dimension}=all", "audience_share", None, without)
