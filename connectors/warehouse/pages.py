"""What the app's pages ask of one open serving snapshot.

Each function runs one query and gives a `polars.DataFrame` or a small frozen dataclass. Column names are those of
`connectors.warehouse.marts`; missing values stay null, and every sum comes with the number of posts it could be made
from. Days are days in the workspace's zone (the marts' `published_date` and `day`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

import polars as pl

MAX_POSTS = 5_000
"""Rows the post table shows at once; the page says so when there are more."""


class Snapshot(Protocol):
    """One open, read-only serving version (`connectors.warehouse.reader`)."""

    @property
    def version(self) -> str: ...

    @property
    def as_of(self) -> datetime: ...

    def query(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame: ...


@dataclass(frozen=True)
class PostFilter:
    """Which posts a page speaks of. Empty means no restriction; `start` and `end` are inclusive local days."""

    start: date | None = None
    end: date | None = None
    platforms: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    text: str = ""

    def between(self, start: date | None, end: date | None) -> PostFilter:
        """The same filter over other days."""
        return PostFilter(start, end, self.platforms, self.accounts, self.topics, self.formats, self.text)

    def params(self) -> list[object]:
        """Values for `$1`…`$7`, in the order every post query here uses."""
        return [
            self.start,
            self.end,
            list(self.platforms),
            list(self.accounts),
            list(self.topics),
            list(self.formats),
            self.text.strip().lower(),
        ]


@dataclass(frozen=True)
class Coverage:
    """How much stands behind a page. Days are local; `rejections` counts rows refused at import."""

    posts: int
    posts_with_engagement: int
    posts_with_percentile: int
    first_post: date | None
    newest_post: date | None
    sources: int
    rejections: int


@dataclass(frozen=True)
class Choices:
    """What the filter bar may offer, most frequent first."""

    platforms: tuple[str, ...]
    accounts: tuple[tuple[str, str], ...]
    """(account id, account name)"""
    topics: tuple[str, ...]
    formats: tuple[str, ...]


def coverage(snap: Snapshot) -> Coverage:
    """Counts over the whole workspace."""
    row = snap.query(
        """
        select
            count(*) as posts,
            count(engagements_public) as posts_with_engagement,
            count(percentile_28d) as posts_with_percentile,
            min(published_date) as first_post,
            max(published_date) as newest_post
        from mart_posts
        """
    ).row(0, named=True)
    landed = snap.query(
        """
        select
            (select count(distinct source) from mart_freshness) as sources,
            (select count(*) from mart_rejections) as rejections
        """
    ).row(0, named=True)
    return Coverage(**row, **landed)


def choices(snap: Snapshot) -> Choices:
    """Filter options that occur among the own posts."""
    posts = snap.query("select platform, account_id, account_name, topic, content_type from mart_posts")

    def ranked(column: str) -> tuple[str, ...]:
        counted = posts.drop_nulls(column).group_by(column).len().sort(["len", column], descending=[True, False])
        return tuple(counted[column].to_list())

    accounts = posts.select("account_id", "account_name").unique().sort("account_name", "account_id")
    return Choices(
        platforms=ranked("platform"),
        accounts=tuple((r[0], r[1] or r[0]) for r in accounts.rows()),
        topics=ranked("topic"),
        formats=ranked("content_type"),
    )


def freshness(snap: Snapshot) -> pl.DataFrame:
    """One row per source: [source, owner, batches, contents, observations, rejections, last_observed_at]."""
    return snap.query(
        """
        select source, owner, batches, contents, observations, rejections, last_observed_at
        from mart_freshness
        order by last_observed_at, source, owner
        """
    )


def rejections(snap: Snapshot, limit: int = 200) -> pl.DataFrame:
    """Refused rows: [source_file, source_line, column_name, reason, raw]."""
    return snap.query(
        """
        select source_file, source_line, column_name, reason, raw
        from mart_rejections
        order by source_file, source_line, column_name
        limit $1
        """,
        [limit],
    )


_MATCHING = """
    from mart_posts
    where ($1::date is null or published_date >= $1::date)
        and ($2::date is null or published_date <= $2::date)
        and (len($3::varchar[]) = 0 or list_contains($3::varchar[], platform))
        and (len($4::varchar[]) = 0 or list_contains($4::varchar[], account_id))
        and (len($5::varchar[]) = 0 or list_contains($5::varchar[], topic))
        and (len($6::varchar[]) = 0 or list_contains($6::varchar[], content_type))
        and ($7::varchar = '' or contains(lower(concat_ws(' ', title, body)), $7::varchar))
