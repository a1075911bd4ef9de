"""Random histories of observations: late, revised, repeated, falling, with gaps, over clock changes; equal for equal seeds."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from models.metrics.registry import registry
from tests.integration.transforms.raw_rows import Raw, at

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu")
_STATES = ("unsupported", "unavailable", "delayed", "privacy_limited")
_START = at("2026-02-20T00:00")
_DAYS = 60


def random_history(seed: int, *, posts: int) -> list[Raw]:
    """A workspace in each zone with so many own posts on every platform, competitors', accounts' and audience readings."""
    return [_workspace(random.Random(f"{seed} {zone}"), zone, posts) for zone in ZONES]


def _workspace(dice: random.Random, zone: str, posts: int) -> Raw:
    raw = Raw(f"w{dice.randrange(10**6):06d}", zone)
    batches = [f"b{number:03d}" for number in range(12)]
    for batch in batches:
        raw.batch(
            batch,
            _START + timedelta(days=dice.randrange(_DAYS), minutes=dice.randrange(1440)),
            dice.choice(("csv", "api")),
        )
    for platform in sorted({str(field.platform) for field in registry().fields}):
        known = sorted({field.metric for field in registry().fields if field.platform == platform})
        of = {entity: [m for m in known if registry().metrics[m].entity == entity] for entity in ("post", "account")}
        for owner, account in (("own", "a1"), ("own", "a2"), ("competitor", "c1"), ("competitor", "c2")):
            place = {"platform": platform, "account_id": account, "account_name": f"Account {account}", "owner": owner}
            _account(dice, raw, batches, place, of["account"])
            for number in range(posts if owner == "own" else max(1, posts // 2)):
                _post(dice, raw, batches, place, f"{account}-{number}", of["post"])
    return raw


def _post(
    dice: random.Random, raw: Raw, batches: list[str], place: dict[str, str], post: str, metrics: list[str]
) -> None:
    published = _START + timedelta(minutes=dice.randrange(40 * 1440)) if dice.random() < 0.95 else None
    for version in range(dice.choice((1, 1, 2))):
        seen = (published or _START) + timedelta(hours=1 + 30 * version)
        raw.post(
            dice.choice(batches), seen, post, published, **place, title=f"Title {version}", body=dice.choice((None, "Body")),
            content_type=dice.choice(("image", "video", "link", None)), source_line=dice.choice((None, dice.randrange(50))),
        )  # fmt: skip
    if dice.random() < 0.8:
        raw.topic(post, f"topic {dice.randrange(5)}", weight=round(dice.random(), 4), **{
            key: place[key] for key in ("platform", "account_id", "owner")
        })  # fmt: skip
    ages = sorted(
        dice.choice((6, 23.5, 24, 25, 70, 72, 168, 300, 640, 672, 690, 800)) + dice.random() for _ in range(4)
    )
    for metric in dice.sample(metrics, k=min(len(metrics), 9)):
        value = float(dice.randrange(1, 10 ** dice.randrange(1, 7)))
        for age in ages:
            seen = (published or _START) + timedelta(hours=age)
            grown = value * (1 + age / 200) if dice.random() < 0.9 else value / 2
            _reading(dice, raw, batches, seen, post, metric, place, grown)


def _account(dice: random.Random, raw: Raw, batches: list[str], place: dict[str, str], metrics: list[str]) -> None:
    for metric in metrics:
        for day in sorted(dice.sample(range(_DAYS), k=8)):
            seen = _START + timedelta(days=day, minutes=dice.randrange(1440))
            kind = registry().metrics[metric]
            start = seen - timedelta(days=1) if kind.time_basis == "period" else None
            value = float(dice.randrange(500, 50_000))
            _reading(
                dice,
                raw,
                batches,
                seen,
                place["account_id"],
                metric,
                place,
                value,
                entity_type="account",
                period_start=start,
            )


def _reading(
    dice: random.Random, raw: Raw, batches: list[str], seen: datetime, entity: str, metric: str, place: dict[str, str],
    value: float, **more: object,
) -> None:  # fmt: skip
    """One reading, now and then repeated in another batch, revised within the hour, or missing with its state."""
    shown: float | None = round(value, dice.choice((0, 0, 0, 2, 6)))
    state = "observed"
    if dice.random() < 0.06:
        shown, state = None, dice.choice(_STATES)
    elif dice.random() < 0.04:
        shown = 0.0
    rest = {**place, "state": state, "source_line": dice.choice((None, dice.randrange(50))), **more}
    for _ in range(dice.choice((1, 1, 1, 2))):
        raw.reading(dice.choice(batches), seen, entity, metric, shown, **rest)
    if shown is not None and dice.random() < 0.1:
        raw.reading(
            dice.choice(batches),
            seen,
            entity,
            metric,
            shown + 1,
            **{**rest, "observed_at": seen + timedelta(minutes=40)},
        )
