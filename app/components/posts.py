"""Frames of posts shaped for reading; without Streamlit calls apart from column descriptions."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from app.charts.template import label
from app.components import numbers
from app.components.text import headline
from app.reading import ContentData
from models.metrics.registry import registry

BY_AGE = "24 hours, 3, 7 and 28 days"
_AGE_COLUMNS = {24: "24 h", 72: "3 days", 168: "7 days", 672: "28 days"}
_MARKS = {"exact": "", "interpolated": "~", "extrapolated": "≤ "}
_RATES = {
    "engagement_rate_by_reach": "ER reach",
    "engagement_rate_by_impressions": "ER impr.",
    "engagement_rate_by_views": "ER views",
    "engagement_rate_by_followers": "ER followers",
}
_COMPOSITES = {"engagements_public": "Public engagements", "engagements_full": "All engagements"}


def metric_name(metric: str) -> str:
    """A metric's or composite's name as people say it."""
    known = registry().metrics.get(metric)
    return known.name if known else _COMPOSITES.get(metric, metric.replace("_", " ").capitalize())


def post_table(posts: pl.DataFrame) -> pl.DataFrame:
    """The table's columns in the same row order; rates and percentiles in percent, missing stays null."""
    rows = posts.select("title", "body").rows()
    return posts.select(
        pl.Series("Text", [headline(title, body, 110) for title, body in rows], dtype=pl.String),
        pl.Series("Platform", [label(p) for p in posts["platform"].to_list()], dtype=pl.String),
        pl.col("content_type").alias("Format"),
        pl.Series("Age", [None if h is None else h / 24 for h in posts["age_hours"].to_list()], dtype=pl.Float64),
        (pl.col("percentile_28d") * 100).alias("Percentile"),
        pl.col("engagements_public").alias("Engagements"),
        *((pl.col(column) * 100).alias(name) for column, name in _RATES.items()),
        pl.col("topic").alias("Topic"),
        pl.col("published_local").alias("Published"),
    )


def columns(data: ContentData) -> dict[str, Any]:
    """How each column reads, and in its help what it means and why values are missing."""
    config: dict[str, Any] = {
        "Text": st.column_config.TextColumn(width=236),
        "Platform": st.column_config.TextColumn(width=88),
        "Format": st.column_config.TextColumn(width=80),
        "Published": st.column_config.DatetimeColumn(
            format="D MMM YYYY, HH:mm", width=150, help="In the workspace's zone"
        ),
        "Age": st.column_config.NumberColumn(format="%d d", width=58, help="Days since publishing, when last observed"),
        "Engagements": st.column_config.NumberColumn(
            format="localized",
            width=100,
            help="Reactions + comments + shares, as last observed. "
            + _why(data, "engagements_public", ("reactions", "comments", "shares")),
        ),
        "Percentile": st.column_config.ProgressColumn(
            format="%d",
            width=100,
            min_value=0,
            max_value=100,
            help="Rank among the account's posts by engagements at 28 days of age: 100 is the best. "
            + _missing(data, "percentile_28d", "younger than 28 days, or fewer than 5 comparable posts"),
        ),
        "Topic": st.column_config.TextColumn(width=130),
    }
    for column, name in _RATES.items():
        rate = registry().rates[column]
        config[name] = st.column_config.NumberColumn(
            format="%.1f%%",
            width=98 if column == "engagement_rate_by_followers" else 84,
            help=f"{rate.name}. {rate.documentation} " + _why(data, column, (rate.denominator,)),
        )
    return config


def _why(data: ContentData, column: str, metrics: tuple[str, ...]) -> str:
    """Missing for how many posts, with the recorded states of what it is made from."""
    states = data.states.filter(pl.col("metric").is_in(list(metrics))).to_dicts()
    said = "; ".join(
        f"{metric_name(r['metric']).lower()} of {r['posts']:,}: {numbers.state_reason(r['state'])}" for r in states
    )
    return _missing(data, column, said or "the imported files carry no value for it")


def _missing(data: ContentData, column: str, reason: str) -> str:
    missing = data.posts[column].null_count()
    if not missing:
        return "Known for every listed post."
    return f"Missing for {missing:,} of {data.posts.height:,} listed posts ({reason})."


def readings_now(metrics: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """[Metric, Value, Why missing, Observed, First observed] of one post; times are in the workspace's zone."""
    rows = metrics.to_dicts()
    return pl.DataFrame(
        {
            "Metric": [r["name"] or metric_name(r["metric"]) for r in rows],
            "Value": [_value(r["value"], r["unit"]) for r in rows],
            "Why missing": [None if r["value"] is not None else numbers.state_reason(r["state"]) for r in rows],
            "Observed": [numbers.instant(r["observed_at"], zone) for r in rows],
            "First observed": [numbers.instant(r["first_observed_at"], zone) for r in rows],
        },
        schema={
            "Metric": pl.String, "Value": pl.String, "Why missing": pl.String, "Observed": pl.String,
            "First observed": pl.String,
        },
    )  # fmt: skip


def readings_by_age(ages: pl.DataFrame) -> pl.DataFrame:
    """One row a metric, one column an age; a mark says when a value was not read at exactly that age."""
    cells: dict[str, dict[int, str]] = {}
    for row in ages.to_dicts():
        if row["value"] is not None:
            value = f"{_MARKS.get(row['basis'], '')}{numbers.exact(round(row['value']))}"
            cells.setdefault(row["metric"], {})[row["age_hours"]] = value
    names = sorted(cells, key=metric_name)
    return pl.DataFrame(
        {"Metric": [metric_name(m) for m in names]}
        | {words: [cells[m].get(age) for m in names] for age, words in _AGE_COLUMNS.items()},
        schema={"Metric": pl.String} | dict.fromkeys(_AGE_COLUMNS.values(), pl.String),
    )


def _value(value: float | None, unit: str | None) -> str | None:
    if value is None:
        return None
    return numbers.exact(value) if unit in {None, "count"} else numbers.fact_value(value, unit or "")
