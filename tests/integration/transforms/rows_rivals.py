"""Workspaces about competitors: three worked by hand, and `arena`, random posts of three sides for an oracle."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from tests.integration.transforms.raw_rows import Raw, at

RIVAL = {"owner": "competitor", "account_id": "r1", "account_name": "Rival"}
SECOND = {"owner": "competitor", "account_id": "r2", "account_name": "Second"}
FOUR_WEEKS = 672.0


def told(
    raw: Raw, post: str, published: datetime, values: dict[str, float | None], age: float = FOUR_WEEKS, **more: Any
) -> None:
    """One post and one reading of each of its metrics, both seen `age` hours after publishing."""
    seen = published + timedelta(hours=age)
    raw.post("b", seen, post, published, **more)
    who = {key: more[key] for key in ("owner", "platform", "account_id", "account_name") if key in more}
    for metric, value in values.items():
        raw.reading("b", seen, post, metric, value, **who)


def public(reactions: float) -> dict[str, float | None]:
    return {"reactions": reactions, "comments": 0.0, "shares": 0.0}


def duel() -> Raw:
    """A brand and two competitors on facebook; the brand in a list of competitors on x; views alone on youtube."""
    raw = Raw("duel", "Europe/Berlin")
    raw.batch("b", at("2025-05-01T00:00:00"))
    for day, reactions in zip(range(3, 9), (10, 20, 30, 40, 50, 60), strict=True):
        told(raw, f"own-{day}", at(f"2025-03-{day:02d}T12:00:00"), public(reactions))
    told(raw, "own-april", at("2025-04-02T12:00:00"), public(70))
    for day, reactions in zip(range(3, 8), (100, 100, 200, 300, 300), strict=True):
        told(raw, f"rival-{day}", at(f"2025-03-{day:02d}T12:00:00"), public(reactions), **RIVAL)
    told(raw, "second-20", at("2025-03-20T12:00:00"), public(10), **SECOND)
    told(raw, "second-21", at("2025-03-21T12:00:00"), public(10) | {"comments": None}, **SECOND)
    for who, followers in (({}, 1000.0), (RIVAL, 4000.0)):
        raw.reading(
            "b", at("2025-03-01T00:00:00"), who.get("account_id", "a1"), "followers", followers, entity_type="account", **who
        )  # fmt: skip

    moment = at("2025-03-10T12:00:00")
    for post, account_id, name, owner in (
        ("q1", "x1", "Acme", "own"),
        ("q2", "x1", "Acme", "competitor"),
        ("q3", "x9", "ACME ", "competitor"),
        ("q4", "x2", "Rival", "competitor"),
    ):
        told(raw, post, moment, public(9), platform="x", account_id=account_id, account_name=name, owner=owner)

    told(raw, "film", moment, {"views": 500.0, **public(5)}, platform="youtube", account_id="tube")
    told(
        raw, "hit", moment, {"views": 1e6, "reactions": 7.0, "comments": None}, platform="youtube",
        owner="competitor", account_id="UCrival", account_name="Rival",
    )  # fmt: skip
    return raw


def surge() -> Raw:
    """A week of eleven posts of which one stands out, one alone a week later, one alone after that; a dull competitor."""
    raw = Raw("surge", "Europe/Berlin")
    raw.batch("b", at("2025-06-01T00:00:00"))
    monday = at("2025-03-03T09:00:00")
    for number, reactions in enumerate((8, 12) * 5):
        told(raw, f"usual-{number}", monday + timedelta(hours=11 * number), public(reactions))
    told(raw, "star", monday + timedelta(days=5), public(21))
    told(raw, "alone", monday + timedelta(days=8), public(1000))
    told(raw, "late", monday + timedelta(days=49), public(1000))
    for number in range(12):
        told(raw, f"dull-{number}", monday + timedelta(hours=9 * number), public(5), **RIVAL)
    told(raw, "less-dull", monday + timedelta(days=5), public(6), **RIVAL)
    return raw


def clockless() -> Raw:
    """Exports that tell days only beside sources that tell hours."""
    raw = Raw("clockless", "Europe/Berlin")
    seen = at("2025-04-01T00:00:00")
    raw.batch("b", seen)
    on_x = {"platform": "x", "account_id": "x1"}
    for day in (3, 4, 5):
        raw.post("b", seen, f"x{day}", at(f"2025-03-{day:02d}T00:00:00"), source="x_export", **on_x)
    raw.post("b", seen + timedelta(days=1), "x5", at("2025-03-05T14:15:00"), source="api_x_posts", **on_x)
    raw.post("b", seen, "x6", at("2025-03-06T08:30:00"), source="api_x_posts", **on_x)
    linked = {"platform": "linkedin", "account_id": "l1", "source": "linkedin_export"}
    for day in (3, 4):  # midnight in Berlin
        raw.post("b", seen, f"l{day}", at(f"2025-03-{day:02d}T23:00:00"), **linked)
    studio = {"platform": "youtube", "account_id": "y1", "source": "youtube_studio"}
    # midnight in California, before and after its summer time
    for moment in ("2025-03-03T08:00:00", "2025-03-10T07:00:00"):
        raw.post("b", seen, f"y{moment}", at(moment), **studio)
    for moment in ("2025-03-03T00:00:00", "2025-03-03T07:20:00", "2025-03-10T07:50:00"):
        raw.post("b", seen, f"f{moment}", at(moment))
    return raw


def arena(seed: int = 11) -> Raw:
    """Random posts of a brand with two accounts, three competitors and a copy of the brand, read at random ages."""
    rng = random.Random(seed)
    raw = Raw("arena", "America/New_York")
    raw.batch("b", at("2025-01-01T00:00:00"))
    start = at("2025-02-20T00:00:00")
    sides = (
        ("own", "a1", "Acme"), ("own", "a2", "Acme Shop"), ("competitor", "r1", "Rival"), ("competitor", "r2", "Second"),
        ("competitor", "r3", "Rival"), ("competitor", "copy", " acme"),
    )  # fmt: skip
    for platform in ("facebook", "x"):
        for owner, account, name in sides:
            who = {"owner": owner, "platform": platform, "account_id": account, "account_name": name}
            first = rng.randrange(0, 20)
            for number in range(rng.randrange(20, 45)):
                published = start + timedelta(days=first, minutes=rng.randrange(60 * 24 * 40))
                scale = 4000 if rng.random() < 0.06 else rng.choice((20, 40))
                final = {metric: rng.randrange(scale) for metric in ("reactions", "comments", "shares")}
                ages = [1500.0] if rng.random() < 0.15 else sorted(rng.sample([24.0, 72.0, 168.0, 672.0, 900.0], 3))
                for age in ages:
                    values: dict[str, float | None] = {
                        metric: None if rng.random() < 0.02 else float(int(value * age / (age + 40)))
                        for metric, value in final.items()
                    }
                    told(raw, f"{account}-{number}", published, values, age, **who)
            if rng.random() < 0.6:
                raw.reading(
                    "b", start, account, "followers", float(rng.randrange(500, 9000)), entity_type="account", **who
                )
    return raw


def mirrored_arena() -> Raw:
    """The rows of `arena` the other way round: every mart must be the same."""
    raw = arena()
    raw.workspace = "arena-mirror"
    for rows in raw.tables.values():
        rows.reverse()
    return raw


WORKSPACES = (duel, surge, clockless, arena, mirrored_arena)
