"""Random histories of observations: late, revised, repeated, missing, redated; and their batches split in any way.

A history is rows of the raw tables of one workspace, each with the batch it came in with. What a history must give is
worked out in `history_oracle`.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from connectors.warehouse.schema import RAW
from models.metrics.registry import registry

Rows = dict[str, list[dict[str, Any]]]

ZONES = ("Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
STATES = ("unsupported", "unavailable", "delayed", "retired", "privacy_limited")
STARTS = (datetime(2026, 3, 20, tzinfo=UTC), datetime(2025, 10, 20, tzinfo=UTC))
"""Shortly before a clock change of most of the zones."""
AGES = (0.5, 3, 11.75, 23, 23.5, 24, 24.5, 25.2, 47, 70, 72, 75, 120, 160, 168, 176, 300, 640, 650, 672, 700, 900, 2100)

SCALE = {"emails_sent": 20.0, "emails_delivered": 20.0, "opens": 5.0, "machine_opens": 0.2, "bounces": 0.2}
"""Sizes of metrics beside the others, so that the rates of e-mail are possible ones most of the time."""


def metrics_of(platform: str, entity: str) -> list[str]:
    known = registry()
    return sorted(
        {f.metric for f in known.fields if f.platform == platform and known.metrics[f.metric].entity == entity}
    )


def history(seed: int) -> Rows:
    """One workspace, `w<seed>`: some fifteen posts of three platforms, read a few times each, in about twenty batches."""
    rng = random.Random(seed)
    rows: Rows = {name: [] for name in RAW}
    workspace = f"w{seed:02d}"
    rows["workspace"].append(
        {
            "workspace_id": workspace,
            "name": workspace,
            "zone": ZONES[seed % len(ZONES)],
            "plan": "studio",
            "synthetic": True,
        }
    )
    for topic in ("bread", "cake"):
        rows["topic"].append({"workspace_id": workspace, "topic": topic, "keywords": topic, "method": "m"})
    start = rng.choice(STARTS)
    platforms = sorted({f.platform for f in registry().fields})
    for platform in rng.sample(platforms, 3):
        for account, owner in ((f"{platform}-1", "own"), (f"{platform}-2", "own"), (f"{platform}-rival", "competitor")):
            key = {"workspace_id": workspace, "platform": platform, "account_id": account, "owner": owner}
            for number in range(rng.randrange(1, 5)):
                _post(rng, rows, key, f"{account}-{number}", start)
            if owner == "own":
                _account(rng, rows, key, start)
    _batches(rng, rows, workspace)
    return rows


def _post(rng: random.Random, rows: Rows, key: dict[str, Any], post: str, start: datetime) -> None:
    published: datetime | None = start + timedelta(minutes=rng.randrange(20 * 24 * 60))
    entity = {**key, "account_name": rng.choice(["Acme", "Acme Ltd"]), "entity_type": "post", "entity_id": post}
    described = {**entity, "source": "api", "content_type": rng.choice(["video", "link", None]), "title": post,
                 "tags": "[]", "payload": "{}"}  # fmt: skip
    first = published
    if rng.random() < 0.1:
        published = None
    # the description may come before the readings or long after the first of them, and with another publish time
    rows["content"].append(
        {
            **described,
            "published_at": published,
            "observed_at": first + timedelta(hours=rng.choice([1, 1, 200])),
            "source_line": 1,
        }
    )
    if rng.random() < 0.25:
        moved = None if rng.random() < 0.2 else first + timedelta(hours=rng.choice([-30, -1, 2, 26]))
        rows["content"].append(
            {**described, "published_at": moved, "observed_at": first + timedelta(hours=400), "source_line": 1}
        )
    metrics = metrics_of(key["platform"], "post")
    never = {metric for metric in metrics if rng.random() < 0.1}
    final = {metric: 0 if rng.random() < 0.1 else rng.randrange(1, 500) * SCALE.get(metric, 1.0) for metric in metrics}
    if rng.random() < 0.4:
        topic = {name: key[name] for name in ("workspace_id", "owner", "platform", "account_id")}
        topic |= {"entity_id": post, "topic": rng.choice(["bread", "cake"]), "weight": 1.0, "is_primary": True}
        rows["content_topic"].append(topic | {"method": "m"})
    for age in rng.sample([*AGES, -2.0], rng.randrange(2, 8)):
        seen = first + timedelta(hours=age)
        for metric in metrics:
            gone = metric in never or rng.random() < 0.08
            grown = final[metric] * max(age, 0.1) / (max(age, 0.1) + 48) * rng.choice([1, 1, 1, 1, 0.7])
            value = None if gone else float(round(grown, rng.choice([0, 0, 3])))
            if value is not None and rng.random() < 0.01:
                value = -value
            reading = {**entity, "metric": metric, "period_start": None,
                       "period_end": rng.choice([None, seen, seen - timedelta(hours=12)]), "value": value,
                       "state": rng.choice(STATES) if gone else "observed", "observed_at": seen,
                       "source_line": rng.choice([None, 1, 2])}  # fmt: skip
            rows["metric_observation"].append(reading)
            if rng.random() < 0.06:  # received again
                rows["metric_observation"].append(dict(reading))
            if rng.random() < 0.06 and value is not None:  # another value for the same instant
                rows["metric_observation"].append(reading | {"value": value + rng.randrange(1, 4)})


def _account(rng: random.Random, rows: Rows, key: dict[str, Any], start: datetime) -> None:
    entity = {**key, "account_name": "Acme", "entity_type": "account", "entity_id": key["account_id"]}
    counted = 1000
    for day in range(-2, 25, rng.choice([1, 3])):
        moment = start + timedelta(days=day, hours=rng.choice([0, 5, 23]))
        counted += rng.randrange(-5, 20)
        reading = {**entity, "metric": "followers", "period_start": None, "period_end": moment, "value": float(counted),
                   "state": "observed", "observed_at": moment, "source_line": None}  # fmt: skip
        rows["metric_observation"].append(reading)
        if rng.random() < 0.15:  # told otherwise later
            later = {"value": float(counted - 7), "observed_at": moment + timedelta(days=9)}
            rows["metric_observation"].append(reading | later)
        for metric in metrics_of(key["platform"], "account"):
            if metric != "followers" and rng.random() < 0.3:
                day_end = (moment + timedelta(days=1)).replace(hour=0)
                told = {"metric": metric, "value": float(rng.randrange(90)), "period_start": day_end - timedelta(days=1),
                        "period_end": day_end, "observed_at": day_end + timedelta(hours=30)}  # fmt: skip
                rows["metric_observation"].append(reading | told)
    for metric in metrics_of(key["platform"], "audience"):
        for week in range(3):
            for segment in ("country=DE", "country=FR", "age=18-24"):
                seen = start + timedelta(days=7 * week)
                told = {"metric": metric, "value": float(rng.randrange(60)), "period_end": seen, "observed_at": seen,
                        "period_start": None, "state": "observed", "source_line": None}  # fmt: skip
                rows["metric_observation"].append({**entity, "entity_type": "audience", "entity_id": segment, **told})


def _batches(rng: random.Random, rows: Rows, workspace: str) -> None:
    """Gives every row a batch: mostly that of its instant, now and then any other."""
    received = [*rows["content"], *rows["metric_observation"]]
    instants = sorted({row["observed_at"] for row in received})
    names = {instant: f"{rng.randrange(16**6):06x}" for instant in rng.sample(instants, min(18, len(instants)))}
    kept = sorted(names)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in received:
        due = min((instant for instant in kept if instant >= row["observed_at"]), default=kept[-1])
        row["batch_id"] = names[rng.choice(kept) if rng.random() < 0.1 else due]
        counts[row["batch_id"]][0 if "title" in row else 1] += 1
    for instant, name in names.items():
        contents, observations = counts[name]
        rows["batch"].append(
            {"workspace_id": workspace, "batch_id": name, "source": "api", "source_file": name, "observed_at": instant,
             "landed_at": instant, "contents": contents, "observations": observations, "rejections": 0, "path": name}
        )  # fmt: skip


def parts(rows: Rows, count: int, rng: random.Random) -> list[Rows]:
    """The history in `count` shares: whole batches in any share and any order, the workspace with the first."""
    share = {row["batch_id"]: rng.randrange(count) for row in rows["batch"]}
    found: list[Rows] = [{name: [] for name in RAW} for _ in range(count)]
    for name, listed in rows.items():
        for row in rng.sample(listed, len(listed)):
            found[share[row["batch_id"]] if "batch_id" in row else 0][name].append(row)
    return found


def write(connection: duckdb.DuckDBPyConnection, histories: Iterable[Rows]) -> None:
    """Adds rows to the raw tables, which must be there."""
    listed = list(histories)
    for table, columns in RAW.items():
        rows = [row for rows in listed for row in rows[table]]
        if rows:
            whole = [{column: row.get(column) for column in columns} for row in rows]
            connection.register("incoming", pl.DataFrame(whole, infer_schema_length=None))
            named = ", ".join(f"cast({column} as {kind})" for column, kind in columns.items())
            connection.execute(f"insert into raw.{table} select {named} from incoming")
            connection.unregister("incoming")
