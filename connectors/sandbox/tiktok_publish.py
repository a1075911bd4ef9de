"""Publishing on the sandbox's TikTok: creator info, init, chunks, download, moderation, status."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.tiktok_desk import DAY, Desk, body_of, ok, refused
from connectors.sandbox.world import Post
from models.domain.connection import Vendor

UPLOAD_LIFE = timedelta(hours=1)
PROCESSING = timedelta(seconds=60)
"""After this time, or the third look at its status, a publication is through moderation."""
LOOKS = 3
VERIFIED = {"127.0.0.1", "localhost"}
"""Hosts from which media are downloaded; all others are unverified domains."""
_CHUNK_BYTES = range(5_000_000, 64 * 1024 * 1024 + 1)
_PUBLIC = "PUBLIC_TO_EVERYONE"
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_CREATOR: dict[str, Any] = {
    "creator_avatar_url": "https://sample-brand.example/avatar.jpg",
    "privacy_level_options": [_PUBLIC, "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
    "comment_disabled": False,
    "duet_disabled": False,
    "stitch_disabled": True,
    "max_video_post_duration_sec": 600,
}


class PublishDesk:
    """Publications by id. `world.objects(TIKTOK, "settings")` may hold `creator` (changed creator info), `unaudited`,
    `failure` (`{"reason": …}` of the next publication) and `moderation` (`{"hold": True}`)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    @property
    def _kept(self) -> dict[str, dict[str, Any]]:
        return self._world.objects(Vendor.TIKTOK, "publication")

    @property
    def _settings(self) -> dict[str, dict[str, Any]]:
        return self._world.objects(Vendor.TIKTOK, "settings")

    def routes(self) -> list[Route]:
        guarded, publish = self._desk.guarded, "/v2/post/publish"
        return [
            Route(f"{publish}/creator_info/query/", guarded(self._creator, "video.publish", "creator_info", "creator"), methods=["POST"]),
            Route(f"{publish}/video/init/", guarded(self._video, "video.publish", "inits", "init"), methods=["POST"]),
            Route(f"{publish}/content/init/", guarded(self._photos, "video.publish", "inits", "init"), methods=["POST"]),
            Route(f"{publish}/status/fetch/", guarded(self._status, "video.publish", "statuses", "status"), methods=["POST"]),
            Route("/upload/{publish_id}", self._chunk, methods=["PUT"]),
        ]  # fmt: skip

    async def _creator(self, request: Request) -> Response:
        return ok(self._creator_info())

    def _creator_info(self) -> dict[str, Any]:
        names = {"creator_username": self._desk.account.handle, "creator_nickname": self._desk.account.name}
        return {**_CREATOR, **names, **self._settings.get("creator", {})}

    async def _video(self, request: Request) -> Response:
        body = await body_of(request)
        info, source = body.get("post_info") or {}, body.get("source_info") or {}
        if refusal := self._wrong_info(info, {"title": 2_200}):
            return refusal
        publication = {
            "kind": "video",
            "title": "",
            "text": str(info.get("title", "")),
            "privacy": info["privacy_level"],
        }
        match source.get("source"):
            case "FILE_UPLOAD":
                size, chunk_size, count = (
                    source.get(name) for name in ("video_size", "chunk_size", "total_chunk_count")
                )
                if not _right_chunks(size, chunk_size, count):
                    return refused(
                        400, "invalid_params", "The chunk size or the chunk count does not fit the video size"
                    )
                return self._begun(request, publication, size=size, chunk_size=chunk_size, count=count)
            case "PULL_FROM_URL":
                return await self._pulled(publication, [str(source.get("video_url"))], "video_pull_failed")
        return refused(400, "invalid_params", "source must be FILE_UPLOAD or PULL_FROM_URL")

    async def _photos(self, request: Request) -> Response:
        body = await body_of(request)
        info, source = body.get("post_info") or {}, body.get("source_info") or {}
        if body.get("media_type") != "PHOTO" or body.get("post_mode") != "DIRECT_POST":
            return refused(400, "invalid_params", "media_type must be PHOTO, and post_mode DIRECT_POST here")
        if refusal := self._wrong_info(info, {"title": 90, "description": 4_000}):
            return refusal
        photos = source.get("photo_images")
        if source.get("source") != "PULL_FROM_URL" or not isinstance(photos, list) or not 0 < len(photos) <= 35:
            return refused(400, "invalid_params", "photo_images must name 1 to 35 addresses to pull from")
        publication = {
            "kind": "photo", "title": str(info.get("title", "")), "text": str(info.get("description", "")),
            "privacy": info["privacy_level"],
        }  # fmt: skip
        return await self._pulled(publication, [str(photo) for photo in photos], "photo_pull_failed")

    def _wrong_info(self, info: dict[str, Any], lengths: dict[str, int]) -> Response | None:
        for name, most in lengths.items():
            if len(str(info.get(name, "")).encode("utf-16-le")) // 2 > most:
                return refused(400, "invalid_params", f"{name} is longer than {most} UTF-16 runes")
        privacy = info.get("privacy_level")
        if "unaudited" in self._settings and privacy != "SELF_ONLY":
            return refused(
                403,
                "unaudited_client_can_only_post_to_private_accounts",
                "Unaudited clients can only post to private accounts.",
            )
        if privacy not in self._creator_info()["privacy_level_options"]:
            return refused(403, "privacy_level_option_mismatch", "The privacy level is none of the creator's options.")
        if not self._desk.allowed("posts", self._desk.quota.posts_per_day, DAY):
            return refused(
                403, "spam_risk_too_many_posts", "The daily post cap from the API is reached for the current user."
            )
        return None

    def _begun(self, request: Request, publication: dict[str, Any], **upload: Any) -> Response:
        publish_id = self._publication(publication, "v_pub_file", **upload, received=0, hash=hashlib.sha256(), head=b"")
        return ok(
            {"publish_id": publish_id, "upload_url": f"{request.base_url}tiktok/upload/{publish_id}?upload_token=t"}
        )

    async def _pulled(self, publication: dict[str, Any], addresses: list[str], failure: str) -> Response:
        if any(urlsplit(address).hostname not in VERIFIED for address in addresses):
            return refused(403, "url_ownership_unverified", "Please review our URL ownership verification rules.")
        publish_id = self._publication(publication, "v_pub_url" if publication["kind"] == "video" else "p_pub_url")
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5.0) as http:
                answers = [await http.get(address) for address in addresses]
        except httpx.HTTPError:
            answers = []
        if not answers or any(answer.status_code != 200 for answer in answers):
            self._kept[publish_id]["failure"] = failure
        else:
            self._commit(publish_id, [answer.content for answer in answers])
        return ok({"publish_id": publish_id})

    def _publication(self, publication: dict[str, Any], prefix: str, **more: Any) -> str:
        publish_id = f"{prefix}~v2.{self._world.next_number():019d}"
        self._kept[publish_id] = {
            **publication, "begun": self._world.clock.now(), "committed": None, "looks": 0, "post_id": "", "failure": "",
            "size": 0, **more,
        }  # fmt: skip
        return publish_id

    async def _chunk(self, request: Request) -> Response:
        publication = self._kept.get(request.path_params["publish_id"])
        asked = _RANGE.fullmatch(request.headers.get("content-range", ""))
        if publication is None or self._world.clock.now() - publication["begun"] > UPLOAD_LIFE:
            return Response("The upload address has expired", 403)
        content = await request.body()
        first, last, total = (int(part) for part in asked.groups()) if asked else (-1, -1, -1)
        received, size = publication["received"], publication["size"]
        ends_here = received // publication["chunk_size"] >= publication["count"] - 1
        expected = size - received if ends_here else publication["chunk_size"]
        if (
            (first, total, len(content)) != (received, size, expected)
            or last - first + 1 != len(content)
            or not content
        ):
            return Response(status_code=416, headers={"Content-Range": f"bytes 0-{received - 1}/{size}"})
        publication["hash"].update(content)
        publication["head"] = publication["head"] or content[:16]
        publication["received"] = received + len(content)
        headers = {"Content-Range": f"bytes 0-{publication['received'] - 1}/{size}"}
        if publication["received"] < size:
            return Response(status_code=206, headers=headers)
        self._commit(request.path_params["publish_id"], None)
        return Response(status_code=201, headers=headers)

    def _commit(self, publish_id: str, contents: list[bytes] | None) -> None:
        """All bytes are there: checks the files and makes the post, which the list shows after moderation."""
        publication = self._kept[publish_id]
        failure = self._settings.pop("failure", {}).get("reason", "")
        heads = [publication["head"]] if contents is None else [content[:16] for content in contents]
        if not failure and not all(_readable(head, publication["kind"]) for head in heads):
            failure = "file_format_check_failed"
        publication["committed"] = self._world.clock.now()
        if failure:
            publication["failure"] = failure
            return
        digests = (
            [publication["hash"].hexdigest()]
            if contents is None
            else [hashlib.sha256(content).hexdigest() for content in contents]
        )
        post = self._world.publish(
            Vendor.TIKTOK, kind=publication["kind"], text=publication["text"], title=publication["title"], media=digests,
            privacy=publication["privacy"],
        )  # fmt: skip
        publication["post_id"] = post.id
        self._world.objects(Vendor.TIKTOK, "hidden")[post.id] = {"publish_id": publish_id}

    async def _status(self, request: Request) -> Response:
        publish_id = str((await body_of(request)).get("publish_id"))
        publication = self._kept.get(publish_id)
        if publication is None:
            return refused(400, "invalid_publish_id", "The publish_id does not exist")
        if publication["failure"]:
            return ok({"status": "FAILED", "fail_reason": publication["failure"]})
        if publication["committed"] is None:
            return ok({"status": "PROCESSING_UPLOAD", "uploaded_bytes": publication["received"]})
        publication["looks"] += 1
        if publication["looks"] == 1 and not self.moderated(publish_id):
            if "received" in publication:
                return ok({"status": "PROCESSING_UPLOAD", "uploaded_bytes": publication["received"]})
            return ok({"status": "PROCESSING_DOWNLOAD"})
        if not self.moderated(publish_id) or publication["privacy"] != _PUBLIC:
            return ok({"status": "PUBLISH_COMPLETE"})
        return ok({"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [publication["post_id"]]})

    def moderated(self, publish_id: str) -> bool:
        """Whether moderation has let the post through."""
        publication = self._kept[publish_id]
        if self._settings.get("moderation", {}).get("hold") or publication["committed"] is None:
            return False
        return bool(publication["looks"] >= LOOKS or self._world.clock.now() - publication["committed"] >= PROCESSING)

    def visible(self, post: Post) -> bool:
        """Whether the creator's list shows a post: public, and through moderation."""
        if post.extra.get("privacy", _PUBLIC) != _PUBLIC:
            return False
        hidden = self._world.objects(Vendor.TIKTOK, "hidden").get(post.id)
        return hidden is None or self.moderated(hidden["publish_id"])


def _right_chunks(size: object, chunk_size: object, count: object) -> bool:
    """TikTok's rule: a whole file, or chunks of 5 to 64 MB with the count rounded down and the rest in the last one."""
    if not (isinstance(size, int) and isinstance(chunk_size, int) and isinstance(count, int)) or size <= 0:
        return False
    if count == 1:
        return chunk_size == size and size <= _CHUNK_BYTES[-1]
    last = size - chunk_size * (count - 1)
    return chunk_size in _CHUNK_BYTES and count == size // chunk_size <= 1_000 and last <= 2 * _CHUNK_BYTES[-1]


def _readable(head: bytes, kind: str) -> bool:
    if kind == "video":
        return head[4:8] == b"ftyp" or head[:4] == b"\x1aE\xdf\xa3"
    return head[:3] == b"\xff\xd8\xff" or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
