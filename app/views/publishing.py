"""Publishing: what goes out next, what went out, and what needs a person."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.components import numbers
from app.components.frame import empty_state, footer, header, message_of_last_action, open_shelf_quietly, perform
from app.components.status import OUTBOX_LOOKS
from app.components.text import excerpt, plain, safe_url
from app.context import now
from app.session import Visit, current_visit
from models.domain.approval import Draft
from models.domain.connection import Connection
from models.domain.publishing import OutboxItem, OutboxStatus
from models.services import connections, drafts, outbox

SHOWN = 200
_OPEN = (OutboxStatus.QUEUED, OutboxStatus.CLAIMED, OutboxStatus.SENDING)


def render(visit: Visit) -> None:
    header("Publishing", "What goes out next, what went out, and what needs a person.")
    message_of_last_action()
    with visit.context.store.unit_of_work() as uow:
        items = outbox.list_outbox(uow, visit.principal, visit.workspace.id, limit=SHOWN)
        accounts = {c.id: c for c in connections.list_connections(uow, visit.principal, visit.workspace.id)}
        texts = {d.id: d for d in drafts.list_drafts(uow, visit.principal, visit.workspace.id)}
    if not items:
        empty_state(
            visit,
            "Nothing is waiting to go out",
            "An approved draft is queued for every connected account of its platform and goes out at its slot. "
            "Connect an account first, then approve a draft.",
            commands=(
                f"fabric connect linkedin --workspace {visit.workspace.id}",
                "fabric publish --once",
            ),
        )
    for item in (i for i in items if i.status is OutboxStatus.UNKNOWN):
        _unknown(visit, item, accounts.get(item.connection_id), texts.get(item.draft_id))
    waiting = sorted((i for i in items if i.status in _OPEN), key=lambda i: (i.due_at, i.key))
    if waiting:
        st.subheader("Goes out next", anchor=False)
        _table(visit, waiting, accounts, texts, key="queue")
    past = [i for i in items if i.status in (OutboxStatus.SENT, OutboxStatus.FAILED, OutboxStatus.CANCELLED)]
    if past:
        st.subheader("Went out, or did not", anchor=False)
        _table(visit, past, accounts, texts, key="log")
    footer(visit, open_shelf_quietly(visit))


def _table(
    visit: Visit, items: Sequence[OutboxItem], accounts: dict[str, Connection], texts: dict[str, Draft], *, key: str
) -> None:
    chosen = st.dataframe(
        {
            "Slot": [i.due_at.astimezone(visit.zone).replace(tzinfo=None) for i in items],
            "Account": [_account(i, accounts.get(i.connection_id)) for i in items],
            "Text": [
                excerpt(texts[i.draft_id].version.text, 120) if i.draft_id in texts else numbers.MISSING for i in items
            ],
            "Status": [OUTBOX_LOOKS[i.status].word for i in items],
            "Note": [i.message for i in items],
            "Link": [safe_url(i.url) if i.url else None for i in items],
        },
        hide_index=True,
        column_config={
            "Slot": st.column_config.DatetimeColumn(format="ddd D MMM, HH:mm", help=f"In {visit.workspace.zone}"),
            "Text": st.column_config.TextColumn(width="large"),
            "Link": st.column_config.LinkColumn(display_text="Open"),
        },
        on_select="rerun",
        selection_mode="single-row",
        key=f"outbox-{key}",
        alt="Posts on their way out" if key == "queue" else "Posts that went out or failed",
    )
    st.caption("Select a row to see every step it took.")
    if chosen.selection.rows:
        _steps(visit, items[chosen.selection.rows[0]])


def _account(item: OutboxItem, connection: Connection | None) -> str:
    return f"{item.vendor.label} · {connection.account_name}" if connection else item.vendor.label


def _steps(visit: Visit, item: OutboxItem) -> None:
    with visit.context.store.unit_of_work() as uow:
        steps = outbox.outbox_log(uow, visit.principal, item.key)
    st.dataframe(
        {
            "When": [s.at.astimezone(visit.zone).replace(tzinfo=None) for s in steps],
            "Status": [OUTBOX_LOOKS[s.status].word for s in steps],
            "What happened": [s.message for s in steps],
            "By": [s.worker for s in steps],
        },
        hide_index=True,
        alt="Steps of one post",
    )
    if item.status is OutboxStatus.FAILED and visit.may_decide:

        def again() -> None:
            with visit.context.store.unit_of_work() as uow:
                outbox.retry_failed(uow, visit.principal, item.key, now=now())

        if st.button("Try again", key=f"again-{item.key[:12]}", icon=":material/refresh:") and perform(
            "Queued again.", again
        ):
            st.rerun()


def _unknown(visit: Visit, item: OutboxItem, connection: Connection | None, draft: Draft | None) -> None:
    """A post that may have gone out: it is looked for by itself, and an admin may decide."""
    with st.container(border=True, key=f"unknown-{item.key[:12]}"):
        st.markdown(
            f":orange[:material/help: It is not known whether this went out] · {plain(_account(item, connection))}"
        )
        st.caption(f"Slot {numbers.instant(item.due_at, visit.zone)}. {plain(item.message)}")
        if draft is not None:
            st.write(plain(excerpt(draft.version.text, 240)))
        if not visit.may_decide:
            st.caption("It is looked for by itself; an admin can also look at the account and decide.")
            return
        url = st.text_input("Address of the post, if it is there", key=f"url-{item.key[:12]}")
        note = st.text_input("What you saw on the account", key=f"note-{item.key[:12]}")
        left, right = st.columns(2)
        if left.button("It is there", key=f"there-{item.key[:12]}", icon=":material/check:"):
            _decide(visit, item, sent=True, url=url or None, note=note)
        if right.button("It is not there, send it again", key=f"absent-{item.key[:12]}", icon=":material/refresh:"):
            _decide(visit, item, sent=False, url=None, note=note)


def _decide(visit: Visit, item: OutboxItem, *, sent: bool, url: str | None, note: str) -> None:
    def decide() -> None:
        with visit.context.store.unit_of_work() as uow:
            outbox.decide_unknown(uow, visit.principal, item.key, sent=sent, url=url, note=note, now=now())

    if perform("Noted: the post is there." if sent else "Noted: it is queued again.", decide):
        st.rerun()


if __name__ == "__main__":
    render(current_visit())
