"""Two synthetic competitors of the harbour: posts with topics, one topic that the brand hardly has, one breakout."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

RIVALS = (("nb-sails", "Northbank Sails"), ("tide-co", "Tide & Co"))
GAP = "Knot tying"
_SAID = {
    GAP: "The bowline is demonstrated in detail; the committee recommends it for mooring, see @seamanship.guild.",
    "Boat building": "Planking of the second vessel was completed on schedule, according to the yard's report.",
    "Harbour tours": "Timetables of the ferry were revised. Harbour Boatyard and Anchor Point Marina publish their own.",
}
_SHARES = {GAP: 0.5, "Boat building": 0.3, "Harbour tours": 0.2}


def rival_marts(
    workspace_id: str, own: Sequence[dict[str, Any]], topics: Sequence[str], as_of: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Rows of the marts about competitors and topics, beside the brand's own posts."""
    chance = random.Random(5)
    posts = [_post(workspace_id, rival, n, as_of, chance) for rival in RIVALS for n in range(90)]
    with_topic = [p for p in own if p["topic"]]
    rows = []
    for topic in (*topics, GAP):
        mine = [p for p in with_topic if p["topic"] == topic]
        theirs = [p for p in posts if p["topic"] == topic]
        rows.append({
            "workspace_id": workspace_id, "topic": topic, "keywords": topic.lower(), "posts": len(mine),
            "share": round(len(mine) / len(with_topic), 9), "posts_measured": 0, "shrunk_percentile_28d": None,
            "competitor_posts": len(theirs), "competitor_share": round(len(theirs) / len(posts), 9),
        })  # fmt: skip
    return {"mart_competitor_content": posts, "mart_content_topics": rows, "mart_breakout_posts": [_breakout(posts[0])]}


def _post(workspace_id: str, rival: tuple[str, str], n: int, as_of: datetime, chance: random.Random) -> dict[str, Any]:
    topic = chance.choices(list(_SHARES), list(_SHARES.values()))[0]
    published = as_of - timedelta(days=3 * n + 1)
    return {
        "workspace_id": workspace_id, "competitor": rival[1], "platform": "instagram", "account_id": rival[0],
        "post_id": f"{rival[0]}-{n:03d}", "title": None, "body": f"{_SAID[topic]} Item {n}.",
        "url": f"https://example.org/{rival[0]}/{n}", "published_at": published, "topic": topic, "own_brand": False,
        "percentile_28d": 0.6 if topic == GAP else 0.45,
    }  # fmt: skip


def _breakout(post: dict[str, Any]) -> dict[str, Any]:
    return {
        "workspace_id": post["workspace_id"], "owner": "competitor", "platform": post["platform"],
        "account_id": post["account_id"], "account_name": post["competitor"], "post_id": post["post_id"], "title": None,
        "url": post["url"], "published_at": post["published_at"], "engagements_public": 4200.0, "age_hours": 168,
        "basis": "exact", "set_posts": 60, "set_mean": 310.0, "set_deviation": 120.0, "z": 32.4,
    }  # fmt: skip
