"""The posts of an organization as LinkedIn lists them, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.social.linkedin.api import Api, encoded, moment
from connectors.social.linkedin.littletext import plain

FEED = "https://www.linkedin.com/feed/update/"


@dataclass(frozen=True)
class ListedPost:
    """One post. `kind` is text, photo, carousel, video, document or link; `text` is what a reader sees; `row` is LinkedIn's."""

    urn: str
    text: str
    kind: str
    media: int
    link: str | None
    title: str | None
    published_at: datetime | None
    row: dict[str, Any]

    @property
    def url(self) -> str:
        return address(self.urn)


def address(urn: str) -> str:
    """The public address of a post."""
    return f"{FEED}{urn}"


def listed(api: Api, author: str, since: datetime) -> Iterator[list[ListedPost]]:
    """Pages of posts back to `since`; the last one may hold older ones. A post shifted to a second page comes once."""
    seen: set[str] = set()
    for page in api.elements("/posts", f"q=author&author={encoded(author)}&sortBy=CREATED"):
        posts = [post for post in map(read_post, page) if post.urn not in seen]
        seen = {post.urn for post in posts}
        yield posts
        if any(post.published_at is not None and post.published_at < since for post in posts):
            return


def read_post(row: dict[str, Any]) -> ListedPost:
    """One element of the finder."""
    kind, media, link, title = _content(row.get("content"))
    return ListedPost(
        urn=str(row.get("id") or ""),
        text=plain(str(row.get("commentary") or "")),
        kind=kind,
        media=media,
        link=link,
        title=title,
        published_at=moment(row.get("publishedAt")) or moment(row.get("createdAt")),
        row=row,
    )


def _content(content: object) -> tuple[str, int, str | None, str | None]:
    """(kind, number of files, link, title) of a post's `content`."""
    if not isinstance(content, dict):
        return "text", 0, None, None
    if isinstance(media := content.get("media"), dict):
        kind = str(media.get("id", "")).removeprefix("urn:li:").partition(":")[0]
        return "photo" if kind == "image" else kind, 1, None, media.get("title") or None
    if isinstance(several := content.get("multiImage"), dict):
        return "carousel", len(several.get("images") or []), None, None
    if isinstance(article := content.get("article"), dict):
        return "link", 0, article.get("source") or None, article.get("title") or None
    return next(iter(content), "text"), 0, None, None
