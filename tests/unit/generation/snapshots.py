"""Snapshots for the tests of generation: factories of facts and one realistic brand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from models.domain.brand import BrandProfile
from models.domain.evidence import Fact
from models.domain.snapshot import CompetitorFacts, FormatFacts, PlatformFacts, SlotFacts, Snapshot, TopicFacts
from models.domain.social import Platform

AS_OF = datetime(2026, 11, 15, 8, 30, tzinfo=UTC)


def make_fact(fact_id: str, value: float | None, unit: str, n: int | None = None) -> Fact:
    return Fact(
        id=fact_id,
        label=fact_id,
        value=value,
        unit=unit,
        mart="mart_posts",
        query=f"select '{fact_id}'",
        as_of=AS_OF,
        n=n,
    )


def make_platform(
    platform: Platform,
    posts: float | None,
    pace: float | None,
    median: float | None,
    rate_id: str | None = None,
    rate: float | None = None,
) -> PlatformFacts:
    return PlatformFacts(
        platform=platform,
        posts=make_fact(f"posts.{platform}", posts, "posts"),
        posts_per_week=make_fact(f"posts_per_week.{platform}", pace, "per_week"),
        median_engagements=make_fact(f"median_engagements.{platform}", median, "count"),
        rate_id=rate_id,
        rate=make_fact(f"{rate_id}.{platform}", rate, "ratio") if rate_id else None,
    )


def make_topic(
    topic: str,
    posts: float | None,
    share: float | None,
    measured: float | None,
    percentile: float | None,
    theirs: float | None = None,
    keywords: Sequence[str] = (),
    key: str | None = None,
) -> TopicFacts:
    base = f"topic.{key or topic}"
    return TopicFacts(
        topic=topic,
        keywords=tuple(keywords),
        posts=make_fact(f"{base}.posts", posts, "posts"),
        share=make_fact(f"{base}.share", share, "ratio"),
        posts_measured=make_fact(f"{base}.posts_measured", measured, "posts"),
        percentile=make_fact(f"{base}.percentile", percentile, "percentile"),
        competitor_share=make_fact(f"{base}.competitor_share", theirs, "ratio"),
    )


def make_slot(
    platform: Platform, weekday: int, hour: int, measured: float | None, percentile: float | None
) -> SlotFacts:
    base = f"slot.{platform}.{weekday}.{hour:02d}"
    return SlotFacts(
        platform=platform,
        weekday=weekday,
        hour=hour,
        posts_measured=make_fact(f"{base}.posts_measured", measured, "posts"),
        percentile=make_fact(f"{base}.percentile", percentile, "percentile"),
    )


def make_format(
    platform: Platform, kind: str, posts: float | None, measured: float | None, percentile: float | None, key: str = ""
) -> FormatFacts:
    base = f"format.{platform}.{key or kind}"
    return FormatFacts(
        platform=platform,
        content_type=kind,
        posts=make_fact(f"{base}.posts", posts, "posts"),
        posts_measured=make_fact(f"{base}.posts_measured", measured, "posts"),
        percentile=make_fact(f"{base}.percentile", percentile, "percentile"),
    )


def make_competitor(
    name: str, platform: Platform, pace: float | None, median: float | None, key: str = ""
) -> CompetitorFacts:
    base = f"competitor.{key or name}.{platform}"
    return CompetitorFacts(
        name=name,
        platform=platform,
        posts_per_week=make_fact(f"{base}.posts_per_week", pace, "per_week"),
        median_engagements=make_fact(f"{base}.median_engagements", median, "count"),
    )


def make_snapshot(**parts: Sequence[object]) -> Snapshot:
    filled = {name: tuple(parts.get(name, ())) for name in ("platforms", "topics", "formats", "slots", "competitors")}
    return Snapshot(id="v1", workspace_id="river-trust", as_of=AS_OF, **filled)  # type: ignore[arg-type]


def river_trust() -> Snapshot:
    """A conservation charity on four channels, with uneven history."""
    facebook, instagram, youtube, email = Platform.FACEBOOK, Platform.INSTAGRAM, Platform.YOUTUBE, Platform.EMAIL
    return make_snapshot(
        platforms=[
            make_platform(facebook, 412, 7.9, 184, "engagement_rate_by_impressions", 0.0412),
            make_platform(instagram, 236, 4.5, 612.5, "engagement_rate_by_reach", 0.0577),
            make_platform(youtube, 41, 0.8, 97, "engagement_rate_by_views", 0.0213),
            make_platform(email, 5, 0.3, None),
        ],
        topics=[
            make_topic("otters", 61, 0.088, 54, 0.713, 0.031, ["otters", "otter", "holt"]),
            make_topic("volunteer days", 97, 0.14, 88, 0.561, 0.121, ["volunteer days", "volunteers", "cleanup"]),
            make_topic("water quality", 122, 0.176, 110, 0.492, 0.262, ["water quality", "sewage", "testing"]),
            make_topic("fundraising", 85, 0.122, 79, 0.318, 0.095, ["fundraising", "appeal", "donate"]),
            make_topic("beaver release", 7, 0.01, 5, 0.61, None, ["beaver", "release"]),
            make_topic("salmon", 38, 0.055, 31, 0.585, 0.142, ["salmon", "spawning", "weir"]),
            make_topic("events", 31, 0.045, 29, 0.44, 0.02, ["events"]),
        ],
        formats=[
            make_format(facebook, "photo", 210, 190, 0.51),
            make_format(facebook, "video", 88, 80, 0.66),
            make_format(facebook, "link", 114, 101, 0.39),
            make_format(instagram, "reel", 90, 82, 0.55),
            make_format(instagram, "carousel", 146, 130, 0.5),
        ],
        slots=[
            *(make_slot(facebook, day, 18, n, p) for day, n, p in [(1, 14, 0.58), (2, 33, 0.71), (3, 21, 0.6), (7, 40, 0.69)]),
            *(make_slot(facebook, day, 10, 22, 0.47) for day in range(1, 6)),
            *(make_slot(instagram, day, 12, 12, 0.53) for day in range(1, 8)),
            make_slot(youtube, 5, 16, 6, 0.6),
        ],
        competitors=[
            make_competitor("Rivers Alliance", facebook, 11.4, 260),
            make_competitor("Wetland Watch", facebook, 9.2, 90),
            make_competitor("Wetland Watch", instagram, 4.1, 410),
            make_competitor("Rivers Alliance", youtube, 1.2, 300),
        ],
    )  # fmt: skip


def river_trust_brand() -> BrandProfile:
    return BrandProfile(
        workspace_id="river-trust",
        description="We look after the rivers of the valley with volunteers, landowners and schools.",
        audience="people who live near a river and want to help",
        tone="warm, plain",
        banned_phrases=("game-changer", "behind the scenes"),
        required_phrases=("Every river matters",),
        links=("https://rivertrust.example/join",),
    )


class StoredFacts:
    """A fact source in which every fact answers with its stored value, but for `changes`."""

    def __init__(self, held: Snapshot, changes: dict[str, float | None] | None = None) -> None:
        self.held = held
        self.changes = changes or {}

    def snapshot(self, workspace_id: str) -> Snapshot:
        return self.held

    def rerun(self, workspace_id: str, fact: Fact) -> float | None:
        return self.changes.get(fact.id, fact.value)
