"""Engagements by week and platform."""

from __future__ import annotations

import html
from datetime import date, timedelta

import plotly.graph_objects as go
import polars as pl

from app.charts.template import figure, label, look, scale_y

MAX_LINES = 6


def weekly_engagements(frame: pl.DataFrame) -> go.Figure:
    """Lines of `connectors.warehouse.pages.weekly`, one per platform, named at their ends.

    A week without an observed value breaks its line; at most six platforms are drawn, those with most engagements.
    """
    fig = figure(x_title="7 days ending on", y_title="Public engagements")
    seen = frame.drop_nulls("engagements")
    totals = (
        seen.group_by("platform")
        .agg(pl.col("engagements").sum())
        .sort(["engagements", "platform"], descending=[True, False])
    )
    shown = totals["platform"].to_list()[:MAX_LINES]
    ends = sorted(frame["week_end"].unique().to_list())
    last: list[tuple[str, date, float]] = []
    for platform in shown:
        rows = {r["week_end"]: r for r in seen.filter(pl.col("platform") == platform).to_dicts()}
        weeks = _every_week(ends)
        style = look(platform)
        fig.add_scatter(
            x=weeks,
            y=[rows[w]["engagements"] if w in rows else None for w in weeks],
            customdata=[
                [rows[w]["posts_with_engagement"], rows[w]["posts"]] if w in rows else [None, None] for w in weeks
            ],
            name=label(platform),
            mode="lines+markers",
            connectgaps=False,
            line={"color": style.colour, "width": 2, "dash": style.dash},
            marker={"color": style.colour, "symbol": style.symbol, "size": 5},
            hovertemplate=(
                f"<b>{html.escape(label(platform))}</b><br>7 days to %{{x|%d %b %Y}}<br>"
                "%{y:,.0f} engagements<br>from %{customdata[0]} of %{customdata[1]} posts<extra></extra>"
            ),
        )
        newest = max(rows)
        last.append((platform, newest, float(rows[newest]["engagements"])))
    highest = max((float(y) for line in fig.data for y in line.y if y is not None), default=0.0)
    scale_y(fig, highest)
    for platform, week, value, shift in _spread(last, highest):
        fig.add_annotation(
            x=week, y=value, text=html.escape(label(platform)), showarrow=False, xanchor="left", xshift=9, yshift=shift,
            font={"color": look(platform).colour, "size": 13},
        )  # fmt: skip
    fig.update_layout(margin={"l": 8, "r": 84, "t": 30, "b": 8})
    weeks = _every_week(ends)
    if weeks:
        # Set by hand: labels beside the lines' ends would otherwise stretch the axis into weeks to come.
        fig.update_xaxes(range=[weeks[0] - timedelta(days=3), weeks[-1] + timedelta(days=3)])
    fig.update_xaxes(tickformat="%d %b %y", nticks=5, tickangle=0)
    return fig


def _every_week(ends: list[date]) -> list[date]:
    """All week ends from the first to the last, so a missing week shows as a gap."""
    if not ends:
        return []
    first, final = ends[0], ends[-1]
    return [date.fromordinal(n) for n in range(first.toordinal(), final.toordinal() + 1, 7)]


def _spread(points: list[tuple[str, date, float]], highest: float) -> list[tuple[str, date, float, int]]:
    """The labels with a vertical shift in pixels where several lines end near the same height.

    `highest` is the top of the axis, drawn about 220 pixels above 0.
    """
    top = highest or 1.0
    placed: list[tuple[str, date, float, int]] = []
    floor = -16.0
    for name, week, value in sorted(points, key=lambda p: (p[2], p[0])):
        height = value / top * 220
        shifted = max(height, floor + 16)
        floor = shifted
        placed.append((name, week, value, round(shifted - height)))
    return placed
