"""Calendar: what is planned, when, and how far each piece is."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import streamlit as st

from app.charts.template import label
from app.components.entry import OPENED, entry_dialog
from app.components.frame import empty_state, footer, header, message_of_last_action, open_shelf_quietly
from app.components.month import month_grid
from app.components.planning import OPENED as PLANNING
from app.components.planning import (
    DayMark,
    close_planning,
    crowded,
    marks_of,
    open_planning,
    planning_dialog,
    read_days,
)
from app.components.publication import read_outgoing
from app.components.status import StatusLook
from app.components.text import capitalised, excerpt
from app.context import now
from app.session import Visit, current_visit
from models.domain.calendar import CalendarEntry
from models.domain.usage import JobKind
from models.services import calendar, drafts, planning


def render(visit: Visit) -> None:
    header("Calendar", "What goes out when, on which platform, and what still needs a decision.")
    with st.container(horizontal=True, vertical_alignment="center"):
        first = _month_switch(visit)
        view = st.segmented_control(
            "View", ["Month", "List"], default="Month", required=True, key="view", bind="query-params",
            label_visibility="collapsed",
        )  # fmt: skip
        st.button(
            "Campaigns and closed days", icon=":material/event_note:", key="planning_dates", on_click=open_planning
        )
    if st.session_state.get(PLANNING):
        planning_dialog(visit)
    entries, looks = _entries(visit, first)
    marks = marks_of(read_days(visit, *_weeks_of(first)))
    _warn(visit, entries, marks)
    if not entries:
        _nothing(visit, first)
    elif view == "Month":
        month_grid(
            first.year, first.month, entries, looks, visit.zone,
            today=now().astimezone(visit.zone).date(), open_entry=_open, marks=marks,
        )  # fmt: skip
    else:
        _list(visit, entries, looks)
    if not _opened(visit):
        message_of_last_action()
    footer(visit, open_shelf_quietly(visit))


def _warn(visit: Visit, entries: Sequence[CalendarEntry], marks: dict[date, tuple[DayMark, ...]]) -> None:
    """Names closed days that hold a post all the same: it was planned before they were closed."""
    days = crowded(marks, [entry.slot_at.astimezone(visit.zone).date() for entry in entries])
    if days:
        named = ", ".join(f"{day.day} {day:%B}" for day in days)
        st.warning(
            f"Posts that were planned before stand on closed days ({named}): move them, or take the days off the list."
        )


def _open(entry_id: str) -> None:
    close_planning()
    st.session_state[OPENED] = entry_id


def _opened(visit: Visit) -> bool:
    """Shows the entry a person pressed or a link names, until it is closed: an edit may be followed by its approval."""
    named = st.query_params.pop("entry", None)
    if named is not None:
        st.session_state[OPENED] = named
    entry_id = st.session_state.get(OPENED)
    if entry_id is None or st.session_state.get(PLANNING):
        return False
    entry_dialog(visit, entry_id)
    return True


def _month_switch(visit: Visit) -> date:
    """The first day of the month shown; a link may name it as `month=2026-11`."""
    today = now().astimezone(visit.zone).date()
    named = _month_of(st.query_params.get("month"))
    first = named or _first_month(visit, today)
    earlier = (first - timedelta(days=1)).replace(day=1)
    later = (first + timedelta(days=32)).replace(day=1)
    st.markdown(f"**{first:%B %Y}**", width=170)
    for icon, words, target, key in (
        (":material/chevron_left:", "Earlier month", earlier, "earlier"),
        (":material/today:", "This month", today.replace(day=1), "this_month"),
        (":material/chevron_right:", "Later month", later, "later"),
    ):
        st.button("", icon=icon, help=words, on_click=_show_month, args=(target,), key=key)
    return first


def _show_month(first: date) -> None:
    st.query_params["month"] = f"{first:%Y-%m}"


def _month_of(text: str | None) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if text else None
    except ValueError:
        return None


def _first_month(visit: Visit, today: date) -> date:
    """The month to open with: it shows the next entry, and of two that do the one with more of the coming entries."""
    start = datetime.combine(today, time(), tzinfo=visit.zone).astimezone(UTC)
    with visit.context.store.unit_of_work() as uow:
        coming = calendar.list_entries(uow, visit.principal, visit.workspace.id, start=start)
    days = [e.slot_at.astimezone(visit.zone).date() for e in coming]
    return fullest_month(days) or today.replace(day=1)


def fullest_month(days: Sequence[date]) -> date | None:
    """First day of the month whose whole weeks hold the earliest of `days` and most of the others; None without any."""
    if not days:
        return None
    own = min(days).replace(day=1)
    candidates = (own, (own + timedelta(days=32)).replace(day=1))
    shown = {first: _weeks_of(first) for first in candidates}
    holding = [first for first in candidates if shown[first][0] <= min(days) <= shown[first][1]]
    return max(
        holding, key=lambda first: (sum(shown[first][0] <= d <= shown[first][1] for d in days), -first.toordinal())
    )


def _weeks_of(first: date) -> tuple[date, date]:
    """First and last day of the whole weeks that touch a month."""
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    return weeks[0][0], weeks[-1][-1]


def _entries(visit: Visit, first: date) -> tuple[list[CalendarEntry], dict[str, StatusLook]]:
    """The entries of the weeks that touch the month, with their status."""
    monday, sunday = _weeks_of(first)
    start = datetime.combine(monday, time(), tzinfo=visit.zone).astimezone(UTC)
    end = datetime.combine(sunday + timedelta(days=1), time(), tzinfo=visit.zone).astimezone(UTC)
    with visit.context.store.unit_of_work() as uow:
        entries = calendar.list_entries(uow, visit.principal, visit.workspace.id, start=start, end=end)
        every_draft = drafts.list_drafts(uow, visit.principal, visit.workspace.id)
    outgoing = read_outgoing(visit)
    looks = {e.id: outgoing.look(d for d in every_draft if d.entry_id == e.id) for e in entries}
    return entries, looks


def _list(visit: Visit, entries: list[CalendarEntry], looks: dict[str, StatusLook]) -> None:
    ordered = sorted(entries, key=lambda e: (e.slot_at, e.id))
    frame = pl.DataFrame(
        {
            "When": [e.slot_at.astimezone(visit.zone).replace(tzinfo=None) for e in ordered],
            "Topic": [capitalised(e.pillar) for e in ordered],
            "Brief": [excerpt(e.brief, 160) for e in ordered],
            "Platforms": [", ".join(label(p) for p in e.platforms) for e in ordered],
            "Status": [looks[e.id].word for e in ordered],
        }
    )
    chosen = st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "When": st.column_config.DatetimeColumn(
                format="ddd D MMM, HH:mm", width="small", help=f"In {visit.workspace.zone}"
            ),
            "Brief": st.column_config.TextColumn(width="large"),
        },
        on_select="rerun",
        selection_mode="single-row",
        key="entry_list",
        alt="Calendar entries of the month",
    )
    st.caption("Select a row to open it.")
    rows = chosen.selection.rows
    if rows and st.session_state.get("listed_entry") != ordered[rows[0]].id:
        _open(ordered[rows[0]].id)
    st.session_state["listed_entry"] = ordered[rows[0]].id if rows else None


def _nothing(visit: Visit, first: date) -> None:
    with visit.context.store.unit_of_work() as uow:
        strategy = planning.latest_strategy(uow, visit.principal, visit.workspace.id)
    if strategy is None:
        empty_state(
            visit,
            "No strategy yet",
            "A calendar is planned from a strategy, and a strategy is written from the built numbers.",
            commands=(f"fabric generate strategy --workspace {visit.workspace.id}",),
            job=(
                "Write strategy, calendar and drafts",
                JobKind.GENERATE,
                {"what": "all", "weeks": 4},
            ),
        )
    else:
        empty_state(
            visit,
            f"Nothing planned in {first:%B %Y}",
            "Plan the next four weeks from the latest strategy, or look at another month.",
            commands=(f"fabric generate calendar --workspace {visit.workspace.id} --weeks 4",),
            job=("Plan four weeks", JobKind.GENERATE, {"what": "drafts", "weeks": 4}),
        )


if __name__ == "__main__":
    render(current_visit())
