"""A creator's videos as TikTok tells them: public ones only, newest first, with their totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.http import Effect
from connectors.social.tiktok.api import Api, milliseconds, moment

PAGE = 20
"""The most that `video/list` gives at once and `video/query` takes (TikTok Display API)."""
FIELDS = (
    "id", "create_time", "title", "video_description", "share_url", "duration",
    "view_count", "like_count", "comment_count", "share_count",
)  # fmt: skip


@dataclass(frozen=True)
class Video:
    """One video or photo post; `published_at` is exact to the second, `row` is TikTok's own."""

    id: str
    text: str
    title: str | None
    kind: str
    url: str | None
    published_at: datetime | None
    row: dict[str, Any]


def listed(api: Api, since: datetime, until: datetime | None = None) -> Iterator[list[Video]]:
    """Pages of videos published before `until`, back to `since`; the last page may hold older ones.

    TikTok's cursor is an instant, in milliseconds, before which the next page begins.
    """
    cursor = milliseconds(until) if until is not None else None
    while True:
        body: dict[str, Any] = {"max_count": PAGE}
        data = api.post("/video/list/", body if cursor is None else {**body, "cursor": cursor}, fields=FIELDS)
        page = read(api, data)
        yield page
        if not data.get("has_more") or any(v.published_at is not None and v.published_at < since for v in page):
            return
        following = data.get("cursor")
        if not isinstance(following, int) or (cursor is not None and following >= cursor):
            raise api.client.unreadable(Effect.READ, "its list of videos does not go on")
        cursor = following


def by_id(api: Api, ids: Sequence[str]) -> list[Video]:
    """The videos among `ids` that exist and are public."""
    found: list[Video] = []
    for first in range(0, len(ids), PAGE):
        body = {"filters": {"video_ids": list(ids[first : first + PAGE])}}
        found += read(api, api.post("/video/query/", body, fields=FIELDS))
    return found


def read(api: Api, data: dict[str, Any]) -> list[Video]:
    """The videos in an answer's `data`. Raises `Transient` where there is no list of them: it must not look empty."""
    rows = data.get("videos")
    if not isinstance(rows, list):
        raise api.client.unreadable(Effect.READ, "the answer has no list of videos")
    return [_video(row) for row in rows if isinstance(row, dict)]


def _video(row: dict[str, Any]) -> Video:
    url = row.get("share_url") or None
    title = str(row.get("title") or "")
    text = str(row.get("video_description") or title)
    return Video(
        id=str(row.get("id") or ""),
        text=text,
        title=title if title and title != text else None,
        kind="photo" if url and "/photo/" in url else "video",
        url=url,
        published_at=moment(row.get("create_time")),
        row=row,
    )
