"""The sandbox's audience: what a post really earns, so that a test can ask whether the product finds it.

Nothing here was observed. A post's level at 28 days is the account's base times the stated effects (hour, weekday,
topic, format, fatigue) times a drawn luck; every metric is a multiple of the level and grows along one curve. The same
seed and post give the same numbers in every process.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.sandbox.phrases import TOPICS
from models.domain.connection import Vendor

ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class Effects:
    """Multipliers of a post's level. Hours are local to `ZONE`, those not named count `other_hours`; weekdays from 1 =
    Monday. Each further post of the account within 24 hours before multiplies by `fatigue`."""

    hours: Mapping[int, float]
    other_hours: float
    weekdays: Mapping[int, float]
    formats: Mapping[str, float]
    fatigue: float


EFFECTS = Effects(
    hours={7: 0.95, 9: 0.85, 12: 1.1, 15: 0.8, 18: 1.5, 20: 1.25},
    other_hours=0.7,
    weekdays={1: 0.95, 2: 1.2, 3: 1.0, 4: 1.3, 5: 0.9, 6: 0.8, 7: 0.85},
    formats={"video": 1.35, "reel": 1.45, "carousel": 1.2, "photo": 1.0, "link": 0.7, "text": 0.8, "short": 1.1},
    fatigue=0.85,
)


@dataclass(frozen=True)
class Profile:
    """What is typical of a vendor: reactions of a median post at 28 days, hours to half of that, followers, formats, and
    the other metrics as multiples of reactions. `lag_hours` is how late the vendor reports."""

    base: float
    half_hours: float
    followers: int
    lag_hours: float
    formats: tuple[str, ...]
    ratios: Mapping[str, float]


PROFILES: dict[Vendor, Profile] = {
    Vendor.FACEBOOK: Profile(85, 14, 18_400, 3, ("photo", "video", "link"), {
        "reactions": 1, "comments": 0.12, "shares": 0.09, "views": 38, "reach": 27, "clicks": 0.9}),
    Vendor.INSTAGRAM: Profile(240, 11, 26_900, 3, ("photo", "carousel", "reel"), {
        "reactions": 1, "comments": 0.05, "shares": 0.07, "saves": 0.1, "views": 19, "reach": 13, "follows": 0.01,
        "profile_visits": 0.08}),
    Vendor.LINKEDIN: Profile(48, 26, 6_150, 20, ("text", "photo", "link"), {
        "reactions": 1, "comments": 0.14, "shares": 0.06, "impressions": 41, "reach": 26, "clicks": 1.4}),
    Vendor.X: Profile(22, 6, 9_300, 0, ("text", "photo", "link"), {
        "reactions": 1, "comments": 0.16, "reposts": 0.18, "quotes": 0.04, "saves": 0.08, "impressions": 64,
        "clicks": 0.7, "profile_visits": 0.3}),
    Vendor.TIKTOK: Profile(310, 20, 14_200, 1, ("video",), {
        "reactions": 1, "comments": 0.04, "shares": 0.06, "views": 17}),
    Vendor.YOUTUBE: Profile(95, 60, 7_800, 36, ("video", "short"), {
        "reactions": 1, "comments": 0.11, "shares": 0.05, "views": 24, "impressions": 210, "watch_time_hours": 0.9,
        "dislikes": 0.02, "subscribers_gained": 0.06, "subscribers_lost": 0.005}),
}  # fmt: skip

_TOPIC_WORDS = {tag.lower(): topic for topic in TOPICS for tag in topic.hashtags}


@dataclass(frozen=True, slots=True)
class Level:
    """A post's 28-day reactions and how fast it gets there; drawn once when it is published."""

    reactions: float
    half_hours: float
    spread: Mapping[str, float]


def draw(seed: int, vendor: Vendor, post_id: str, text: str, kind: str, published_at: datetime, recent: int) -> Level:
    """The level of a post; `recent` counts the account's posts in the 24 hours before it."""
    profile = PROFILES[vendor]
    local = published_at.astimezone(ZONE)
    luck = _normals(f"{seed}:{vendor}:{post_id}", 2 + len(profile.ratios))
    level = (
        profile.base
        * math.exp(0.35 * luck[0])
        * topic_effect(text)
        * EFFECTS.hours.get(local.hour, EFFECTS.other_hours)
        * EFFECTS.weekdays[local.isoweekday()]
        * EFFECTS.formats.get(kind, 1.0)
        * EFFECTS.fatigue ** min(recent, 6)
    )
    spread = {
        name: ratio * math.exp(0.12 * drawn)
        for (name, ratio), drawn in zip(profile.ratios.items(), luck[2:], strict=True)
    }
    return Level(level, profile.half_hours * math.exp(0.15 * luck[1]), spread)


