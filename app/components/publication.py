"""What goes out of a draft: where it will go, how far it is, and its address once it is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from app.components import numbers
from app.components.accounts import account_name
from app.components.status import OUTBOX_LOOKS, StatusLook, entry_look
from app.components.text import plain, safe_url
from app.context import now
from app.session import Visit
from models.domain.approval import Draft, DraftStatus
from models.domain.connection import Connection, ConnectionStatus, Vendor
from models.domain.publishing import OutboxItem, OutboxStatus
from models.domain.social import Platform
from models.services import connections, outbox

_GONE_OUT = frozenset({OutboxStatus.SENDING, OutboxStatus.UNKNOWN, OutboxStatus.SENT})


@dataclass(frozen=True)
class Outgoing:
    """Everything on its way out of a workspace: items by draft, linked accounts by id."""

    items: Mapping[str, Sequence[OutboxItem]]
    accounts: Mapping[str, Connection]

    def of(self, draft: Draft) -> list[OutboxItem]:
        """The items of the draft as it stands: what went out or may have, and what its approval put into the queue."""
        standing = draft.status is DraftStatus.APPROVED
        return [
            item
            for item in self.items.get(draft.id, ())
            if item.status in _GONE_OUT
            or (standing and item.version == draft.version.number and item.status is not OutboxStatus.CANCELLED)
        ]

    def look(self, drafts: Iterable[Draft]) -> StatusLook:
        """The status of a calendar entry with these drafts."""
        own = tuple(drafts)
        return entry_look((d.status for d in own), (item.status for d in own for item in self.of(d)))

    def locked(self, draft: Draft) -> bool:
        """Whether the draft can no longer be changed, because its post went out or may have."""
        return any(item.status in _GONE_OUT for item in self.items.get(draft.id, ()))


def read_outgoing(visit: Visit) -> Outgoing:
    """The outbox and the accounts of the visited workspace."""
    with visit.context.store.unit_of_work() as uow:
        found = outbox.list_outbox(uow, visit.principal, visit.workspace.id)
        linked = connections.list_connections(uow, visit.principal, visit.workspace.id)
    items: dict[str, list[OutboxItem]] = {}
    for item in found:
        items.setdefault(item.draft_id, []).append(item)
    return Outgoing(items, {connection.id: connection for connection in linked})


def publication(visit: Visit, draft: Draft, outgoing: Outgoing) -> None:
    """One line for each account that the draft goes to or went to; for an approved draft without one, why."""
    items = outgoing.of(draft)
    for item in items:
        with st.container(horizontal=True, vertical_alignment="center", key=f"outgoing-{draft.id}-{item.key[:12]}"):
            st.markdown(item_line(item, outgoing.accounts.get(item.connection_id), visit.zone), width="content")
            if (address := safe_url(item.url)) is not None and item.status is OutboxStatus.SENT:
                st.link_button("Open the post", address, type="tertiary", icon=":material/open_in_new:")
        if item.status in (OutboxStatus.UNKNOWN, OutboxStatus.FAILED):
            st.caption(plain(item.message))
            st.page_link("views/publishing.py", label="See every step under Publishing")
    if not items and draft.status is DraftStatus.APPROVED:
        st.caption(f":material/info: {plain(no_account(draft.platform))}")


def item_line(item: OutboxItem, connection: Connection | None, zone: ZoneInfo) -> str:
    """Markdown: the status with its icon, the account and the time that matters."""
    look = OUTBOX_LOOKS[item.status]
    sent = item.status is OutboxStatus.SENT and item.finished_at is not None
    when = numbers.instant(item.finished_at if sent else item.due_at, zone)
    place = plain(account_name(item.vendor, connection))
    return f":{look.colour}[{look.icon} {look.word}] · {place} · {when if sent else f'slot {when}'}"


def destinations(draft: Draft, outgoing: Outgoing, moment: datetime, zone: ZoneInfo) -> list[str]:
    """What an approval of the draft will do, one sentence an account that it goes to."""
    linked = [
        c
        for c in outgoing.accounts.values()
        if c.vendor.platform is draft.platform and c.status is not ConnectionStatus.DISCONNECTED
    ]
    if not linked:
        return [no_account(draft.platform)]
    late = draft.slot_at <= moment
    when = "at once, because its slot has passed" if late else f"at {numbers.instant(draft.slot_at, zone)}"
    return [_destination(c, when) for c in sorted(linked, key=lambda c: (c.vendor.label, c.account_name, c.id))]


def approval_effect(visit: Visit, draft: Draft, outgoing: Outgoing) -> None:
    """The sentences of `destinations`, shown where a person decides."""
    for sentence in destinations(draft, outgoing, now(), visit.zone):
        st.caption(f":material/send: {plain(sentence)}")


def no_account(platform: Platform) -> str:
    """Why nothing goes out by itself, as a sentence."""
    if not any(vendor.platform is platform for vendor in Vendor):
        return f"FABRIC does not publish to {platform.label}: post the approved text by hand."
    return f"No {platform.label} account is connected, so nothing goes out by itself: connect one under Connections."


def _destination(connection: Connection, when: str) -> str:
    place = account_name(connection.vendor, connection)
    if connection.status is ConnectionStatus.EXPIRED:
        return f"Approved, it waits for {place}, whose sign-in ended: it goes out once the account is connected again."
    return f"Approved, it goes out on {place} {when}."
