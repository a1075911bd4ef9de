"""Two records of the same numbers, row by row: what agrees, what differs, and which one cause explains the difference.

A cause is named only when it explains nearly all rows of a metric; medians and shares of rows stand in for means, so that
a few odd rows neither make nor break a finding. What nothing explains is said to be unexplained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median

LEAST_ROWS = 5
"""Rows below which no cause is named: any three numbers have some factor."""
EXPLAINED = 0.9
"""Share of the rows that a cause must explain."""
_SHIFT_DAYS = 7
_UNITS = {
    "seconds": {1000.0: "milliseconds", 1 / 60: "minutes", 1 / 3600: "hours"},
    "hours": {3_600_000.0: "milliseconds", 3600.0: "seconds", 60.0: "minutes"},
    "percent": {1 / 100: "a ratio from 0 to 1"},
    "ratio": {100.0: "percent"},
    "usd": {100.0: "cents", 1_000_000.0: "millionths of a dollar"},
}
"""Registry unit → factor on the value → what that makes of it."""


class Cause(StrEnum):
    DUPLICATED = "duplicated"
    FACTOR = "factor"
    UNIT = "unit"
    DEFINITION = "definition"
    SHIFTED_ZONE = "shifted_zone"
    DROPPED_DAYS = "dropped_days"
    LATE_BATCH = "late_batch"
    RESTATED = "restated"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Reading:
    """One number of one side. `subject` is a post or an account; `day` is the day of publishing, or the day that a number
    of an account speaks of."""

    subject: str
    metric: str
    day: date | None
    value: float
    of_day: bool = False
    """Whether the number speaks of the one day."""

    @property
    def key(self) -> tuple[str, str, date | None]:
        return (self.subject, self.metric, self.day if self.of_day else None)


@dataclass(frozen=True)
class Difference:
    """One row that both sides have with different values."""

    subject: str
    metric: str
    day: date | None
    theirs: float
    ours: float


@dataclass(frozen=True)
class Finding:
    """`factor` is ours ÷ theirs; `hours` how far our clock, or our publish times, are
    ahead of theirs; `explained` the share of `rows` that the
    cause accounts for; `confidence` is high, medium or low."""

    cause: Cause
    metric: str | None
    sentence: str
    rows: int
    explained: float
    confidence: str
    factor: float | None = None
    hours: float | None = None
    days: tuple[date, ...] = ()


@dataclass(frozen=True)
class Reconciliation:
    """`matched` rows are on both sides; `missing_here` only in the platform's record, `missing_there` only in ours."""

    matched: int
    equal: int
    differing: tuple[Difference, ...]
    missing_here: tuple[Reading, ...]
    missing_there: tuple[Reading, ...]
    findings: tuple[Finding, ...]

    @property
    def agrees(self) -> bool:
        return (
            not self.differing
            and not self.missing_here
            and not any(f.cause is Cause.SHIFTED_ZONE for f in self.findings)
        )


@dataclass(frozen=True)
class Tolerance:
    """Two values agree when they differ by at most `relative` of the larger or by at most `absolute`."""

    relative: float = 0.01
    absolute: float = 1.0

    def agree(self, one: float, other: float) -> bool:
        return abs(one - other) <= max(self.absolute, self.relative * max(abs(one), abs(other)))


def reconcile(
    theirs: Sequence[Reading],
    ours: Sequence[Reading],
    *,
    units: Mapping[str, str],
    published: Sequence[tuple[datetime, datetime]] = (),
    tolerance: Tolerance = Tolerance(),
) -> Reconciliation:
    """Compares the platform's record with ours.

    `units` gives the registry's unit of a metric (count, seconds, hours, percent, usd); `published` are the publish
    instants of the posts that both sides have, theirs first.
    """
    there = {r.key: r for r in theirs}
    here = {r.key: r for r in ours}
    both = sorted(there.keys() & here.keys(), key=str)
    pairs: dict[str, list[Difference]] = defaultdict(list)
    for key in both:
        pairs[key[1]].append(Difference(key[0], key[1], there[key].day, there[key].value, here[key].value))
    absolute = {metric: tolerance.absolute if units.get(metric, "count") == "count" else 0.01 for metric in pairs}
    limits = {metric: Tolerance(tolerance.relative, absolute[metric]) for metric in pairs}
    differing = [p for metric, found in pairs.items() for p in found if not limits[metric].agree(p.theirs, p.ours)]
    asked = {r.metric for r in theirs}
    missing_here = tuple(there[key] for key in sorted(there.keys() - here.keys(), key=str))
    missing_there = tuple(here[key] for key in sorted(here.keys() - there.keys(), key=str) if key[1] in asked)
    findings = [f for f in (_publish_offset(published),) if f]
    findings += _missing_days(there, here, missing_here)
    for metric, found in sorted(pairs.items()):
        wrong = [p for p in found if not limits[metric].agree(p.theirs, p.ours)]
        if wrong:
            of_day = any(
                there[(p.subject, metric, p.day)].of_day for p in found[:1] if (p.subject, metric, p.day) in there
            )
            findings += _causes(metric, found, wrong, ours, units.get(metric, "count"), limits[metric], of_day=of_day)
    return Reconciliation(
        len(both), len(both) - len(differing), tuple(differing), missing_here, missing_there, tuple(findings)
    )


