"""The two spellings of X's interface: up to OpenAPI 2.166 and from 2.167 on.

Which of them an installation of X speaks is found out by asking with the newer one first; answers are read in both.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spelling:
    """How to ask. `fields` is the query parameter that names a post's fields; `source` the specification."""

    fields: str
    source: str


NEW = Spelling("post.fields", "X OpenAPI 2.167 of 2026-08-22")
OLD = Spelling("tweet.fields", "X OpenAPI 2.166 of 2026-07-06")
SPELLINGS = (NEW, OLD)

POST_FIELDS = ("attachments", "created_at", "entities", "public_metrics")
"""Accepted by both specifications under the same names; `id` and `text` come without asking."""
PRIVATE_FIELDS = ("non_public_metrics",)
MEDIA_EXPANSION = "attachments.media_keys"
MEDIA_FIELDS = ("media_key", "type")

METRICS: dict[str, tuple[tuple[str, ...], ...]] = {
    "reactions": (("like_count",),),
    "comments": (("reply_count",),),
    "shares": (("repost_count", "retweet_count"), ("quote_count",)),
    "saves": (("bookmark_count",),),
    "impressions": (("impression_count",),),
}
"""FABRIC's metric → the parts of its sum, each with its spellings; the table `platform_fields.csv` in full."""
PRIVATE_METRICS = {"clicks": "url_link_clicks", "profile_visits": "user_profile_clicks"}
