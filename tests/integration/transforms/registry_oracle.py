"""What the registry says, worked out slowly in Python from raw rows: values, composites, rates, sums, weeks."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from models.metrics.registry import registry
from tests.integration.transforms.raw_rows import Raw

WIDE_RATES = [f"engagement_rate_by_{what}" for what in ("reach", "impressions", "views", "followers")]
SUMS = (
    "engagements_public", "engagements_full", "reactions", "comments", "shares", "saves", "clicks", "views",
    "impressions", "watch_time_hours",
)  # fmt: skip
MEANS = ("average_view_duration_seconds", "average_percentage_viewed", "completion_rate")
COMPARED = ("engagements_public", "views", "impressions")


@dataclass
class Post:
    platform: str
    account: str
    id: str
    published: datetime
    kind: str
    pillar: str
    day: date
    values: dict[str, float] = field(default_factory=dict)
    series: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    @property
    def week(self) -> date:
        return self.day - timedelta(days=self.day.weekday())


def posts_of(raw: Raw) -> list[Post]:
    """Own posts with their latest values, composites and followers at publish time."""
    zone = ZoneInfo(raw.tables["workspace"][0]["zone"])
    topics = {(r["platform"], r["account_id"], r["entity_id"]): r["topic"] for r in raw.tables["content_topic"]}
    found: dict[tuple[str, str, str], Post] = {}
    for row in raw.tables["content"]:
        key = (row["platform"], row["account_id"], row["entity_id"])
        day = row["published_at"].astimezone(zone).date()
        found[key] = Post(*key, row["published_at"], row["content_type"] or "unknown", topics.get(key, "none"), day)
    readings: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in raw.tables["metric_observation"]:
        readings[row["entity_type"], row["platform"], row["account_id"], row["entity_id"], row["metric"]].append(row)
    for (kind, platform, account, entity, metric), rows in readings.items():
        told = [r for r in rows if r["state"] == "observed"]
        if kind == "post" and told:
            post = found[platform, account, entity]
            post.values[metric] = max(told, key=lambda r: (r["observed_at"], r["period_end"], r["value"]))["value"]
            aged = {(r["observed_at"] - post.published).total_seconds() / 3600: r["value"] for r in told}
            post.series[metric] = sorted(aged.items())
    for post in found.values():
        mine = readings.get(("account", post.platform, post.account, post.account, "followers"), [])
        before = [r for r in mine if r["state"] == "observed" and r["period_end"] <= post.published]
        post.values |= composites(post.platform, post.values)
        if before:
            post.values["followers"] = max(before, key=lambda r: (r["period_end"], r["observed_at"]))["value"]
    return list(found.values())


def composites(platform: str, values: dict[str, float]) -> dict[str, float]:
    known = registry()
    found = {}
    for name, composite in known.composites.items():
        parts = known.components(name, platform)
        signs = dict(zip(composite.components, composite.signs, strict=True))
        if parts and all(part in values for part in parts):
            found[name] = sum(signs[part] * values[part] for part in parts)
    return found


def parts_of_rate(post: Post, rate_id: str) -> tuple[float, float] | None:
    """(numerator, denominator), None where one is missing or both contradict each other."""
    rate = registry().rates[rate_id]
    if rate.platform not in (None, post.platform):
        return None
    above, below = post.values.get(rate.numerator), post.values.get(rate.denominator)
    if above is None or below is None or (rate.part_of_whole and not 0 <= above <= below):
        return None
    return above, below


def ratio(pairs: Iterable[tuple[float, float]]) -> float | None:
    """Σ numerator ÷ Σ denominator."""
    both = list(pairs)
    below = sum(b for _, b in both)
    return sum(a for a, _ in both) / below if both and below else None


def at_7_days(post: Post, measure: str) -> float | None:
    """A counter at 168 hours: nearest reading within 5 %, else on the line in log(age) and log(1 + value)."""
    known = registry()
    if measure in known.composites:
        ages = {m: value for m in known.metrics if (value := at_7_days(post, m)) is not None}
        return composites(post.platform, ages).get(measure)
    series = post.series.get(measure, [])
    near = [(abs(a - 168), a, v) for a, v in series if abs(a - 168) <= 0.05 * 168]
    if near:
        return min(near)[2]
    before, after = [p for p in series if p[0] <= 168], [p for p in series if p[0] > 168]
    if not before or not after or after[0][0] > 336:
        return None
    (a0, v0), (a1, v1) = before[-1], after[0]
    part = math.log(168 / a0) / math.log(a1 / a0)
    return math.expm1(math.log1p(v0) + part * (math.log1p(v1) - math.log1p(v0)))


def performance(posts: list[Post], ranks: dict[Any, float]) -> dict[str, float | None]:
    """The aggregates of a group of posts."""
    known = registry()
    told = {name: [p.values[name] for p in posts if name in p.values] for name in (*SUMS, *MEANS)}
    ranked = [ranks[p.platform, p.account, p.id] for p in posts if (p.platform, p.account, p.id) in ranks]
    found: dict[str, float | None] = {
        "posts": len(posts), "posts_with_engagement": len(told["engagements_public"]),
        "posts_with_views": len(told["views"]), "posts_with_impressions": len(told["impressions"]),
        "median_engagements_public": median(told["engagements_public"]) if told["engagements_public"] else None,
        "mean_percentile_28d": sum(ranked) / len(ranked) if ranked else None, "posts_measured": len(ranked),
    }  # fmt: skip
    for name in SUMS:
        assert known.may_be_summed(name, "posts")
        found[name] = sum(told[name]) if told[name] else None
    for rate in WIDE_RATES:
        pairs = [pair for p in posts if (pair := parts_of_rate(p, rate)) is not None]
        found[rate] = ratio(pairs)
        found[rate.replace("engagement_rate", "coverage")] = len(pairs) / len(posts) if posts else None
    for name in MEANS:
        weighted = [
            (p.values[name] * p.values["views"], p.values["views"]) for p in posts if {name, "views"} <= p.values.keys()
        ]
        found[name] = ratio(weighted)
        found[f"posts_with_{name}"] = len(weighted)
    return found


def weekly(
    groups: dict[Any, list[Post]],
    weeks: dict[Any, tuple[date, date]],
    partial: set[tuple[Any, date]],
    ranks: dict[Any, float],
    edge: Any,
) -> Iterator[tuple[Any, date, dict[str, Any]]]:
    """Each group's weeks from its first to its last: aggregates, values at 7 days, changes against the week before."""
    for key, (first, last) in weeks.items():
        before: dict[str, Any] | None = None
        week = first
        while week <= last:
            mine = [p for p in groups.get(key, []) if p.week == week]
            row: dict[str, Any] = {"is_complete": (edge(key), week) not in partial, **performance(mine, ranks)}
            for name in COMPARED:
                aged = [v for p in mine if (v := at_7_days(p, name)) is not None]
                row[f"{name}_7d"] = sum(aged) if aged else None
                row[f"posts_with_{name}_7d"] = len(aged)
                whole = row["is_complete"] and mine and len(aged) == len(mine)
                broken = any(
                    week - timedelta(days=7) < day <= week + timedelta(days=20)
                    for day in registry().breaks(name, key[0])
                )
                row[f"_{name}_whole"] = whole
                row[f"{name}_7d_change"] = (
                    row[f"{name}_7d"] - before[f"{name}_7d"]
                    if whole and before is not None and before[f"_{name}_whole"] and not broken
                    else None
                )
            yield key, week, {name: value for name, value in row.items() if not name.startswith("_")}
            before, week = row, week + timedelta(days=7)


def account_days(raw: Raw) -> dict[tuple[str, str, str, date], tuple[float | None, datetime, float]]:
    """(value, read at, hours after the day) of each number of an account, by the local day that holds the middle."""
    zone = ZoneInfo(raw.tables["workspace"][0]["zone"])
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in raw.tables["metric_observation"]:
        if row["entity_type"] == "account" and row.get("period_start"):
            day = (row["period_start"] + timedelta(hours=12)).astimezone(zone).date()
            found[row["platform"], row["account_id"], row["metric"], day].append(row)
    newest = {key: max(rows, key=lambda r: (r["state"] == "observed", r["observed_at"])) for key, rows in found.items()}
    return {
        key: (row["value"], row["observed_at"], (row["observed_at"] - row["period_end"]).total_seconds() / 3600)
        for key, row in newest.items()
    }
