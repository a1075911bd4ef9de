"""The Analytics API of the sandbox: reports by video, day, country, age and gender; late by 36 hours, in Pacific days.

Days that are not counted yet have no row, a video that nobody watched yet has none either, and a table without rows has no
`rows`. `world.objects(YOUTUBE, "retired")` names metrics that the interface has forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox import audience
from connectors.sandbox.world import Post, World
from connectors.sandbox.youtube_answers import refuse
from connectors.sandbox.youtube_videos import privacy
from models.domain.connection import Vendor

PACIFIC = ZoneInfo("America/Los_Angeles")
MOST_IDS = 500
INTEGERS = (
    "views",
    "engagedViews",
    "likes",
    "dislikes",
    "comments",
    "shares",
    "subscribersGained",
    "subscribersLost",
    "averageViewDuration",
)
FLOATS = ("estimatedMinutesWatched", "averageViewPercentage", "viewerPercentage")
ENGAGED = 0.82
"""Share of views that went past the first seconds."""
AGES = {name: f"age{name.replace('+', '-')}" for name in audience.SEGMENTS["age"]}
GENDERS = {"F": "female", "M": "male", "U": "user_specified"}
DIMENSIONS = ((), ("video",), ("day",), ("country",), ("ageGroup",), ("gender",), ("ageGroup", "gender"))


async def report(world: World, request: Request) -> Response:
    query = request.query_params
    account = world.accounts[Vendor.YOUTUBE]
    if query.get("ids") not in (f"channel=={account.id}", "channel==MINE"):
        raise refuse(403, "forbidden", "Forbidden", domain="global", status="PERMISSION_DENIED")
    start, end = (_day(query.get(name, ""), name) for name in ("startDate", "endDate"))
    metrics = [name for name in query.get("metrics", "").split(",") if name]
    dimensions = tuple(name for name in query.get("dimensions", "").split(",") if name)
    known = set(INTEGERS + FLOATS) - set(world.objects(Vendor.YOUTUBE, "retired"))
    for name in metrics:
        if name not in known:
            raise _bad(f"Unknown identifier ({name}) given in field parameters.metrics.")
    demographic = "ageGroup" in dimensions or "gender" in dimensions
    if not metrics or dimensions not in DIMENSIONS or demographic != (metrics == ["viewerPercentage"]):
        raise _bad("The query is not supported. Check the documentation for supported queries.")
    ids = _video_ids(query.get("filters", ""))
    rows = list(_rows(world, metrics, dimensions, start, end, ids))
    first = int(query.get("startIndex", "1")) - 1
    rows = rows[first : first + int(query["maxResults"]) if "maxResults" in query else None]
    headers = [{"name": name, "columnType": "DIMENSION", "dataType": "STRING"} for name in dimensions]
    headers += [
        {"name": name, "columnType": "METRIC", "dataType": "INTEGER" if name in INTEGERS else "FLOAT"}
        for name in metrics
    ]
    table: dict[str, Any] = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers}
    return JSONResponse({**table, "rows": rows} if rows else table)


def _rows(
    world: World, metrics: Sequence[str], dimensions: tuple[str, ...], start: date, end: date, ids: list[str] | None
) -> Iterator[list[Any]]:
    if dimensions == ("video",):
        posts = (
            [world.post(Vendor.YOUTUBE, video_id) for video_id in ids] if ids else world.between(Vendor.YOUTUBE, None)
        )
        for post in posts:
            if post is not None and (numbers := _of_video(world, post, start, end)):
                yield [post.id, *(numbers[name] for name in metrics)]
        return
    days = list(_counted_days(world, start, end))
    if not days:
        return
    if dimensions == ("day",):
        for day in days:
            numbers = _of_day(world, day)
            yield [day.isoformat(), *(numbers[name] for name in metrics)]
    elif "viewerPercentage" in metrics:
        yield from _demographics(dimensions)
    else:
        totals = {name: sum(_of_day(world, day)[name] for day in days) for name in metrics}
        if dimensions == ("country",):
            for country, share in audience.SEGMENTS["country"].items():
                yield [country, *(int(totals[name] * share) for name in metrics)]
        else:
            yield [totals[name] for name in metrics]


def _of_video(world: World, post: Post, start: date, end: date) -> dict[str, float] | None:
    """A video's numbers over whole days; None when there are none yet."""
    seen = world.clock.now() - timedelta(hours=audience.PROFILES[Vendor.YOUTUBE].lag_hours)
    until, since = min(seen, _midnight(end + timedelta(days=1))), _midnight(start)
    numbers = audience.readings(post.level, post.published_at, until)
    if since > post.published_at:
        before = audience.readings(post.level, post.published_at, since)
        numbers = {name: value - before[name] for name, value in numbers.items()}
    if numbers["views"] <= 0 or privacy(world, post) == "private":
        return None
    seconds = numbers["watch_time_hours"] * 3600 / numbers["views"]
    return {
        **{name: int(numbers[name]) for name in ("views", "comments", "shares", "dislikes")},
        "likes": int(numbers["reactions"]),
        "engagedViews": int(numbers["views"] * ENGAGED),
        "subscribersGained": int(numbers["subscribers_gained"]),
        "subscribersLost": int(numbers["subscribers_lost"]),
        "estimatedMinutesWatched": numbers["watch_time_hours"] * 60,
        "averageViewDuration": int(seconds),
        "averageViewPercentage": round(100 * seconds / (post.duration_seconds or 240.0), 2),
    }


