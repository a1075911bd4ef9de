"""A video as the sandbox's YouTube shows it to its owner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.world import Post, World
from connectors.sandbox.youtube_answers import etag, stamp
from models.domain.connection import Vendor

PROCESSING_POLLS = 2
"""Looks at a fresh video until it is processed; `PROCESSING_TIME` does as well."""
PROCESSING_TIME = timedelta(minutes=2)


def video_row(world: World, video_id: str, parts: set[str]) -> dict[str, Any] | None:
    """One video with the parts asked for: a public one, or one that was refused in processing; None when there is none."""
    post = world.post(Vendor.YOUTUBE, video_id)
    refused = world.objects(Vendor.YOUTUBE, "refused").get(video_id)
    head = {"kind": "youtube#video", "etag": etag(video_id, sorted(parts)), "id": video_id}
    if post is not None:
        return {**head, **chosen(_whole(world, post), parts)}
    if refused is not None:
        return {**head, **chosen(refused, parts)}
    return None


def _whole(world: World, post: Post) -> dict[str, Any]:
    account = world.accounts[Vendor.YOUTUBE]
    done = _processed(world, post)
    hidden = post.extra.get("likes_hidden") == "true"
    numbers = world.readings(post) if privacy(world, post) != "private" else {}
    statistics = {"viewCount": whole_number(numbers, "views"), "likeCount": whole_number(numbers, "reactions"),
                  "favoriteCount": "0", "commentCount": whole_number(numbers, "comments")}  # fmt: skip
    if hidden:
        del statistics["likeCount"]
    upright = post.kind == "short"
    snippet: dict[str, Any] = {
        "publishedAt": stamp(post.published_at),
        "channelId": account.id,
        "title": post.title,
        "description": post.text,
        "thumbnails": thumbnails(post.id),
        "channelTitle": account.name,
        "categoryId": post.extra.get("category_id", "22"),
        "liveBroadcastContent": "none",
        "localized": {"title": post.title, "description": post.text},
    }
    if tags := post.extra.get("tags"):
        snippet["tags"] = tags.split(",")
    status: dict[str, Any] = {
        "uploadStatus": "processed" if done else "uploaded",
        "privacyStatus": privacy(world, post),
        "license": "youtube",
        "embeddable": True,
        "publicStatsViewable": True,
        "madeForKids": post.extra.get("made_for_kids") == "true",
        "selfDeclaredMadeForKids": post.extra.get("made_for_kids") == "true",
    }
    if status["privacyStatus"] == "private" and (at := post.extra.get("publish_at")):
        status["publishAt"] = at
    return {
        "snippet": snippet,
        "contentDetails": {
            "duration": iso_duration(post.duration_seconds) if done else "P0D",
            "dimension": "2d",
            "definition": "hd",
            "caption": "false",
            "licensedContent": False,
            "contentRating": {},
            "projection": "rectangular",
            "hasCustomThumbnail": "thumbnail" in post.extra,
        },
        "status": status,
        "statistics": statistics,
        "fileDetails": {
            "fileType": "video",
            "container": "mov",
            "videoStreams": [{"widthPixels": 1080, "heightPixels": 1920} if upright else {"widthPixels": 1920, "heightPixels": 1080}],
            "durationMs": str(int((post.duration_seconds or 0) * 1000)),
        },
        "processingDetails": {
            "processingStatus": "succeeded" if done else "processing",
            "fileDetailsAvailability": "available" if done else "unavailable",
            "thumbnailsAvailability": "available" if done else "inProgress",
        },
    }  # fmt: skip


def _processed(world: World, post: Post) -> bool:
    """A fresh video is processed after some looks at it, or some time."""
    if post.native or world.clock.now() - post.published_at >= PROCESSING_TIME:
        return True
    seen = world.objects(Vendor.YOUTUBE, "processing").setdefault(post.id, {"polls": 0})
    seen["polls"] += 1
    return int(seen["polls"]) > PROCESSING_POLLS


def privacy(world: World, post: Post) -> str:
    """A private video with a publishing time is public from then on."""
    kept = post.extra.get("privacy", "public")
    at = post.extra.get("publish_at")
    return "public" if kept == "private" and at and datetime.fromisoformat(at) <= world.clock.now() else kept


def chosen(whole: Mapping[str, Any], parts: set[str]) -> dict[str, Any]:
    return {name: value for name, value in whole.items() if name in parts}


def thumbnails(key: str) -> dict[str, dict[str, Any]]:
    sizes = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}
    return {
        name: {"url": f"https://i.ytimg.com/vi/{key}/{name}.jpg", "width": wide, "height": high}
        for name, (wide, high) in sizes.items()
    }


def whole_number(numbers: Mapping[str, float], name: str) -> str:
    return str(int(numbers.get(name, 0)))


def iso_duration(seconds: float | None) -> str:
    minutes, rest = divmod(int(seconds or 0), 60)
    return f"PT{f'{minutes}M' if minutes else ''}{rest}S"
