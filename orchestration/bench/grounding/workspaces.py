"""Made-up workspaces for the grounding benchmark: snapshots with the ids, labels and units that the warehouse gives."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from random import Random

from models.domain.brand import BrandProfile
from models.domain.evidence import Fact
from models.domain.snapshot import CompetitorFacts, FormatFacts, PlatformFacts, SlotFacts, Snapshot, TopicFacts
from models.domain.social import Platform
from models.generation.grounding.vocabulary import WEEKDAYS
from models.metrics.registry import registry

TOPICS = (
    "otters", "volunteer days", "water quality", "fundraising", "salmon", "winter care", "open data", "accessibility",
    "Q&A sessions", "night sky", "photo essays", "recipes", "plain language", "street trees", "apprenticeships", "coral reefs",
    "school visits", "repair café", "hiking routes", "design systems", "local history", "wildlife", "procurement", "music",
)  # fmt: skip
RIVALS = (
    "Rivers Alliance", "Wetland Watch", "Blue Planet Club", "North & Sons", "Civic Forum", "Harbour Press", "Green Desk",
    "Ashdown Studio", "Lumen Works", "Valley Voice",
)  # fmt: skip
KINDS = ("photo", "video", "link", "reel", "carousel", "text", "story")
_RATES = {
    Platform.FACEBOOK: "engagement_rate_by_impressions", Platform.INSTAGRAM: "engagement_rate_by_reach",
    Platform.YOUTUBE: "engagement_rate_by_views", Platform.LINKEDIN: "engagement_rate_by_impressions",
    Platform.EMAIL: "click_rate", Platform.TIKTOK: "engagement_rate_by_views", Platform.X: "engagement_rate_by_impressions",
}  # fmt: skip


def snapshot(seed: int) -> Snapshot:
    """One workspace's facts; the same seed gives the same."""
    random = Random(seed)
    as_of = datetime(2026, 1, 5, 8, 30, tzinfo=UTC) + timedelta(days=random.randrange(320))
    make = _Maker(random, as_of)
    platforms = random.sample(list(Platform), random.randint(2, 6))
    topics = random.sample(TOPICS, random.randint(4, 8))
    shares = _parts(random, len(topics))
    rivals = random.sample(RIVALS, random.randint(2, 4))
    return Snapshot(
        id=f"bench-{seed}",
        workspace_id="bench",
        as_of=as_of,
        platforms=tuple(make.platform(platform) for platform in platforms),
        topics=tuple(make.topic(topic, share) for topic, share in zip(topics, shares, strict=True)),
        formats=tuple(
            make.format(platform, kind) for platform in platforms for kind in random.sample(KINDS, random.randint(2, 4))
        ),
        slots=tuple(
            make.slot(platform, weekday, hour)
            for platform in platforms
            for weekday, hour in sorted(
                {(random.randint(1, 7), random.choice((8, 10, 12, 17, 18, 20))) for _ in range(9)}
            )
        ),
        competitors=tuple(
            make.competitor(name, platform)
            for name in rivals
            for platform in random.sample(platforms, random.randint(1, min(3, len(platforms))))
        ),
    )


def brand() -> BrandProfile:
    return BrandProfile(
        workspace_id="bench", description="We keep the valley's rivers.", audience="people by the river"
    )


def facts_of(found: Snapshot) -> dict[str, Fact]:
    """Every fact of a snapshot by id."""
    groups: list[object] = [*found.platforms, *found.topics, *found.formats, *found.slots, *found.competitors]
    facts = [value for group in groups for value in vars(group).values() if isinstance(value, Fact)]
    return {fact.id: fact for fact in facts}


