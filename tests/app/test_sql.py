"""The SQL page: a select's rows, its refusals, and queries that are kept."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from app.charts.query import MOST_POINTS, numeric_columns, query_chart
from app.context import app_context
from models.domain.workspace import SYSTEM
from models.services import queries
from tests.app.home import ADMIN, HOSTILE, VIEWER, WORKSPACE, Home
from tests.app.test_views import labels, press, words

SignedIn = Callable[..., AppTest]
COUNT = "select platform, count(*) as posts from mart_posts group by platform order by platform"


def ask(app: AppTest, sql: str) -> AppTest:
    app.text_area(key="sql_text").set_value(sql)
    return press(app, "Run")


def kept() -> list[str]:
    with app_context().store.unit_of_work() as uow:
        return [query.name for query in queries.list_queries(uow, SYSTEM, WORKSPACE)]


def test_a_select_shows_its_rows_and_offers_them_as_files(signed_in: SignedIn, home: Home) -> None:
    app = ask(signed_in(VIEWER, "sql"), COUNT)
    assert not app.exception
    shown = next(frame.value for frame in app.dataframe if "posts" in frame.value)
    assert shown["posts"].sum() > 0
    assert "version" in words(app)
    assert {"Download CSV", "Download Parquet"} <= {button.label for button in app.get("download_button")}


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("delete from mart_posts", "Only a select can run here"),
        ("select * from read_text('/etc/passwd')", "cannot be used here"),
        (f"select '{HOSTILE}' as text, nope from mart_posts", "nope"),
    ],
)
def test_what_cannot_run_is_said_and_the_query_stays(signed_in: SignedIn, sql: str, says: str) -> None:
    app = ask(signed_in(VIEWER, "sql"), sql)
    assert not app.exception
    assert says in " ".join(error.value for error in app.error)
    assert app.text_area(key="sql_text").value == sql


def test_the_columns_of_a_table_carry_their_documentation(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "sql")
    table = next(box for box in app.selectbox if box.label == "Table")
    assert table.value == "mart_posts"
    assert "mart_benchmark" in table.options
    columns = next(frame.value for frame in app.dataframe if "documentation" in frame.value)
    assert {"workspace_id", "engagements_public"} <= set(columns["name"])


def test_a_query_is_kept_chosen_and_deleted(signed_in: SignedIn) -> None:
    app = signed_in(ADMIN, "sql")
    app.text_area(key="sql_text").set_value(COUNT)
    next(box for box in app.text_input if box.label == "Name").set_value("Posts by platform")
    press(app, "Keep")
    assert not app.exception
    assert kept() == ["Posts by platform"]
    app.text_area(key="sql_text").set_value("select 1 as one").run()
    app.selectbox(key="sql_saved").select_index(0).run()
    assert app.text_area(key="sql_text").value == COUNT
    press(app, "Delete")
    assert kept() == []


def test_a_viewer_runs_queries_and_keeps_none(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "sql")
    assert "Keep" not in labels(app)
    assert "Run" in labels(app)


def test_a_chart_draws_rows_in_their_order_and_breaks_where_a_value_is_missing() -> None:
    rows = pl.DataFrame({"name": ["b", "a", "c"], "posts": [3, None, 1]})
    assert numeric_columns(rows) == ["posts"]
    for kind in ("Bars", "Line", "Points"):
        (trace,) = query_chart(rows, "name", "posts", kind).data
        assert list(trace.x) == ["b", "a", "c"]
        assert list(trace.y) == [3.0, None, 1.0]
    many = pl.DataFrame({"n": range(MOST_POINTS + 5), "m": range(MOST_POINTS + 5)})
    (trace,) = query_chart(many, "n", "m", "Line").data
    assert len(trace.x) == MOST_POINTS
