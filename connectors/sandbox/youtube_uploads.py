"""Resumable uploads of the sandbox: sessions, parts, the video when the last byte has come, thumbnails.

Bytes are hashed and counted, not kept. What arrives of an interrupted part counts in whole 256 KiB, as with the vendor.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox.world import World, make_id
from connectors.sandbox.youtube_answers import Refused, refuse, stamp
from connectors.sandbox.youtube_data import asked_parts
from connectors.sandbox.youtube_videos import thumbnails, video_row
from models.domain.connection import Vendor

UNIT = 256 * 1024
SESSION_LIFETIME = timedelta(days=7)
CHANNEL_UPLOADS = 100
"""Videos that a channel may upload in 24 hours here; YouTube tells no number."""
MAGIC = (
    (4, b"ftyp"),
    (4, b"moov"),
    (0, b"\x1aE\xdf\xa3"),
    (0, b"RIFF"),
    (0, b"FLV"),
    (0, b"OggS"),
    (0, b"\x00\x00\x01"),
)
"""Where and how files of the formats begin that YouTube reads."""
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass
class Session:
    """One upload in progress. `video_id` is set once it is finished."""

    total: int
    opened_at: datetime
    resource: dict[str, Any]
    parts: set[str]
    received: int = 0
    begin: bytes = b""
    digest: Any = field(default_factory=hashlib.sha256)
    video_id: str = ""

    def take(self, content: bytes) -> None:
        if len(self.begin) < 16:
            self.begin += content[:16]
        self.digest.update(content)
        self.received += len(content)


async def open_video(world: World, request: Request) -> Response:
    parts = asked_parts(request)
    resource = await _body(request)
    _check(world, resource)
    day_ago = world.clock.now() - timedelta(hours=24)
    uploads = world.objects(Vendor.YOUTUBE, "uploaded")
    if sum(1 for kept in uploads.values() if kept["at"] > day_ago) >= CHANNEL_UPLOADS:
        raise refuse(
            400,
            "uploadLimitExceeded",
            "The user has exceeded the number of videos they may upload.",
            domain="youtube.video",
        )
    return _open(world, request, resource, parts)


async def take_video(world: World, request: Request) -> Response:
    session = _session(world, request)
    if session.video_id:
        return JSONResponse(video_row(world, session.video_id, session.parts))
    if not await _received(session, request):
        return _incomplete(session)
    session.video_id = _finished(world, session)
    return JSONResponse(video_row(world, session.video_id, session.parts), 201)


async def open_thumbnail(world: World, request: Request) -> Response:
    video_id = request.query_params.get("videoId", "")
    if world.post(Vendor.YOUTUBE, video_id) is None:
        raise refuse(
            404,
            "videoNotFound",
            "The video that you are trying to insert a thumbnail image for cannot be found.",
            domain="youtube.thumbnail",
        )
    kind = request.headers.get("x-upload-content-type", request.headers.get("content-type", ""))
    if kind not in ("image/jpeg", "image/png", "application/octet-stream"):
        raise refuse(400, "invalidImage", "The provided image content is invalid.", domain="youtube.thumbnail")
    if request.query_params.get("uploadType") != "resumable":
        return _thumbnail_set(world, video_id, hashlib.sha256(await request.body()).hexdigest())
    return _open(world, request, {"videoId": video_id}, set())


async def take_thumbnail(world: World, request: Request) -> Response:
    session = _session(world, request)
    if session.received < session.total and not await _received(session, request):
        return _incomplete(session)
    return _thumbnail_set(world, session.resource["videoId"], session.digest.hexdigest())


def _thumbnail_set(world: World, video_id: str, digest: str) -> Response:
    post = world.post(Vendor.YOUTUBE, video_id)
    if post is not None:
        post.extra["thumbnail"] = digest
    return JSONResponse({"kind": "youtube#thumbnailSetResponse", "etag": digest[:27], "items": [thumbnails(video_id)]})


def _open(world: World, request: Request, resource: dict[str, Any], parts: set[str]) -> Response:
    length = request.headers.get("x-upload-content-length", "")
    if request.query_params.get("uploadType") != "resumable":
        raise refuse(400, "mediaBodyRequired", "The sandbox takes resumable uploads only.", domain="youtube.video")
    if not length.isdigit() or int(length) == 0:
        raise refuse(
            400, "mediaBodyRequired", "The request does not include the video content.", domain="youtube.video"
        )
    upload_id = secrets.token_urlsafe(32)
    world.objects(Vendor.YOUTUBE, "sessions")[upload_id] = {
        "session": Session(int(length), world.clock.now(), resource, parts)
    }
    here = request.url.include_query_params(upload_id=upload_id)
    return Response(status_code=200, headers={"Location": str(here), "X-GUploader-UploadID": upload_id})


def _session(world: World, request: Request) -> Session:
    kept = world.objects(Vendor.YOUTUBE, "sessions").get(request.query_params.get("upload_id", ""))
    session = kept["session"] if kept is not None else None
    if not isinstance(session, Session) or world.clock.now() - session.opened_at > SESSION_LIFETIME:
        raise Refused(Response("Not Found", 404, media_type="text/plain"))
    return session


async def _received(session: Session, request: Request) -> bool:
    """Takes what a part brings; whether the upload is whole now."""
    found = _RANGE.fullmatch(request.headers.get("content-range", f"bytes 0-{session.total - 1}/{session.total}"))
    if found is None or found[3] not in ("*", str(session.total)):
        raise refuse(400, "badContent", "Invalid Content-Range.", domain="global")
    if found[1] is None:
        return session.received == session.total
    start, end = int(found[1]), int(found[2])
    if start > session.received or end >= session.total or end < start:
        raise refuse(400, "badContent", "Content-Range does not go on where the upload stands.", domain="global")
    if end + 1 < session.total and (end + 1 - start) % UNIT:
        raise refuse(400, "badContent", "The size of a part must be a multiple of 262144 bytes.", domain="global")
    skip, whole, waiting = session.received - start, end + 1 == session.total, b""
    try:
        async for piece in request.stream():
            waiting += piece
            dropped = min(skip, len(waiting))
            skip, waiting = skip - dropped, waiting[dropped:]
            if len(waiting) >= UNIT:
                full = len(waiting) // UNIT * UNIT
                session.take(waiting[:full])
                waiting = waiting[full:]
    except ClientDisconnect:
        return False
    if whole and session.received + len(waiting) == session.total:
        session.take(waiting)
    return session.received == session.total


def _incomplete(session: Session) -> Response:
    headers = {"Range": f"bytes=0-{session.received - 1}"} if session.received else {}
    return Response(status_code=308, headers=headers)


def _finished(world: World, session: Session) -> str:
    """Makes the video, or keeps it as refused: no known format, or the same file under the same title again."""
    snippet, status = session.resource.get("snippet", {}), session.resource.get("status", {})
    digest, title = session.digest.hexdigest(), str(snippet.get("title") or "unknown")
    readable = any(session.begin[at:].startswith(sign) for at, sign in MAGIC)
    twin = any(
        digest in post.media and post.title == title and not post.deleted for post in world.history(Vendor.YOUTUBE)
    )
    if not readable or twin:
        video_id = make_id(Vendor.YOUTUBE, world.clock.now(), world.next_number())
        verdict = {"uploadStatus": "rejected", "rejectionReason": "duplicate"} if readable else {
            "uploadStatus": "failed", "failureReason": "invalidFile"}  # fmt: skip
        world.objects(Vendor.YOUTUBE, "refused")[video_id] = {
            "snippet": {
                "title": title,
                "description": snippet.get("description", ""),
                "publishedAt": stamp(world.clock.now()),
            },
            "status": {**verdict, "privacyStatus": status.get("privacyStatus", "public")},
        }
        return video_id
    settings = {
        "privacy": status.get("privacyStatus", "public"),
        "publish_at": status.get("publishAt"),
        "tags": ",".join(snippet.get("tags", [])),
        "category_id": snippet.get("categoryId"),
        "made_for_kids": "true" if status.get("selfDeclaredMadeForKids") else None,
    }
    extra: dict[str, Any] = {name: str(value) for name, value in settings.items() if value}
    description = str(snippet.get("description", ""))
    post = world.publish(Vendor.YOUTUBE, kind="video", text=description, title=title, media=[digest], **extra)
    world.objects(Vendor.YOUTUBE, "uploaded")[post.id] = {"at": world.clock.now()}
    return post.id


def _check(world: World, resource: dict[str, Any]) -> None:
    """The vendor's own refusals of texts and settings."""
    snippet, status = resource.get("snippet", {}), resource.get("status", {})
    title, text, tags = str(snippet.get("title", "")), str(snippet.get("description", "")), snippet.get("tags", [])
    if not title.strip() or len(title) > 100 or set(title) & set("<>"):
        raise refuse(
            400,
            "invalidTitle",
            "The request metadata specifies an invalid or empty video title.",
            domain="youtube.video",
        )
    if len(text.encode()) > 5_000 or set(text) & set("<>"):
        raise refuse(
            400,
            "invalidDescription",
            "The request metadata specifies an invalid video description.",
            domain="youtube.video",
        )
    counted = sum(len(tag) + (2 if " " in tag else 0) for tag in tags) + max(0, len(tags) - 1)
    if counted > 500 or any(set(tag) & set("<>") for tag in tags):
        raise refuse(
            400, "invalidTags", "The request metadata specifies invalid video keywords.", domain="youtube.video"
        )
    if "categoryId" in snippet and not str(snippet["categoryId"]).isdigit():
        raise refuse(
            400,
            "invalidCategoryId",
            "The snippet.categoryId property specifies an invalid category ID.",
            domain="youtube.video",
        )
    if (at := status.get("publishAt")) is not None:
        try:
            early = datetime.fromisoformat(at) <= world.clock.now()
        except (ValueError, TypeError):
            early = True
        if early or status.get("privacyStatus") != "private":
            raise refuse(
                400,
                "invalidPublishAt",
                "The request metadata specifies an invalid scheduled publishing time.",
                domain="youtube.video",
            )


async def _body(request: Request) -> dict[str, Any]:
    try:
        found = json.loads(await request.body() or b"{}")
    except ValueError:
        raise refuse(400, "parseError", "Parse Error", domain="global") from None
    return found if isinstance(found, dict) else {}
