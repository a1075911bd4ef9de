"""Approvals: what waits for a decision, with everything needed to take it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.charts.template import label
from app.components import numbers
from app.components.frame import empty_state, footer, header, message_of_last_action, open_shelf_quietly
from app.components.review import review
from app.components.text import capitalised, excerpt, plain
from app.session import Visit, current_visit
from models.domain.approval import Draft, DraftStatus
from models.domain.calendar import CalendarEntry
from models.domain.usage import JobKind
from models.services import calendar, drafts

_CHOSEN = "chosen_draft"
_SHOWN = "shown_drafts"
_STEP = 25
_FILTERS = {
    "In review": DraftStatus.IN_REVIEW,
    "Changes requested": DraftStatus.CHANGES_REQUESTED,
    "Approved": DraftStatus.APPROVED,
    "Rejected": DraftStatus.REJECTED,
}


def render(visit: Visit) -> None:
    header("Approvals", "Which texts wait for a decision, what changed in them, and which numbers stand behind them.")
    message_of_last_action()
    with visit.context.store.unit_of_work() as uow:
        every_draft = drafts.list_drafts(uow, visit.principal, visit.workspace.id)
        entries = {e.id: e for e in calendar.list_entries(uow, visit.principal, visit.workspace.id)}
    if not every_draft:
        empty_state(
            visit,
            "No drafts yet",
            "Drafts are written from the strategy and its calendar, one per platform.",
            commands=(f"fabric generate drafts --workspace {visit.workspace.id}",),
            job=(
                "Write strategy, calendar and drafts",
                JobKind.GENERATE,
                {"what": "all", "weeks": 4},
            ),
        )
    else:
        _inbox_and_post(visit, every_draft, entries)
    footer(visit, open_shelf_quietly(visit))


def _inbox_and_post(visit: Visit, every_draft: Sequence[Draft], entries: dict[str, CalendarEntry]) -> None:
    counts = {words: sum(d.status is status for d in every_draft) for words, status in _FILTERS.items()}
    chosen_filter = st.segmented_control(
        "Show",
        list(_FILTERS),
        default="In review",
        required=True,
        format_func=lambda words: f"{words} ({counts[words]})",
        key="show",
        label_visibility="collapsed",
    )
    inbox = sorted(
        (d for d in every_draft if d.status is _FILTERS[chosen_filter]), key=lambda d: (d.slot_at, d.platform, d.id)
    )
    if not inbox:
        _nothing_here(chosen_filter)
        return
    current = _current(inbox)
    left, right = st.columns([3, 7], gap="small")
    with left:
        _list(visit, inbox, entries, current)
    with right, st.container(border=True):
        review(visit, inbox[current], entries.get(inbox[current].entry_id))


def _nothing_here(words: str) -> None:
    if words == "In review":
        st.success("Nothing waits for a decision. Approved texts are in the calendar.", icon=":material/done_all:")
        st.page_link("views/calendar.py", label="Open the calendar", icon=":material/calendar_month:")
    else:
        st.info(f"No draft is “{words.lower()}”.")


def _current(inbox: Sequence[Draft]) -> int:
    """Position of the chosen draft; after a decision the next one in line takes its place."""
    wanted = st.query_params.pop("draft", None) or st.session_state.get(_CHOSEN)
    position = next((i for i, d in enumerate(inbox) if d.id == wanted), None)
    if position is None:
        position = min(int(st.session_state.get("inbox_position", 0)), len(inbox) - 1)
    st.session_state[_CHOSEN] = inbox[position].id
    st.session_state["inbox_position"] = position
    return position


def _list(visit: Visit, inbox: Sequence[Draft], entries: dict[str, CalendarEntry], current: int) -> None:
    with st.container(horizontal=True):
        st.button(
            "Previous", shortcut="K", key="previous", disabled=current == 0,
            on_click=_choose, args=(inbox[max(current - 1, 0)].id,),
        )  # fmt: skip
        st.button(
            "Next", shortcut="J", key="next", disabled=current == len(inbox) - 1,
            on_click=_choose, args=(inbox[min(current + 1, len(inbox) - 1)].id,),
        )  # fmt: skip
    shown = max(int(st.session_state.get(_SHOWN, _STEP)), current + 1)
    with st.container(key="inbox", gap="xsmall"):
        for position, draft in enumerate(inbox[:shown]):
            entry = entries.get(draft.entry_id)
            topic = plain(capitalised(excerpt(entry.pillar if entry else draft.version.text, 40)))
            st.button(
                f"**{numbers.instant(draft.slot_at, visit.zone)}** · {label(draft.platform)}  \n{topic}",
                key=f"inbox-{draft.id}",
                type="primary" if position == current else "secondary",
                on_click=_choose,
                args=(draft.id,),
                width="stretch",
                wrap=True,
            )
    if len(inbox) > shown:
        st.button(f"Show more ({len(inbox) - shown} left)", key="more", on_click=_show_more, args=(shown,))


def _choose(draft_id: str) -> None:
    st.session_state[_CHOSEN] = draft_id


def _show_more(shown: int) -> None:
    st.session_state[_SHOWN] = shown + _STEP


if __name__ == "__main__":
    render(current_visit())
