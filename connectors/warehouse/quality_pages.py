"""What the Data quality page asks of one open serving snapshot; each function runs one query."""

from __future__ import annotations

import polars as pl

from connectors.warehouse.pages import Snapshot

ROWS = 500
"""Rows a table of the page shows at once; the page says so when there are more."""


def sources(snap: Snapshot) -> pl.DataFrame:
    """One row per source and owner: instants, rhythm and what was left out."""
    return snap.query(
        """
        select source, owner, batches, observations, rejections, last_observed_at, last_landed_at, last_source_file,
            promised_hours, usual_hours, last_tried_at, last_read_at, quarantined, refused_batches, last_refused_at
        from mart_freshness
        order by owner desc, source
        """
    )


def coverage(snap: Snapshot, *, weeks: int) -> pl.DataFrame:
    """Own metrics over the last `weeks` weeks there are: [platform, entity, metric, name, expected, observed, unsupported,
    unavailable, delayed, retired, privacy_limited, never_read]."""
    return snap.query(
        """
        with newest as (select max(week) as week from mart_coverage where owner = 'own')
        select
            c.platform, c.entity, c.metric, coalesce(any_value(m.name), c.metric) as name,
            cast(sum(c.expected) as bigint) as expected,
            cast(sum(c.observed) as bigint) as observed,
            cast(sum(c.unsupported) as bigint) as unsupported,
            cast(sum(c.unavailable) as bigint) as unavailable,
            cast(sum(c.delayed) as bigint) as delayed,
            cast(sum(c.retired) as bigint) as retired,
            cast(sum(c.privacy_limited) as bigint) as privacy_limited,
            cast(sum(c.never_read) as bigint) as never_read
        from mart_coverage as c
        cross join newest
        left join mart_metrics as m on c.metric = m.metric
        where c.owner = 'own' and c.week > newest.week - cast(7 * $1 as integer)
        group by c.platform, c.entity, c.metric
        order by c.platform, c.entity desc, sum(c.observed) / sum(c.expected) desc, c.metric
        """,
        [weeks],
    )


def gaps(snap: Snapshot) -> pl.DataFrame:
    """Windows and runs of days that were not read, newest first; days of one account in a row are one line."""
    return snap.query(
        """
        with numbered as (
            select *, first_day - cast(row_number() over (
                partition by platform, account_id, stream, kind, metric order by first_day
            ) as integer) as run
            from mart_gaps
        )
        select platform, any_value(account_name) as account_name, stream, kind, metric, min(first_day) as first_day,
            max(last_day) as last_day, max(attempts) as attempts, min(found_at) as found_at,
            max_by(message, first_day) as message
        from numbered
        group by platform, account_id, stream, kind, metric, case when kind = 'missed_day' then run else first_day end
        order by last_day desc, platform, stream, kind
        """
    )


def quarantine(snap: Snapshot) -> pl.DataFrame:
    """Rows left out by rule, file and column: [rule, source, source_file, column_name, rows, lines, raw, observed_at]."""
    return snap.query(
        """
        select rule, source, source_file, column_name, count(*) as rows,
            string_agg(cast(source_line as varchar), ', ' order by source_line) filter (line_rank <= 5) as lines,
            min(raw) as raw, max(observed_at) as observed_at
        from (
            select *, row_number() over (
                partition by rule, batch_id, source_file, column_name order by source_line, raw
            ) as line_rank
            from mart_quarantine
        )
        group by rule, batch_id, source, source_file, column_name
        order by observed_at desc, rows desc, rule, source_file, column_name
        limit $1
        """,
        [ROWS],
    )


def findings(snap: Snapshot) -> pl.DataFrame:
    """Broken rules of batches that cost no row, and refusals, newest first: [severity, rule, source, source_file,
    rows_checked, rows_failed, examples, observed_at]."""
    return snap.query(
        """
        select severity, rule, source, source_file, rows_checked, rows_failed, examples, observed_at
        from mart_quality_results
        where rows_failed > 0 and severity <> 'quarantine'
        order by severity, observed_at desc, source, rule
        limit $1
        """,
        [ROWS],
    )


def checks(snap: Snapshot) -> pl.DataFrame:
    """Every rule with how often it was asked: [rule, severity, batches, rows_checked, rows_failed, last_landed_at]."""
    return snap.query(
        """
        select rule, severity, count(distinct batch_id) as batches, cast(sum(rows_checked) as bigint) as rows_checked,
            cast(sum(rows_failed) as bigint) as rows_failed, max(landed_at) as last_landed_at
        from mart_quality_results
        group by rule, severity
        order by sum(rows_failed) desc, severity, rule
        """
    )


def restatements(snap: Snapshot) -> pl.DataFrame:
    """Restated own numbers by platform, metric and kind: [platform, metric, name, kind, restated, ratio, newest]; `ratio` is
    the median of value after ÷ value before."""
    return snap.query(
        """
        select r.platform, r.metric, coalesce(any_value(m.name), r.metric) as name, r.kind, count(*) as restated,
            median(r.ratio) as ratio, max(r.seen_after) as newest
        from mart_restatements as r
        left join mart_metrics as m on r.metric = m.metric
        where r.owner = 'own'
        group by r.platform, r.metric, r.kind
        order by newest desc, r.platform, r.metric, r.kind
        """
    )
