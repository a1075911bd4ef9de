"""X's media upload in the sandbox: in one request, or in parts with processing that takes two looks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox import x_speech as said
from connectors.sandbox.world import World, make_id
from models.domain.connection import Vendor

SESSION = timedelta(seconds=1_295_999)
KEPT = timedelta(seconds=86_400)
MAX_IMAGE = 5 * 1024**2
MAX_SEGMENT = 5 * 1024**2
CATEGORIES = ("tweet_image", "tweet_gif", "tweet_video")
_PREFIX = {"tweet_image": "3", "tweet_gif": "16", "tweet_video": "13"}
_STATES = ("pending", "in_progress", "succeeded")


async def one_shot(world: World, request: Request) -> Response:
    """POST /2/media/upload: images only, as JSON with base64 or as a form."""
    words = said.speech(world)
    asked = await _body(request)
    content = _content(asked.get("media"))
    if content is None or asked.get("media_category") != "tweet_image":
        return said.invalid(words, {"media_category": [str(asked.get("media_category"))]}, "media and media_category are required")  # fmt: skip
    if len(content) > MAX_IMAGE or not _is_image(content):
        return said.invalid(words, {"media": []}, "The media is no image or larger than 5 MB.")
    stored = _store(world, "tweet_image", len(content))
    stored.update(sha256=hashlib.sha256(content).hexdigest(), state="succeeded", expires=world.clock.now() + KEPT)
    return _told(world, stored)


async def initialize(world: World, request: Request) -> Response:
    words = said.speech(world)
    asked = await _body(request)
    category, total = asked.get("media_category"), asked.get("total_bytes")
    if category not in CATEGORIES or not isinstance(total, int) or total <= 0:
        return said.invalid(words, {"media_category": [str(category)], "total_bytes": [str(total)]}, "media_category or total_bytes is not valid")  # fmt: skip
    stored = _store(world, category, total)
    return JSONResponse(
        {"data": {"id": stored["id"], "media_key": stored["key"], "expires_after_secs": int(SESSION.total_seconds())}}
    )


async def append(world: World, request: Request) -> Response:
    words = said.speech(world)
    stored = _found(world, request.path_params["id"])
    asked = await _body(request)
    content = _content(asked.get("media"))
    index = str(asked.get("segment_index", ""))
    if stored is None or stored["state"] != "open":
        return said.invalid(words, {"id": [request.path_params["id"]]}, "Session not found.")
    if content is None or len(content) > MAX_SEGMENT or not index.isdigit() or int(index) > 999:
        return said.invalid(words, {"segment_index": [index]}, "The part is too large or its index is not valid.")
    stored["parts"][int(index)] = content
    return JSONResponse({"data": {"expires_at": int(stored["expires"].timestamp())}})


async def finalize(world: World, request: Request) -> Response:
    words = said.speech(world)
    stored = _found(world, request.path_params["id"])
    if stored is None:
        return said.invalid(words, {"id": [request.path_params["id"]]}, "Session not found.")
    if stored["state"] == "open":
        content = b"".join(stored["parts"][index] for index in sorted(stored["parts"]))
        if len(content) != stored["size"]:
            return said.invalid(words, {"id": [stored["id"]]}, "Segments do not add up to provided total file size.")
        readable = content[4:8] == b"ftyp" if stored["category"] == "tweet_video" else _is_image(content)
        stored["parts"].clear()
        stored.update(
            sha256=hashlib.sha256(content).hexdigest(), state="pending", readable=readable,
            expires=world.clock.now() + KEPT,
        )  # fmt: skip
    return _told(world, stored)


async def status(world: World, request: Request) -> Response:
    """GET /2/media/upload: every look brings the processing one state further."""
    words = said.speech(world)
    media_id = request.query_params.get("media_id", "")
    stored = _found(world, media_id)
    if stored is None or stored["state"] == "open":
        return said.invalid(words, {"media_id": [media_id]}, "media_id is not valid.")
    if stored["state"] in _STATES[:-1]:
        stored["state"] = _STATES[_STATES.index(stored["state"]) + 1] if stored["readable"] else "failed"
    return _told(world, stored)


async def describe(world: World, request: Request) -> Response:
    """POST /2/media/metadata: the alternative text."""
    words = said.speech(world)
    asked = await _body(request)
    stored = _found(world, str(asked.get("id")))
    alternative = (asked.get("metadata") or {}).get("alt_text") or {}
    if stored is None or len(alternative.get("text", "")) > 1000:
        return said.invalid(words, {"id": [str(asked.get("id"))]}, "id or alt_text is not valid.")
    stored["alt_text"] = alternative.get("text", "")
    return JSONResponse({"data": {"id": stored["id"], "associated_metadata": {"alt_text": alternative}}})


def _store(world: World, category: str, size: int) -> dict[str, Any]:
    media_id = make_id(Vendor.X, world.clock.now(), world.next_number())
    stored: dict[str, Any] = {
        "id": media_id, "key": f"{_PREFIX[category]}_{media_id}", "category": category, "size": size, "parts": {},
        "state": "open", "readable": True, "expires": world.clock.now() + SESSION,
    }  # fmt: skip
    world.objects(Vendor.X, "media")[media_id] = stored
    return stored


def _found(world: World, media_id: str) -> dict[str, Any] | None:
    """The upload, while X keeps it."""
    stored = world.objects(Vendor.X, "media").get(media_id)
    return stored if stored is not None and stored["expires"] > world.clock.now() else None


def _told(world: World, stored: dict[str, Any]) -> Response:
    left = int((stored["expires"] - world.clock.now()).total_seconds())
    data: dict[str, Any] = {
        "id": stored["id"], "media_key": stored["key"], "size": stored["size"], "expires_after_secs": left,
    }  # fmt: skip
    if stored["category"] != "tweet_image":
        info: dict[str, Any] = {"state": stored["state"]}
        if stored["state"] in _STATES[:-1]:
            info["check_after_secs"] = 1
        data["processing_info"] = info
    return JSONResponse({"data": data})


async def _body(request: Request) -> dict[str, Any]:
    """The fields of a JSON body or a form; empty for anything else."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        form = await request.form()
        return {name: await value.read() if not isinstance(value, str) else value for name, value in form.items()}
    try:
        found = json.loads(await request.body())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _content(media: object) -> bytes | None:
    if isinstance(media, bytes):
        return media
    try:
        return base64.b64decode(str(media), validate=True) if media else None
    except binascii.Error:
        return None


def _is_image(content: bytes) -> bool:
    return content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")) or content[8:12] == b"WEBP"
