"""The sandbox's audience obeys its stated effects, grows along one curve, and is the same in every process."""

from __future__ import annotations

import math
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from connectors.sandbox import audience
from connectors.sandbox.audience import EFFECTS, ZONE, draw, grown, readings
from connectors.sandbox.clock import Clock
from connectors.sandbox.phrases import TOPICS
from connectors.sandbox.world import Post, World
from models.domain.connection import Vendor

ROOT = Path(__file__).resolve().parents[3]
EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
POSTED = datetime(2026, 11, 5, 17, 30, tzinfo=UTC)
TELL = """
from datetime import UTC, datetime
from connectors.sandbox.audience import draw, followers, readings
from models.domain.connection import Vendor
posted = datetime(2026, 11, 5, 17, 30, tzinfo=UTC)
level = draw(7, Vendor.X, "1", "words #repair", "photo", posted, 1)
print(readings(level, posted, datetime(2026, 11, 9, tzinfo=UTC)))
"""


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    """A history that is long enough for averages: 6,000 posts, so many a day that fatigue is the same for nearly all."""
    return World(clock=Clock(EPOCH), posts={Vendor.INSTAGRAM: 6_000}).history(Vendor.INSTAGRAM)


def found(posts: list[Post], part: Callable[[Post], Any]) -> dict[Any, float]:
    """The geometric mean level of the posts by one of their parts, relative to that of all."""
    groups = defaultdict(list)
    for post in posts:
        groups[part(post)].append(math.log(post.level.reactions))
    every = mean(math.log(post.level.reactions) for post in posts)
    return {key: mean(values) - every for key, values in groups.items()}


@pytest.mark.parametrize(
    ("part", "stated"),
    [
        (lambda post: post.published_at.astimezone(ZONE).hour, EFFECTS.hours),
        (lambda post: post.published_at.astimezone(ZONE).isoweekday(), EFFECTS.weekdays),
        (lambda post: post.kind, EFFECTS.formats),
        (
            lambda post: next(t.name for t in TOPICS if any(f"#{tag}" in post.text for tag in t.hashtags)),
            {topic.name: topic.effect for topic in TOPICS},
        ),
    ],
    ids=["hour", "weekday", "format", "topic"],
)
def test_every_stated_effect_is_in_the_numbers(
    posts: list[Post], part: Callable[[Post], Any], stated: Mapping[Any, float]
) -> None:
    """Ratios between the groups are those of the table, within what 6,000 draws allow (about 0.03 on a log scale)."""
    measured = found(posts, part)
    assert len(measured) > 2
    truth = {key: math.log(stated[key]) for key in measured}
    shift = mean(measured[key] - truth[key] for key in measured)
    assert {key: measured[key] - shift for key in measured} == pytest.approx(truth, abs=0.12)


def test_each_further_post_of_a_day_earns_less() -> None:
    fresh, tired = (draw(7, Vendor.X, "1", "words", "text", POSTED, recent).reactions for recent in (0, 3))
    assert tired / fresh == pytest.approx(EFFECTS.fatigue**3)


def test_growth_is_quick_at_first_then_slow_and_never_falls() -> None:
    assert grown(0, 12) == 0
    assert grown(12, 12) == pytest.approx(0.5, abs=0.02)
    assert grown(672, 12) == pytest.approx(1.0)
    assert 1.0 < grown(24 * 365, 12) < 1.1
    curve = [grown(hours, 12) for hours in range(0, 2_000, 5)]
    assert curve == sorted(curve)


def test_nothing_is_counted_before_a_post_is_out_and_counts_never_fall() -> None:
    level = draw(7, Vendor.YOUTUBE, "1", "words #hiking", "video", POSTED, 0)
    assert set(readings(level, POSTED, POSTED).values()) == {0.0}
    told = [readings(level, POSTED, POSTED + timedelta(hours=hours)) for hours in (1, 6, 30, 200, 900)]
    for earlier, later in pairwise(told):
        assert all(earlier[name] <= later[name] for name in earlier)
    assert all(value == int(value) for name, value in told[-1].items() if name != "watch_time_hours")


def test_the_same_seed_and_post_give_the_same_numbers_in_every_process() -> None:
    """Whatever the order of sets and hashes there is."""
    told = {
        subprocess.run(
            [sys.executable, "-c", TELL], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    level = draw(7, Vendor.X, "1", "words #repair", "photo", POSTED, 1)
    assert told == {f"{readings(level, POSTED, datetime(2026, 11, 9, tzinfo=UTC))}\n"}
    assert draw(8, Vendor.X, "1", "words #repair", "photo", POSTED, 1) != level


def test_followers_grow_and_a_days_numbers_add_up() -> None:
    first, last = (
        audience.followers(7, Vendor.LINKEDIN, "a", day, EPOCH.date()) for day in (date(2026, 5, 26), EPOCH.date())
    )
    assert last / first == pytest.approx(1 / 0.86, rel=0.02)
    day = audience.account_day(7, Vendor.LINKEDIN, "a", date(2026, 11, 3), EPOCH.date())
    assert day["followers_gained"] >= day["followers_lost"] == 3.0
    assert day["reach"] < day["views"]
