"""What Instagram shows in the sandbox: media with nested insights, account insights, business discovery.

Metric names by product: Instagram media insights reference (18 June 2026), user insights reference (16 June 2026).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox import audience
from connectors.sandbox.graph import Call, Graph, told
from connectors.sandbox.graph_discovery import discovered
from connectors.sandbox.graph_errors import GraphError, gone
from connectors.sandbox.graph_fields import Field, parse_fields, shown
from connectors.sandbox.graph_insights import daily, days, insight, lifetime
from connectors.sandbox.world import Post
from models.domain.connection import Vendor

RANGE_MAX = timedelta(days=30)
_INSTAGRAM = Vendor.INSTAGRAM
Readings = Mapping[str, float]

_EVERYWHERE: dict[str, Callable[[Readings], Any]] = {
    "views": lambda r: int(r["views"]),
    "reach": lambda r: int(r["reach"]),
    "likes": lambda r: int(r["reactions"]),
    "comments": lambda r: int(r["comments"]),
    "saved": lambda r: int(r["saves"]),
    "shares": lambda r: int(r["shares"]),
    "total_interactions": lambda r: int(r["reactions"] + r["comments"] + r["saves"] + r["shares"]),
}
_BY_PRODUCT: dict[str, dict[str, Callable[[Readings], Any]]] = {
    "FEED": {
        "follows": lambda r: int(r["follows"]),
        "profile_visits": lambda r: int(r["profile_visits"]),
        "profile_activity": lambda r: int(r["profile_visits"] * 0.3),
    },
    "REELS": {
        "ig_reels_avg_watch_time": lambda r: watch_milliseconds(r),
        "ig_reels_video_view_total_time": lambda r: watch_milliseconds(r) * int(r["views"]),
    },
}
_ACCOUNT: dict[str, str] = {
    "views": "views", "reach": "reach", "total_interactions": "engagements", "accounts_engaged": "engagements",
    "profile_views": "profile_views", "profile_links_taps": "link_clicks", "website_clicks": "link_clicks",
}  # fmt: skip
_SERIES = ("reach", "follower_count")
"""Metrics that are told day by day; all others are one total over the range."""
_BREAKDOWNS = ("country", "city", "age", "gender")


def watch_milliseconds(readings: Readings) -> int:
    """The average watch time of a reel: 4 to 9 s, by its own views."""
    return 4_000 + int(readings["views"]) % 5_000


async def media(graph: Graph, call: Call) -> Any:
    """`GET /{ig-user}/media` with whatever fields, nested insights included."""
    fields = parse_fields(call.values.get("fields", "id"))
    found, paging = graph.page_of_posts(call)
    check_fields(graph, fields)
    rows = [shown(fields, _media(graph, post), "IGMedia") for post in found]
    return {"data": rows, **({"paging": paging} if paging else {})}


def media_insights(graph: Graph, call: Call, node: str) -> Any:
    post = graph.world.post(_INSTAGRAM, node)
    if post is None:
        raise gone(node)
    names = call.names("metric")
    _check_names(graph, names)
    return {"data": _insights(graph, post, names, graph.world.readings(post))}


def check_fields(graph: Graph, fields: tuple[Field, ...]) -> None:
    """Refuses nested insights for one wrong name, whatever is read."""
    for field in fields:
        if field.name == "insights":
            _check_names(graph, _names(field))


def media_fields(graph: Graph, node: str) -> Mapping[str, Callable[[Field], Any]] | None:
    post = graph.world.post(_INSTAGRAM, node)
    return None if post is None else _media(graph, post)


def user_fields(graph: Graph) -> Mapping[str, Callable[[Field], Any]]:
    account = graph.world.accounts[_INSTAGRAM]
    return {
        "id": lambda _: account.id,
        "username": lambda _: account.handle,
        "name": lambda _: account.name,
        "biography": lambda _: "A synthetic brand.",
        "followers_count": lambda _: graph.world.followers(_INSTAGRAM),
        "media_count": lambda _: len(graph.world.between(_INSTAGRAM, None)),
        "business_discovery": lambda field: discovered(graph.world, field),
    }


async def account_insights(graph: Graph, call: Call) -> Any:
    """`GET /{ig-user}/insights`: day by day, one total over a range, or demographics."""
    names, kind = call.names("metric"), call.values.get("metric_type", "time_series")
    retired = graph.retired()
    known = {*_ACCOUNT, "follower_count", "follower_demographics"}
    if bad := [name for name in names if name not in known or name in retired]:
        raise GraphError(
            f"(#100) metric[{names.index(bad[0])}] must be one of the following values: {', '.join(sorted(known - retired))}",
            100,
        )
    if "follower_demographics" in names:
        return _demographics(graph, call)
    now = graph.world.clock.now()
    until = min(call.moment("until") or now, now)
    since = call.moment("since") or until - timedelta(days=1)
    if until - since > RANGE_MAX + timedelta(hours=1):
        raise GraphError("(#100) There cannot be more than 30 days (2592000 s) between since and until", 100)
    account = graph.world.accounts[_INSTAGRAM].id
    found = {day: _day(graph, datetime(day.year, day.month, day.day, 12, tzinfo=UTC)) for day in days(since, until)}
    if kind == "total_value":
        rows = []
        for name in names:
            if name == "follower_count":
                raise GraphError("(#100) Incompatible metrics (follower_count) with the metric type total_value", 100)
            total = sum(int(row[_ACCOUNT[name]]) for row in found.values())
            if found:
                rows.append(insight(account, name, "day", total_value={"value": total}))
        return {"data": rows}
    if wrong := [name for name in names if name not in _SERIES]:
        raise GraphError(
            f"(#100) The following metrics ({', '.join(wrong)}) should be specified with parameter metric_type=total_value",
            100,
        )
    keys = {"reach": "reach", "follower_count": "followers_gained"}
    return {
        "data": [daily(account, n, [(day, int(row[keys[n]])) for day, row in found.items()]) for n in names if found]
    }


def _demographics(graph: Graph, call: Call) -> Any:
    if call.values.get("period") != "lifetime" or call.values.get("metric_type") != "total_value":
        raise GraphError("(#100) follower_demographics needs period=lifetime and metric_type=total_value", 100)
    if not call.values.get("timeframe"):
        raise GraphError("(#100) The parameter timeframe is required.", 100)
    wanted = call.values.get("breakdown", "")
    if wanted not in _BREAKDOWNS:
        raise GraphError(f"(#100) breakdown must be one of the following values: {', '.join(_BREAKDOWNS)}", 100)
    account, followers = graph.world.accounts[_INSTAGRAM].id, graph.world.followers(_INSTAGRAM)
    if graph.world.objects(_INSTAGRAM, "few_followers"):
        return {"data": []}
    shares = audience.SEGMENTS[wanted]
    results = [{"dimension_values": [name], "value": int(followers * share)} for name, share in shares.items()]
    total = {"breakdowns": [{"dimension_keys": [wanted], "results": results}]}
    return {"data": [insight(account, "follower_demographics", "lifetime", total_value=total)]}


def _day(graph: Graph, noon: datetime) -> dict[str, float]:
    return graph.world.account_day(_INSTAGRAM, noon)


def _media(graph: Graph, post: Post) -> Mapping[str, Callable[[Field], Any]]:
    kept: dict[str, float] = {}

    def readings() -> dict[str, float]:
        if not kept:
            kept.update(graph.world.readings(post))
        return kept

    code = f"C{int(post.id):x}"
    kind = {"photo": "IMAGE", "carousel": "CAROUSEL_ALBUM"}.get(post.kind, "VIDEO")
    product = _product(post)
    path = "reel" if product == "REELS" else "p"
    children = [{"id": f"{post.id}{n}", "media_type": "IMAGE"} for n in range(len(post.media) or 3)]
    return {
        "id": lambda _: post.id,
        "caption": lambda _: post.text or None,
        "media_type": lambda _: kind,
        "media_product_type": lambda _: product,
        "permalink": lambda _: f"https://www.instagram.com/{path}/{code}/",
        "shortcode": lambda _: code,
        "timestamp": lambda _: told(post.published_at),
        "username": lambda _: graph.world.accounts[_INSTAGRAM].handle,
        "like_count": lambda _: int(readings()["reactions"]),
        "comments_count": lambda _: int(readings()["comments"]),
        "children": lambda _: {"data": children} if kind == "CAROUSEL_ALBUM" else None,
        "insights": lambda field: {"data": _insights(graph, post, _names(field), readings())},
    }


def _insights(graph: Graph, post: Post, names: list[str], found: Readings) -> list[dict[str, Any]]:
    converted = graph.world.objects(_INSTAGRAM, "converted").get("at")
    if converted is not None and post.published_at < converted["moment"]:
        raise GraphError(
            "(#100) Invalid parameter", 100, 2108006, title="Media posted before business account conversion",
            told="The media was posted before the most recent time that the user's account was converted to a business account.",
        )  # fmt: skip
    known = {**_EVERYWHERE, **_BY_PRODUCT[_product(post)]}
    for name in names:
        if name not in known:
            raise GraphError(
                f"(#100) The Media Insights API does not support the {name} metric for this media product type.", 100
            )
    return [lifetime(post.id, name, known[name](found)) for name in names]


def _check_names(graph: Graph, names: list[str]) -> None:
    known = {*_EVERYWHERE, *(name for product in _BY_PRODUCT.values() for name in product)} - graph.retired()
    for place, name in enumerate(names):
        if name not in known:
            raise GraphError(
                f"(#100) metric[{place}] must be one of the following values: {', '.join(sorted(known))}", 100
            )


def _names(field: Field) -> list[str]:
    return [name for name in field.modifiers.get("metric", "").split(",") if name]


def _product(post: Post) -> str:
    return "REELS" if post.kind in ("reel", "video") else "FEED"