def _causes(
    metric: str,
    pairs: Sequence[Difference],
    wrong: Sequence[Difference],
    ours: Sequence[Reading],
    unit: str,
    limit: Tolerance,
    *,
    of_day: bool,
) -> list[Finding]:
    """The one cause of a metric's differences; more only where a factor and a shift hold together."""
    for cause in (_definition(metric, pairs, wrong, ours, limit), _factor(metric, pairs, unit, limit)):
        if cause:
            return [cause]
    if of_day:
        if shift := _shift(metric, pairs, 1.0):
            return [shift]
        scale = _whole(sum(p.ours for p in pairs) / total) if (total := sum(p.theirs for p in pairs)) > 0 else None
        if scale and scale != 1 and (shift := _shift(metric, pairs, scale)):
            return [_factor_finding(metric, scale, shift.explained, len(pairs), unit), shift]
    if restated := _restated(metric, pairs, wrong):
        return [restated]
    return [
        Finding(
            Cause.UNEXPLAINED, metric,
            f"{metric}: no explanation. {len(wrong):,} of {len(pairs):,} rows differ and no one cause accounts for "
            f"{EXPLAINED:.0%} of them" + ("." if len(pairs) >= LEAST_ROWS else f"; {LEAST_ROWS} rows are needed to name one."),
            len(pairs), 0.0, "low",
        )
    ]  # fmt: skip


def _confidence(rows: int, explained: float) -> str:
    if rows >= 20 and explained >= 0.97:
        return "high"
    return "medium" if rows >= 8 else "low"


def _factor(metric: str, pairs: Sequence[Difference], unit: str, limit: Tolerance) -> Finding | None:
    """A constant ratio of ours to theirs over nearly all rows that have one."""
    usable = [p for p in pairs if p.theirs > 0 and p.ours > 0]
    if len(usable) < LEAST_ROWS:
        return None
    ratio = median(p.ours / p.theirs for p in usable)
    named = _named(ratio, unit)
    factor = named if named is not None else ratio
    # Counts are whole: half a unit on either side is rounding, on small numbers no evidence.
    fits = sum(
        abs(p.ours - factor * p.theirs) <= max(0.02 * p.ours, 0.5 * limit.absolute * max(1.0, factor)) for p in usable
    )
    explained = fits / len(usable)
    told = [p for p in usable if p.theirs != p.ours and abs(p.theirs - p.ours) > limit.absolute]
    if explained < EXPLAINED or len(told) < LEAST_ROWS or abs(factor - 1) <= max(0.02, limit.relative):
        return None
    return _factor_finding(metric, factor, explained, len(usable), unit)


def _factor_finding(metric: str, factor: float, explained: float, rows: int, unit: str) -> Finding:
    confidence = _confidence(rows, explained)
    share = f"{explained:.0%} of {rows:,} rows"
    for known, becomes in _UNITS.get(unit, {}).items():
        if abs(factor / known - 1) <= 0.02:
            sentence = f"{metric}: ours are in {becomes} where theirs are in {unit} (factor {factor:g}, {share})."
            return Finding(Cause.UNIT, metric, sentence, rows, explained, confidence, factor=known)
        if abs(factor * known - 1) <= 0.02:
            sentence = f"{metric}: theirs are in {becomes} where ours are in {unit} (factor {factor:g}, {share})."
            return Finding(Cause.UNIT, metric, sentence, rows, explained, confidence, factor=1 / known)
    whole = _whole(factor)
    if whole is not None and whole >= 2:
        sentence = f"{metric}: ours are {whole:g} times theirs ({share}): each point is there {whole:g} times."
        return Finding(Cause.DUPLICATED, metric, sentence, rows, explained, confidence, factor=whole)
    if (parts := _whole(1 / factor)) is not None and parts >= 2:
        sentence = f"{metric}: theirs are {parts:g} times ours ({share}): their points are doubled, or ours are a part."
        return Finding(Cause.FACTOR, metric, sentence, rows, explained, confidence, factor=1 / parts)
    sentence = f"{metric}: ours are {factor:.4g} times theirs ({share}); no known cause has this factor."
    return Finding(Cause.FACTOR, metric, sentence, rows, explained, confidence, factor=factor)


