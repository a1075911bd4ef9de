"""Content: every post, comparable, with why a number is missing."""

from __future__ import annotations

import streamlit as st

from app.charts.growth import growth
from app.charts.template import PLOTLY_CONFIG, label
from app.components import numbers
from app.components.filters import content_filters
from app.components.frame import footer, header, message_of_last_action, open_shelf
from app.components.posts import BY_AGE, columns, metric_name, post_table, readings_by_age, readings_now
from app.components.text import block, headline, plain, safe_url
from app.context import now
from app.reading import ContentData, PostData, Served, Shelf, content, post
from app.session import Visit, current_visit


def render(visit: Visit) -> None:
    header("Content", "Which posts work, compared at the same age and with the same denominator.")
    message_of_last_action()
    opened = open_shelf(visit)
    if opened is None:
        footer(visit, None)
        return
    shelf, whole = opened
    last_day = whole.last_day(visit.zone)
    where = content_filters(whole, last_day)
    data = content(shelf, where)
    note = whole.period_note(visit.zone, now().astimezone(visit.zone).date())
    if note is not None:
        st.caption(note)
    if data.posts.height == 0:
        _nothing(whole)
    else:
        _table_and_post(visit, shelf, data)
    footer(visit, whole)


def _nothing(whole: Served) -> None:
    if whole.coverage.posts == 0:
        st.info(
            "The build holds no own post. Import an export of your posts with `fabric import`, then run `fabric build`."
        )
    else:
        st.info(
            "No post matches these filters. Choose a longer period or remove a filter.",
            icon=":material/filter_alt_off:",
        )
        st.button("Remove all filters", on_click=_clear_filters, key="clear_filters")


def _clear_filters() -> None:
    st.session_state["period"] = "All"
    st.session_state["q"] = ""
    for key in ("platform", "account", "topic", "format"):
        if key in st.session_state:
            st.session_state[key] = []


def _table_and_post(visit: Visit, shelf: Shelf, data: ContentData) -> None:
    shown = f"{data.total:,} post" + ("" if data.total == 1 else "s")
    if data.total > data.posts.height:
        shown += f"; the newest {data.posts.height:,} are listed, narrow the filters to see the others"
    st.caption(
        f"{shown}. Press a column's head to sort, a row's box to open the post. {numbers.MISSING} or an empty bar is missing: the column's help says why."
    )
    chosen = st.dataframe(
        post_table(data.posts),
        hide_index=True,
        column_config=columns(data),
        placeholder=numbers.MISSING,
        height=min(38 * (data.posts.height + 1) + 3, 520),
        on_select="rerun",
        selection_mode="single-row",
        key="post_table",
        alt="Posts with format, text, platform, age, engagement rates and percentile",
    )
    rows = chosen.selection.rows
    if rows and rows[0] < data.posts.height:
        row = data.posts.row(rows[0], named=True)
        with st.container(border=True):
            _post(visit, row, post(shelf, row["platform"], row["account_id"], row["post_id"]))


def _post(visit: Visit, row: dict[str, object], data: PostData) -> None:
    title, body = _text(row["title"]), _text(row["body"])
    st.subheader(plain(headline(title, body, 120)), anchor=False)
    facts = [
        label(str(row["platform"])),
        _text(row["account_name"]) or "",
        _text(row["content_type"]) or "",
        f"topic {row['topic']}" if row["topic"] else "no topic",
    ]
    st.caption(plain(" · ".join(f for f in facts if f)))
    url = safe_url(_text(row["url"]))
    if url is not None:
        st.link_button("Open the post", url, icon=":material/open_in_new:")
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**How did it grow against its account's posts?**")
        _growth(data)
    with right:
        ages = readings_by_age(data.ages)
        st.markdown("**At equal ages**")
        if ages.height:
            st.dataframe(
                ages, hide_index=True, placeholder=numbers.MISSING, alt="Metrics at 24 hours, 3, 7 and 28 days"
            )
            st.caption(
                "A value between two readings is marked ~; one taken from a first later reading, an upper bound, ≤."
            )
        else:
            st.caption("No reading stands near 24 hours, 3, 7 or 28 days.")
        if body:
            with st.expander("Text"):
                st.html(block(body, "fabric-text"))
    st.markdown("**What is known of it**")
    st.dataframe(
        readings_now(data.metrics, visit.zone),
        hide_index=True,
        placeholder=numbers.MISSING,
        column_config={"Why missing": st.column_config.TextColumn(width=260)},
        alt="Newest reading of each metric with its state",
    )


def _growth(data: PostData) -> None:
    if data.cohort_metric is None:
        st.caption(
            "No evidence: this post has no value at 24 hours, 3, 7 or 28 days. It takes readings near these ages, so import "
            "exports regularly."
        )
        return
    ages = data.ages.filter(data.ages["metric"] == data.cohort_metric)
    name = metric_name(data.cohort_metric)
    st.plotly_chart(
        growth(ages, data.cohort, metric_name=name),
        config=PLOTLY_CONFIG,
        key="post_growth",
        alt=f"{name} of this post at {BY_AGE} against the median and middle half of its account",
    )
    st.caption("The band is the middle half of the account's posts. Open circles are not read at exactly that age.")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


if __name__ == "__main__":
    render(current_visit())
