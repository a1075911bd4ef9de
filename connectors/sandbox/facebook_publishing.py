"""What a page publishes in the sandbox: feed posts, staged and direct photos, videos in upload phases."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from connectors.sandbox.graph import Call, Graph, still_kept, told
from connectors.sandbox.graph_errors import GraphError
from connectors.sandbox.graph_fields import Field
from connectors.sandbox.graph_media import File, NotFetched, examined, fetch
from connectors.sandbox.ledger import fingerprint
from connectors.sandbox.world import Post
from models.domain.connection import Vendor

MESSAGE_MAX = 63_206
PHOTO_MAX = 4 * 1024 * 1024
PHOTOS_MAX = 10
STAGED_HOURS = 24.0
CHUNK = 1024 * 1024
PROCESSING = timedelta(seconds=30)
POLLS = 2
"""A video is processed after this many status reads or `PROCESSING` of the sandbox's time."""

_FACEBOOK = Vendor.FACEBOOK


async def feed(graph: Graph, call: Call) -> Any:
    """`POST /{page}/feed`: text, link, or staged photos by `attached_media`."""
    message, link = call.values.get("message", ""), call.values.get("link", "")
    staged = [_staged(graph, photo) for photo in _attached(call)]
    if not (message or link or staged):
        raise GraphError("(#100) The parameter message is required.", 100)
    _check_message(message)
    if "facebook.com/" in link:
        raise GraphError("(#100) Posting this link is not allowed.", 100, 1609008, title="Link not allowed")
    media = tuple(photo["sha256"] for photo in staged)
    kind = "carousel" if len(media) > 1 else "photo" if media else "link" if link else "text"
    post = published(graph, kind, message, link=link, media=media)
    for photo in staged:
        photo["post_id"] = post.id
    return {"id": post.id}


async def photos(graph: Graph, call: Call) -> Any:
    """`POST /{page}/photos`: a file or an address; unpublished ones are only staged."""
    file = await _received(call)
    message = call.values.get("message", call.values.get("caption", ""))
    if file.kind not in ("jpeg", "png") or file.size > PHOTO_MAX:
        raise GraphError(
            "(#100) Photo could not be uploaded.", 100, 1366046, title="Can't Read Files",
            told="Your photos couldn't be uploaded. Photos should be less than 4 MB and saved as JPG or PNG files.",
        )  # fmt: skip
    photo_id = f"12{graph.world.next_number():013d}"
    kept = {"sha256": file.sha256, "at": graph.world.clock.now(), "alt": call.values.get("alt_text_custom", "")}
    store = graph.world.objects(_FACEBOOK, "photo")
    if not call.flag("published", True):
        store[photo_id] = kept
        return {"id": photo_id}
    _check_message(message)
    post = published(graph, "photo", message, media=(file.sha256,))
    store[photo_id] = {**kept, "post_id": post.id}
    return {"id": photo_id, "post_id": post.id}


async def videos(graph: Graph, call: Call) -> Any:
    """`POST /{page}/videos`: start, transfer and finish of an upload; what is finished is processed, then public."""
    phase = call.need("upload_phase")
    if phase == "start":
        if not call.need("file_size").isdigit():
            raise GraphError("(#100) Param file_size must be an integer.", 100)
        size = int(call.values["file_size"])
        video_id = f"13{graph.world.next_number():013d}"
        graph.world.objects(_FACEBOOK, "video")[video_id] = {"size": size, "content": bytearray(), "polls": 0}
        return {
            "video_id": video_id,
            "upload_session_id": f"s{video_id}",
            "start_offset": "0",
            "end_offset": f"{min(CHUNK, size)}",
        }
    video = graph.world.objects(_FACEBOOK, "video").get(call.need("upload_session_id")[1:])
    if video is None:
        raise GraphError("(#6001) There was a problem uploading your video. Please try again.", 6001, 1363037)
    content: bytearray = video["content"]
    if phase == "transfer":
        if call.need("start_offset") != str(len(content)):
            data = {"start_offset": str(len(content)), "end_offset": str(min(len(content) + CHUNK, video["size"]))}
            raise GraphError("(#6001) The start offset is not where the upload stands.", 6001, 1363037, data=data)
        content += call.files.get("video_file_chunk", b"")
        end = min(len(content) + CHUNK, video["size"])
        return {"start_offset": str(len(content)), "end_offset": str(end)}
    if phase != "finish":
        raise GraphError("(#100) Param upload_phase must be one of {START, TRANSFER, FINISH, CANCEL}", 100)
    if len(content) != video["size"]:
        raise GraphError("(#6001) The upload is not complete.", 6001, 1363037)
    message = call.values.get("description", "")
    _check_message(message)
    if "finished_at" not in video:
        file = examined(bytes(content))
        video |= {"finished_at": graph.world.clock.now(), "ok": file.kind == "mp4"}
        if video["ok"]:
            post = published(graph, "video", message, media=(file.sha256,))
            video["post_id"] = post.id
    return {"success": True}


