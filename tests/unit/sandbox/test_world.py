"""The sandbox's world: what is there when, what survives a restart, and what the ledger says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.sandbox.audience import PROFILES
from connectors.sandbox.audience import readings as truth
from connectors.sandbox.clock import Clock
from connectors.sandbox.world import DAYS, POSTS, World
from models.domain.connection import Vendor
from models.errors import InvalidInput

EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize("vendor", POSTS)
def test_a_history_is_drawn_over_the_days_before_the_epoch(vendor: Vendor) -> None:
    posts = World(clock=Clock(EPOCH)).history(vendor)
    assert len(posts) == POSTS[vendor]
    assert EPOCH - (DAYS + 1) * DAY < posts[0].published_at < posts[-1].published_at < EPOCH
    assert len({post.id for post in posts}) == len(posts)
    assert {post.kind for post in posts} == set(PROFILES[vendor].formats)


def test_what_lies_after_the_clock_is_not_there_yet() -> None:
    """The demo lives through the last week: its posts appear as the clock passes them."""
    world = World(clock=Clock(EPOCH - 7 * DAY), epoch=EPOCH)
    coming = [post for post in world.history(Vendor.X) if post.published_at > world.clock.now()]
    assert coming
    assert all(world.post(Vendor.X, post.id) is None for post in coming)
    assert len(world.between(Vendor.X, None)) == POSTS[Vendor.X] - len(coming)
    world.advance(7 * DAY)
    assert len(world.between(Vendor.X, None)) == POSTS[Vendor.X]


def test_a_published_post_earns_readings_as_late_as_its_vendor_tells_them() -> None:
    world = World(clock=Clock(EPOCH))
    post = world.publish(Vendor.LINKEDIN, kind="text", text="Words for today")
    lag = timedelta(hours=PROFILES[Vendor.LINKEDIN].lag_hours)
    world.advance(lag)
    assert set(world.readings(post).values()) == {0.0}
    world.advance(DAY)
    assert world.readings(post) == truth(post.level, post.published_at, EPOCH + DAY)
    assert world.readings(post)["impressions"] > 0


def test_a_restart_keeps_what_was_published_deleted_and_the_time(tmp_path: Path) -> None:
    journal = tmp_path / "world.jsonl"
    world = World(clock=Clock(EPOCH), journal=journal)
    kept = world.publish(Vendor.X, kind="text", text="Kept words")
    gone = world.publish(Vendor.X, kind="text", text="Other words")
    assert world.delete(Vendor.X, gone.id)
    world.advance(2 * DAY)
    again = World(clock=Clock(EPOCH), journal=journal)
    assert (again.clock.now(), again.epoch) == (EPOCH + 2 * DAY, EPOCH)
    found = again.post(Vendor.X, kept.id)
    assert found == kept
    assert again.readings(kept) == world.readings(kept)
    assert again.post(Vendor.X, gone.id) is None
    assert len(again.history(Vendor.X)) == POSTS[Vendor.X] + 2
    assert again.ledger.entries == world.ledger.entries
    assert [entry.action for entry in again.ledger.entries] == ["publish", "publish", "delete"]


def test_the_ledger_counts_contents_that_went_out_twice() -> None:
    world = World(clock=Clock(EPOCH))
    for text in ("Once", "Twice", " Twice\u00a0"):
        world.publish(Vendor.FACEBOOK, kind="text", text=text)
    assert list(world.ledger.duplicates().values()) == [2]
    assert len(world.ledger.of(Vendor.FACEBOOK, "publish")) == 3


def test_a_days_numbers_are_low_until_they_are_settled() -> None:
    world = World(clock=Clock(EPOCH))
    early, late = world.account_day(Vendor.FACEBOOK, EPOCH - DAY), world.account_day(Vendor.FACEBOOK, EPOCH - 9 * DAY)
    world.advance(30 * DAY)
    assert world.account_day(Vendor.FACEBOOK, EPOCH - 9 * DAY) == late
    settled = world.account_day(Vendor.FACEBOOK, EPOCH - DAY)
    assert all(early[name] <= settled[name] for name in settled)
    assert early["views"] == int(settled["views"] * 0.97)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(InvalidInput, match="moves forward only"):
        World(clock=Clock(EPOCH)).advance(-DAY)
