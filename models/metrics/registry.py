"""The metric contract as Python objects: the same seed files that dbt loads, frozen.

The registry is the only place that names a metric, says whether it may be summed, and defines a composite or a rate.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from models.errors import InvalidInput


@dataclass(frozen=True)
class Metric:
    """`unit` is count, seconds, hours, percent or usd; `additive_*` says whether values may be summed over that axis."""

    id: str
    version: int
    name: str
    unit: str
    kind: Literal["counter", "gauge", "rate"]
    time_basis: Literal["lifetime", "period", "point"]
    entity: Literal["post", "account", "audience"]
    additive_posts: bool
    additive_days: bool
    additive_accounts: bool
    documentation: str


@dataclass(frozen=True)
class PlatformField:
    """Where a platform says the metric, and between which dates. A renamed field is a second row, never an edit.

    `engagement_part` marks the components that make up the engagement composites on that platform.
    """

    metric: str
    platform: str
    field: str
    valid_from: date | None
    valid_to: date | None
    engagement_part: bool
    source: str


@dataclass(frozen=True)
class Composite:
    """A sum of metrics. Missing when a component that the platform has is missing."""

    id: str
    components: tuple[str, ...]
    documentation: str


@dataclass(frozen=True)
class Rate:
    """`numerator` ÷ `denominator`; missing when the denominator is missing or 0."""

    id: str
    name: str
    numerator: str
    denominator: str
    documentation: str


@dataclass(frozen=True)
class Registry:
    metrics: dict[str, Metric]
    fields: tuple[PlatformField, ...]
    composites: dict[str, Composite]
    rates: dict[str, Rate]

    def metric(self, metric_id: str) -> Metric:
        """The metric, or `InvalidInput` that names the known ones."""
        try:
            return self.metrics[metric_id]
        except KeyError:
            known = ", ".join(sorted(self.metrics))
            raise InvalidInput(f"Metric {metric_id!r} is not in the registry; use one of: {known}.") from None

    def components(self, composite_id: str, platform: str) -> tuple[str, ...]:
        """The components of a composite that a platform has, in registry order."""
        has = {f.metric for f in self.fields if f.platform == platform and f.engagement_part}
        return tuple(c for c in self.composites[composite_id].components if c in has)


def _rows(name: str) -> list[dict[str, str]]:
    with (files("models.metrics") / "seeds" / f"{name}.csv").open("r", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The registry of this installation, read once."""
    metrics = {
        r["metric"]: Metric(
            id=r["metric"], version=int(r["version"]), name=r["name"], unit=r["unit"],
            kind=r["kind"], time_basis=r["time_basis"], entity=r["entity"],  # type: ignore[arg-type]
            additive_posts=r["additive_posts"] == "true", additive_days=r["additive_days"] == "true",
            additive_accounts=r["additive_accounts"] == "true", documentation=r["documentation"],
        )
        for r in _rows("metrics")
    }  # fmt: skip
    fields = tuple(
        PlatformField(
            metric=r["metric"], platform=r["platform"], field=r["field"], valid_from=_day(r["valid_from"]),
            valid_to=_day(r["valid_to"]), engagement_part=r["engagement_part"] == "true", source=r["source"],
        )
        for r in _rows("platform_fields")
    )  # fmt: skip
    composites: dict[str, Composite] = {}
    for r in _rows("composites"):
        before = composites.get(r["composite"])
        composites[r["composite"]] = Composite(
            id=r["composite"],
            components=(*(before.components if before else ()), r["component"]),
            documentation=(before.documentation if before else "") or r["documentation"],
        )
    rates = {
        r["rate"]: Rate(r["rate"], r["name"], r["numerator"], r["denominator"], r["documentation"])
        for r in _rows("rates")
    }
    return Registry(metrics, fields, composites, rates)
