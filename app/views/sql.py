"""SQL: one select over the workspace's marts, its rows as table, chart and file; queries to keep."""

from __future__ import annotations

import io
import time

import polars as pl
import streamlit as st

from app.charts.query import KINDS, MOST_POINTS, Kind, numeric_columns, query_chart
from app.charts.template import PLOTLY_CONFIG
from app.components.frame import footer, header, message_of_last_action, open_shelf, perform
from app.components.text import plain
from app.context import now
from app.reading import Shelf, described_columns, described_tables
from app.session import Visit, current_visit
from connectors.warehouse.analysis import Answer, Limits, as_csv, ask
from models.domain.analysis import SavedQuery
from models.errors import FabricError
from models.services import queries

_TEXT = "sql_text"
_ANSWER = "sql_answer"
_FIRST = "select platform, count(*) as posts, sum(engagements_public) as engagements\nfrom mart_posts\ngroup by platform\norder by posts desc"
LIMITS = Limits()


def render(visit: Visit) -> None:
    header("SQL", "Ask the marts yourself: one select at a time, over this workspace, read only.")
    message_of_last_action()
    found = open_shelf(visit)
    if found is None:
        return
    shelf, whole = found
    editor, schema = st.columns([3, 2], gap="large")
    with editor:
        _saved(visit)
        _editor(visit)
        kept = st.session_state.get(_ANSWER)
        if kept is not None and kept[0] == visit.workspace.id:
            _answer(kept[1], kept[2])
    with schema:
        _schema(shelf)
    footer(visit, whole)


def _editor(visit: Visit) -> None:
    st.session_state.setdefault(_TEXT, _FIRST)
    # Not a form: what is typed must reach "Keep" without being run first.
    sql = st.text_area("Query", key=_TEXT, height=220)
    with st.container(horizontal=True):
        run = st.button("Run", type="primary", icon=":material/play_arrow:")
        _keep(visit, sql)
    if run:
        _run(visit, sql)


def _run(visit: Visit, sql: str) -> None:
    st.session_state.pop(_ANSWER, None)
    started = time.perf_counter()
    try:
        with st.spinner("Running"):
            answer = ask(visit.context.settings.serving_dir, visit.workspace.id, sql, LIMITS)
    except FabricError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.session_state[_ANSWER] = (visit.workspace.id, answer, time.perf_counter() - started)


def _saved(visit: Visit) -> None:
    """The kept queries; choosing one puts it into the editor."""
    with visit.context.store.unit_of_work() as uow:
        known = queries.list_queries(uow, visit.principal, visit.workspace.id)
    if not known:
        return
    names = {query.id: query for query in known}

    def put() -> None:
        chosen: SavedQuery | None = names.get(st.session_state["sql_saved"] or "")
        if chosen is not None:
            st.session_state[_TEXT] = chosen.sql

    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Kept queries", list(names), index=None, format_func=lambda query_id: names[query_id].name, key="sql_saved",
            on_change=put, placeholder="Choose one",
        )  # fmt: skip
        if chosen in names and visit.may_edit and st.button("Delete", icon=":material/delete:"):

            def forget() -> None:
                with visit.context.store.unit_of_work() as uow:
                    queries.delete_query(uow, visit.principal, chosen, now=now())

            if perform(f"“{names[chosen].name}” is deleted.", forget):
                st.rerun()


def _keep(visit: Visit, sql: str) -> None:
    if not visit.may_edit:
        return
    with st.popover("Keep this query", icon=":material/bookmark_add:"), st.form("keep", border=False):
        name = st.text_input("Name", max_chars=100, help="A query of that name is replaced.")
        if st.form_submit_button("Keep"):

            def store() -> None:
                with visit.context.store.unit_of_work() as uow:
                    queries.save_query(uow, visit.principal, visit.workspace.id, name, sql, now=now())

            if perform(f"“{name}” is kept.", store):
                st.rerun()


def _schema(shelf: Shelf) -> None:
    """Tables with what they hold; the chosen one's columns with their documentation."""
    st.markdown("**What can be asked**")
    listed = described_tables(shelf)
    table = st.selectbox("Table", listed["name"].to_list(), index=listed["name"].to_list().index("mart_posts"))
    told = listed.filter(pl.col("name") == table).row(0, named=True)
    st.caption(plain(f"{told['documentation'] or ''} About {told['rows']:,} rows."))
    st.dataframe(
        described_columns(shelf, table),
        hide_index=True,
        height=320,
        column_config={
            "name": st.column_config.TextColumn("Column", width="medium"),
            "type": st.column_config.TextColumn("Type", width="small"),
            "documentation": st.column_config.TextColumn("Meaning", width="large"),
        },
    )


def _answer(answer: Answer, seconds: float) -> None:
    rows = answer.rows
    more = f"the first {len(rows):,} rows; there are more" if answer.truncated else f"{len(rows):,} rows"
    st.caption(f"{more}, {seconds:.1f} s, version {answer.version}")
    table, chart = st.tabs(["Table", "Chart"])
    with table:
        st.dataframe(rows, hide_index=True, placeholder="–")
        with st.container(horizontal=True):
            st.download_button("Download CSV", as_csv(rows).encode(), "query.csv", "text/csv", on_click="ignore")
            parquet = io.BytesIO()
            rows.write_parquet(parquet)
            st.download_button(
                "Download Parquet", parquet.getvalue(), "query.parquet", "application/octet-stream", on_click="ignore"
            )
    with chart:
        _chart(rows)


def _chart(rows: pl.DataFrame) -> None:
    numbers = numeric_columns(rows)
    if not numbers or rows.width < 2 or rows.is_empty():
        st.caption("A chart needs at least one row and two columns, one of them with numbers.")
        return
    with st.container(horizontal=True):
        x = st.selectbox("Across", rows.columns, index=0)
        upright = [name for name in numbers if name != x] or numbers
        y = st.selectbox("Upright", upright, index=0)
        kind: Kind = st.segmented_control("As", KINDS, default="Bars", required=True)
    st.plotly_chart(query_chart(rows, x, y, kind), config=PLOTLY_CONFIG, alt=f"{y} by {x}")
    if len(rows) > MOST_POINTS:
        st.caption(f"The chart shows the first {MOST_POINTS:,} rows.")


if __name__ == "__main__":
    render(current_visit())
