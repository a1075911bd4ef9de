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

    `engagement_part` marks the components that make up the engagement composites on that platform. `breaks_series` says
    that from `valid_from` on the platform counts something else than before, so nothing is compared over that day.
    `read_by` names who reads the field today: `interface` (the account's own API), `export` (an imported file), `public`
    (of competitors, without rights of their account); it is empty while nobody does.
    """

    metric: str
    platform: str
    field: str
    valid_from: date | None
    valid_to: date | None
    engagement_part: bool
    breaks_series: bool
    read_by: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class FieldNotTaken:
    """A number that a platform tells and FABRIC leaves alone, with the reason. `entity` is post or account."""

    platform: str
    entity: str
    field: str
    reason: str


@dataclass(frozen=True)
class Composite:
    """A signed sum of metrics: `signs` holds 1 or -1 for each component.

    `parts` platform: over the components that the platform marks as engagement parts. `parts` all: over every component,
    on platforms that have each of them. Missing when a component that belongs to it was not observed.
    """

    id: str
    components: tuple[str, ...]
    signs: tuple[int, ...]
    parts: Literal["platform", "all"]
    documentation: str


@dataclass(frozen=True)
class Rate:
    """`numerator` ÷ `denominator`; missing when the denominator is missing or 0.

    `platform` is the only platform that has the rate, None when every platform may. `part_of_whole` says that the
    numerator counts a part of the denominator: where a source's numbers contradict that, the rate is missing.
    """

    id: str
    name: str
    numerator: str
    denominator: str
    platform: str | None
    part_of_whole: bool
    documentation: str


@dataclass(frozen=True)
class Registry:
    """`denominators` holds, for each measure that a rate may divide, what it may be divided by, with a note."""

    metrics: dict[str, Metric]
    fields: tuple[PlatformField, ...]
    not_taken: tuple[FieldNotTaken, ...]
    composites: dict[str, Composite]
    rates: dict[str, Rate]
    denominators: dict[str, dict[str, str]]

    def metric(self, metric_id: str) -> Metric:
        """The metric, or `InvalidInput` that names the known ones."""
        try:
            return self.metrics[metric_id]
        except KeyError:
            known = ", ".join(sorted(self.metrics))
            raise InvalidInput(f"Metric {metric_id!r} is not in the registry; use one of: {known}.") from None

    def components(self, composite_id: str, platform: str) -> tuple[str, ...]:
        """The components of a composite on a platform, in registry order; none where the platform lacks it."""
        composite = self.composites[composite_id]
        if composite.parts == "all":
            told = {f.metric for f in self.fields if f.platform == platform}
            return composite.components if told.issuperset(composite.components) else ()
        has = {f.metric for f in self.fields if f.platform == platform and f.engagement_part}
        return tuple(c for c in composite.components if c in has)

    def may_be_summed(self, measure: str, axis: Literal["posts", "days", "accounts"]) -> bool:
        """Whether values of a metric, composite or rate may be added over an axis; a rate never may."""
        if measure in self.rates:
            return False
        parts = self.composites[measure].components if measure in self.composites else (measure,)
        return all(getattr(self.metric(part), f"additive_{axis}") for part in parts)

    def breaks(self, measure: str, platform: str) -> tuple[date, ...]:
        """Days from which a metric, composite or rate of a platform speaks of something else than before."""
        if measure in self.rates:
            parts = {self.rates[measure].numerator, self.rates[measure].denominator}
            return tuple(sorted({day for part in parts for day in self.breaks(part, platform)}))
        parts = set(self.components(measure, platform)) if measure in self.composites else {measure}
        found = {
            field.valid_from
            for field in self.fields
            if field.metric in parts and field.platform == platform and field.breaks_series and field.valid_from
        }
        return tuple(sorted(found))


def _rows(name: str) -> list[dict[str, str]]:
    with (files("models.metrics") / "seeds" / f"{name}.csv").open("r", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The registry of this installation, read once."""
    return Registry(
        _metrics(),
        _fields(),
        tuple(FieldNotTaken(**row) for row in _rows("fields_not_taken")),
        _composites(),
        _rates(),
        _denominators(),
    )


def _metrics() -> dict[str, Metric]:
    return {
        r["metric"]: Metric(
            id=r["metric"], version=int(r["version"]), name=r["name"], unit=r["unit"],
            kind=r["kind"], time_basis=r["time_basis"], entity=r["entity"],  # type: ignore[arg-type]
            additive_posts=r["additive_posts"] == "true", additive_days=r["additive_days"] == "true",
            additive_accounts=r["additive_accounts"] == "true", documentation=r["documentation"],
        )
        for r in _rows("metrics")
    }  # fmt: skip


def _fields() -> tuple[PlatformField, ...]:
    return tuple(
        PlatformField(
            metric=r["metric"], platform=r["platform"], field=r["field"], valid_from=_day(r["valid_from"]),
            valid_to=_day(r["valid_to"]), engagement_part=r["engagement_part"] == "true",
            breaks_series=r["breaks_series"] == "true",
            read_by=tuple(r["read_by"].split(" + ")) if r["read_by"] else (), source=r["source"],
        )
        for r in _rows("platform_fields")
    )  # fmt: skip


def _composites() -> dict[str, Composite]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in _rows("composites"):
        found.setdefault(row["composite"], []).append(row)
    return {
        name: Composite(
            id=name,
            components=tuple(row["component"] for row in rows),
            signs=tuple(int(row["sign"]) for row in rows),
            parts=rows[0]["parts"],  # type: ignore[arg-type]
            documentation=rows[0]["documentation"],
        )
        for name, rows in found.items()
    }


def _rates() -> dict[str, Rate]:
    return {
        r["rate"]: Rate(
            id=r["rate"], name=r["name"], numerator=r["numerator"], denominator=r["denominator"],
            platform=r["platform"] or None, part_of_whole=r["part_of_whole"] == "true", documentation=r["documentation"],
        )
        for r in _rows("rates")
    }  # fmt: skip


def _denominators() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in _rows("denominators"):
        found.setdefault(row["measure"], {})[row["denominator"]] = row["note"]
    return found
