"""How X's part of the sandbox speaks: the two specifications' spellings, problems, limit headers, posts as JSON.

Written from the OpenAPI documents and recorded answers, apart from the connector, so that one checks the other.
"""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import JSONResponse, Response

from connectors.sandbox.world import Post, World
from models.domain.connection import Vendor
from models.generation.x_length import link_spans

PRIVATE_AGE = timedelta(days=30)
WINDOW_SECONDS = 900
LIMITS = {"posts": 100, "lookup": 5_000, "timeline": 900, "profile": 75, "uploads": 500}
"""Calls in 15 minutes of one person (X docs, rate limits; profile and uploads are the sandbox's own: X tables neither)."""

_COMMON = (
    "attachments", "card_uri", "community_id", "context_annotations", "conversation_id", "created_at", "display_text_range",
    "edit_controls", "entities", "geo", "id", "lang", "non_public_metrics", "organic_metrics", "paid_partnership",
    "possibly_sensitive", "promoted_metrics", "public_metrics", "reply_settings", "source", "text", "withheld",
)  # fmt: skip


@dataclass(frozen=True)
class Speech:
    """One specification's words."""

    fields_parameter: str
    fields: frozenset[str]
    expansions: frozenset[str]
    reposts: str
    posts: str
    history: str
    problems: str


SPEECHES = {
    "2.166": Speech(
        "tweet.fields", frozenset((*_COMMON, "author_id", "edit_history_tweet_ids", "in_reply_to_user_id")),
        frozenset(("attachments.media_keys", "author_id")), "retweet_count", "tweet_count", "edit_history_tweet_ids",
        "https://api.twitter.com/2/problems/",
    ),
    "2.167": Speech(
        "post.fields", frozenset(_COMMON), frozenset(("attachments.media_keys", "author_id")), "repost_count",
        "post_count", "edit_history_post_ids", "https://api.x.com/2/problems/",
    ),
}  # fmt: skip
NEWEST = "2.167"


def speech(world: World) -> Speech:
    """The specification that the sandbox follows now: `objects(Vendor.X, "settings")["spec"]["version"]`, else the newest."""
    return SPEECHES[setting(world, "spec").get("version", NEWEST)]


def setting(world: World, name: str) -> dict[str, Any]:
    """A group of settings a test may set, see `connectors.sandbox.x`; empty where it did not."""
    return world.objects(Vendor.X, "settings").get(name, {})