"""
"""The posts that a `PostFilter` picks; `$1` to `$7` are its parameters."""


def posts(snap: Snapshot, where: PostFilter) -> pl.DataFrame:
    """The posts that match, newest first, at most `MAX_POSTS`."""
    return snap.query(
        """
        select
            platform, account_id, account_name, post_id, content_type, title, body, url,
            published_at, published_local, age_hours, topic, observed_at,
            impressions, reach, views, reactions, comments, shares, saves, clicks,
            engagements_public, engagements_full,
            engagement_rate_by_reach, engagement_rate_by_impressions,
            engagement_rate_by_views, engagement_rate_by_followers,
            engagements_public_28d, basis_28d, percentile_28d
        """
        + _MATCHING
        + "order by published_at desc nulls last, platform, account_id, post_id limit $8",
        [*where.params(), MAX_POSTS],
    )


def count_posts(snap: Snapshot, where: PostFilter) -> int:
    """How many posts match, without the table's limit."""
    return int(
        snap.query(
            "select count(*) as posts" + _MATCHING,
            where.params(),
        ).item()
    )


def exposure(snap: Snapshot, where: PostFilter) -> pl.DataFrame:
    """[metric, posts, observed, total, median] for views, impressions and reach of the posts that match.

    `total` is null for reach, which is never summed, and null when no post has a value.
    """
    return snap.query(
        """
        with matched as (
            select views, impressions, reach
            from mart_posts
            where ($1::date is null or published_date >= $1::date)
                and ($2::date is null or published_date <= $2::date)
                and (len($3::varchar[]) = 0 or list_contains($3::varchar[], platform))
                and (len($4::varchar[]) = 0 or list_contains($4::varchar[], account_id))
        )
        select 'views' as metric, count(*) as posts, count(views) as observed, sum(views) as total, median(views) as median
        from matched
        union all
        select 'impressions', count(*), count(impressions), sum(impressions), median(impressions) from matched
        union all
        select 'reach', count(*), count(reach), null, median(reach) from matched
        order by metric
        """,
        where.params()[:4],
    )


def rates(snap: Snapshot, where: PostFilter) -> pl.DataFrame:
    """[rate, posts, posts_with_rate, numerator, denominator, value]: Σ numerator ÷ Σ denominator where both exist."""
    return snap.query(
        """
        select
            rate,
            cast(sum(posts) as bigint) as posts,
            cast(sum(posts_with_rate) as bigint) as posts_with_rate,
            sum(numerator) as numerator,
            sum(denominator) as denominator,
            sum(numerator) / nullif(sum(denominator), 0) as value
        from mart_rates_daily
        where ($1::date is null or day >= $1::date)
            and ($2::date is null or day <= $2::date)
            and (len($3::varchar[]) = 0 or list_contains($3::varchar[], platform))
            and (len($4::varchar[]) = 0 or list_contains($4::varchar[], account_id))
        group by rate
        order by posts_with_rate desc, rate
        """,
        where.params()[:4],
    )


def weekly(snap: Snapshot, where: PostFilter, *, end: date, weeks: int) -> pl.DataFrame:
    """Posts by the 7 days they were published in, counted back from `end` (inclusive), per platform.

    [platform, week_end, posts, posts_with_engagement, engagements, views, impressions]; sums are null when no post of the week has a
    value. Weeks without a post have no row: nothing is filled in.
    """
    return snap.query(
        """
        with matched as (
            select *, cast(date_diff('day', published_date, $5::date) as integer) // 7 as weeks_back
            from mart_posts
            where published_date <= $5::date
                and published_date > $5::date - cast($6 * 7 as integer)
                and (len($3::varchar[]) = 0 or list_contains($3::varchar[], platform))
                and (len($4::varchar[]) = 0 or list_contains($4::varchar[], account_id))
                and ($1::date is null or published_date >= $1::date)
                and ($2::date is null or published_date <= $2::date)
        )
        select
            platform,
            $5::date - cast(weeks_back * 7 as integer) as week_end,
            count(*) as posts,
            count(engagements_public) as posts_with_engagement,
            sum(engagements_public) as engagements,
            sum(views) as views,
            sum(impressions) as impressions
        from matched
        group by platform, weeks_back
        order by platform, week_end
        """,
        [*where.params()[:4], end, weeks],
    )


