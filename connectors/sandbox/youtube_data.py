"""The Data API of the sandbox: channels, the list of uploads, videos, search."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox.world import World
from connectors.sandbox.youtube_answers import etag, refuse, stamp
from connectors.sandbox.youtube_videos import chosen, privacy, thumbnails, video_row
from models.domain.connection import Vendor

MOST = 50


async def channels(world: World, request: Request) -> Response:
    parts = asked_parts(request)
    account = world.accounts[Vendor.YOUTUBE]
    ids = request.query_params.get("id", "").split(",")
    mine = request.query_params.get("mine") == "true"
    handle = request.query_params.get("forHandle", "")
    if not mine and ids == [""] and not handle:
        raise refuse(400, "missingRequiredParameter", "No filter selected. Expected one of: forUsername, id, mine")
    found = mine or account.id in ids or handle in (account.handle, account.handle.removeprefix("@"))
    count = len(world.between(Vendor.YOUTUBE, None))
    whole = {
        "snippet": {
            "title": account.name,
            "description": "Synthetic brand of the sandbox.",
            "customUrl": account.handle,
            "publishedAt": "2019-04-01T08:00:00Z",
            "thumbnails": thumbnails(account.id),
            "localized": {"title": account.name, "description": "Synthetic brand of the sandbox."},
            "country": "DE",
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": uploads_of(account.id)}},
        "statistics": {
            "viewCount": str(count * 2_000),
            "subscriberCount": str(rounded(world.followers(Vendor.YOUTUBE))),
            "hiddenSubscriberCount": False,
            "videoCount": str(count),
        },
    }
    row = {"kind": "youtube#channel", "etag": etag(account.id), "id": account.id, **chosen(whole, parts)}
    return page("youtube#channelListResponse", [row] if found else [], 1 if found else 0, 5)


async def playlist_items(world: World, request: Request) -> Response:
    """The uploads, newest first. A page token counts the older videos that are left, so new ones do not shift it."""
    parts = asked_parts(request)
    account = world.accounts[Vendor.YOUTUBE]
    playlist = request.query_params.get("playlistId", "")
    if playlist != uploads_of(account.id):
        raise refuse(
            404, "playlistNotFound", "The playlist identified with the request's playlistId parameter cannot be found.",
            domain="youtube.playlistItem",
        )  # fmt: skip
    posts = world.history(Vendor.YOUTUBE)
    left, size = read_token(request, len(posts)), page_size(request)
    rows: list[dict[str, Any]] = []
    position = len(posts) - left
    while left > 0 and len(rows) < size:
        left -= 1
        post = posts[left]
        if post.deleted or post.published_at > world.clock.now():
            continue
        whole = {
            "snippet": {
                "publishedAt": stamp(post.published_at),
                "channelId": account.id,
                "title": post.title,
                "description": post.text,
                "thumbnails": thumbnails(post.id),
                "channelTitle": account.name,
                "playlistId": playlist,
                "position": position + len(rows),
                "resourceId": {"kind": "youtube#video", "videoId": post.id},
                "videoOwnerChannelTitle": account.name,
                "videoOwnerChannelId": account.id,
            },
            "contentDetails": {"videoId": post.id, "videoPublishedAt": stamp(post.published_at)},
            "status": {"privacyStatus": privacy(world, post)},
        }
        item = base64.b64encode(f"{playlist}.{post.id}".encode()).decode()
        rows.append({"kind": "youtube#playlistItem", "etag": etag(post.id), "id": item, **chosen(whole, parts)})
    following = write_token(left) if any(not post.deleted for post in posts[:left]) else None
    return page("youtube#playlistItemListResponse", rows, len(posts), size, following)


async def videos(world: World, request: Request) -> Response:
    parts = asked_parts(request)
    ids = [video_id for video_id in request.query_params.get("id", "").split(",") if video_id]
    if not ids:
        raise refuse(400, "missingRequiredParameter", "No filter selected. Expected one of: chart, id, myRating")
    if len(ids) > MOST:
        raise refuse(400, "invalidFilters", "The request specifies an invalid filter parameter.")
    rows = [row for video_id in dict.fromkeys(ids) if (row := video_row(world, video_id, parts)) is not None]
    return page("youtube#videoListResponse", rows, len(rows), len(rows))


async def delete_video(world: World, request: Request) -> Response:
    if not world.delete(Vendor.YOUTUBE, request.query_params.get("id", "")):
        raise refuse(
            404, "videoNotFound", "The video that you are trying to delete cannot be found.", domain="youtube.video"
        )
    return Response(status_code=204)


async def search(world: World, request: Request) -> Response:
    """The account's videos by words, newest first; titles come HTML-escaped and descriptions cut, as they do in truth."""
    asked_parts(request)
    account = world.accounts[Vendor.YOUTUBE]
    query = request.query_params
    words = query.get("q", "").lower().split()
    mine = query.get("forMine") == "true" or query.get("channelId") == account.id
    after, before = (
        datetime.fromisoformat(query[name]) if name in query else None for name in ("publishedAfter", "publishedBefore")
    )
    found = [
        post
        for post in (world.between(Vendor.YOUTUBE, after, before) if mine else [])
        if all(word in f"{post.title} {post.text}".lower() for word in words)
    ]
    offset, size = read_token(request, 0), page_size(request)
    rows = [
        {
            "kind": "youtube#searchResult",
            "etag": etag(post.id),
            "id": {"kind": "youtube#video", "videoId": post.id},
            "snippet": {
                "publishedAt": stamp(post.published_at),
                "channelId": account.id,
                "title": escape(post.title).replace("&#x27;", "&#39;"),
                "description": escape(post.text if len(post.text) < 160 else f"{post.text[:157]}..."),
                "thumbnails": thumbnails(post.id),
                "channelTitle": account.name,
                "liveBroadcastContent": "none",
            },
        }
        for post in found[offset : offset + size]
    ]
    following = write_token(offset + size) if offset + size < len(found) else None
    return page("youtube#searchListResponse", rows, len(found), size, following, regionCode="DE")


