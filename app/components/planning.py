"""Planning dates as people see and change them: marks on days, and a panel for campaigns, closed days and holidays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from app.components import numbers
from app.components.frame import message_of_last_action, perform
from app.components.text import plain
from app.context import now
from app.session import Visit
from models.domain.opportunity import Opportunity
from models.domain.planning import DateKind, PlanningDate, PlanningDays, PlanningRules
from models.services import planning_dates

_KINDS = {"Campaign": DateKind.CAMPAIGN, "Days without posts": DateKind.BLACKOUT}


@dataclass(frozen=True)
class DayMark:
    """What a day of the calendar carries besides its entries. `word` is plain text."""

    word: str
    icon: str
    colour: str
    closed: bool = False


def marks_of(days: PlanningDays) -> dict[date, tuple[DayMark, ...]]:
    """Marks by local day: closed days first, then holidays, then campaigns."""
    found: dict[date, list[DayMark]] = {}
    for span in sorted(days.dates, key=lambda d: (d.kind is DateKind.CAMPAIGN, d.starts_on, d.name)):
        closed = span.kind is DateKind.BLACKOUT
        look = (":material/block:", "gray") if closed else (":material/campaign:", "violet")
        for offset in range((span.ends_on - span.starts_on).days + 1):
            found.setdefault(span.starts_on + timedelta(days=offset), []).append(DayMark(span.name, *look, closed))
    for day, name in days.holidays.items():
        closed = days.rules.holidays == "avoid"
        found.setdefault(day, []).insert(0, DayMark(name, ":material/celebration:", "orange", closed))
    return {day: tuple(marks) for day, marks in found.items()}


def read_days(visit: Visit, start: date, end: date) -> PlanningDays:
    with visit.context.store.unit_of_work() as uow:
        return planning_dates.planning_days(uow, visit.principal, visit.workspace.id, start=start, end=end)


OPENED = "planning_dates_open"
"""Session key that keeps the panel open until it is closed."""


def open_planning() -> None:
    st.session_state[OPENED] = True


def close_planning() -> None:
    st.session_state.pop(OPENED, None)


@st.dialog("Campaigns, closed days and holidays", width="large", on_dismiss=close_planning)
def planning_dialog(visit: Visit) -> None:
    """The workspace's planning dates and rules; editors and admins change them. Entries that exist stay as they are."""
    message_of_last_action()
    with visit.context.store.unit_of_work() as uow:
        dates = planning_dates.list_dates(uow, visit.principal, visit.workspace.id)
        rules = planning_dates.planning_rules(uow, visit.principal, visit.workspace.id)
    st.caption("The next calendar is planned around these days. Entries that are planned already stay where they are.")
    if not dates:
        st.caption("No campaign and no closed day is kept yet.")
    for kept in dates:
        _kept(visit, kept)
    if not visit.may_edit:
        st.caption(_rules_words(rules))
        return
    with st.expander("Add a campaign or closed days", expanded=not dates, icon=":material/add:"):
        if date_form(visit):
            st.rerun()
    with st.expander(f"Rules: {_rules_words(rules)}", icon=":material/tune:"):
        _rules_form(visit, rules)


def _kept(visit: Visit, kept: PlanningDate) -> None:
    span = numbers.day(kept.starts_on)
    if kept.ends_on != kept.starts_on:
        span = f"{span} to {numbers.day(kept.ends_on)}"
    campaign = kept.kind is DateKind.CAMPAIGN
    with st.container(horizontal=True, vertical_alignment="center"):
        icon = ":material/campaign:" if campaign else ":material/block:"
        part = f" · {numbers.share(kept.share)} of the slots" if campaign else " · no posts"
        topic = f" · {plain(kept.pillar)}" if kept.pillar else ""
        brief = f"  \n:small[:gray[{plain(kept.brief)}]]" if kept.brief else ""
        st.markdown(f"{icon} **{plain(kept.name)}** · {span}{part}{topic}{brief}", width="stretch")
        if visit.may_edit and st.button("Remove", key=f"remove-date-{kept.id}", icon=":material/delete:"):

            def remove() -> None:
                with visit.context.store.unit_of_work() as uow:
                    planning_dates.remove_date(uow, visit.principal, kept.id, now=now())

            if perform(f"Removed {kept.name}.", remove):
                st.rerun()


