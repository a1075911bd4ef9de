"""A month of calendar entries as a grid; on a phone the empty days fold away and it reads as an agenda."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import streamlit as st

from app.charts.template import label
from app.components.planning import DayMark
from app.components.status import StatusLook
from app.components.text import capitalised, excerpt, plain
from models.domain.calendar import CalendarEntry

_SHORT_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def month_grid(
    year: int,
    month: int,
    entries: Sequence[CalendarEntry],
    looks: Mapping[str, StatusLook],
    zone: ZoneInfo,
    *,
    today: date,
    open_entry: Callable[[str], None],
    marks: Mapping[date, Sequence[DayMark]] | None = None,
) -> None:
    """Whole weeks from Monday, with the neighbouring months' days in them. `looks` maps an entry's id to its status; pressing an entry calls `open_entry` with its id. `marks` are holidays, campaigns and closed days."""
    by_day: dict[date, list[CalendarEntry]] = {}
    for entry in sorted(entries, key=lambda e: (e.slot_at, e.id)):
        by_day.setdefault(entry.slot_at.astimezone(zone).date(), []).append(entry)
    with st.container(key="month", gap="xsmall"):
        for column, name in zip(st.columns(7, gap="xxsmall"), _SHORT_DAYS, strict=True):
            with column, st.container(key=f"weekhead-{name}"):
                st.caption(name)
        for week in calendar.Calendar().monthdatescalendar(year, month):
            for column, day in zip(st.columns(7, gap="xxsmall"), week, strict=True):
                with column:
                    _day(
                        day,
                        by_day.get(day, []),
                        looks,
                        zone,
                        inside=day.month == month,
                        today=today,
                        open_entry=open_entry,
                        marks=(marks or {}).get(day, ()),
                    )


def _day(
    day: date,
    entries: Sequence[CalendarEntry],
    looks: Mapping[str, StatusLook],
    zone: ZoneInfo,
    *,
    inside: bool,
    today: date,
    open_entry: Callable[[str], None],
    marks: Sequence[DayMark] = (),
) -> None:
    kind = "daycell" if entries or marks else "blankday-daycell"
    with st.container(key=f"{kind}-{day}", border=inside or bool(entries), gap="xxsmall", height="stretch"):
        number = str(day.day) if inside else f"{day.day} {day:%b}"
        number = f"**{number} · today**" if day == today else number
        st.caption(f"{_SHORT_DAYS[day.weekday()]} {number}" if entries or marks else number)
        for mark in marks:
            st.markdown(f":small[:{mark.colour}[{mark.icon} {plain(excerpt(mark.word, 60))}]]")
        for entry in entries:
            look = looks[entry.id]
            st.button(
                f"**{entry.slot_at.astimezone(zone):%H:%M}** {plain(capitalised(excerpt(entry.pillar, 28)))}  \n:{look.colour}[{look.icon} {look.word}]",
                key=f"open-{entry.id}",
                help=f"{', '.join(label(p) for p in entry.platforms)}: {plain(excerpt(entry.brief, 160))}",
                on_click=open_entry,
                args=(entry.id,),
                width="stretch",
                wrap=True,
            )
