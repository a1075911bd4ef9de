"""Own and competitors' posts as texts, newest first by parts, from one open serving version: for studies of the brand."""

from __future__ import annotations

from datetime import datetime

from connectors.warehouse.pages import Snapshot
from models.domain.site import BrandSource
from models.insight.prose import VoicePost

_OWN = """
    with posts as (
        select platform, account_id, post_id, title, body, url, published_at
        from mart_posts
        where coalesce(nullif(trim(body), ''), nullif(trim(title), '')) is not null
        qualify row_number() over (
            partition by platform
            order by nullif(trim(body), '') is null, published_at desc nulls last, account_id, post_id
        ) <= $1
    )

    select * from posts
    order by nullif(trim(body), '') is null, published_at desc nulls last, platform, account_id, post_id
    limit $2
"""
_OTHERS = """
    with posts as (
        select platform, account_id, post_id, title, body, url, published_at
        from mart_competitor_content
        where not coalesce(own_brand, false)
            and coalesce(nullif(trim(body), ''), nullif(trim(title), '')) is not null
        qualify row_number() over (
            partition by platform, account_id order by published_at desc nulls last, post_id
        ) <= greatest(40, $1 // (select count(distinct (platform, account_id)) from mart_competitor_content))
    )

    select * from posts order by platform, account_id, published_at desc nulls last, post_id limit $2
"""


def own_posts(snap: Snapshot, most: int) -> tuple[list[VoicePost], datetime | None, datetime | None]:
    """The newest own posts with a text, oldest first, with the times of the newest and the oldest; bodies before bare titles.

    A platform gives three quarters of `most` at the most, so that none is drowned by another.
    """
    rows = snap.query(_OWN, [max(1, most * 3 // 4), most]).rows(named=True)
    times = [row["published_at"] for row in rows if row["published_at"] is not None]
    rows = sorted(rows, key=lambda row: (row["published_at"] is not None, row["published_at"] or 0, row["post_id"]))
    return [_post(row) for row in rows], max(times, default=None), min(times, default=None)


def other_posts(snap: Snapshot, most: int) -> list[VoicePost]:
    """The newest posts of competitors with a text, an equal part from each account. To be counted, never quoted."""
    return [_post(row) for row in snap.query(_OTHERS, [most, most]).rows(named=True)]


def _post(row: dict[str, object]) -> VoicePost:
    title, body = str(row["title"] or ""), str(row["body"] or "")
    return VoicePost(
        platform=str(row["platform"]), account_id=str(row["account_id"]), post_id=str(row["post_id"]),
        text=body if body.strip() else title, title=title, url=str(row["url"] or ""),
    )  # fmt: skip


def post_sources(posts: list[VoicePost]) -> list[BrandSource]:
    """Own posts as sources of a profile, in their order; a post with an address is named by it."""
    return [
        BrandSource(
            id=post.url if post.url.startswith(("https://", "http://")) else f"{post.platform}/{post.post_id}",
            parts=tuple(("post", line) for line in post.prose.lines[:60]),
            page=False,
        )
        for post in posts
    ]