def date_form(visit: Visit, about: Opportunity | None = None) -> bool:
    """The form of a new date, and whether one was kept; `about` fills it with an opportunity as a campaign of two weeks from next Monday."""
    today = now().astimezone(visit.zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    key = "new-date" if about is None else f"plan-{about.id}"
    with st.form(key, border=False):
        kind = DateKind.CAMPAIGN
        if about is None:
            kind = _KINDS[
                st.segmented_control("Kind", list(_KINDS), default="Campaign", required=True, key=f"{key}-kind")
            ]
        name = st.text_input("Name", about.title[:100] if about else "", key=f"{key}-name", max_chars=100)
        span = st.date_input(
            "Days",
            (monday, monday + timedelta(days=13)),
            key=f"{key}-days",
            format="YYYY-MM-DD",
            help="First and last day.",
        )
        topic = st.text_input("Topic of its posts", about.topic[:60] if about else "", key=f"{key}-topic", max_chars=60)
        brief = st.text_area(
            "What its posts should do", about.reason if about else "", key=f"{key}-brief", max_chars=2_000
        )
        part = st.slider("Share of the posts in these days", 0.1, 1.0, 0.3 if about else 0.5, 0.1, key=f"{key}-share")
        if about is None:
            st.caption("Topic, brief and share are a campaign's; closed days need none.")
        sent = st.form_submit_button("Keep it", type="primary")
    return sent and perform(
        f"Kept {name}. The next calendar is planned with it.", lambda: _add(visit, kind, name, span, topic, brief, part)
    )


def _add(visit: Visit, kind: DateKind, name: str, span: object, topic: str, brief: str, part: float) -> None:
    days = [day for day in (span if isinstance(span, tuple) else (span,)) if isinstance(day, date)]
    campaign = kind is DateKind.CAMPAIGN
    with visit.context.store.unit_of_work() as uow:
        planning_dates.add_date(
            uow, visit.principal, visit.workspace.id, kind=kind, name=name, starts_on=days[0] if days else now().date(),
            ends_on=days[-1] if days else None, pillar=topic if campaign else "", brief=brief,
            share=part if campaign else None, now=now(),
        )  # fmt: skip


def _rules_words(rules: PlanningRules) -> str:
    holidays = "no holidays"
    if rules.country:
        holidays = f"holidays of {rules.country} {'are left free' if rules.holidays == 'avoid' else 'are shown'}"
    return f"{holidays}, {rules.topic_days} days between posts of one topic"


def _rules_form(visit: Visit, rules: PlanningRules) -> None:
    with st.form("planning-rules", border=False):
        country = st.text_input(
            "Country of the holidays",
            rules.country,
            key="rules-country",
            help="DE, or US-CA for a part of one; empty for none.",
        )
        avoid = st.toggle("Leave holidays free of posts", rules.holidays == "avoid", key="rules-avoid")
        apart = st.number_input("Days between two posts of one topic", 0, 28, rules.topic_days, key="rules-days")
        sent = st.form_submit_button("Save the rules")
    if sent:
        wanted = PlanningRules(country, "avoid" if avoid else "keep", int(apart))

        def save() -> None:
            with visit.context.store.unit_of_work() as uow:
                planning_dates.set_planning_rules(uow, visit.principal, visit.workspace.id, wanted, now=now())

        if perform("Saved the rules.", save):
            st.rerun()


def crowded(marks: Mapping[date, Sequence[DayMark]], days: Sequence[date]) -> list[date]:
    """Closed days on which something is planned all the same, once each, in order."""
    return sorted({day for day in days if any(mark.closed for mark in marks.get(day, ()))})
