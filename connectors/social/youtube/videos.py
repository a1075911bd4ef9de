"""A video of the Data API as content and observations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors.readings import Account
from models.domain.content import ContentRecord, Observation

PARTS = "snippet,contentDetails,status,statistics,fileDetails,liveStreamingDetails"
COUNTS = (("viewCount", "views"), ("likeCount", "reactions"), ("commentCount", "comments"))
"""Fields of `statistics`, whose numbers are strings, and their metrics. A count that its owner hides is left out."""
SHORT = timedelta(minutes=3)
"""The longest short since 15 October 2024 (YouTube Help, get started creating Shorts); it must also not be wider than high."""
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def content(account: Account, video: dict[str, Any]) -> ContentRecord:
    """One row of `videos.list`. Raises `KeyError` without an id."""
    snippet = video.get("snippet") or {}
    kind = content_type(video)
    path = "shorts/" if kind == "short" else "watch?v="
    return account.content(
        str(video["id"]), kind, video, published_at=instant(snippet.get("publishedAt")), title=snippet.get("title"),
        body=snippet.get("description"), url=f"https://www.youtube.com/{path}{video['id']}",
        tags=tuple(str(tag) for tag in snippet.get("tags") or ()),
    )  # fmt: skip


def counts(account: Account, video: dict[str, Any]) -> Iterator[Observation]:
    """The lifetime counts of a video."""
    statistics = video.get("statistics") or {}
    published = instant((video.get("snippet") or {}).get("publishedAt"))
    for field, metric in COUNTS:
        yield account.of_post(str(video["id"]), metric, published, count(statistics.get(field)))


def content_type(video: dict[str, Any]) -> str:
    """`live`, `short` or `video`. The interface has no flag for shorts: length and shape of the owner's file tell."""
    if video.get("liveStreamingDetails"):
        return "live"
    length = duration((video.get("contentDetails") or {}).get("duration"))
    streams = (video.get("fileDetails") or {}).get("videoStreams") or []
    first = streams[0] if streams and isinstance(streams[0], dict) else {}
    wide, high = first.get("widthPixels"), first.get("heightPixels")
    upright = isinstance(wide, int) and isinstance(high, int) and high >= wide
    return "short" if upright and length is not None and timedelta(0) < length <= SHORT else "video"


def count(value: object) -> float | None:
    """A count, which the Data API writes as a string of digits; None for anything else."""
    return float(value) if isinstance(value, str) and value.isdigit() else None


def duration(value: object) -> timedelta | None:
    """An ISO 8601 duration as YouTube writes it (`PT1M30S`, `P1DT2H`); None for anything else."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def instant(value: object) -> datetime | None:
    """An RFC 3339 instant; None when there is none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