def asked_parts(request: Request) -> set[str]:
    parts = {part for value in request.query_params.getlist("part") for part in value.split(",") if part}
    if not parts:
        raise refuse(400, "missingRequiredParameter", "Required parameter: part")
    return parts


def page(
    kind: str, rows: list[dict[str, Any]], total: int, size: int, following: str | None = None, **more: str
) -> JSONResponse:
    document: dict[str, Any] = {"kind": kind, "etag": etag(kind, len(rows), total), **more}
    if following is not None:
        document["nextPageToken"] = following
    document["pageInfo"] = {"totalResults": total, "resultsPerPage": size}
    document["items"] = rows
    return JSONResponse(document)


def page_size(request: Request) -> int:
    text = request.query_params.get("maxResults", "5")
    if not text.isdigit() or int(text) > MOST:
        raise refuse(400, "invalidValue", f"Invalid value '{text}'. Values must be within the range: [0, {MOST}]")
    return int(text)


def write_token(number: int) -> str:
    return base64.urlsafe_b64encode(f"n{number}".encode()).decode().rstrip("=")


def read_token(request: Request, first: int) -> int:
    text = request.query_params.get("pageToken")
    if not text:
        return first
    try:
        return int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().removeprefix("n"))
    except (ValueError, binascii.Error, UnicodeDecodeError):
        raise refuse(400, "invalidPageToken", "The request specifies an invalid page token.") from None


def uploads_of(channel_id: str) -> str:
    return f"UU{channel_id[2:]}"


def rounded(subscribers: int) -> int:
    """YouTube shows subscribers above 1,000 rounded down to three significant figures (channels resource, statistics)."""
    step = int(10 ** max(0, len(str(subscribers)) - 3))
    return subscribers // step * step
