"""One calendar entry, opened: its drafts per platform, and moving its slot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import streamlit as st

from app.charts.template import label
from app.components import drafts as panel
from app.components import numbers
from app.components.evidence import facts_of, show_facts
from app.components.frame import empty_state, message_of_last_action, perform
from app.components.making import is_making
from app.components.media import media_editor, media_warnings, read_media
from app.components.publication import Outgoing, approval_effect, publication, read_outgoing
from app.components.text import capitalised, plain
from app.context import now
from app.session import Visit
from models.domain.approval import Draft, DraftStatus
from models.domain.calendar import CalendarEntry
from models.errors import FabricError, InvalidInput
from models.services import approvals, calendar, drafts, onboarding, planning


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall-clock time. Raises `InvalidInput` for one that a clock change leaves out.

    A time that occurs twice (clocks set back) means its first occurrence.
    """
    local = datetime.combine(day, at, tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise InvalidInput(
            f"{at:%H:%M} does not exist on {numbers.day(day)} in {zone.key}, because clocks go forward: choose an hour later."
        )
    return instant


OPENED = "opened_entry"
"""Session key of the entry that is open; kept until the panel is closed."""


def _close() -> None:
    st.session_state.pop(OPENED, None)


@st.dialog("Calendar entry", width="large", on_dismiss=_close)
def entry_dialog(visit: Visit, entry_id: str) -> None:
    """The entry's panel. Everything is read again in every run, so a decision taken elsewhere shows."""
    try:
        with visit.context.store.unit_of_work() as uow:
            entry = calendar.get_entry(uow, visit.principal, entry_id)
            own = drafts.list_drafts(uow, visit.principal, visit.workspace.id, entry_id=entry_id)
            strategy = planning.get_strategy(uow, visit.principal, entry.strategy_id)
    except FabricError as error:
        st.error(plain(str(error)))
        return
    message_of_last_action()
    st.markdown(
        f"**{plain(capitalised(entry.pillar))}** · {numbers.instant(entry.slot_at, visit.zone)} ({plain(visit.workspace.zone)})"
    )
    st.write(plain(entry.brief))
    outgoing = read_outgoing(visit)
    if visit.may_edit and not any(outgoing.locked(draft) for draft in own):
        _move(visit, entry, own)
    if not own:
        empty_state(
            visit,
            "No drafts yet",
            "The texts for this entry have not been written.",
            commands=(f"fabric generate drafts --workspace {visit.workspace.id}",),
        )
    else:
        _drafts(visit, own, outgoing)
    with st.expander("Why this entry"):
        show_facts(visit, facts_of(strategy.document, entry.fact_ids), key=f"entry-{entry.id}")


def _move(visit: Visit, entry: CalendarEntry, own: Sequence[Draft]) -> None:
    local = entry.slot_at.astimezone(visit.zone)
    with st.expander("Move the slot", icon=":material/event:"):
        if any(d.status is DraftStatus.APPROVED for d in own):
            st.warning("Moving the slot revokes the approval of its drafts and sends them back to review.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            day = st.date_input("Day", local.date(), key=f"day-{entry.id}", format="YYYY-MM-DD", width=170)
            at = st.time_input("Time", local.time(), key=f"time-{entry.id}", step=900, width=130)
            pressed = st.button("Move", key=f"move-{entry.id}", type="primary")
        if pressed and perform("Moved the slot.", lambda: _move_to(visit, entry, day, at)):
            st.rerun()


def _move_to(visit: Visit, entry: CalendarEntry, day: date, at: time) -> None:
    instant = local_instant(day, at, visit.zone)
    with visit.context.store.unit_of_work() as uow:
        calendar.move_slot(uow, visit.principal, entry.id, instant, now=now())


def _drafts(visit: Visit, own: Sequence[Draft], outgoing: Outgoing) -> None:
    for tab, draft in zip(st.tabs([label(d.platform) for d in own]), own, strict=True):
        with tab:
            shown = read_media(visit, draft)
            panel.status_badge(draft.status)
            publication(visit, draft, outgoing)
            may_change = visit.may_edit and not outgoing.locked(draft)
            if may_change:
                panel.editor(visit, draft)
                with st.expander(f"Images and videos ({len(shown)})", expanded=bool(shown) or is_making(draft)):
                    media_editor(visit, draft, shown)
            else:
                panel.preview(visit, draft, shown)
                if outgoing.locked(draft):
                    st.caption("Its post went out or may have, so this draft cannot be changed any more.")
            panel.limits_line(draft, draft.version.text, counted=may_change)
            media_warnings(draft, shown)
            _decide(visit, draft, outgoing)
            with st.expander(f"Variants ({len(draft.version.variants)})"):
                panel.variants(draft, may_take=may_change)
            if may_change and draft.status is not DraftStatus.REJECTED:
                with st.expander("Write another text"):
                    panel.write_anew(visit, draft)
            with st.expander("History"):
                with visit.context.store.unit_of_work() as uow:
                    versions = drafts.history(uow, visit.principal, draft.id)
                    decided = approvals.decisions(uow, visit.principal, draft.id)
                    names = onboarding.display_names(uow, visit.principal, visit.workspace.id)
                panel.history(visit, versions, decided, names)


def _decide(visit: Visit, draft: Draft, outgoing: Outgoing) -> None:
    if draft.status is not DraftStatus.IN_REVIEW:
        return
    approval_effect(visit, draft, outgoing)
    if visit.may_decide and st.button(
        "Approve this version", key=f"approve-{draft.id}", icon=":material/check_circle:"
    ):

        def approve() -> None:
            with visit.context.store.unit_of_work() as uow:
                approvals.approve(uow, visit.principal, draft.id, version=draft.version.number, now=now())

        if perform("Approved.", approve):
            st.rerun()