def problem(
    status: int,
    title: str,
    detail: str,
    kind: str = "about:blank",
    *,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem document (RFC 7807) as X sends it."""
    body = {"title": title, "detail": detail, "type": kind, "status": status, **more}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def unauthorized() -> Response:
    return problem(401, "Unauthorized", "Unauthorized")


def forbidden(detail: str) -> Response:
    return problem(403, "Forbidden", detail)


def invalid(words: Speech, parameters: dict[str, list[str]], message: str) -> Response:
    return problem(
        400, "Invalid Request", "One or more parameters to your request was invalid.", words.problems + "invalid-request",
        errors=[{"parameters": parameters, "message": message}],
    )  # fmt: skip


def throttled(limit: int, reset: int) -> Response:
    headers = {"x-rate-limit-limit": str(limit), "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
    return problem(429, "Too Many Requests", "Too Many Requests", headers=headers)


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def missing(words: Speech, parameter: str, value: str) -> dict[str, Any]:
    """The entry in `errors` for a post that is not there."""
    return {
        "title": "Not Found Error", "type": words.problems + "resource-not-found", "resource_type": "tweet",
        "resource_id": value, "parameter": parameter, "value": value,
        "detail": f"Could not find tweet with {parameter}: [{value}].",
    }  # fmt: skip


def untold(words: Speech, post: Post, field: str) -> dict[str, Any]:
    """The entry in `errors` for private numbers of a post that is too old."""
    return {
        "title": "Field Authorization Error", "type": words.problems + "not-authorized-for-field", "resource_type": "tweet",
        "resource_id": post.id, "field": field, "section": "data", "parameter": "ids",
        "detail": f"Sorry, you are not authorized to access '{field}' on the Tweet with ids : [{post.id}].",
    }  # fmt: skip


def media_keys(post: Post) -> list[str]:
    """One key for each attached file; 3_ photos, 7_ videos, 16_ animated GIFs."""
    count = len(post.media) or (1 if post.kind in ("photo", "video", "gif") else 0)
    prefix = {"video": "7", "gif": "16"}.get(post.kind, "3")
    return [f"{prefix}_{int(post.id) + number}" for number in range(count)]


def media_type(key: str) -> str:
    return {"7": "video", "16": "animated_gif"}.get(key.partition("_")[0], "photo")


def spoken_text(post: Post) -> tuple[str, list[dict[str, Any]]]:
    """The text with links shortened to t.co, one more link for media, &, < and > escaped; and the links as entities."""
    text = post.text if not post.link or post.link in post.text else f"{post.text} {post.link}"
    parts: list[str] = []
    entities: list[dict[str, Any]] = []
    position = 0

    def add_link(expanded: str, key: str | None = None) -> None:
        short = f"https://t.co/{zlib.crc32(f'{post.id}{len(entities)}{expanded}'.encode()):08x}sb"
        start = sum(map(len, parts))
        parts.append(short)
        display = re.sub(r"^https?://", "", expanded)
        found: dict[str, Any] = {
            "start": start, "end": start + len(short), "url": short, "expanded_url": expanded, "display_url": display,
        }  # fmt: skip
        entities.append({**found, "media_key": key} if key else found)

    spans = link_spans(text)
    if post.link and not spans:
        # The reserved domain .example is no link to X; the drawn history uses it in place of a real one.
        spans = [(text.index(post.link), text.index(post.link) + len(post.link))]
    for start, end in spans:
        parts.append(html.escape(text[position:start], quote=False))
        link = text[start:end]
        add_link(link if re.match(r"https?://", link, re.IGNORECASE) else f"http://{link}")
        position = end
    parts.append(html.escape(text[position:], quote=False))
    if keys := media_keys(post):
        if any(parts):
            parts.append(" ")
        kind = "photo" if media_type(keys[0]) == "photo" else "video"
        add_link(f"https://x.com/samplebrand/status/{post.id}/{kind}/1", keys[0])
    return "".join(parts), entities


def post_row(
    world: World, words: Speech, post: Post, fields: Sequence[str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One post with the named fields, and what X would not tell of it."""
    text, links = spoken_text(post)
    row: dict[str, Any] = {"id": post.id, "text": text, words.history: [post.id]}
    refused: list[dict[str, Any]] = []
    numbers = {name: int(value) for name, value in world.readings(post).items()}
    for field in fields:
        match field:
            case "created_at":
                row[field] = instant(post.published_at)
            case "author_id":
                row[field] = post.account_id
            case "lang":
                row[field] = "en"
            case "attachments" if keys := media_keys(post):
                row[field] = {"media_keys": keys}
            case "entities":
                tags = [
                    {"start": found.start(), "end": found.end(), "tag": found[1]}
                    for found in re.finditer(r"#(\w+)", text)
                ]
                found_entities = {name: items for name, items in (("urls", links), ("hashtags", tags)) if items}
                if found_entities:
                    row[field] = found_entities
            case "public_metrics":
                row[field] = {
                    words.reposts: numbers["reposts"], "reply_count": numbers["comments"],
                    "like_count": numbers["reactions"], "quote_count": numbers["quotes"],
                    "bookmark_count": numbers["saves"], "impression_count": numbers["impressions"],
                }  # fmt: skip
            case "non_public_metrics" | "organic_metrics":
                if world.clock.now() - post.published_at > PRIVATE_AGE:
                    refused.append(untold(words, post, field))
                    continue
                row[field] = _private(words, numbers, organic=field == "organic_metrics")
    return row, refused


def _private(words: Speech, numbers: dict[str, int], *, organic: bool) -> dict[str, int]:
    shown = {
        "impression_count": numbers["impressions"], "url_link_clicks": numbers["clicks"],
        "user_profile_clicks": numbers["profile_visits"],
    }  # fmt: skip
    if organic:
        return {
            **shown, "like_count": numbers["reactions"], "reply_count": numbers["comments"],
            words.reposts: numbers["reposts"],
        }  # fmt: skip
    engaged = ("reactions", "comments", "reposts", "quotes", "saves", "clicks", "profile_visits")
    return {**shown, "engagements": sum(numbers[name] for name in engaged)}
