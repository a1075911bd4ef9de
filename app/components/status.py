"""A draft's and a calendar entry's status in words, colour and icon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from models.domain.approval import DraftStatus
from models.domain.publishing import OutboxStatus

Colour = Literal["gray", "primary", "orange", "green", "red"]


@dataclass(frozen=True)
class StatusLook:
    """Colour never stands alone: `word` is always shown beside it."""

    word: str
    colour: Colour
    icon: str


LOOKS: dict[DraftStatus, StatusLook] = {
    DraftStatus.DRAFT: StatusLook("Draft", "gray", ":material/edit_note:"),
    DraftStatus.IN_REVIEW: StatusLook("In review", "primary", ":material/visibility:"),
    DraftStatus.CHANGES_REQUESTED: StatusLook("Changes requested", "orange", ":material/undo:"),
    DraftStatus.APPROVED: StatusLook("Approved", "green", ":material/check_circle:"),
    DraftStatus.REJECTED: StatusLook("Rejected", "red", ":material/block:"),
}
OUTBOX_LOOKS: dict[OutboxStatus, StatusLook] = {
    OutboxStatus.QUEUED: StatusLook("Waiting for its slot", "gray", ":material/schedule:"),
    OutboxStatus.CLAIMED: StatusLook("Being prepared", "primary", ":material/upload:"),
    OutboxStatus.SENDING: StatusLook("Going out", "primary", ":material/send:"),
    OutboxStatus.SENT: StatusLook("Published", "green", ":material/check_circle:"),
    OutboxStatus.UNKNOWN: StatusLook("Not known yet", "orange", ":material/help:"),
    OutboxStatus.FAILED: StatusLook("Failed", "red", ":material/error:"),
    OutboxStatus.CANCELLED: StatusLook("Cancelled", "gray", ":material/block:"),
}
NO_DRAFT = StatusLook("No draft yet", "gray", ":material/hourglass_empty:")

_WORST_FIRST = (OutboxStatus.UNKNOWN, OutboxStatus.FAILED)
_MOST_OPEN_FIRST = (DraftStatus.CHANGES_REQUESTED, DraftStatus.IN_REVIEW, DraftStatus.DRAFT)


def entry_look(statuses: Iterable[DraftStatus], outgoing: Iterable[OutboxStatus] = ()) -> StatusLook:
    """The status of an entry from those of its drafts and of what goes out of them as they stand.

    First what went wrong on its way out, then the draft that still needs work, then how far the rest has come.
    """
    present, out = set(statuses), set(outgoing)
    for wrong in _WORST_FIRST:
        if wrong in out:
            return OUTBOX_LOOKS[wrong]
    for status in _MOST_OPEN_FIRST:
        if status in present:
            return LOOKS[status]
    for moving in (OutboxStatus.SENDING, OutboxStatus.CLAIMED):
        if moving in out:
            return OUTBOX_LOOKS[moving]
    if out == {OutboxStatus.SENT}:
        return OUTBOX_LOOKS[OutboxStatus.SENT]
    if DraftStatus.APPROVED in present:
        return LOOKS[DraftStatus.APPROVED]
    return LOOKS[DraftStatus.REJECTED] if present else NO_DRAFT
