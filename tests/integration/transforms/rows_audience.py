"""`florist`: followers, audience segments, e-mail campaigns and restated numbers, each there for one rule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.integration.transforms.raw_rows import Raw, at

SHOP: dict[str, Any] = {"platform": "instagram", "account_id": "shop", "account_name": "Florist"}
PAGE: dict[str, Any] = {"platform": "facebook", "account_id": "page", "account_name": "Florist"}
TUBE: dict[str, Any] = {"platform": "youtube", "account_id": "tube", "account_name": "Florist"}
RIVAL: dict[str, Any] = {"platform": "instagram", "account_id": "rose", "account_name": "Rose", "owner": "competitor"}
LETTERS: dict[str, Any] = {
    "platform": "email",
    "account_id": "list",
    "account_name": "Letters",
    "content_type": "email",
}


def florist() -> Raw:
    """Days are New York's, which is UTC−5 until 8 March 2026; expected numbers are worked out in the tests."""
    raw = Raw("florist", "America/New_York")
    _followers(raw)
    _audience(raw)
    _campaigns(raw)
    return raw


def _account(raw: Raw, where: dict[str, Any], seen: str, metric: str, value: float | None, **more: Any) -> None:
    """One reading of an account, in a batch of its own moment."""
    _batch(raw, at(seen))
    entity = {"entity_type": "account", **where, **more}
    raw.reading(f"day-{seen}", at(seen), where["account_id"], metric, value, **entity)


def _batch(raw: Raw, seen: datetime) -> None:
    batch_id = f"day-{seen:%Y-%m-%dT%H:%M:%S}"
    if batch_id not in {row["batch_id"] for row in raw.tables["batch"]}:
        raw.batch(batch_id, seen)


def _followers(raw: Raw) -> None:
    for seen, value in (
        ("2026-03-01T12:00:00", 1000.0),
        ("2026-03-02T12:00:00", 1000.0),
        ("2026-03-05T12:00:00", 1010.0),
        ("2026-03-05T23:00:00", 1005.0),  # the same day in New York
    ):
        _account(raw, SHOP, seen, "followers", value)
    # a history that came later says otherwise about 2 March
    _account(raw, SHOP, "2026-03-10T00:00:00", "followers", 1001.0, period_end=at("2026-03-02T12:00:00"))
    day = {"period_start": at("2026-03-03T05:00:00"), "period_end": at("2026-03-04T05:00:00")}
    _account(raw, SHOP, "2026-03-04T06:00:00", "followers_gained", None, state="delayed", **day)
    _account(raw, SHOP, "2026-03-05T12:00:00", "followers_gained", 7.0, **day)
    _account(raw, SHOP, "2026-03-06T12:00:00", "followers_gained", 8.0, **day)
    _account(raw, SHOP, "2026-03-05T12:00:00", "followers_lost", 0.0, **day)
    for seen, value in (("2026-03-01T12:00:00", 5000.0), ("2026-03-04T12:00:00", 5100.0)):
        _account(raw, RIVAL, seen, "followers", value)
    # Facebook counts follows of a page from 15 November 2025, likes before
    for seen, value in (
        ("2025-11-14T12:00:00", 500.0),
        ("2025-11-15T12:00:00", 700.0),
        ("2025-11-17T12:00:00", 710.0),
    ):
        _account(raw, PAGE, seen, "followers", value)
    for post, published in (
        ("before", "2026-02-28T12:00:00"),
        ("bouquet", "2026-03-02T12:00:00"),
        ("tulip", "2026-03-04T00:00:00"),
    ):
        for seen, likes in (
            ("2026-03-05T12:00:00", 20.0),
            ("2026-03-06T12:00:00", 15.0 if post == "bouquet" else 21.0),
        ):
            _batch(raw, at(seen))
            raw.post(f"day-{seen}", at(seen), post, at(published), **SHOP)
            raw.reading(f"day-{seen}", at(seen), post, "reactions", likes, **SHOP)


def _audience(raw: Raw) -> None:
    def segment(where: dict[str, Any], seen: str, name: str, metric: str, value: float | None, **more: Any) -> None:
        _account(raw, where, seen, metric, value, entity_type="audience", entity_id=name, **more)

    for seen, germany in (("2026-03-01T12:00:00", 500.0), ("2026-03-05T12:00:00", 600.0)):
        segment(SHOP, seen, "country=DE", "audience_followers", germany)
        segment(SHOP, seen, "country=US", "audience_followers", 300.0)
        segment(SHOP, seen, "age=*", "audience_followers", None, state="privacy_limited")
    segment(SHOP, "2026-03-01T12:00:00", "country=FR", "audience_followers", 5.0)
    segment(SHOP, "2026-03-06T12:00:00", "country=*", "audience_followers", None)
    segment(TUBE, "2026-03-05T12:00:00", "gender=F", "audience_share", 60.0)
    segment(TUBE, "2026-03-05T12:00:00", "gender=M", "audience_share", 40.0)


def _campaigns(raw: Raw) -> None:
    """`letter` is the example of the metric contract; the others lack something or contradict themselves."""

    def read(campaign: str, seen: str, **counts: float | None) -> None:
        _batch(raw, at(seen))
        raw.post(f"day-{seen}", at(seen), campaign, at(PUBLISHED[campaign]), **LETTERS)
        for metric, value in counts.items():
            raw.reading(f"day-{seen}", at(seen), campaign, metric, value, **LETTERS)

    read(
        "letter", "2026-03-03T15:00:00",
        emails_sent=3000.0, bounces=40.0, opens=900.0, machine_opens=90.0, unique_clicks=250.0,
    )  # fmt: skip
    read(
        "letter", "2026-03-12T15:00:00",
        emails_sent=3000.0, bounces=50.0, opens=1100.0, machine_opens=100.0, unique_clicks=300.0, clicks=410.0,
        unsubscribes=3.0, spam_complaints=0.0,
    )  # fmt: skip
    read(
        "silent", "2026-03-12T15:00:00",
        emails_sent=1000.0, bounces=0.0, opens=200.0, machine_opens=None, unique_clicks=50.0,
    )  # fmt: skip
    read("absurd", "2026-03-12T15:00:00", emails_sent=10.0, bounces=20.0, opens=30.0, unique_clicks=1.0)


PUBLISHED = {
    "letter": "2026-03-02T15:00:00",  # a Monday
    "silent": "2026-03-09T15:00:00",  # the Monday after
    "absurd": "2026-03-10T15:00:00",
}

WORKSPACES = (florist,)
