"""The one Plotly template, and the fixed look of each platform.

Backgrounds and ink stay unset, so Streamlit's theme supplies them in light and in dark. Platform colours are mid-tones that read on both, apart for
colour-blind eyes (after Okabe and Ito); each platform also has its own marker and is named beside its line.
"""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from models.domain.social import Platform

GREY = "#8a909a"
ACCENT = "#6366f1"
BAND = "rgba(138, 144, 154, 0.22)"


@dataclass(frozen=True)
class PlatformLook:
    colour: str
    symbol: str
    dash: str


LOOKS: dict[str, PlatformLook] = {
    Platform.FACEBOOK: PlatformLook("#3b82c4", "circle", "solid"),
    Platform.INSTAGRAM: PlatformLook("#c2679f", "square", "solid"),
    Platform.LINKEDIN: PlatformLook("#0f9b7a", "diamond", "solid"),
    Platform.X: PlatformLook("#7d8590", "x", "solid"),
    Platform.TIKTOK: PlatformLook("#43a7d6", "triangle-up", "dash"),
    Platform.YOUTUBE: PlatformLook("#d5692f", "triangle-down", "solid"),
    Platform.EMAIL: PlatformLook("#b58a13", "pentagon", "solid"),
    Platform.WEB: PlatformLook("#7b6be0", "star", "dash"),
}


def look(platform: str) -> PlatformLook:
    """The platform's fixed look; an unknown one is grey."""
    return LOOKS.get(platform, PlatformLook(GREY, "circle", "dot"))


def label(platform: str) -> str:
    """The platform's name as people write it; an unknown id is shown as it is."""
    return Platform(platform).label if platform in set(Platform) else platform


def figure(*, x_title: str, y_title: str, height: int = 320) -> go.Figure:
    """An empty figure in the house template: titled axes, quiet grid, y from 0, no legend, no zoom."""
    fig = go.Figure()
    fig.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        showlegend=False,
        hovermode="closest",
        dragmode=False,
        separators=".,",
        hoverlabel={"namelength": -1},
    )
    fig.update_xaxes(title_text=x_title, showgrid=False, automargin=True, fixedrange=True, title_standoff=8)
    # The y title stands level above its axis: turned sideways it collides with the tick labels on narrow screens.
    fig.add_annotation(
        text=y_title, xref="paper", yref="paper", x=0, y=1, xanchor="left", yanchor="bottom", yshift=8, showarrow=False,
        font={"size": 12, "color": GREY},
    )  # fmt: skip
    fig.update_yaxes(
        rangemode="tozero",
        automargin=True,
        fixedrange=True,
        nticks=6,
        gridcolor="rgba(138, 144, 154, 0.25)",
        zeroline=False,
    )
    return fig


def scale_y(fig: go.Figure, highest: float) -> None:
    """Tick labels for counts up to `highest`: thousands separators, from 10 000 on `k` and `M`."""
    fig.update_yaxes(tickformat="~s" if highest >= 10_000 else ",")


PLOTLY_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
