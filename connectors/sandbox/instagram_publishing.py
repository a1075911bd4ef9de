"""Instagram's three steps in the sandbox: a container (media really downloaded), its status, publishing.

Codes and subcodes: Instagram platform error codes (2 June 2026); limits: content publishing guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from connectors.sandbox.graph import Call, Graph, still_kept
from connectors.sandbox.graph_errors import GraphError
from connectors.sandbox.graph_fields import Field
from connectors.sandbox.graph_media import File, NotFetched, examined, fetch
from models.domain.connection import Vendor

CAPTION_MAX = 2_200
HASHTAGS_MAX = 30
MENTIONS_MAX = 20
IMAGE_MAX = 8 * 1024 * 1024
ASPECTS = (4 / 5, 1.91)
KEPT_HOURS = 24.0
QUOTA = 100
PROCESSING = timedelta(seconds=30)
POLLS = 2
"""A video is ready after this many status reads or `PROCESSING` of the sandbox's time."""
_INSTAGRAM = Vendor.INSTAGRAM
_TYPES = ("IMAGE", "REELS", "CAROUSEL", "STORIES", "VIDEO")


async def container(graph: Graph, call: Call) -> Any:
    """`POST /{ig-user}/media`: one image, reel or carousel item, or a carousel of items."""
    if graph.world.objects(_INSTAGRAM, "blocked"):
        raise _blocked()
    caption = call.values.get("caption", "")
    _check_caption(caption)
    kind = call.values.get("media_type", "IMAGE")
    if kind not in _TYPES:
        raise GraphError(f"(#100) Unknown media type {kind}", 100, 2207023)
    item = call.flag("is_carousel_item", False)
    made: dict[str, Any] = {"caption": caption, "at": graph.world.clock.now(), "polls": 0, "problem": "", "item": item}
    if kind == "CAROUSEL":
        made |= {"kind": "carousel", "media": _children(graph, call)}
    elif kind in ("REELS", "VIDEO") or "video_url" in call.values:
        if kind == "VIDEO" and not item:
            raise GraphError("(#100) The media_type VIDEO is no longer supported, use REELS.", 100, 2207067)
        file = await _fetched(call, "video_url")
        problem = "" if file.kind == "mp4" else "Error: 2207026 The video format is not supported"
        made |= {"kind": "reel", "media": (file.sha256,), "problem": problem}
    else:
        made |= {"kind": "photo", "media": (_checked_image(await _fetched(call, "image_url")).sha256,)}
    container_id = f"179{graph.world.next_number():014d}"
    graph.world.objects(_INSTAGRAM, "container")[container_id] = made
    return {"id": container_id}


async def media_publish(graph: Graph, call: Call) -> Any:
    """`POST /{ig-user}/media_publish`: makes a finished container public, once."""
    container_id = call.need("creation_id")
    made = graph.world.objects(_INSTAGRAM, "container").get(container_id)
    if made is None or "media_id" in made:
        raise GraphError(
            "The requested resource does not exist", 24, 2207006, title="Media not found",
            told=f"The media with id {container_id} cannot be found.",
        )  # fmt: skip
    state = _state(graph, made)
    if state == "EXPIRED":
        raise GraphError("Media expired, please create another container", -2, 2207020, title="Media expired")
    if state != "FINISHED" or made["item"]:
        raise GraphError(
            "Media ID is not available", 9007, 2207027, title="The media is not ready to be published",
            told="The media is not ready to be published, please wait for a moment.",
        )  # fmt: skip
    if graph.world.objects(_INSTAGRAM, "blocked"):
        raise _blocked()
    if _used(graph) >= _quota(graph):
        raise GraphError(
            "Application request limit reached", 9, 2207042, title="You reached maximum number of posts",
            told="You reached maximum number of posts that is allowed to be published by Content Publishing API.",
        )  # fmt: skip
    post = graph.world.publish(_INSTAGRAM, kind=made["kind"], text=made["caption"], media=made["media"])
    made["media_id"] = post.id
    return {"id": post.id}


async def publishing_limit(graph: Graph, call: Call) -> Any:
    """`GET /{ig-user}/content_publishing_limit`."""
    names = call.names("fields") or ["quota_usage"]
    row: dict[str, Any] = {}
    if "quota_usage" in names:
        row["quota_usage"] = _used(graph)
    if "config" in names:
        row["config"] = {"quota_total": _quota(graph), "quota_duration": 86_400}
    return {"data": [row]}