def weekly_rate(snap: Snapshot, where: PostFilter, *, rate: str, end: date, weeks: int) -> pl.DataFrame:
    """[week_end, posts, posts_with_rate, value] of one aggregate rate, in the same weeks as `weekly`."""
    return snap.query(
        """
        with matched as (
            select *, cast(date_diff('day', day, $3::date) as integer) // 7 as weeks_back
            from mart_rates_daily
            where rate = $5
                and day <= $3::date
                and day > $3::date - cast($4 * 7 as integer)
                and (len($1::varchar[]) = 0 or list_contains($1::varchar[], platform))
                and (len($2::varchar[]) = 0 or list_contains($2::varchar[], account_id))
        )
        select
            $3::date - cast(weeks_back * 7 as integer) as week_end,
            cast(sum(posts) as bigint) as posts,
            cast(sum(posts_with_rate) as bigint) as posts_with_rate,
            sum(numerator) / nullif(sum(denominator), 0) as value
        from matched
        group by weeks_back
        order by week_end
        """,
        [list(where.platforms), list(where.accounts), end, weeks, rate],
    )


def followers(snap: Snapshot, where: PostFilter, *, start: date, end: date) -> pl.DataFrame:
    """Readings of followers between two days: [platform, account_id, account_name, day, followers].

    Never added up over accounts: the same person may follow several.
    """
    return snap.query(
        """
        select platform, account_id, account_name, day, followers
        from mart_account_daily
        where followers is not null
            and day between $1::date and $2::date
            and (len($3::varchar[]) = 0 or list_contains($3::varchar[], platform))
            and (len($4::varchar[]) = 0 or list_contains($4::varchar[], account_id))
        order by platform, account_id, day
        """,
        [start, end, list(where.platforms), list(where.accounts)],
    )


def ranked_posts(snap: Snapshot, where: PostFilter, *, best: bool, limit: int) -> pl.DataFrame:
    """The best (or weakest) posts at equal age by percentile within their account at 28 days.

    [platform, account_name, account_id, post_id, content_type, title, body, published_local, engagements_public_28d,
    basis_28d, percentile_28d]; posts without an equal-age value are left out.
    """
    return snap.query(
        """
        select
            platform, account_name, account_id, post_id, content_type, title, body, published_local,
            engagements_public_28d, basis_28d, percentile_28d
        from mart_posts
        where percentile_28d is not null
            and ($1::date is null or published_date >= $1::date)
            and ($2::date is null or published_date <= $2::date)
            and (len($3::varchar[]) = 0 or list_contains($3::varchar[], platform))
            and (len($4::varchar[]) = 0 or list_contains($4::varchar[], account_id))
        order by
            case when $5 then percentile_28d end desc nulls last,
            case when $5 then engagements_public_28d end desc nulls last,
            case when not $5 then percentile_28d end asc nulls last,
            case when not $5 then engagements_public_28d end asc nulls last,
            platform, account_id, post_id
        limit $6
        """,
        [*where.params()[:4], best, limit],
    )


def count_ranked(snap: Snapshot, where: PostFilter) -> int:
    """How many matching posts have an equal-age percentile."""
    return int(
        snap.query(
            """
            select count(percentile_28d) as measured
            from mart_posts
            where ($1::date is null or published_date >= $1::date)
                and ($2::date is null or published_date <= $2::date)
                and (len($3::varchar[]) = 0 or list_contains($3::varchar[], platform))
                and (len($4::varchar[]) = 0 or list_contains($4::varchar[], account_id))
            """,
            where.params()[:4],
        ).item()
    )
