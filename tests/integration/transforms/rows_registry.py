"""Random histories of every platform for the oracle of rates and sums: late, revised, repeated and missing readings."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from models.metrics.registry import registry
from tests.integration.transforms.raw_rows import Raw, at

ZONE = "Europe/Berlin"
PLATFORMS = ("facebook", "instagram", "linkedin", "x", "youtube", "email")
START = at("2026-03-09T00:00:00")
"""A Monday: the weeks that follow hold the clock change of 29 March."""
DAYS = 40
AGES = (20.0, 70.0, 165.0, 200.0, 420.0, 660.0, 900.0)
MISSING = ("unavailable", "privacy_limited", "delayed", "unsupported")
ACCOUNT_METRICS = ("account_views", "account_reach", "account_clicks", "followers_gained")
SEEDS = {"studio": 7, "agency": 21}


def history(workspace: str, seed: int) -> Raw:
    """Posts of six platforms over six weeks, each read at several ages; numbers of the accounts by Pacific day."""
    rng = random.Random(seed)
    raw = Raw(workspace, ZONE)
    batches: dict[str, datetime] = {}
    for number in range(72):
        platform = rng.choice(PLATFORMS)
        _post(raw, rng, batches, f"p{number}", platform, f"{platform}-{rng.choice('ab')}")
    for platform in PLATFORMS:
        for account in (f"{platform}-a", f"{platform}-b"):
            _account(raw, rng, batches, platform, account)
    for batch_id, seen in sorted(batches.items()):
        raw.batch(batch_id, seen)
    return raw


def _post(raw: Raw, rng: random.Random, batches: dict[str, datetime], post: str, platform: str, account: str) -> None:
    key = {"platform": platform, "account_id": account, "account_name": account.upper()}
    # no post in the third week: a hole between weeks with posts
    day = rng.choice([d for d in range(DAYS) if not 14 <= d < 21])
    published = START + timedelta(days=day, minutes=rng.randrange(24 * 60))
    metrics = _metrics(platform)
    final = {name: _final(rng, name) for name in metrics}
    never = {name for name in metrics if rng.random() < 0.12}
    if rng.random() < 0.1:
        final = dict.fromkeys(metrics, 0.0)
    kind = rng.choice(["video", "link", None])
    for age in sorted(rng.sample(AGES, 4)):
        seen = published + timedelta(hours=age)
        batch_id = f"{platform}-{seen:%m%d%H%M}"
        batches[batch_id] = seen
        raw.post(batch_id, seen, post, published, content_type=kind, **key)
        for name in metrics:
            gone = name in never or rng.random() < 0.06
            value = None if gone else _grown(rng, name, final[name], age)
            more = {"state": rng.choice(MISSING)} if gone else {}
            raw.reading(batch_id, seen, post, name, value, **key, **more)
    if rng.random() < 0.8:
        raw.topic(post, rng.choice(["bread", "cake"]), platform=platform, account_id=account)


def _metrics(platform: str) -> list[str]:
    """Everything of a post that the registry knows on the platform."""
    known = registry()
    return sorted(
        {f.metric for f in known.fields if f.platform == platform and known.metrics[f.metric].entity == "post"}
    )


def _final(rng: random.Random, metric: str) -> float:
    mails = {"emails_sent": (900, 1000), "bounces": (0, 40), "opens": (300, 500), "machine_opens": (0, 120)}
    return float(rng.randint(*mails.get(metric, (0, 300))))


def _grown(rng: random.Random, metric: str, final: float, age: float) -> float:
    if registry().metrics[metric].kind == "gauge":
        return float(rng.randrange(0, 90))
    return final if metric == "emails_sent" else float(int(final * age / (age + 40)))


def _account(raw: Raw, rng: random.Random, batches: dict[str, datetime], platform: str, account: str) -> None:
    key: dict[str, Any] = {"platform": platform, "account_id": account, "entity_type": "account"}
    for day in range(0, DAYS, rng.choice([3, 5])):
        taken = START + timedelta(days=day, hours=rng.randrange(24))
        batch_id = f"{platform}-f{taken:%m%d%H%M}"
        batches[batch_id] = taken
        raw.reading(batch_id, taken, account, "followers", float(rng.randint(500, 900)), **key)
    for day in range(DAYS):
        start = START + timedelta(days=day, hours=7)
        for metric in ACCOUNT_METRICS:
            for late in sorted(rng.sample((3, 27, 51, 75), rng.randint(0, 3))):
                seen = start + timedelta(hours=24 + late)
                batch_id = f"{platform}-d{seen:%m%d%H%M}"
                batches[batch_id] = seen
                gone = rng.random() < 0.2
                more = {"state": "delayed"} if gone else {}
                raw.reading(
                    batch_id, seen, account, metric, None if gone else float(rng.randrange(0, 50)),
                    **key, period_start=start, period_end=start + timedelta(hours=24), **more,
                )  # fmt: skip


def shuffled(raw: Raw, workspace: str, seed: int = 3) -> Raw:
    """The same history in another order, a third of the rows received once more in a batch of their own."""
    rng = random.Random(seed)
    other = Raw(workspace, ZONE)
    for table, rows in raw.tables.items():
        if table == "workspace":
            continue
        again = rng.sample(rows, len(rows) // 3) if table == "metric_observation" else []
        both = [*rows, *({**row, "batch_id": "0-again"} for row in again)]
        rng.shuffle(both)
        other.tables[table] = both
    other.batch("0-again", START)
    return other


def studio() -> Raw:
    return history("studio", SEEDS["studio"])


def agency() -> Raw:
    return history("agency", SEEDS["agency"])


def studio_again() -> Raw:
    return shuffled(studio(), "studio-again")


def unseen() -> Raw:
    """Posts and accounts of every platform whose every number was asked for and told by nobody."""
    raw = Raw("unseen", ZONE)
    seen = START + timedelta(days=40)
    raw.batch("nothing", seen)
    for number, platform in enumerate((*PLATFORMS, "tiktok")):
        key = {"platform": platform, "account_id": f"{platform}-a", "account_name": platform.upper()}
        for owner in ("own", "competitor"):
            whose = {**key, "owner": owner, "account_id": f"{platform}-{owner}"}
            for day in (1, 9):
                post = f"{platform}-{owner}-{day}"
                raw.post("nothing", seen, post, START + timedelta(days=day, hours=9), **whose)
                raw.topic(post, "bread", platform=platform, account_id=whose["account_id"], owner=owner)
                for metric in _metrics(platform):
                    raw.reading("nothing", seen, post, metric, None, state=MISSING[number % 4], **whose)
        mine = {**key, "account_id": f"{platform}-own", "entity_type": "account"}
        for metric in (*ACCOUNT_METRICS, "followers"):
            start = START + timedelta(days=3, hours=7)
            span = {"period_start": start, "period_end": start + timedelta(hours=24)} if metric != "followers" else {}
            raw.reading("nothing", seen, f"{platform}-own", metric, None, **mine, **span)
    return raw


WORKSPACES = (studio, agency, studio_again, unseen)