def container_fields(graph: Graph, node: str) -> Mapping[str, Callable[[Field], Any]] | None:
    made = graph.world.objects(_INSTAGRAM, "container").get(node)
    if made is None:
        return None
    made["polls"] += 1
    state = _state(graph, made)
    words = {
        "IN_PROGRESS": "In Progress: Media is still being processed.",
        "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
        "PUBLISHED": "Published: Media has been successfully published.",
        "EXPIRED": "Expired: The container was not published within 24 hours.",
        "ERROR": made["problem"],
    }
    return {
        "id": lambda _: node,
        "status_code": lambda _: state,
        "status": lambda _: words[state],
        "copyright_check_status": lambda _: {"status": "completed", "matches_found": False},
    }


def _state(graph: Graph, made: Mapping[str, Any]) -> str:
    if "media_id" in made:
        return "PUBLISHED"
    if not still_kept(graph.world.clock, made["at"], KEPT_HOURS):
        return "EXPIRED"
    if made["kind"] != "photo" and made["polls"] <= POLLS and graph.world.clock.now() - made["at"] < PROCESSING:
        return "IN_PROGRESS"
    return "ERROR" if made["problem"] else "FINISHED"


def _children(graph: Graph, call: Call) -> tuple[str, ...]:
    ids = call.names("children")
    if not 2 <= len(ids) <= 10:
        raise GraphError("(#100) A carousel needs 2 to 10 children", 100, 2207028, title="Carousel validation failed")
    kept = graph.world.objects(_INSTAGRAM, "container")
    found = [kept.get(one) for one in ids]
    if any(one is None or not one["item"] or _state(graph, one) != "FINISHED" for one in found):
        raise GraphError("Media ID is not available", 9007, 2207027, title="The media is not ready to be published")
    return tuple(digest for one in found if one is not None for digest in one["media"])


async def _fetched(call: Call, name: str) -> File:
    try:
        return examined(await fetch(call.need(name)))
    except NotFetched as error:
        raise GraphError(
            "Only photo or video can be accepted as media type.", 9004, 2207052, title="Media download has failed",
            told=f"The media could not be fetched from this URI: {error}",
        ) from None  # fmt: skip


def _checked_image(file: File) -> File:
    if file.size >= IMAGE_MAX:
        raise GraphError(
            "The image size is too large.", 36000, 2207004, title="Image size too large",
            told="The image is too large to download. It should be less than 8 MiB.",
        )  # fmt: skip
    if file.kind != "jpeg":
        raise GraphError("The image format is not supported.", 36001, 2207005, title="Image format not supported")
    if file.width and file.height and not ASPECTS[0] - 0.005 <= file.width / file.height <= ASPECTS[1] + 0.005:
        raise GraphError(
            "The aspect ratio is not supported.", 36003, 2207009, title="Aspect ratio not supported",
            told=f"The submitted image with aspect ratio {file.width / file.height:.2f} cannot be published.",
        )  # fmt: skip
    return file


def _check_caption(caption: str) -> None:
    if len(caption) > CAPTION_MAX:
        raise GraphError("The caption was too long", 36004, 2207010, title="Caption too long")
    if len(re.findall(r"@\w", caption)) > MENTIONS_MAX or len(re.findall(r"#\w", caption)) > HASHTAGS_MAX:
        raise GraphError("(#100) Too many tags in the caption", 100, 2207040, title="Too many tags")


def _blocked() -> GraphError:
    return GraphError(
        "Application request limit reached", 4, 2207051, status=403, title="Action blocked",
        told="We restrict certain activity to protect our community. Tell us if you think we made a mistake.",
    )  # fmt: skip


def _quota(graph: Graph) -> int:
    chosen = graph.world.objects(_INSTAGRAM, "quota").get("total", {})
    return int(chosen.get("value", QUOTA))


def _used(graph: Graph) -> int:
    since = graph.world.clock.now() - timedelta(hours=24)
    return sum(entry.at > since for entry in graph.world.ledger.of(_INSTAGRAM, "publish"))
