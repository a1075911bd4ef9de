"""Figures say what the frames say: no invented point, at most six lines, names beside lines."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from app.charts.growth import growth
from app.charts.template import LOOKS, look
from app.charts.weekly import MAX_LINES, weekly_engagements
from models.domain.social import Platform

END = date(2026, 11, 20)


def weeks(rows: list[tuple[str, int, float | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "platform": [r[0] for r in rows],
            "week_end": [END - timedelta(weeks=r[1]) for r in rows],
            "posts": [3] * len(rows),
            "posts_with_engagement": [0 if r[2] is None else 2 for r in rows],
            "engagements": pl.Series([r[2] for r in rows], dtype=pl.Float64),
        }
    )


def test_a_week_without_a_value_breaks_the_line() -> None:
    fig = weekly_engagements(weeks([("youtube", 3, 10.0), ("youtube", 2, None), ("youtube", 0, 7.0)]))
    (line,) = fig.data
    assert list(line.y) == [10.0, None, None, 7.0]
    assert line.connectgaps is False


def test_an_observed_zero_is_drawn() -> None:
    (line,) = weekly_engagements(weeks([("youtube", 1, 0.0), ("youtube", 0, 7.0)])).data
    assert list(line.y) == [0.0, 7.0]


def test_the_axis_ends_with_the_data_and_each_line_is_named() -> None:
    fig = weekly_engagements(weeks([("youtube", 1, 5.0), ("youtube", 0, 7.0), ("web", 0, 2.0)]))
    assert fig.layout.xaxis.range[1] == END + timedelta(days=3)
    assert {"YouTube", "Blog"} <= {a.text for a in fig.layout.annotations}
    assert fig.layout.yaxis.rangemode == "tozero"


def test_at_most_six_platforms_the_largest_first() -> None:
    fig = weekly_engagements(weeks([(p.value, 0, float(n)) for n, p in enumerate(Platform, start=1)]))
    assert len(fig.data) == MAX_LINES
    assert fig.data[0].name == "Blog"


def test_lines_that_end_together_have_labels_apart() -> None:
    fig = weekly_engagements(weeks([("youtube", 0, 100.0), ("web", 0, 100.5)]))
    named = [a for a in fig.layout.annotations if a.text in {"YouTube", "Blog"}]
    assert abs(named[0].yshift - named[1].yshift) >= 14


def test_nothing_observed_gives_an_empty_figure() -> None:
    assert not weekly_engagements(weeks([("youtube", 0, None)])).data
    assert not weekly_engagements(weeks([])).data


def test_every_platform_has_its_own_colour_and_marker() -> None:
    assert set(LOOKS) == set(Platform)
    assert len({(look(p).symbol, look(p).dash) for p in Platform}) == len(Platform)
    assert len({look(p).colour for p in Platform}) == len(Platform)


def test_growth_leaves_unobserved_ages_out_and_marks_inexact_ones() -> None:
    post = pl.DataFrame({"age_hours": [24, 168], "value": [10.0, 30.0], "basis": ["exact", "interpolated"]})
    cohort = pl.DataFrame({"age_hours": [24], "posts": [9], "low": [5.0], "median": [8.0], "high": [12.0]})
    mine = growth(post, cohort, metric_name="Views").data[-1]
    assert list(mine.y) == [10.0, None, 30.0, None]
    assert list(mine.marker.symbol) == ["circle", "circle", "circle-open", "circle"]