def _named(ratio: float, unit: str) -> float | None:
    """The unit factor or whole number that a ratio is within 2 % of."""
    for known in _UNITS.get(unit, {}):
        for candidate in (known, 1 / known):
            if abs(ratio / candidate - 1) <= 0.02:
                return candidate
    if (whole := _whole(ratio)) is not None:
        return whole
    return 1 / parts if (parts := _whole(1 / ratio)) is not None else None


def _whole(ratio: float) -> float | None:
    nearest = float(round(ratio))
    return nearest if nearest >= 1 and abs(ratio / nearest - 1) <= 0.02 else None


def _definition(
    metric: str, pairs: Sequence[Difference], wrong: Sequence[Difference], ours: Sequence[Reading], limit: Tolerance
) -> Finding | None:
    """Another of our metrics that has their values."""
    if len(wrong) < max(LEAST_ROWS, len(pairs) / 2):
        return None
    others: dict[str, dict[tuple[str, date | None], float]] = defaultdict(dict)
    for reading in ours:
        if reading.metric != metric:
            others[reading.metric][(reading.subject, reading.day)] = reading.value
    best: tuple[float, int, str] | None = None
    for other, values in sorted(others.items()):
        comparable = [(p.theirs, values[(p.subject, p.day)]) for p in wrong if (p.subject, p.day) in values]
        large = [(a, b) for a, b in comparable if max(a, b) > 10 * limit.absolute]
        if len(large) < LEAST_ROWS:
            continue
        share = sum(limit.agree(a, b) for a, b in large) / len(large)
        if share >= EXPLAINED and (best is None or share > best[0]):
            best = (share, len(large), other)
    if best is None:
        return None
    share, rows, other = best
    sentence = (
        f"{metric}: their {metric} are what we call {other} ({share:.0%} of {rows:,} rows): the definitions differ."
    )
    return Finding(Cause.DEFINITION, metric, sentence, rows, share, _confidence(rows, share))


def _shift(metric: str, pairs: Sequence[Difference], scale: float) -> Finding | None:
    """Days cut in another zone: each of our days holds a part of their neighbouring day.

    Where hours of a day weigh alike, ours = (1 − w) · theirs(d) + w · theirs(d ± 1) with w = hours ÷ 24; w is the median
    over days, and the finding stands when it takes away nearly all of the difference.
    """
    best: tuple[float, float, int] | None = None
    by_subject: dict[str, dict[date, Difference]] = defaultdict(dict)
    for pair in pairs:
        if pair.day is not None:
            by_subject[pair.subject][pair.day] = pair
    for step in (-1, 1):
        rows: list[tuple[float, float]] = []  # what the neighbour would change by whole, what did change
        for days in by_subject.values():
            for day, pair in days.items():
                neighbour = days.get(day + timedelta(days=step))
                if neighbour is not None:
                    rows.append((neighbour.theirs - pair.theirs, pair.ours / scale - pair.theirs))
        weights = [change / whole for whole, change in rows if abs(whole) > 1e-9]
        if len(weights) < _SHIFT_DAYS:
            continue
        weight = min(max(median(weights), 0.0), 1.0)
        before = sum(abs(change) for _, change in rows)
        after = sum(abs(change - weight * whole) for whole, change in rows)
        explained = 1 - after / before if before else 0.0
        if weight > 0.02 and (best is None or explained > best[0]):
            best = (explained, -step * 24 * weight, len(rows))
    if best is None or best[0] < 0.75:
        return None
    explained, hours, count = best[0], round(best[1] * 2) / 2, best[2]
    word = "earlier" if hours > 0 else "later"
    sentence = (
        f"{metric}: our days begin about {abs(hours):g} hours {word} than theirs ({explained:.0%} of the difference over "
        f"{count:,} days): the days are cut in another zone."
    )
    return Finding(Cause.SHIFTED_ZONE, metric, sentence, count, explained, _confidence(count, explained), hours=hours)


