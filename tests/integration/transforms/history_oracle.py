"""What a history must give, worked out slowly in Python from its rows: newest values, equal ages, composites, rates.

The registry's definitions are the only thing shared with the models; the arithmetic is exact (`Fraction`) where it can be.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from models.metrics.registry import registry
from tests.integration.transforms.histories import Rows

Key = tuple[str, str, str]
EQUAL_AGES = (24, 72, 168, 672)
WEAKNESS = {"exact": 0, "interpolated": 1, "extrapolated": 2}


@dataclass(frozen=True)
class Expected:
    """By post (platform, account, post): what each metric shows, its values at equal ages, and rates."""

    latest: dict[tuple[Key, str], tuple[float | None, str, datetime, datetime]]
    at_age: dict[tuple[Key, str, int], tuple[float, str]]
    rates: dict[tuple[Key, str], tuple[Fraction, Fraction]]
    days: dict[tuple[str, str, date, str], tuple[Fraction, Fraction]]
    owners: dict[Key, str]


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    line = -1 if row["source_line"] is None else row["source_line"]
    return (row["observed_at"], row["period_end"] or row["observed_at"], row["batch_id"], line)


def expected(rows: Rows) -> Expected:
    posts: dict[Key, dict[str, Any]] = {}
    for row in rows["content"]:
        key = (row["platform"], row["account_id"], row["entity_id"])
        order = (row["observed_at"], row["batch_id"], row["source_line"])
        if key not in posts or order > posts[key]["order"]:
            posts[key] = row | {"order": order}
    readings: dict[tuple[Key, str], list[dict[str, Any]]] = defaultdict(list)
    followers: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows["metric_observation"]:
        if row["entity_type"] == "post":
            readings[(row["platform"], row["account_id"], row["entity_id"]), row["metric"]].append(row)
        elif row["metric"] == "followers" and row["state"] == "observed":
            followers[row["platform"], row["account_id"]].append(row)
    latest, values, ages = {}, defaultdict(dict), {}
    for (key, metric), listed in readings.items():
        if key not in posts:
            continue
        shown = max(
            listed,
            key=lambda r: (r["state"] == "observed", *_order(r), -1 if r["value"] is None else r["value"], r["state"]),
        )
        first = min(row["observed_at"] for row in listed)
        latest[key, metric] = (shown["value"], shown["state"], shown["observed_at"], first)
        if shown["state"] == "observed":
            values[key][metric] = Fraction(shown["value"])
        definition = registry().metrics[metric]
        if (definition.kind, definition.time_basis) == ("counter", "lifetime") and posts[key]["published_at"]:
            for age, found in _at_ages(listed, posts[key]["published_at"]).items():
                ages[key, metric, age] = found
    for key, post in posts.items():
        before = [
            row for row in followers[key[:2]] if post["published_at"] and row["period_end"] <= post["published_at"]
        ]
        values[key] |= _composites(key[0], values[key])
        if before:
            newest = max(before, key=lambda r: (r["period_end"], r["observed_at"], r["batch_id"], r["value"]))
            values[key]["followers"] = Fraction(newest["value"])
        for age in EQUAL_AGES:
            at_age = {metric: ages[key, metric, age] for metric in registry().metrics if (key, metric, age) in ages}
            for name, total in _composites(key[0], {m: Fraction(v) for m, (v, _) in at_age.items()}).items():
                weakest = max(
                    (at_age[part][1] for part in registry().components(name, key[0])), key=WEAKNESS.__getitem__
                )
                ages[key, name, age] = (float(total), weakest)
    zone = ZoneInfo(rows["workspace"][0]["zone"])
    rates = {
        (key, rate): both for key in posts for rate in registry().rates if (both := _parts(key[0], rate, values[key]))
    }
    days: dict[Any, tuple[Fraction, Fraction]] = defaultdict(lambda: (Fraction(0), Fraction(0)))
    for (key, rate), (above, below) in rates.items():
        post = posts[key]
        if post["owner"] == "own" and post["published_at"]:
            at = (*key[:2], post["published_at"].astimezone(zone).date(), rate)
            days[at] = (days[at][0] + above, days[at][1] + below)
    return Expected(latest, ages, rates, dict(days), {key: post["owner"] for key, post in posts.items()})


def _composites(platform: str, values: Mapping[str, Fraction]) -> dict[str, Fraction]:
    found = {}
    for name, composite in registry().composites.items():
        parts = registry().components(name, platform)
        signs = dict(zip(composite.components, composite.signs, strict=True))
        if parts and all(part in values for part in parts):
            found[name] = sum((signs[part] * values[part] for part in parts), Fraction(0))
    return found


def _parts(platform: str, rate_id: str, values: Mapping[str, Fraction]) -> tuple[Fraction, Fraction] | None:
    rate = registry().rates[rate_id]
    if rate.platform not in (None, platform):
        return None
    above, below = values.get(rate.numerator), values.get(rate.denominator)
    if above is None or below is None or (rate.part_of_whole and not 0 <= above <= below):
        return None
    return above, below


def _at_ages(listed: list[dict[str, Any]], published: datetime) -> dict[int, tuple[float, str]]:
    usable: dict[float, dict[str, Any]] = {}
    for row in sorted(listed, key=lambda r: (*_order(r), -1 if r["value"] is None else r["value"])):
        age = (row["observed_at"] - published).total_seconds() / 3600
        if row["state"] == "observed" and age > 0 and row["value"] >= 0:
            usable[age] = row  # the newest of one instant comes last
    found = {}
    for target in EQUAL_AGES:
        near = [(abs(age - target), age) for age in usable if abs(age - target) <= 0.05 * target]
        before, after = [age for age in usable if age <= target], [age for age in usable if age > target]
        if near:
            found[target] = (usable[min(near)[1]]["value"], "exact")
        elif before and after:
            low, high = max(before), min(after)
            part = (math.log(target) - math.log(low)) / (math.log(high) - math.log(low))
            ends = math.log1p(usable[low]["value"]), math.log1p(usable[high]["value"])
            found[target] = (math.expm1(ends[0] + part * (ends[1] - ends[0])), "interpolated")
        elif after and target == EQUAL_AGES[-1]:
            found[target] = (usable[min(after)]["value"], "extrapolated")
    return found
