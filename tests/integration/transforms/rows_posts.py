"""Workspaces about posts: `bakery`, each post there for one rule, and `growing`, random counters for an oracle."""

from __future__ import annotations

import random
from datetime import timedelta

from tests.integration.transforms.raw_rows import Raw, at

AGES = [2.0, 12.0, 23.5, 24.4, 50.0, 72.0, 100.0, 160.0, 169.0, 400.0, 650.0, 700.0, 2000.0]


def bakery() -> Raw:
    """A few posts, each there for one rule; every expected number in the tests is worked out by hand from these."""
    raw = Raw("bakery", "Europe/Berlin")
    first, second = at("2024-12-01T00:00:00"), at("2024-12-08T00:00:00")
    for batch_id, seen in (("b1", first), ("b2", second), ("b1-again", first)):
        raw.batch(batch_id, seen, rejections=2 if batch_id == "b2" else 0)
        for post, published in (
            ("short-day-late", "2024-03-31T21:30:00"),  # 23:30 on the 31st, a day of 23 hours
            ("day-after", "2024-03-31T22:30:00"),  # 00:30 on 1 April
            ("long-day-early", "2024-10-26T22:30:00"),  # 00:30 on the 27th, a day of 25 hours
            ("long-day-late", "2024-10-27T22:30:00"),  # 23:30 of the same day, 24 hours later
        ):
            raw.post(batch_id, seen, post, at(published))
            grown = 10.0 if batch_id != "b2" else 12.0
            for metric, value in (("reactions", grown), ("comments", 2.0), ("reach", 100.0), ("impressions", 300.0)):
                raw.reading(batch_id, seen, post, metric, value)
            raw.reading(batch_id, seen, post, "shares", 1.0 if batch_id != "b2" else 0.0)
        raw.post(batch_id, seen, "private", at("2024-10-28T12:00:00"), content_type="video")
        raw.reading(batch_id, seen, "private", "reactions", 4.0)
        raw.reading(batch_id, seen, "private", "comments", None)
        raw.reading(batch_id, seen, "private", "shares", 0.0)
        raw.reading(batch_id, seen, "private", "reach", None, state="privacy_limited")
        raw.reading(batch_id, seen, "private", "impressions", 0.0)
        raw.post(batch_id, seen, "undated", None, content_type=None)
    tube = {"platform": "youtube", "account_id": "tube"}
    raw.post("b1", first, "film", at("2024-10-28T12:00:00"), **tube)
    for metric, value in (("views", 50.0), ("reactions", 5.0), ("comments", 0.0), ("shares", 0.0)):
        raw.reading("b1", first, "film", metric, value, **tube)
    for day, followers in (
        ("2024-10-20T00:00:00", 1000.0),
        ("2024-10-27T10:00:00", 900.0),
        ("2024-10-29T00:00:00", 1.0),
    ):
        raw.reading("b1", at(day), "a1", "followers", followers, entity_type="account")
    rival = {"owner": "competitor", "account_id": "r1", "account_name": "Rival"}
    raw.post("b1", first, "theirs", at("2024-10-28T23:30:00"), **rival)
    for metric, value in (("reactions", 7.0), ("comments", 1.0), ("shares", 2.0)):
        raw.reading("b1", first, "theirs", metric, value, **rival)
    raw.topic("private", "bread")
    raw.topic("day-after", "bread")
    raw.topic("day-after", "cake", primary=False)
    raw.topic("theirs", "cake", owner="competitor", account_id="r1")
    raw.tables["rejection"].append(
        {"batch_id": "b2", "source": "csv", "source_file": "b2.csv", "source_line": 9, "column_name": "reach",
         "reason": "not a number", "raw": "-", "observed_at": second}
    )  # fmt: skip
    return raw


def growing(seed: int = 5) -> Raw:
    """Random posts with growing counters, read at random ages: what an oracle in Python is compared with."""
    rng = random.Random(seed)
    raw = Raw("growing", "America/New_York")
    start = at("2025-02-20T00:00:00")
    for number in range(60):
        account = rng.choice(["a1", "a2", "a3"])
        key = {"account_id": account, "account_name": account.upper()}
        published = start + timedelta(minutes=rng.randrange(60 * 24 * 30))
        ages = [800.0, 2000.0] if number % 10 == 0 else sorted(rng.sample(AGES, 4))
        final = {metric: rng.randrange(0, 400) for metric in ("reactions", "comments", "shares", "impressions")}
        for age in ages:
            seen = published + timedelta(hours=age)
            batch_id = f"b{age:g}"
            raw.post(batch_id, seen, f"p{number}", published, **key)
            for metric, value in final.items():
                missing = rng.random() < 0.05
                grown = None if missing else float(int(value * age / (age + 48)))
                raw.reading(batch_id, seen, f"p{number}", metric, grown, **key)
    for batch_id in sorted({row["batch_id"] for row in raw.tables["content"]}):
        raw.batch(batch_id, start)
    return raw


WORKSPACES = (bakery, growing)
