"""The creator's videos and totals on the sandbox's TikTok."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.tiktok_desk import Desk, body_of, ok, refused
from connectors.sandbox.tiktok_publish import PublishDesk
from connectors.sandbox.world import Post
from models.domain.connection import Vendor

PAGE = 20
_BASIC = {"open_id", "union_id", "avatar_url", "display_name"}
_STATS = {"follower_count", "following_count", "likes_count", "video_count"}
_FIELDS = {
    "id", "create_time", "cover_image_url", "share_url", "video_description", "duration", "height", "width", "title",
    "embed_html", "embed_link", "like_count", "comment_count", "share_count", "view_count",
}  # fmt: skip


class VideoDesk:
    def __init__(self, desk: Desk, publications: PublishDesk) -> None:
        self._desk = desk
        self._world = desk.world
        self._publications = publications

    def routes(self) -> list[Route]:
        guarded = self._desk.guarded
        return [
            Route("/v2/video/list/", guarded(self._list, "video.list", "reads", "list"), methods=["POST"]),
            Route("/v2/video/query/", guarded(self._query, "video.list", "reads", "query"), methods=["POST"]),
            Route("/v2/user/info/", guarded(self._user, "user.info.basic", "reads", "user"), methods=["GET"]),
        ]

    async def _user(self, request: Request) -> Response:
        fields = set(request.query_params.get("fields", "").split(","))
        if not fields <= _BASIC | _STATS:
            return refused(400, "invalid_params", "Fields is missing or unknown")
        if fields & _STATS and "user.info.stats" not in self._scopes(request):
            return refused(401, "scope_not_authorized", "The user did not authorize the scope user.info.stats.")
        account = self._desk.account
        user: dict[str, Any] = {
            "open_id": account.id, "union_id": f"union{account.id}", "display_name": account.name,
            "avatar_url": "https://sample-brand.example/avatar.jpg",
        }  # fmt: skip
        if fields & _STATS:
            posts = self._world.between(Vendor.TIKTOK, None)
            user |= {
                "follower_count": self._world.followers(Vendor.TIKTOK), "following_count": 31, "video_count": len(posts),
                "likes_count": sum(int(self._world.readings(post)["reactions"]) for post in posts)
                if "likes_count" in fields else 0,
            }  # fmt: skip
        return ok({"user": {name: value for name, value in user.items() if name in fields}})

    def _scopes(self, request: Request) -> list[str]:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self._world.tokens.check(Vendor.TIKTOK, token)[1].split("+")

    async def _list(self, request: Request) -> Response:
        body = await body_of(request)
        fields, most, cursor = _asked(request), body.get("max_count", 10), body.get("cursor")
        if fields is None or not isinstance(most, int) or not 0 < most <= PAGE:
            return refused(400, "invalid_params", f"fields is missing or unknown, or max_count is not 1 to {PAGE}")
        if cursor is not None and not isinstance(cursor, int):
            return refused(400, "invalid_params", "cursor must be a time in milliseconds")
        before = datetime.fromtimestamp(cursor / 1000, UTC) - timedelta(microseconds=1) if cursor else None
        page, more = self._page(before, most)
        following = _milliseconds(page[-1]) if page else cursor or 0
        videos = [self._row(post, fields) for post in page]
        return ok({"videos": videos, "cursor": following, "has_more": more})

    def _page(self, before: datetime | None, most: int) -> tuple[list[Post], bool]:
        """Up to `most` visible posts, fewer where the next would share its millisecond with the last: the cursor is a
        time, and would step over it."""
        found: list[Post] = []
        for post in self._world.between(Vendor.TIKTOK, None, before):
            if not self._publications.visible(post):
                continue
            if len(found) == most:
                cut = [kept for kept in found if _milliseconds(kept) != _milliseconds(post)]
                return cut or found, True
            found.append(post)
        return found, False

    async def _query(self, request: Request) -> Response:
        fields = _asked(request)
        ids = ((await body_of(request)).get("filters") or {}).get("video_ids")
        if fields is None or not isinstance(ids, list) or not 0 < len(ids) <= PAGE:
            return refused(400, "invalid_params", f"fields is missing or unknown, or video_ids are not 1 to {PAGE}")
        posts = (self._world.post(Vendor.TIKTOK, str(number)) for number in ids)
        shown = [self._row(post, fields) for post in posts if post and self._publications.visible(post)]
        return ok({"videos": shown})

    def _row(self, post: Post, fields: set[str]) -> dict[str, Any]:
        told = self._world.readings(post)
        kind = "photo" if post.kind == "photo" else "video"
        row = {
            "id": post.id,
            "create_time": int(post.published_at.timestamp()),
            "title": post.title or post.text,
            "video_description": post.text,
            "share_url": f"https://www.tiktok.com/@{self._desk.account.handle}/{kind}/{post.id}",
            "duration": int(post.duration_seconds or 0),
            "view_count": int(told["views"]),
            "like_count": int(told["reactions"]),
            "comment_count": int(told["comments"]),
            "share_count": int(told["shares"]),
        }
        return {name: value for name, value in row.items() if name in fields}


def _asked(request: Request) -> set[str] | None:
    """The fields asked for; None when there are none or unknown ones."""
    fields = set(request.query_params.get("fields", "").split(","))
    return fields if fields <= _FIELDS else None


def _milliseconds(post: Post) -> int:
    return int(post.published_at.timestamp() * 1000)