class _Maker:
    def __init__(self, random: Random, as_of: datetime) -> None:
        self._random, self._as_of = random, as_of

    def _fact(self, fact_id: str, label: str, value: float | None, unit: str, n: float | None = None) -> Fact:
        query = f"select 1 as {unit}"
        return Fact(fact_id, label, value, unit, "mart_bench", query, self._as_of, None if n is None else int(n))

    def _maybe(self, value: float, chance: float = 0.1) -> float | None:
        return None if self._random.random() < chance else value

    def platform(self, platform: Platform) -> PlatformFacts:
        draw, on = self._random, platform.label
        rate_id = _RATES.get(platform)
        return PlatformFacts(
            platform,
            self._fact(f"posts.{platform}", f"Posts on {on}", float(draw.randint(3, 2400)), "posts"),
            self._fact(f"posts_per_week.{platform}", f"Posts per week on {on}", round(draw.uniform(0.2, 16), 9), "per_week"),
            self._fact(
                f"median_engagements.{platform}", f"Median public engagements of a post on {on}",
                self._maybe(draw.choice((float(draw.randint(3, 90)), draw.randint(90, 9000) / 2, float(draw.randint(900, 52000)))), 0.15),
                "count",
            ),
            rate_id,
            self._fact(
                f"{rate_id}.{platform}", f"{registry().rates[rate_id].name} on {on}",
                self._maybe(round(draw.choice((draw.uniform(0.001, 0.009), draw.uniform(0.01, 0.12))), 9), 0.15), "ratio",
            ) if rate_id else None,
        )  # fmt: skip

    def _measured(self, base: str, what: str, posts: int) -> tuple[Fact, Fact]:
        draw = self._random
        measured = float(max(0, min(posts, round(posts * draw.uniform(0.4, 1.0)))))
        value = None if measured == 0 else round(draw.uniform(0.12, 0.91), 9)
        return (
            self._fact(f"{base}.posts_measured", f"Posts {what} with a value at 28 days", measured, "posts"),
            self._fact(f"{base}.percentile", f"Percentile of posts {what} at 28 days", value, "percentile", measured),
        )

    def topic(self, topic: str, share: float) -> TopicFacts:
        draw, base = self._random, f"topic.{part(topic)}"
        posts = draw.randint(4, 260)
        measured, percentile = self._measured(base, f"on {topic}", posts)
        return TopicFacts(
            topic, tuple(topic.split()[:2]),
            self._fact(f"{base}.posts", f"Posts on {topic}", float(posts), "posts"),
            self._fact(f"{base}.share", f"Share of {topic} among posts that have a topic", share, "ratio", posts),
            measured, percentile,
            self._fact(
                f"{base}.competitor_share", f"Share of {topic} among competitors' posts that have a topic",
                self._maybe(round(draw.uniform(0.004, 0.4), 9), 0.2), "ratio",
            ),
        )  # fmt: skip

    def format(self, platform: Platform, kind: str) -> FormatFacts:
        base, what, posts = (
            f"format.{platform}.{part(kind)}",
            f"of type {kind} on {platform.label}",
            self._random.randint(5, 220),
        )
        measured, percentile = self._measured(base, what, posts)
        return FormatFacts(
            platform, kind, self._fact(f"{base}.posts", f"Posts {what}", float(posts), "posts"), measured, percentile
        )

    def slot(self, platform: Platform, weekday: int, hour: int) -> SlotFacts:
        base = f"slot.{platform}.{weekday}.{hour:02d}"
        measured, percentile = self._measured(
            base, f"on {platform.label}, {WEEKDAYS[weekday - 1]} {hour:02d}:00", self._random.randint(1, 60)
        )
        return SlotFacts(platform, weekday, hour, measured, percentile)

    def competitor(self, name: str, platform: Platform) -> CompetitorFacts:
        base, what, draw = f"competitor.{part(name)}.{platform}", f"of {name} on {platform.label}", self._random
        return CompetitorFacts(
            name, platform,
            self._fact(f"{base}.posts_per_week", f"Posts per week {what}", round(draw.uniform(0.2, 20), 9), "per_week"),
            self._fact(
                f"{base}.median_engagements", f"Median public engagements of a post {what}",
                self._maybe(draw.randint(6, 9000) / 2), "count",
            ),
        )  # fmt: skip


def part(text: str) -> str:
    """A name as a part of a fact id, as `connectors.warehouse.facts` makes it."""
    plain = re.sub(r"[\W_]", lambda m: {" ": "_", "-": "-"}.get(m.group(), "."), text)
    if "." not in plain:
        return plain
    return f"{plain.replace('.', '')}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _parts(random: Random, count: int) -> list[float]:
    weights = [random.uniform(0.2, 3) for _ in range(count)]
    return [round(weight / sum(weights), 9) for weight in weights]