def video_fields(graph: Graph, node: str) -> Mapping[str, Callable[[Field], Any]] | None:
    """The readable fields of a video; reading `status` moves its processing on."""
    video = graph.world.objects(_FACEBOOK, "video").get(node)
    if video is None:
        return None

    def status(_: Field) -> dict[str, Any]:
        uploaded = "complete" if len(video["content"]) == video["size"] else "in_progress"
        finished_at = video.get("finished_at")
        if finished_at is None:
            state, processing, publishing = "uploading", "not_started", {"status": "not_started"}
        elif not video["ok"]:
            state, processing, publishing = "error", "error", {"status": "error", "publish_status": "draft"}
        else:
            video["polls"] += 1
            done = video["polls"] > POLLS or graph.world.clock.now() - finished_at >= PROCESSING
            state, processing = ("ready", "complete") if done else ("processing", "in_progress")
            publishing = {"status": "complete", "publish_status": "published", "publish_time": told(finished_at)}
            if not done:
                publishing = {"status": "in_progress", "publish_status": "published"}
        return {
            "video_status": state,
            "uploading_phase": {"status": uploaded, "bytes_transferred": len(video["content"])},
            "processing_phase": {"status": processing},
            "publishing_phase": publishing,
        }

    post_id = video.get("post_id")
    post = graph.world.post(_FACEBOOK, post_id) if post_id else None
    return {
        "id": lambda _: node,
        "status": status,
        "post_id": lambda _: post_id.partition("_")[2] if post_id else None,
        "permalink_url": lambda _: f"/{post_id.replace('_', '/videos/')}/" if post_id else None,
        "description": lambda _: post.text if post else None,
        "published": lambda _: post is not None,
    }


def photo_fields(graph: Graph, node: str) -> Mapping[str, Callable[[Field], Any]] | None:
    photo = graph.world.objects(_FACEBOOK, "photo").get(node)
    if photo is None or ("post_id" not in photo and not still_kept(graph.world.clock, photo["at"], STAGED_HOURS)):
        return None
    return {
        "id": lambda _: node,
        "created_time": lambda _: told(photo["at"]),
        "alt_text_custom": lambda _: photo["alt"] or None,
        "page_story_id": lambda _: photo.get("post_id"),
    }


def published(graph: Graph, kind: str, text: str, **more: Any) -> Post:
    """Makes a post public unless it repeats the page's newest one (error 506)."""
    newest = next(iter(graph.world.between(_FACEBOOK, graph.world.clock.now() - timedelta(days=2))), None)
    media = more.get("media", ())
    if newest is not None and (fingerprint(newest.text, newest.media), newest.link) == (
        fingerprint(text, media), more.get("link", "")
    ):  # fmt: skip
        raise GraphError("(#506) Duplicate status message", 506, 1455006, title="Duplicate status update")
    return graph.world.publish(_FACEBOOK, kind=kind, text=text, **more)


def _check_message(message: str) -> None:
    if len(message) > MESSAGE_MAX:
        raise GraphError(f"(#100) Param message must be no longer than {MESSAGE_MAX} characters", 100)


def _attached(call: Call) -> list[str]:
    """Photo ids from `attached_media`, as JSON or as `attached_media[0]`, `attached_media[1]` …"""
    rows = [call.values[name] for name in sorted(call.values) if name.startswith("attached_media[")]
    try:
        listed = json.loads(call.values.get("attached_media", "[]")) + [json.loads(row) for row in rows]
        ids = [str(row["media_fbid"]) for row in listed]
    except (ValueError, KeyError, TypeError):
        raise GraphError("(#100) Param attached_media must be an array.", 100) from None
    if len(ids) > PHOTOS_MAX:
        raise GraphError("(#100) Too many items in attached_media", 100)
    return ids


def _staged(graph: Graph, photo_id: str) -> dict[str, Any]:
    photo = graph.world.objects(_FACEBOOK, "photo").get(photo_id)
    if photo is None or not still_kept(graph.world.clock, photo["at"], STAGED_HOURS):
        raise GraphError(f"(#100) Invalid media_fbid {photo_id}", 100, 33)
    if "post_id" in photo:
        raise GraphError("(#100) Photos were already posted.", 100, 1366051, title="Photos were already posted")
    return photo


async def _received(call: Call) -> File:
    if "source" in call.files:
        return examined(call.files["source"])
    try:
        return examined(await fetch(call.need("url")))
    except NotFetched as error:
        raise GraphError(
            f"(#324) Missing or invalid image file ({error})", 324, 2069019, title="Missing or invalid image file"
        ) from None
