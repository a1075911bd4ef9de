"""What a page shows in the sandbox: posts with nested insights, the page's own insights by day.

Valid metric names: a probe of Graph v25.0 (2026-09-01), kept as data below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connectors.sandbox.graph import Call, Graph, told
from connectors.sandbox.graph_errors import GraphError, gone, metric_refusal
from connectors.sandbox.graph_fields import Field, parse_fields, shown
from connectors.sandbox.graph_insights import daily, days, lifetime
from connectors.sandbox.world import Post
from models.domain.connection import Vendor

RANGE_MAX = timedelta(days=93)
_FACEBOOK = Vendor.FACEBOOK
_SHARES = (("love", 0.12), ("haha", 0.03), ("wow", 0.02), ("sorry", 0.01), ("anger", 0.005))
"""Parts of the reactions that are no likes."""

Readings = Mapping[str, float]


def _reactions(found: Readings) -> dict[str, int]:
    total = int(found["reactions"])
    parts = {name: int(total * share) for name, share in _SHARES}
    return {"like": total - sum(parts.values()), **parts}


def _named(found: Readings) -> dict[str, int]:
    """Reactions by type as they are told: kinds with none are left out."""
    return {name: count for name, count in _reactions(found).items() if count}


POST_METRICS: dict[str, Callable[[Readings], Any]] = {
    "post_media_view": lambda r: int(r["views"]),
    "post_total_media_view_unique": lambda r: int(r["reach"]),
    "post_clicks": lambda r: int(r["clicks"]),
    "post_clicks_by_type": lambda r: {"other clicks": int(r["clicks"])},
    "post_reactions_by_type_total": _named,
    **{
        f"post_reactions_{name}_total": lambda r, name=name: _reactions(r)[name]  # type: ignore[misc]
        for name in ("like", *(name for name, _ in _SHARES))
    },
    "post_activity_by_action_type": lambda r: {
        "like": int(r["reactions"]), "comment": int(r["comments"]), "share": int(r["shares"])
    },
    "post_video_views": lambda r: int(r["views"] * 0.3),
}  # fmt: skip


def _views(found: Readings, day: date) -> Any:
    """`page_media_view` as a number, or as an object on days with paid reach."""
    total = int(found["views"])
    return {"organic": total - total // 10, "paid": total // 10} if day.day % 2 == 0 else total


PAGE_METRICS: dict[str, Callable[[Readings, date], Any]] = {
    "page_media_view": _views,
    "page_total_media_view_unique": lambda r, _: int(r["reach"]),
    "page_post_engagements": lambda r, _: int(r["engagements"]),
    "page_views_total": lambda r, _: int(r["profile_views"]),
    "page_total_actions": lambda r, _: int(r["link_clicks"]),
    "page_daily_follows": lambda r, _: int(r["followers_gained"]),
    "page_daily_follows_unique": lambda r, _: int(r["followers_gained"]),
    "page_daily_unfollows_unique": lambda r, _: int(r["followers_lost"]),
    "page_follows": lambda r, _: int(r["followers"]),
}


async def posts(graph: Graph, call: Call) -> Any:
    """`GET /{page}/published_posts` with whatever fields, nested insights included."""
    fields = parse_fields(call.values.get("fields", "created_time,message,id"))
    found, paging = graph.page_of_posts(call)
    check_fields(graph, fields)
    rows = [shown(fields, _post(graph, post), "PagePost") for post in found]
    return {"data": rows, **({"paging": paging} if paging else {})}


async def page_insights(graph: Graph, call: Call) -> Any:
    names = call.names("metric")
    bad = [name for name in names if name not in PAGE_METRICS or name in graph.retired()]
    if bad or not names:
        raise metric_refusal(bad or ["(none)"])
    if call.values.get("period", "day") != "day":
        raise GraphError("(#100) The sandbox knows period=day only.", 100)
    now = graph.world.clock.now()
    until = min(call.moment("until") or now, now)
    since = call.moment("since") or until - timedelta(days=2)
    if until - since > RANGE_MAX:
        raise GraphError("(#100) There cannot be more than 93 days (8035200 s) between since and until", 100)
    account = graph.world.accounts[_FACEBOOK]
    known: dict[date, dict[str, float]] = {}
    for day in days(since, until):
        noon = datetime.combine(day, time(12), UTC)
        known[day] = {
            **graph.world.account_day(_FACEBOOK, noon),
            "followers": float(graph.world.followers(_FACEBOOK, noon)),
        }
    rows = [
        daily(account.id, name, [(day, PAGE_METRICS[name](row, day)) for day, row in known.items()]) for name in names
    ]
    return {"data": [row for row in rows if row["values"]]}


def post_insights(graph: Graph, call: Call, node: str) -> Any:
    post = graph.world.post(_FACEBOOK, node)
    if post is None:
        raise gone(node)
    names = call.names("metric")
    _check_metrics(graph, names)
    return {"data": _insights(graph, post, names)}


def post_fields(graph: Graph, node: str) -> Mapping[str, Callable[[Field], Any]] | None:
    post = graph.world.post(_FACEBOOK, node)
    return None if post is None else _post(graph, post)


def page_fields(graph: Graph) -> Mapping[str, Callable[[Field], Any]]:
    page = graph.world.accounts[_FACEBOOK]
    followers = graph.world.followers(_FACEBOOK)
    return {
        "id": lambda _: page.id,
        "name": lambda _: page.name,
        "username": lambda _: page.handle,
        "link": lambda _: f"https://www.facebook.com/{page.handle}",
        "followers_count": lambda _: followers,
        "fan_count": lambda _: int(followers * 0.97),
    }


def _post(graph: Graph, post: Post) -> Mapping[str, Callable[[Field], Any]]:
    kept: dict[str, float] = {}

    def readings() -> dict[str, float]:
        if not kept:
            kept.update(graph.world.readings(post))
        return kept

    def insights(field: Field) -> Any:
        names = [name for name in field.modifiers.get("metric", "").split(",") if name]
        return {"data": _insights(graph, post, names, readings())}

    def comments(field: Field) -> Any:
        summary = {"order": "ranked", "total_count": int(readings()["comments"]), "can_comment": True}
        return {"data": [], **({"summary": summary} if field.modifiers.get("summary") in ("true", "1") else {})}

    def shares(_: Field) -> Any:
        count = int(readings()["shares"])
        return {"count": count} if count else None

    def reactions(field: Field) -> Any:
        return {"data": [], "summary": {"total_count": int(readings()["reactions"]), "viewer_reaction": "NONE"}}

    address = f"https://www.facebook.com/{post.id.replace('_', '/posts/')}"
    return {
        "id": lambda _: post.id,
        "message": lambda _: post.text or None,
        "created_time": lambda _: told(post.published_at),
        "updated_time": lambda _: told(post.published_at),
        "permalink_url": lambda _: address,
        "status_type": lambda _: {"video": "added_video", "photo": "added_photos", "carousel": "added_photos",
                                  "link": "shared_story"}.get(post.kind, "mobile_status_update"),
        "attachments": lambda _: _attachments(post),
        "is_published": lambda _: True,
        "insights": insights,
        "comments": comments,
        "shares": shares,
        "reactions": reactions,
    }  # fmt: skip


def _attachments(post: Post) -> Any:
    number = post.id.partition("_")[2]
    match post.kind:
        case "carousel":
            below = [
                {"media_type": "photo", "target": {"id": f"{number}{place}"}} for place in range(len(post.media) or 3)
            ]
            return {"data": [{"media_type": "album", "subattachments": {"data": below}}]}
        case "photo" | "video":
            return {"data": [{"media_type": post.kind, "target": {"id": number}}]}
        case "link":
            return {"data": [{"media_type": "link", "unshimmed_url": post.link, "title": post.text[:60]}]}
        case _:
            return None


def _insights(graph: Graph, post: Post, names: list[str], found: Readings | None = None) -> list[dict[str, Any]]:
    values = found or graph.world.readings(post)
    kept = [name for name in names if name != "post_video_views" or post.kind == "video"]
    return [lifetime(post.id, name, POST_METRICS[name](values)) for name in kept]


def check_fields(graph: Graph, fields: tuple[Field, ...]) -> None:
    """Refuses nested fields even where there is no post, as one wrong name fails the whole request."""
    for field in fields:
        if field.name == "insights":
            _check_metrics(graph, [name for name in field.modifiers.get("metric", "").split(",") if name])
        if field.name in ("comments", "reactions") and graph.world.objects(_FACEBOOK, "no_user_content"):
            raise GraphError("(#10) This endpoint requires the 'pages_read_user_content' permission.", 10)


def _check_metrics(graph: Graph, names: list[str]) -> None:
    retired = graph.retired()
    if bad := [name for name in names if name not in POST_METRICS or name in retired]:
        raise metric_refusal(bad)