def _of_day(world: World, day: date) -> dict[str, float]:
    numbers = world.account_day(Vendor.YOUTUBE, datetime.combine(day, time(), tzinfo=UTC))
    views = int(numbers["views"])
    return {
        "views": views,
        "engagedViews": int(views * ENGAGED),
        "likes": int(numbers["engagements"]),
        "dislikes": int(numbers["engagements"] * 0.02),
        "comments": int(numbers["engagements"] * 0.1),
        "shares": int(numbers["engagements"] * 0.05),
        "subscribersGained": int(numbers["followers_gained"]),
        "subscribersLost": int(numbers["followers_lost"]),
        "estimatedMinutesWatched": views * 2.25,
        "averageViewDuration": 135,
        "averageViewPercentage": 56.25,
    }


def _demographics(dimensions: tuple[str, ...]) -> Iterator[list[Any]]:
    """Percent of viewers by age and gender, which do not depend on each other here."""
    ages = {AGES[name]: share for name, share in audience.SEGMENTS["age"].items()}
    genders = {GENDERS[name]: share for name, share in audience.SEGMENTS["gender"].items()}
    if dimensions == ("ageGroup", "gender"):
        for age, share in ages.items():
            for gender, part in genders.items():
                yield [age, gender, round(100 * share * part, 3)]
        return
    for name, share in (ages if dimensions == ("ageGroup",) else genders).items():
        yield [name, round(100 * share, 3)]


def _counted_days(world: World, start: date, end: date) -> Iterator[date]:
    lag = timedelta(hours=audience.PROFILES[Vendor.YOUTUBE].lag_hours)
    day = start
    while day <= end and _midnight(day + timedelta(days=1)) + lag <= world.clock.now():
        yield day
        day += timedelta(days=1)


def _video_ids(filters: str) -> list[str] | None:
    ids: list[str] | None = None
    for part in filter(None, filters.split(";")):
        name, _, values = part.partition("==")
        if name != "video" or not values:
            raise _bad(f"Unknown identifier ({name}) given in field parameters.filters.")
        ids = values.split(",")
        if len(ids) > MOST_IDS:
            raise _bad(f"At most {MOST_IDS} values can be given for filter video.")
    return ids


def _day(text: str, name: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise _bad(f"Invalid value '{text}' for {name}.")
    return date.fromisoformat(text)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=PACIFIC)


def _bad(message: str) -> Exception:
    return refuse(400, "badRequest", message, domain="global", status="INVALID_ARGUMENT")
