"""Competitors that business discovery finds in the sandbox: drawn accounts with a drawn history, no insights."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.sandbox.graph import cursor, cursor_number, told
from connectors.sandbox.graph_errors import GraphError
from connectors.sandbox.graph_fields import Field, shown
from connectors.sandbox.phrases import TOPICS
from connectors.sandbox.world import World

MEDIA_DEFAULT = 25


@dataclass(frozen=True)
class Rival:
    id: str
    name: str
    followers: int
    posts: int


RIVALS = {
    "rivalbrand": Rival("17841400000000077", "Rival Brand (synthetic)", 31_200, 130),
    "smallrival": Rival("17841400000000078", "Small Rival (synthetic)", 1_150, 12),
}


def discovered(world: World, field: Field) -> dict[str, Any]:
    """The answer to `business_discovery.username(x){…}`. Raises `GraphError` (110/2207013) for unknown names."""
    username = field.modifiers.get("username", "")
    rival = RIVALS.get(username)
    if rival is None:
        raise GraphError(
            "Invalid user id", 110, 2207013, title="Cannot find User",
            told=f"The user with username: {username} cannot be found.",
        )  # fmt: skip
    return shown(field.below, {
        "id": lambda _: rival.id,
        "username": lambda _: username,
        "name": lambda _: rival.name,
        "followers_count": lambda _: rival.followers,
        "media_count": lambda _: rival.posts,
        "media": lambda below: _media(world, rival, username, below),
    }, "IGUser")  # fmt: skip


def _media(world: World, rival: Rival, username: str, field: Field) -> dict[str, Any]:
    """Newest first, drawn back from the sandbox's epoch one a day and a half."""
    start = cursor_number(field.modifiers["after"]) if "after" in field.modifiers else 0
    end = min(rival.posts, start + int(field.modifiers.get("limit", MEDIA_DEFAULT)))
    rows = []
    for number in range(start, end):
        rng = random.Random(f"{world.seed}:{username}:{number}")
        topic = rng.choice(TOPICS)
        at = world.epoch - timedelta(hours=36 * number + rng.randrange(24))
        likes = int(rival.followers * 0.01 * topic.effect * rng.uniform(0.6, 1.5))
        caption = f"{rng.choice(topic.sentences).format(n=5)} #{topic.hashtags[0]}"
        kind = rng.choice(("IMAGE", "VIDEO", "CAROUSEL_ALBUM"))
        known = {
            "id": f"1790000{rival.followers:06d}{number:05d}", "caption": caption, "like_count": likes,
            "comments_count": likes // 18, "timestamp": told(at), "media_type": kind,
            "media_product_type": "REELS" if kind == "VIDEO" else "FEED",
            "permalink": f"https://www.instagram.com/p/{username}{number}/",
        }  # fmt: skip
        rows.append(
            {below.name: known[below.name] for below in field.below if below.name in known} | {"id": known["id"]}
        )
    cursors = {"after": cursor(end)} if end < rival.posts else {}
    return {"data": rows, "paging": {"cursors": cursors}}
