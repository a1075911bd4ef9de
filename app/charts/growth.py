"""How one post grew, against the other posts of its account at the same ages."""

from __future__ import annotations

import plotly.graph_objects as go
import polars as pl

from app.charts.template import ACCENT, BAND, GREY, figure, scale_y

_AGE_NAMES = {24: "24 h", 72: "3 days", 168: "7 days", 672: "28 days"}
_BASES = {
    "exact": "read at this age",
    "interpolated": "between two readings",
    "extrapolated": "first later reading: an upper bound",
}


def growth(post: pl.DataFrame, cohort: pl.DataFrame, *, metric_name: str) -> go.Figure:
    """One metric of a post at 24 h, 3, 7 and 28 days over the middle half of its account's posts.

    `post` is [age_hours, value, basis], `cohort` [age_hours, posts, low, median, high]. Ages without a value are left out;
    nothing is drawn between an age that was not observed and its neighbours.
    """
    fig = figure(x_title="Age of the post", y_title=metric_name, height=260)
    band = {r["age_hours"]: r for r in cohort.drop_nulls("median").to_dicts()}
    mine = {r["age_hours"]: r for r in post.drop_nulls("value").to_dicts()}
    ages = list(_AGE_NAMES)
    names = [_AGE_NAMES[a] for a in ages]
    for bound, fill in (("low", None), ("high", "tonexty")):
        fig.add_scatter(
            x=names, y=[band[a][bound] if a in band else None for a in ages], mode="lines", line={"width": 0},
            fill=fill, fillcolor=BAND, hoverinfo="skip", connectgaps=False,
        )  # fmt: skip
    fig.add_scatter(
        x=names,
        y=[band[a]["median"] if a in band else None for a in ages],
        customdata=[[band[a]["posts"]] if a in band else [None] for a in ages],
        mode="lines+markers",
        line={"color": GREY, "dash": "dash", "width": 1.5},
        marker={"color": GREY, "size": 5},
        connectgaps=False,
        hovertemplate="Median of %{customdata[0]} posts at %{x}: %{y:,.0f}<extra></extra>",
    )
    fig.add_scatter(
        x=names,
        y=[mine[a]["value"] if a in mine else None for a in ages],
        customdata=[[_BASES.get(mine[a]["basis"], mine[a]["basis"])] if a in mine else [None] for a in ages],
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        marker={
            "color": ACCENT,
            "size": 9,
            "symbol": ["circle-open" if a in mine and mine[a]["basis"] != "exact" else "circle" for a in ages],
        },
        connectgaps=False,
        hovertemplate="This post at %{x}: %{y:,.0f}<br>%{customdata[0]}<extra></extra>",
    )
    for values, text, colour in ((mine, "This post", ACCENT), (band, "Account's median", GREY)):
        if values:
            newest = max(values)
            key = "value" if values is mine else "median"
            fig.add_annotation(
                x=_AGE_NAMES[newest], y=values[newest][key], text=text, showarrow=False, xanchor="right", xshift=-10,
                yshift=12, font={"color": colour, "size": 12},
            )  # fmt: skip
    drawn = [r["value"] for r in mine.values()] + [r["high"] for r in band.values() if r["high"] is not None]
    scale_y(fig, max(drawn, default=0.0))
    fig.update_xaxes(type="category", categoryorder="array", categoryarray=names)
    return fig
