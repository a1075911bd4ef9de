"""Openings for content in the marts: every number is read by the query that it is kept with, so it can be run again.

Windows end at the newest post, not today: an archive is read as of its own time. Literals stand in the queries, because a
fact must stand alone.
"""

# ruff: noqa: S608  (every value enters these texts through `literal`)

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from connectors.warehouse.reader import OpenVersion
from connectors.warehouse.sqltext import literal
from models.domain.evidence import Fact
from models.domain.opportunity import (
    BreakoutFacts,
    FormatUseFacts,
    GapFacts,
    Openings,
    PillarFacts,
    RisingFacts,
)
from models.domain.social import Platform

GAP_DAYS, RECENT_DAYS, BEFORE_DAYS, BREAKOUT_DAYS, FORMAT_DAYS = 365, 42, 182, 90, 56
LEAST_GAP_POSTS = 30
"""Posts with a topic in the year, own and of competitors, below which gaps are read from the whole history."""
LEAST_ACCOUNT_POSTS = 10
MOST_BREAKOUTS = 10


def read_openings(version: OpenVersion, workspace_id: str) -> Openings:
    """All openings of one open serving version."""
    return _Openings(version, workspace_id).read()


class _Openings:
    """One open version with the bounds of its windows."""

    def __init__(self, version: OpenVersion, workspace_id: str) -> None:
        self._version = version
        self._workspace = literal(workspace_id)
        self._workspace_id = workspace_id
        self._own = f"mart_posts where workspace_id = {self._workspace}"
        self._others = (
            f"mart_competitor_content where workspace_id = {self._workspace} and own_brand is distinct from true"
        )
        self._all = (
            f"(select topic, published_at, platform, account_id from {self._own} union all "
            f"select topic, published_at, platform, account_id from {self._others})"
        )
        self._own_until: datetime | None = version.scalar(f"select max(published_at) from {self._own}")
        self._all_until: datetime | None = version.scalar(f"select max(published_at) from {self._all}")

    def read(self) -> Openings:
        return Openings(
            version=self._version.version,
            workspace_id=self._workspace_id,
            as_of=self._version.as_of,
            own_until=self._own_until,
            all_until=self._all_until,
            gaps=tuple(self._gaps()),
            rising=tuple(self._rising()),
            breakouts=tuple(self._breakouts()),
            pillars=tuple(self._pillars()),
            formats=tuple(self._formats()),
        )

    def _fact(self, fact_id: str, label: str, unit: str, mart: str, query: str, n: Fact | None = None) -> Fact:
        value = self._version.scalar(query)
        known = None if value is None else float(value)
        behind = None if n is None or n.value is None else int(n.value)
        return Fact(fact_id, label, known, unit, mart, query, self._version.as_of, behind)

    def _topics(self) -> list[str]:
        rows = self._version.query("select topic from mart_content_topics where topic is not null order by topic")
        return [str(topic) for topic in rows["topic"].to_list()]

    def _gaps(self) -> Iterator[GapFacts]:
        if self._own_until is None:
            return
        span = _span(self._own_until, GAP_DAYS)
        counted = [
            int(self._version.scalar(f"select count(topic) from {table} and {span}"))
            for table in (self._own, self._others)
        ]
        if min(counted) < LEAST_GAP_POSTS:
            span = "topic is not null"
        own, others = f"{self._own} and {span}", f"{self._others} and {span}"
        own_total = self._fact(
            "gap.own_total", "Own posts with a topic", "posts", "mart_posts", f"select count(topic) from {own}"
        )
        other_total = self._fact(
            "gap.other_total",
            "Competitors' posts with a topic",
            "posts",
            "mart_competitor_content",
            f"select count(topic) from {others}",
        )
        shares = (
            "(select count(*) filter (where topic = {topic}) / count(topic) as share from "
            f"{others} group by platform, account_id having count(topic) >= {LEAST_ACCOUNT_POSTS})"
        )
        for topic in self._topics():
            base, wanted = f"gap.{_key(topic)}", literal(topic)
            share = f"round(count(*) filter (where topic = {wanted}) / nullif(count(topic), 0), 9)"
            by_account = shares.format(topic=wanted)
            own_posts = self._fact(
                f"{base}.own_posts",
                f"Own posts on {topic}",
                "posts",
                "mart_posts",
                f"select count(*) from {own} and topic = {wanted}",
            )
            other_posts = self._fact(
                f"{base}.other_posts",
                f"Competitors' posts on {topic}",
                "posts",
                "mart_competitor_content",
                f"select count(*) from {others} and topic = {wanted}",
            )
            percentile = self._fact(
                f"{base}.percentile", f"Percentile of competitors' posts on {topic} among their own at 28 days", "percentile",
                "mart_competitor_content",
                "select case when count(percentile_28d) > 0 then "
                "round((sum(percentile_28d) + 5) / (count(percentile_28d) + 10), 9) end "
                f"from {others} and topic = {wanted}",
                self._fact(
                    f"{base}.measured", "", "posts", "mart_competitor_content",
                    f"select count(percentile_28d) from {others} and topic = {wanted}",
                ),
            )  # fmt: skip
            yield GapFacts(
                topic=topic, own_posts=own_posts, own_total=own_total, other_posts=other_posts, other_total=other_total,
                own_share=self._fact(f"{base}.own_share", f"Share of {topic} among own posts with a topic", "ratio", "mart_posts", f"select {share} from {own}", own_posts),
                other_share=self._fact(f"{base}.other_share", f"Share of {topic} among competitors' posts with a topic", "ratio", "mart_competitor_content", f"select {share} from {others}", other_posts),
                median_share=self._fact(f"{base}.median_share", f"Median of the competitors' shares of {topic}", "ratio", "mart_competitor_content", f"select round(median(share), 9) from {by_account}", other_posts),
                accounts_above=self._fact(f"{base}.above", f"Competitors that give {topic} a larger share than the brand", "count", "mart_competitor_content", f"select count(*) from {by_account} where share > (select {share} from {own})"),
                accounts=self._fact(f"{base}.accounts", f"Competitors with {LEAST_ACCOUNT_POSTS} posts or more", "count", "mart_competitor_content", f"select count(*) from {by_account}"),
                percentile=percentile,
            )  # fmt: skip

    def _rising(self) -> Iterator[RisingFacts]:
        if self._all_until is None:
            return
        edge = self._all_until - timedelta(days=RECENT_DAYS)
        recent, before = _span(self._all_until, RECENT_DAYS), _span(edge, BEFORE_DAYS)
        table, mart = f"{self._all} where", "mart_competitor_content"
        totals = [
            self._fact(f"rising.{name}_total", f"Posts with a topic {words}", "posts", mart, f"select count(topic) from {table} {span}")
            for name, words, span in (("recent", "in the last six weeks", recent), ("before", "in the half year before", before))
        ]  # fmt: skip
        for topic in self._topics():
            base, wanted = f"rising.{_key(topic)}", literal(topic)
            share = f"round(count(*) filter (where topic = {wanted}) / nullif(count(topic), 0), 9)"
            posts = [
                self._fact(f"{base}.{name}_posts", f"Posts on {topic} {words}", "posts", mart, f"select count(*) from {table} {span} and topic = {wanted}")
                for name, words, span in (("recent", "in the last six weeks", recent), ("before", "in the half year before", before))
            ]  # fmt: skip
            yield RisingFacts(
                topic=topic, recent_posts=posts[0], recent_total=totals[0], before_posts=posts[1], before_total=totals[1],
                recent_share=self._fact(f"{base}.recent_share", f"Share of {topic} in the last six weeks", "ratio", mart, f"select {share} from {table} {recent}", posts[0]),
                before_share=self._fact(f"{base}.before_share", f"Share of {topic} in the half year before", "ratio", mart, f"select {share} from {table} {before}", posts[1]),
                accounts=self._fact(f"{base}.accounts", f"Accounts that posted on {topic} in the last six weeks", "count", mart, f"select count(distinct (platform, account_id)) from {table} {recent} and topic = {wanted}"),
            )  # fmt: skip

    def _breakouts(self) -> Iterator[BreakoutFacts]:
        if self._all_until is None:
            return
        rows = self._version.query(
            "select b.platform, b.account_id, b.account_name, b.post_id, b.url, b.published_at, b.age_hours, c.topic "
            "from mart_breakout_posts as b left join mart_competitor_content as c "
            "on b.platform = c.platform and b.account_id = c.account_id and b.post_id = c.post_id "
            f"where b.workspace_id = {self._workspace} and b.owner = 'competitor' "
            f"and {_span(self._all_until, BREAKOUT_DAYS, 'b.published_at')} "
            "order by b.z desc, b.platform, b.account_id, b.post_id limit $1",
            [MOST_BREAKOUTS],
        )
        mart = "mart_breakout_posts"
        for row in rows.iter_rows(named=True):
            where = (
                f"from {mart} where workspace_id = {self._workspace} and owner = 'competitor' and "
                f"platform = {literal(row['platform'])} and account_id = {literal(row['account_id'])} and "
                f"post_id = {literal(row['post_id'])}"
            )
            base = f"breakout.{_key(row['platform'] + row['account_id'] + row['post_id'])}"
            compared = self._fact(
                f"{base}.compared",
                "Posts of the account it is compared with",
                "posts",
                mart,
                f"select set_posts {where}",
            )
            yield BreakoutFacts(
                name=row["account_name"] or row["account_id"], platform=Platform(row["platform"]), url=row["url"] or "",
                published_on=_day(row["published_at"]), topic=row["topic"] or "", age_hours=int(row["age_hours"]),
                engagements=self._fact(f"{base}.engagements", "Public engagements of the post", "count", mart, f"select engagements_public {where}"),
                usual=self._fact(f"{base}.usual", "Mean of the account's posts at the same age", "count", mart, f"select round(set_mean, 9) {where}", compared),
                z=self._fact(f"{base}.z", "Standard deviations above that mean", "count", mart, f"select round(z, 9) {where}", compared),
                compared=compared,
            )  # fmt: skip

    def _pillars(self) -> Iterator[PillarFacts]:
        if self._own_until is None:
            return
        until = literal_time(self._own_until)
        rows = self._version.query(
            f"select topic, max(published_at) as last from {self._own} and topic is not null group by topic order by topic"
        )
        for row in rows.iter_rows(named=True):
            topic, wanted = row["topic"], literal(row["topic"])
            base, last = f"pillar.{_key(topic)}", literal_time(row["last"])
            mine = f"from {self._own} and topic = {wanted}"
            posts = self._fact(
                f"{base}.posts", f"Own posts on {topic}", "posts", "mart_posts", f"select count(*) {mine}"
            )
            observed = (
                f"(select greatest(1, least({GAP_DAYS}, date_diff('day', min(published_at), {last}))) from {self._own})"
            )
            yield PillarFacts(
                topic=topic, posts=posts,
                days_since=self._fact(f"{base}.days_since", f"Days from the last post on {topic} to the newest own post", "count", "mart_posts", f"select date_diff('day', max(published_at), {until}) {mine}"),
                per_week=self._fact(f"{base}.per_week", f"Posts a week on {topic} in the year up to its last", "per_week", "mart_posts", f"select round(count(*) * 7.0 / {observed}, 9) {mine} and {_span(row['last'], GAP_DAYS)}", posts),
            )  # fmt: skip

    def _formats(self) -> Iterator[FormatUseFacts]:
        if self._own_until is None:
            return
        recent = _span(self._own_until, FORMAT_DAYS)
        rows = self._version.query(
            "select platform, content_type from mart_formats where content_type <> 'unknown' order by platform, content_type"
        )
        for row in rows.iter_rows(named=True):
            platform, kind = Platform(row["platform"]), row["content_type"]
            base = f"format_use.{platform}.{_key(kind)}"
            of = f"from mart_formats where workspace_id = {self._workspace} and platform = {literal(platform.value)} and content_type = {literal(kind)}"
            on = f"{self._own} and platform = {literal(platform.value)} and {recent}"
            what = f"{kind} on {platform.label}"
            measured = self._fact(
                f"{base}.measured",
                f"Posts of type {what} with a value at 28 days",
                "posts",
                "mart_formats",
                f"select posts_measured {of}",
            )
            yield FormatUseFacts(
                platform=platform, content_type=kind, posts_measured=measured,
                percentile=self._fact(f"{base}.percentile", f"Percentile of posts of type {what} at 28 days", "percentile", "mart_formats", f"select shrunk_percentile_28d {of}", measured),
                share=self._fact(f"{base}.share", f"Share of {what}", "ratio", "mart_formats", f"select share {of}"),
                recent_posts=self._fact(f"{base}.recent", f"Posts of type {what} in the last eight weeks", "posts", "mart_posts", f"select count(*) from {on} and content_type = {literal(kind)}"),
                recent_total=self._fact(f"{base}.recent_total", f"Posts on {platform.label} in the last eight weeks", "posts", "mart_posts", f"select count(*) from {on}"),
            )  # fmt: skip


def _span(until: datetime, days: int, column: str = "published_at") -> str:
    """The days up to and with an instant, as a condition."""
    return f"{column} > {literal_time(until - timedelta(days=days))} and {column} <= {literal_time(until)}"


def literal_time(moment: datetime) -> str:
    return f"timestamptz '{moment.isoformat(sep=' ')}'"


def _day(moment: datetime) -> date:
    return moment.date()


def _key(text: str) -> str:
    """A short id for any text, safe inside a placeholder."""
    plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in text)[:24].strip("_")
    return f"{plain}~{hashlib.sha256(text.encode()).hexdigest()[:8]}"
