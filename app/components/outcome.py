"""Posts whose outcome a person must look at: those that may have gone out, and those that did not."""

from __future__ import annotations

import streamlit as st

from app.components import numbers
from app.components.accounts import account_name
from app.components.frame import perform
from app.components.status import OUTBOX_LOOKS
from app.components.text import excerpt, plain
from app.context import now
from app.session import Visit
from models.domain.approval import Draft
from models.domain.connection import Connection
from models.domain.publishing import OutboxItem, OutboxStatus
from models.services import outbox


def unknown(visit: Visit, item: OutboxItem, connection: Connection | None, draft: Draft | None) -> None:
    """A post that may have gone out: it is looked for by itself, and an admin may decide."""
    short = item.key[:12]
    with st.container(border=True, key=f"unknown-{short}"):
        _heading(visit, item, connection, draft, "It is not known whether this went out")
        if not visit.may_decide:
            st.caption("It is looked for by itself; an admin can also look at the account and decide.")
            return
        st.caption("It is looked for by itself. If you look at the account, say here what you see:")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            note = st.text_input("What you saw on the account", key=f"note-{short}", max_chars=2_000, width=320)
            url = st.text_input(
                "Address of the post, if it is there",
                key=f"url-{short}",
                max_chars=2_000,
                width=320,
                placeholder="https://",
            )
        with st.container(horizontal=True):
            if st.button("It is there", key=f"there-{short}", icon=":material/check:"):
                _decide(visit, item, sent=True, url=url.strip() or None, note=note)
            if st.button("It is not there, send it again", key=f"absent-{short}", icon=":material/refresh:"):
                _decide(visit, item, sent=False, url=None, note=note)


def failed(visit: Visit, item: OutboxItem, connection: Connection | None, draft: Draft | None) -> None:
    """A post that did not go out although it is approved."""
    with st.container(border=True, key=f"failed-{item.key[:12]}"):
        _heading(visit, item, connection, draft, "This did not go out")
        if visit.may_decide:
            st.caption("Remove the cause and try again, or edit the draft.")
        retry(visit, item, key=f"again-{item.key[:12]}")


def retry(visit: Visit, item: OutboxItem, *, key: str) -> None:
    """The button that queues a failed post again, for those who may."""
    if not visit.may_decide:
        st.caption("An admin can try it again.")
        return

    def again() -> None:
        with visit.context.store.unit_of_work() as uow:
            outbox.retry_failed(uow, visit.principal, item.key, now=now())

    if st.button("Try again", key=key, icon=":material/refresh:") and perform("Queued again.", again):
        st.rerun()


def _heading(visit: Visit, item: OutboxItem, connection: Connection | None, draft: Draft | None, words: str) -> None:
    look = OUTBOX_LOOKS[OutboxStatus.UNKNOWN if item.status is OutboxStatus.UNKNOWN else OutboxStatus.FAILED]
    st.markdown(f":{look.colour}[{look.icon} **{words}**] · {plain(account_name(item.vendor, connection))}")
    st.caption(f"Slot {numbers.instant(item.due_at, visit.zone)}. {plain(item.message)}")
    if draft is not None:
        st.write(plain(excerpt(draft.version.text, 240)))


def _decide(visit: Visit, item: OutboxItem, *, sent: bool, url: str | None, note: str) -> None:
    def decide() -> None:
        with visit.context.store.unit_of_work() as uow:
            outbox.decide_unknown(uow, visit.principal, item.key, sent=sent, url=url, note=note, now=now())

    if perform("Noted: the post is there." if sent else "Noted: it is queued again.", decide):
        st.rerun()