def _publish_offset(published: Sequence[tuple[datetime, datetime]]) -> Finding | None:
    """Publish instants that differ by one offset of whole quarters of an hour."""
    if len(published) < LEAST_ROWS:
        return None
    offsets = [(ours - theirs).total_seconds() / 3600 for theirs, ours in published]
    middle = median(offsets)
    if abs(middle) < 0.24 or abs(middle * 4 - round(middle * 4)) > 0.05:
        return None
    near = sum(abs(offset - middle) <= 1 / 30 for offset in offsets) / len(offsets)
    seasonal = sum(abs(abs(offset - middle) - 1) <= 1 / 30 for offset in offsets) / len(offsets)
    if near + seasonal < EXPLAINED:
        return None
    hours = round(middle * 4) / 4
    clock = "" if seasonal < 0.02 else ", an hour more or less in the other half of the year"
    sentence = (
        f"Publish times: ours are {abs(hours):g} hours {'later' if hours > 0 else 'earlier'} than theirs{clock} "
        f"({near + seasonal:.0%} of {len(offsets):,} posts): the file's times were read in another zone."
    )
    confidence = _confidence(len(offsets), near + seasonal)
    return Finding(Cause.SHIFTED_ZONE, None, sentence, len(offsets), near + seasonal, confidence, hours=hours)


def _missing_days(
    there: Mapping[tuple[str, str, date | None], Reading],
    here: Mapping[tuple[str, str, date | None], Reading],
    missing: Sequence[Reading],
) -> list[Finding]:
    """Days that are wholly absent here: between days that are there, or all of them at the end."""
    lost = [r for r in missing if r.day is not None]
    if not lost:
        return []
    held = {r.day for r in here.values() if r.day is not None}
    told = {r.day for r in there.values() if r.day is not None}
    if not held & told:
        return []
    gone = sorted(day for day in {r.day for r in lost if r.day is not None} if day not in held)
    newest = max(held & told)
    inner = tuple(day for day in gone if day < newest)
    late = tuple(day for day in gone if day > newest)
    findings = []
    for days, cause in ((inner, Cause.DROPPED_DAYS), (late, Cause.LATE_BATCH)):
        rows = [r for r in lost if r.day in days]
        if not rows:
            continue
        explained = len(rows) / len(lost)
        shown = ", ".join(day.isoformat() for day in days[:5]) + (f" and {len(days) - 5} more" if len(days) > 5 else "")
        what = (
            f"Nothing is here of {shown}, while the days around are: dropped {'days' if len(days) > 1 else 'day'}"
            if cause is Cause.DROPPED_DAYS
            else f"Nothing is here after {newest.isoformat()}: a late batch is missing ({shown})"
        )
        sentence = f"{what} ({len(rows):,} of {len(lost):,} missing rows)."
        findings.append(
            Finding(cause, None, sentence, len(lost), explained, _confidence(len(held), explained), days=days)
        )
    return findings


def _restated(metric: str, pairs: Sequence[Difference], wrong: Sequence[Difference]) -> Finding | None:
    """Differences in the newest days alone: numbers that were still moving when one side was read."""
    dated = [p for p in pairs if p.day is not None]
    late = sorted(p.day for p in wrong if p.day is not None)
    if len(late) < 3 or len(late) < len(wrong):
        return None
    cut = late[0]
    changed = {(p.subject, p.day) for p in wrong}
    older = [p for p in dated if p.day is not None and p.day < cut]
    newer = [p for p in dated if p.day is not None and p.day >= cut]
    explained = sum((p.subject, p.day) in changed for p in newer) / len(newer)
    if len(older) < LEAST_ROWS or explained < EXPLAINED:
        return None
    sentence = (
        f"{metric}: every row before {cut.isoformat()} agrees and {explained:.0%} of the {len(newer):,} since then differ: "
        "the newer numbers were still moving, or were restated, when one side was read."
    )
    confidence = _confidence(len(dated), explained)
    return Finding(Cause.RESTATED, metric, sentence, len(dated), explained, confidence, days=(cut,))
