"""Posts of the sandbox's LinkedIn: create with all its refusals, and the finder by author."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.linkedin_assets import AssetDesk
from connectors.sandbox.linkedin_desk import Desk, error, page_of, query_of
from connectors.sandbox.linkedin_text import visible, written
from connectors.sandbox.world import Post, make_id
from models.domain.connection import Vendor

MAX_TEXT = 3_000
DUPLICATE_WINDOW = timedelta(days=7)
"""How long the same content is refused as a duplicate; LinkedIn states no window."""
_REQUIRED = ("author", "commentary", "visibility", "distribution", "lifecycleState")
_PIXEL_KIND = {"image": "photo", "video": "video", "document": "document"}


class PostDesk:
    def __init__(self, desk: Desk, assets: AssetDesk) -> None:
        self._desk = desk
        self._world = desk.world
        self._assets = assets

    def routes(self) -> list[Route]:
        return [
            Route("/rest/posts", self._desk.guarded(self._create), methods=["POST"]),
            Route("/rest/posts", self._desk.guarded(self._by_author), methods=["GET"]),
        ]

    async def _create(self, request: Request) -> Response:
        try:
            body = await request.json()
        except ValueError:
            return error(400, "INVALID_REQUEST", "The body is no JSON")
        missing = [name for name in _REQUIRED if name not in body]
        if missing:
            lines = (
                f"ERROR :: /{name} :: field is required but not found and has no default value\n" for name in missing
            )
            return JSONResponse({"message": "".join(lines), "status": 422}, 422)
        if body["author"] != self._desk.urn:
            return error(403, "ACCESS_DENIED", "Not enough permissions to access: POST /posts", 100)
        text = visible(str(body["commentary"]))
        if len(text) > MAX_TEXT:
            return error(400, "FIELD_LENGTH_TOO_LONG", f"commentary is longer than {MAX_TEXT} characters")
        content = body.get("content") or {}
        urns = _asset_urns(content)
        if refusal := self._asset_refusal(urns):
            return refusal
        media = tuple(self._assets.kept[urn]["sha256"] for urn in urns)
        link = (content.get("article") or {}).get("source", "")
        if link and not content["article"].get("title"):
            return error(422, "INVALID_CONTENT", "ERROR :: /content/article/title :: field is required")
        if earlier := self._earlier(text, link, media):
            return error(422, "DUPLICATE_POST", f"Content is a duplicate of {earlier.id}")
        post = self._publish(text, link, media, urns, content)
        return Response(status_code=201, headers={"x-restli-id": post.id, "x-linkedin-id": post.id})

    def _publish(self, text: str, link: str, media: tuple[str, ...], urns: list[str], content: dict[str, Any]) -> Post:
        kind = "link" if link else "text"
        if urns:
            kind = "carousel" if len(urns) > 1 else _PIXEL_KIND[urns[0].split(":")[2]]
        post_id = make_id(Vendor.LINKEDIN, self._world.clock.now(), self._world.next_number())
        if kind in ("video", "carousel", "document"):
            post_id = post_id.replace(":share:", ":ugcPost:")
        return self._world.publish(
            Vendor.LINKEDIN, kind=kind, text=text, link=link, media=media, post_id=post_id, content=json.dumps(content)
        )

    def _asset_refusal(self, urns: list[str]) -> Response | None:
        for urn in urns:
            asset = self._assets.kept.get(urn)
            if asset is None:
                return error(400, "INVALID_VALUE_FOR_FIELD", f"{urn} does not exist")
            if asset["status"] in ("WAITING_UPLOAD", "PROCESSING"):
                return error(400, "MEDIA_ASSET_WAITING_UPLOAD", f"{urn} is not ready")
            if asset["status"] == "PROCESSING_FAILED":
                return error(400, "MEDIA_ASSET_PROCESSING_FAILED", f"{urn} could not be processed")
        return None

    def _earlier(self, text: str, link: str, media: tuple[str, ...]) -> Post | None:
        recent = self._world.between(Vendor.LINKEDIN, self._world.clock.now() - DUPLICATE_WINDOW)
        same = (post for post in recent if post.text == text and post.link == link and post.media == media)
        return next(same, None)

    async def _by_author(self, request: Request) -> Response:
        query = query_of(request)
        if query.get("q") != "author" or unquote(query.get("author", "")) != self._desk.urn:
            return error(403, "ACCESS_DENIED", "Not enough permissions to access: FINDER author", 100)
        page = page_of(request, self._world.between(Vendor.LINKEDIN, None))
        if isinstance(page, Response):
            return page
        posts, paging = page
        return JSONResponse({"paging": paging, "elements": [self._row(post) for post in posts]})

    def _row(self, post: Post) -> dict[str, Any]:
        at = int(post.published_at.timestamp() * 1000)
        row = {
            "id": post.id,
            "author": self._desk.urn,
            "commentary": written(post.text),
            "createdAt": at,
            "publishedAt": at,
            "lastModifiedAt": at,
            "visibility": "PUBLIC",
            "lifecycleState": "PUBLISHED",
            "lifecycleStateInfo": {"isEditedByAuthor": False},
            "isReshareDisabledByAuthor": False,
            "distribution": {"feedDistribution": "MAIN_FEED", "thirdPartyDistributionChannels": []},
        }
        content = _content(post)
        return {**row, "content": content} if content else row


def _content(post: Post) -> dict[str, Any] | None:
    if kept := post.extra.get("content"):
        found: dict[str, Any] = json.loads(kept)
        return found
    number = post.id.rpartition(":")[2]
    match post.kind:
        case "photo":
            return {"media": {"id": f"urn:li:image:D4E{number}"}}
        case "link":
            return {"article": {"source": post.link, "title": "Journal"}}
    return None


def _asset_urns(content: dict[str, Any]) -> list[str]:
    if media := content.get("media"):
        return [str(media.get("id"))]
    return [str(image.get("id")) for image in (content.get("multiImage") or {}).get("images", [])]
