"""Publishing: what goes out next, what went out, and what needs a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components import numbers
from app.components.accounts import account_name
from app.components.frame import empty_state, footer, header, message_of_last_action, open_shelf_quietly
from app.components.outcome import failed, retry, unknown
from app.components.publication import Outgoing, read_outgoing
from app.components.status import OUTBOX_LOOKS
from app.components.text import excerpt, safe_url
from app.session import Visit, current_visit
from models.domain.approval import Draft
from models.domain.publishing import OutboxItem, OutboxStatus
from models.services import drafts, outbox

SHOWN = 200
_OPEN = (OutboxStatus.QUEUED, OutboxStatus.CLAIMED, OutboxStatus.SENDING)
_ENDED = (OutboxStatus.SENT, OutboxStatus.FAILED, OutboxStatus.CANCELLED)


def render(visit: Visit) -> None:
    header("Publishing", "What goes out next, what went out, and what needs a person.")
    message_of_last_action()
    outgoing = read_outgoing(visit)
    items = [item for own in outgoing.items.values() for item in own]
    with visit.context.store.unit_of_work() as uow:
        known = {d.id: d for d in drafts.list_drafts(uow, visit.principal, visit.workspace.id)}
    if not items:
        _nothing(visit, outgoing)
    _needs_a_person(visit, outgoing, items, known)
    waiting = sorted((i for i in items if i.status in _OPEN), key=lambda i: (i.due_at, i.key))
    past = sorted(
        (i for i in items if i.status in _ENDED), key=lambda i: (i.finished_at or i.due_at, i.key), reverse=True
    )
    texts = _texts(visit, [*waiting[:SHOWN], *past[:SHOWN]], known)
    for title, listed, key in (("Goes out next", waiting, "queue"), ("Went out, or did not", past, "log")):
        if listed:
            st.subheader(title, anchor=False)
            _table(visit, listed[:SHOWN], outgoing, texts, key=key)
            if len(listed) > SHOWN:
                st.caption(f"{len(listed) - SHOWN:,} more are not shown.")
    footer(visit, open_shelf_quietly(visit))


def _nothing(visit: Visit, outgoing: Outgoing) -> None:
    linked = bool(outgoing.accounts)
    empty_state(
        visit,
        "Nothing is waiting to go out",
        "An approved draft is queued for every connected account of its platform and goes out at its slot. "
        + ("Approve a draft to see it here." if linked else "Connect an account first, then approve a draft."),
        commands=() if linked else (f"fabric connect linkedin --workspace {visit.workspace.id}",),
    )
    st.page_link("views/approvals.py", label="Open approvals", icon=":material/fact_check:")


def _needs_a_person(
    visit: Visit, outgoing: Outgoing, items: Sequence[OutboxItem], known: Mapping[str, Draft]
) -> None:  # fmt: skip
    """Unknown outcomes, then failures whose approval still stands."""
    doubtful = [i for i in items if i.status is OutboxStatus.UNKNOWN]
    standing = {i.key for draft in known.values() for i in outgoing.of(draft)}
    lost = [i for i in items if i.status is OutboxStatus.FAILED and i.key in standing]
    for item in sorted(doubtful, key=lambda i: i.due_at):
        unknown(visit, item, outgoing.accounts.get(item.connection_id), known.get(item.draft_id))
    for item in sorted(lost, key=lambda i: i.due_at):
        failed(visit, item, outgoing.accounts.get(item.connection_id), known.get(item.draft_id))


def _texts(visit: Visit, items: Sequence[OutboxItem], known: Mapping[str, Draft]) -> dict[str, str]:
    """The text of each item's own version, by item key."""
    found = {}
    older: dict[str, dict[int, str]] = {}
    with visit.context.store.unit_of_work() as uow:
        for item in items:
            draft = known.get(item.draft_id)
            if draft is None:
                continue
            if draft.version.number == item.version:
                found[item.key] = draft.version.text
                continue
            if draft.id not in older:
                older[draft.id] = {v.number: v.text for v in drafts.history(uow, visit.principal, draft.id)}
            found[item.key] = older[draft.id].get(item.version, "")
    return found


def _table(
    visit: Visit, items: Sequence[OutboxItem], outgoing: Outgoing, texts: Mapping[str, str], *, key: str
) -> None:  # fmt: skip
    columns: dict[str, list[object]] = {
        "Slot": [i.due_at.astimezone(visit.zone).replace(tzinfo=None) for i in items],
        "Status": [OUTBOX_LOOKS[i.status].word for i in items],
        "Account": [account_name(i.vendor, outgoing.accounts.get(i.connection_id)) for i in items],
        "Text": [excerpt(texts[i.key], 120) if i.key in texts else None for i in items],
        "Note": [i.message or None for i in items],
        "Link": [safe_url(i.url) for i in items],
    }
    chosen = st.dataframe(
        {name: cells for name, cells in columns.items() if any(cell is not None for cell in cells)},
        hide_index=True,
        placeholder=numbers.MISSING,
        column_config={
            "Slot": st.column_config.DatetimeColumn(format="ddd D MMM, HH:mm", help=f"In {visit.workspace.zone}"),
            "Text": st.column_config.TextColumn(width="medium"),
            "Note": st.column_config.TextColumn(width="medium"),
            "Link": st.column_config.LinkColumn(display_text="Open"),
        },
        on_select="rerun",
        selection_mode="single-row",
        key=f"outbox-{key}",
        alt="Posts on their way out" if key == "queue" else "Posts that went out, failed or were cancelled",
    )
    rows = chosen.selection.rows
    if rows and rows[0] < len(items):
        _steps(visit, items[rows[0]])
    else:
        st.caption("Select a row to see every step it took.")


def _steps(visit: Visit, item: OutboxItem) -> None:
    with visit.context.store.unit_of_work() as uow:
        steps = outbox.outbox_log(uow, visit.principal, item.key)
    st.dataframe(
        {
            "When": [s.at.astimezone(visit.zone).replace(tzinfo=None) for s in steps],
            "Status": [OUTBOX_LOOKS[s.status].word for s in steps],
            "What happened": [s.message for s in steps],
            "Worker or person": [s.worker for s in steps],
        },
        hide_index=True,
        column_config={"When": st.column_config.DatetimeColumn(format="ddd D MMM, HH:mm:ss")},
        alt="Steps of one post",
    )
    if item.status is OutboxStatus.FAILED:
        retry(visit, item, key=f"step-again-{item.key[:12]}")


if __name__ == "__main__":
    render(current_visit())