def topic_effect(text: str) -> float:
    """The multiplier of the sample topic whose hashtag the text carries; 1 without one."""
    lowered = text.lower()
    return next((topic.effect for tag, topic in _TOPIC_WORDS.items() if tag in lowered), 1.0)


def readings(level: Level, published_at: datetime, at: datetime) -> dict[str, float]:
    """Every metric of a post at an instant, as the audience truly made it; counts are whole numbers, hours are not."""
    age = (at - published_at).total_seconds() / 3600
    if age <= 0:
        return dict.fromkeys(level.spread, 0.0)
    share = level.reactions * grown(age, level.half_hours)
    return {
        name: share * ratio if name == "watch_time_hours" else float(int(share * ratio))
        for name, ratio in level.spread.items()
    }


def grown(age_hours: float, half_hours: float) -> float:
    """The share of a post's 28-day value that it has at an age: quick at first, then slow, about 1.02 long after."""
    young, full = (1.0 - math.pow(0.5, math.pow(hours / half_hours, 0.75)) for hours in (age_hours, 672.0))
    return young / full + 0.02 * math.log(max(age_hours, 672.0) / 672.0)


def followers(seed: int, vendor: Vendor, account_id: str, day: date, epoch: date) -> int:
    """Followers at the end of a day: the profile's number at the `epoch`, growing about 14 % in 180 days."""
    base = PROFILES[vendor].followers
    wave = _normals(f"{seed}:{account_id}:{day}", 1)[0]
    return int(base * (1.0 + 0.14 * (day - epoch).days / 180.0) + base * 0.0004 * wave)


def account_day(seed: int, vendor: Vendor, account_id: str, day: date, epoch: date) -> dict[str, float]:
    """What an account did on one day. The first three days after it, a vendor's reports are up to 3 % below this."""
    today = followers(seed, vendor, account_id, day, epoch)
    gained = max(0, today - followers(seed, vendor, account_id, day - timedelta(days=1), epoch))
    wave = math.exp(0.2 * _normals(f"{seed}:{account_id}:{day}:activity", 1)[0])
    weight = EFFECTS.weekdays[day.isoweekday()]
    return {
        "followers_gained": float(gained + 3),
        "followers_lost": 3.0,
        "views": float(int(today * 0.9 * weight * wave)),
        "reach": float(int(today * 0.4 * weight * wave)),
        "impressions": float(int(today * 1.1 * weight * wave)),
        "engagements": float(int(today * 0.03 * weight * wave)),
        "profile_views": float(int(today * 0.012 * weight * wave)),
        "link_clicks": float(int(today * 0.004 * weight * wave)),
    }


SEGMENTS: dict[str, dict[str, float]] = {
    "country": {"DE": 0.41, "AT": 0.17, "CH": 0.12, "US": 0.1, "GB": 0.06},
    "city": {"Berlin": 0.09, "Vienna": 0.07, "Munich": 0.05},
    "age": {"18-24": 0.14, "25-34": 0.33, "35-44": 0.27, "45-54": 0.16, "55-64": 0.07, "65+": 0.03},
    "gender": {"F": 0.52, "M": 0.45, "U": 0.03},
}
"""Shares of the followers by segment; the rest of a dimension is not told."""


def _normals(key: str, count: int) -> list[float]:
    """`count` standard normal numbers that depend on the key alone (Box–Muller over SHA-256)."""
    found: list[float] = []
    block = 0
    while len(found) < count:
        digest = hashlib.sha256(f"{key}:{block}".encode()).digest()
        units = [(int.from_bytes(digest[i : i + 8], "big") + 1) / (2**64 + 2) for i in range(0, 32, 8)]
        for u, v in ((units[0], units[1]), (units[2], units[3])):
            radius = math.sqrt(-2.0 * math.log(u))
            found += [radius * math.cos(2 * math.pi * v), radius * math.sin(2 * math.pi * v)]
        block += 1
    return found[:count]
