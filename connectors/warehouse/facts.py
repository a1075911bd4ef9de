"""Facts: what generation may know, each number with the query that gives it again.

Values are read mart by mart; a fact's query is one select over one mart that stands alone (no parameters), because it is
stored with the strategy that cites it and re-run later. Ids are stable: the same thing has the same id in every version.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.warehouse.reader import OpenVersion, ServingReader
from connectors.warehouse.sqltext import literal
from models.domain.evidence import Fact
from models.domain.snapshot import CompetitorFacts, FormatFacts, PlatformFacts, SlotFacts, Snapshot, TopicFacts
from models.domain.social import Platform
from models.metrics.registry import registry

Key = Mapping[str, str | int]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class ServedFacts:
    """Facts of the published marts; implements `models.ports.FactSource`."""

    def __init__(self, reader: ServingReader) -> None:
        self._reader = reader

    def snapshot(self, workspace_id: str) -> Snapshot:
        """All facts at the current serving version. Raises `NothingServed` before the first build.

        Its id is a digest of the facts, not the version's: a version that differs in approvals or posts sent alone gives
        the same snapshot, and so no new strategy.
        """
        with self._reader.open(workspace_id) as version:
            source = _Source(version, workspace_id)
            found = Snapshot(
                id="",
                workspace_id=workspace_id,
                as_of=version.as_of,
                platforms=tuple(_platforms(source)),
                topics=tuple(_topics(source)),
                formats=tuple(_formats(source)),
                slots=tuple(_slots(source)),
                competitors=tuple(_competitors(source)),
            )
        return replace(found, id=hashlib.sha256(repr(found).encode()).hexdigest()[:16])

    def rerun(self, workspace_id: str, fact: Fact) -> float | None:
        """The value `fact.query` gives now; None when it is missing or its subject is gone.

        Raises `InvalidInput` for anything but one select of one value.
        """
        with self._reader.open(workspace_id) as version:
            return _number(version.scalar(fact.query))


class _Source:
    """One open version, read mart by mart."""

    def __init__(self, version: OpenVersion, workspace_id: str) -> None:
        self._version = version
        self._workspace_id = workspace_id
        self.as_of: datetime = version.as_of

    def rows(self, sql: str) -> Iterator[dict[str, Any]]:
        """Rows of a select whose only parameter is the workspace."""
        return self._version.query(sql, (self._workspace_id,)).iter_rows(named=True)

    def fact(
        self, fact_id: str, label: str, value: Any, unit: str, mart: str, select: str, where: Key, n: Any = None
    ) -> Fact:
        """A fact whose query is `select` over the rows of `mart` that `where` picks."""
        picked = {"workspace_id": self._workspace_id, **where}
        conditions = " and ".join(f"{column} = {literal(wanted)}" for column, wanted in picked.items())
        return Fact(
            id=fact_id,
            label=label,
            value=_number(value),
            unit=unit,
            mart=mart,
            query=f"select {select} from {mart} where {conditions}",  # noqa: S608
            as_of=self.as_of,
            n=None if n is None else int(n),
        )

    def measured(self, base: str, what: str, mart: str, where: Key, row: dict[str, Any]) -> tuple[Fact, Fact]:
        """How many posts have a value at equal age, and their shrunk percentile: the pair of every ranking mart."""
        count = row["posts_measured"]
        posts_measured = self.fact(
            f"{base}.posts_measured",
            f"Posts {what} with a value at 28 days",
            count,
            "posts",
            mart,
            "posts_measured",
            where,
        )
        percentile = self.fact(
            f"{base}.percentile", f"Percentile of posts {what} at 28 days", row["shrunk_percentile_28d"],
            "percentile", mart, "shrunk_percentile_28d", where, count,
        )  # fmt: skip
        return posts_measured, percentile


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _part(text: str) -> str:
    """A value as one part of a fact id: letters and digits of any script, `-`, and `_` for spaces.

    A value that holds anything else gets a short hash, so two values never share an id.
    """
    plain = re.sub(r"[\W_]", lambda m: {" ": "_", "-": "-"}.get(m.group(), "."), text)
    if "." not in plain:
        return plain
    return f"{plain.replace('.', '')}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"


_POSTS = "sum(posts)"
_PER_WEEK = "round(sum(posts_per_week), 9)"
_MEDIAN = "round(median(engagements_public), 9)"
_RATE = "round(sum(numerator) / nullif(sum(denominator), 0), 9)"


def _platforms(source: _Source) -> Iterator[PlatformFacts]:
    """The brand's own platforms, most posts first; several accounts of one platform count together.

    A rate is Σ numerator ÷ Σ denominator over the posts that have it; the one with the most such posts is taken, the
    registry's order deciding between equals.
    """
    order = list(registry().rates)
    medians = {
        row["platform"]: row
        for row in source.rows(
            f"select platform, {_MEDIAN} as median, count(engagements_public) as n "  # noqa: S608
            "from mart_posts where workspace_id = ? group by platform"
        )
    }
    rates: dict[str, list[dict[str, Any]]] = {}
    for row in source.rows(
        f"select platform, rate, sum(posts_with_rate) as n, {_RATE} as value "  # noqa: S608
        "from mart_rates_daily where workspace_id = ? group by platform, rate having sum(posts_with_rate) > 0"
    ):
        rates.setdefault(row["platform"], []).append(row)
    for row in source.rows(
        f"select platform, {_POSTS} as posts, {_PER_WEEK} as per_week "  # noqa: S608
        "from mart_benchmark where workspace_id = ? and owner = 'own' group by platform order by posts desc, platform"
    ):
        platform = Platform(row["platform"])
        own: Key = {"owner": "own", "platform": platform.value}
        posts = source.fact(
            f"posts.{platform}", f"Posts on {platform.label}", row["posts"], "posts", "mart_benchmark", _POSTS, own
        )
        per_week = source.fact(
            f"posts_per_week.{platform}", f"Posts per week on {platform.label}", row["per_week"], "per_week",
            "mart_benchmark", _PER_WEEK, own, row["posts"],
        )  # fmt: skip
        median = medians.get(platform.value, {"median": None, "n": 0})
        engagements = source.fact(
            f"median_engagements.{platform}", f"Median public engagements of a post on {platform.label}",
            median["median"], "count", "mart_posts", _MEDIAN, {"platform": platform.value}, median["n"],
        )  # fmt: skip
        best = min(rates.get(platform.value, ()), key=lambda r: (-r["n"], order.index(r["rate"])), default=None)
        rate_id: str | None = best["rate"] if best else None
        rate = None
        if best and rate_id:
            rate = source.fact(
                f"{rate_id}.{platform}", f"{registry().rates[rate_id].name} on {platform.label}", best["value"],
                "ratio", "mart_rates_daily", _RATE, {"platform": platform.value, "rate": rate_id}, best["n"],
            )  # fmt: skip
        yield PlatformFacts(platform, posts, per_week, engagements, rate_id, rate)


def _topics(source: _Source) -> Iterator[TopicFacts]:
    """Topics, best shrunk percentile first, unmeasured ones last."""
    mart = "mart_content_topics"
    for row in source.rows(
        "select topic, keywords, posts, share, posts_measured, shrunk_percentile_28d, competitor_posts, competitor_share "
        "from mart_content_topics where workspace_id = ? and topic is not null "
        "order by shrunk_percentile_28d desc nulls last, posts desc, topic"
    ):
        topic, base = row["topic"], f"topic.{_part(row['topic'])}"
        where: Key = {"topic": topic}
        posts_measured, percentile = source.measured(base, f"on {topic}", mart, where, row)
        yield TopicFacts(
            topic=topic,
            keywords=tuple(word for word in (row["keywords"] or "").split(", ") if word),
            posts=source.fact(f"{base}.posts", f"Posts on {topic}", row["posts"], "posts", mart, "posts", where),
            share=source.fact(
                f"{base}.share", f"Share of {topic} among posts that have a topic", row["share"], "ratio", mart, "share", where, row["posts"]
            ),
            posts_measured=posts_measured,
            percentile=percentile,
            competitor_share=source.fact(
                f"{base}.competitor_share", f"Share of {topic} among competitors' posts that have a topic", row["competitor_share"], "ratio",
                mart, "competitor_share", where, row["competitor_posts"],
            ),
        )  # fmt: skip


def _formats(source: _Source) -> Iterator[FormatFacts]:
    """Content types per platform, best shrunk percentile first; posts of unknown type are in none."""
    mart = "mart_formats"
    for row in source.rows(
        "select platform, content_type, posts, posts_measured, shrunk_percentile_28d "
        "from mart_formats where workspace_id = ? and content_type <> 'unknown' "
        "order by platform, shrunk_percentile_28d desc nulls last, posts desc, content_type"
    ):
        platform, kind = Platform(row["platform"]), row["content_type"]
        where: Key = {"platform": platform.value, "content_type": kind}
        base, what = f"format.{platform}.{_part(kind)}", f"of type {kind} on {platform.label}"
        posts_measured, percentile = source.measured(base, what, mart, where, row)
        yield FormatFacts(
            platform=platform,
            content_type=kind,
            posts=source.fact(f"{base}.posts", f"Posts {what}", row["posts"], "posts", mart, "posts", where),
            posts_measured=posts_measured,
            percentile=percentile,
        )  # fmt: skip


def _slots(source: _Source) -> Iterator[SlotFacts]:
    """Weekday and local hour per platform, best shrunk percentile first; hours without a post are none."""
    mart = "mart_posting_times"
    for row in source.rows(
        "select platform, local_weekday, local_hour, posts_measured, shrunk_percentile_28d "
        "from mart_posting_times where workspace_id = ? and posts > 0 "
        "order by platform, shrunk_percentile_28d desc nulls last, posts_measured desc, local_weekday, local_hour"
    ):
        platform, weekday, hour = Platform(row["platform"]), row["local_weekday"], row["local_hour"]
        where: Key = {"platform": platform.value, "local_weekday": weekday, "local_hour": hour}
        base = f"slot.{platform}.{weekday}.{hour:02d}"
        what = f"on {platform.label}, {WEEKDAYS[weekday - 1]} {hour:02d}:00"
        posts_measured, percentile = source.measured(base, what, mart, where, row)
        yield SlotFacts(
            platform=platform,
            weekday=weekday,
            hour=hour,
            posts_measured=posts_measured,
            percentile=percentile,
        )  # fmt: skip


def _competitors(source: _Source) -> Iterator[CompetitorFacts]:
    """Tracked competitors' accounts by name and platform."""
    mart = "mart_benchmark"
    for row in source.rows(
        "select account_name, platform, posts, posts_per_week, posts_with_engagement, median_engagements_public "
        "from mart_benchmark where workspace_id = ? and owner = 'competitor' order by account_name, platform"
    ):
        platform, name = Platform(row["platform"]), row["account_name"]
        where: Key = {"owner": "competitor", "account_name": name, "platform": platform.value}
        base, what = f"competitor.{_part(name)}.{platform}", f"of {name} on {platform.label}"
        yield CompetitorFacts(
            name=name,
            platform=platform,
            posts_per_week=source.fact(
                f"{base}.posts_per_week", f"Posts per week {what}", row["posts_per_week"], "per_week",
                mart, "posts_per_week", where, row["posts"],
            ),
            median_engagements=source.fact(
                f"{base}.median_engagements", f"Median public engagements of a post {what}",
                row["median_engagements_public"], "count", mart, "median_engagements_public", where,
                row["posts_with_engagement"],
            ),
        )  # fmt: skip
