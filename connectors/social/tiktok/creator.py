"""What the creator's account allows, asked before every post as TikTok's guidelines demand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.social.tiktok.api import Api
from connectors.social.tiktok.limits import PUBLIC
from models.domain.publishing import OutgoingPost
from models.errors import Rejected


@dataclass(frozen=True)
class Creator:
    """The settings a post is announced with."""

    privacy: str
    comments_off: bool
    duets_off: bool
    stitches_off: bool


def creator_of(api: Api, post: OutgoingPost) -> Creator:
    """Asks `creator_info` and fits the post to it. Raises `Rejected` for a privacy or a length that is not offered.

    A post is public unless a person chose otherwise; it is never made less public than was approved.
    """
    return fitted(api, post, api.post("/post/publish/creator_info/query/", {}, post=post.key))


def fitted(api: Api, post: OutgoingPost, info: dict[str, Any]) -> Creator:
    """The settings for a post under a creator's info."""
    privacy = post.options.get("privacy", PUBLIC)
    offered = info.get("privacy_level_options")
    if isinstance(offered, list) and privacy not in offered:
        raise api.client.error(
            Rejected,
            f"the account offers the privacy {', '.join(map(str, offered))}, and the post asks for {privacy}",
            "choose an offered privacy for the post, or change the account's settings in the app",
            post=post.key,
        )
    longest = info.get("max_video_post_duration_sec")
    for item in post.media:
        if isinstance(longest, int) and item.duration_seconds is not None and item.duration_seconds > longest:
            raise api.client.error(
                Rejected,
                f"the video lasts {item.duration_seconds:g} s and the account may post {longest} s",
                "shorten the video",
                post=post.key,
            )
    return Creator(
        privacy=privacy,
        comments_off=bool(info.get("comment_disabled")) or post.options.get("comments") == "off",
        duets_off=bool(info.get("duet_disabled")) or post.options.get("duets") == "off",
        stitches_off=bool(info.get("stitch_disabled")) or post.options.get("stitches") == "off",
    )
