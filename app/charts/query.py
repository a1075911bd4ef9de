"""A chart of the rows that a person's query gave."""

from __future__ import annotations

from typing import Literal

import plotly.graph_objects as go
import polars as pl

from app.charts.template import ACCENT, figure, scale_y

Kind = Literal["Bars", "Line", "Points"]
KINDS: tuple[Kind, ...] = ("Bars", "Line", "Points")
MOST_POINTS = 2_000


def numeric_columns(rows: pl.DataFrame) -> list[str]:
    """Columns that can stand on the upright axis."""
    return [name for name, kind in rows.schema.items() if kind.is_numeric()]


def query_chart(rows: pl.DataFrame, x: str, y: str, kind: Kind) -> go.Figure:
    """The first `MOST_POINTS` rows in their order; a row without a value breaks a line and has no bar."""
    shown = rows.head(MOST_POINTS)
    fig = figure(x_title=x, y_title=y)
    across = [value if value is None or isinstance(value, int | float) else str(value) for value in shown[x].to_list()]
    if shown[x].dtype.is_temporal():
        across = shown[x].to_list()
    upright = shown[y].cast(pl.Float64).to_list()
    if kind == "Bars":
        fig.add_bar(x=across, y=upright, marker={"color": ACCENT})
    else:
        fig.add_scatter(
            x=across, y=upright, mode="markers" if kind == "Points" else "lines+markers", connectgaps=False,
            line={"color": ACCENT, "width": 2}, marker={"color": ACCENT, "size": 6},
        )  # fmt: skip
    scale_y(fig, max((abs(value) for value in upright if value is not None), default=0.0))
    return fig
