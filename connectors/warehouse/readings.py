"""What was read of single posts: newest values with their states, values at equal ages, and the account beside them.

Page queries like those of `connectors.warehouse.pages`; columns are those of `connectors.warehouse.marts`.
"""

from __future__ import annotations

import polars as pl

from connectors.warehouse.pages import PostFilter, Snapshot


def post_metrics(snap: Snapshot, *, platform: str, account_id: str, post_id: str) -> pl.DataFrame:
    """Newest reading of every metric of one post: [metric, name, unit, value, state, observed_at, first_observed_at]."""
    return snap.query(
        """
        select m.metric, r.name, m.unit, m.value, m.state, m.observed_at, m.first_observed_at
        from mart_post_metrics as m
        left join mart_metrics as r on r.metric = m.metric
        where m.platform = $1 and m.account_id = $2 and m.post_id = $3
        order by (m.value is null), r.name, m.metric
        """,
        [platform, account_id, post_id],
    )


def post_ages(snap: Snapshot, *, platform: str, account_id: str, post_id: str) -> pl.DataFrame:
    """Values of one post at equal ages: [metric, name, age_hours, value, basis, reading_before_hours, reading_after_hours]."""
    return snap.query(
        """
        select
            a.metric, coalesce(r.name, a.metric) as name, a.age_hours, a.value, a.basis,
            a.reading_before_hours, a.reading_after_hours
        from mart_post_metrics_at_age as a
        left join mart_metrics as r on r.metric = a.metric
        where a.platform = $1 and a.account_id = $2 and a.post_id = $3
        order by a.metric, a.age_hours
        """,
        [platform, account_id, post_id],
    )


def cohort_ages(snap: Snapshot, *, platform: str, account_id: str, metric: str) -> pl.DataFrame:
    """The account's posts at equal ages for one metric: [age_hours, posts, low, median, high] (quartiles)."""
    return snap.query(
        """
        select
            age_hours,
            count(value) as posts,
            quantile_cont(value, 0.25) as low,
            median(value) as median,
            quantile_cont(value, 0.75) as high
        from mart_post_metrics_at_age
        where platform = $1 and account_id = $2 and metric = $3
        group by age_hours
        order by age_hours
        """,
        [platform, account_id, metric],
    )


def metric_states(snap: Snapshot, where: PostFilter) -> pl.DataFrame:
    """Why values are missing: [metric, state, posts] over the matching posts' newest readings that carry no number."""
    return snap.query(
        """
        select m.metric, m.state, count(*) as posts
        from mart_post_metrics as m
        inner join mart_posts as p
            on p.platform = m.platform and p.account_id = m.account_id and p.post_id = m.post_id
        where m.value is null
            and ($1::date is null or p.published_date >= $1::date)
            and ($2::date is null or p.published_date <= $2::date)
            and (len($3::varchar[]) = 0 or list_contains($3::varchar[], p.platform))
            and (len($4::varchar[]) = 0 or list_contains($4::varchar[], p.account_id))
        group by m.metric, m.state
        order by m.metric, posts desc, m.state
        """,
        where.params()[:4],
    )
