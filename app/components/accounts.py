"""A linked account in words: its name, whether it works, when its sign-in ends and what is lost if nobody reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.components.status import StatusLook
from connectors.rhythms import Rhythm, rhythm, streams_of
from models.domain.connection import Connection, ConnectionStatus, SyncRun, SyncStatus, Vendor
from models.ports import Stream

ENDS_SOON = timedelta(days=7)
STREAMS = {"posts": "posts", "account": "account numbers", "audience": "audience"}
CONNECTED = StatusLook("Connected", "green", ":material/check_circle:")
FAILING = StatusLook("Connected, with a gap", "orange", ":material/report:")
SOON = StatusLook("Sign-in ends soon", "orange", ":material/schedule:")
ENDED = StatusLook("Sign-in ended", "red", ":material/error:")
DISCONNECTED = StatusLook("Disconnected", "gray", ":material/link_off:")

_RENEWED_WITHOUT_END = frozenset({Vendor.X, Vendor.YOUTUBE})
"""Their refresh tokens have no stated end: what is told is the end of an access token, which is renewed by itself."""


@dataclass(frozen=True)
class Deadline:
    """A stream whose numbers are gone for good at `at`, unless they are read before; `read` is up to when they were."""

    beat: Rhythm
    read: datetime
    at: datetime

    @property
    def what(self) -> str:
        return STREAMS[self.beat.stream.value]


def account_name(vendor: Vendor, connection: Connection | None) -> str:
    """`LinkedIn · Brand`; the vendor alone where the connection is gone. Foreign text, not yet safe to show."""
    return f"{vendor.label} · {connection.account_name}" if connection else vendor.label


def sign_in_end(connection: Connection) -> datetime | None:
    """When a person must sign in again at the latest; None when no end is known."""
    if connection.status is ConnectionStatus.DISCONNECTED:
        return None
    if connection.refresh_expires_at is not None or connection.vendor in _RENEWED_WITHOUT_END:
        return connection.refresh_expires_at
    return connection.expires_at


def look_of(connection: Connection, gaps: Sequence[SyncRun], moment: datetime) -> StatusLook:
    """The state of an account; `gaps` are the windows that could not be read."""
    if connection.status is ConnectionStatus.DISCONNECTED:
        return DISCONNECTED
    end = sign_in_end(connection)
    if connection.status is ConnectionStatus.EXPIRED or (end is not None and end <= moment):
        return ENDED
    if end is not None and end - moment <= ENDS_SOON:
        return SOON
    return FAILING if gaps else CONNECTED


def deadlines(connection: Connection, runs: Sequence[SyncRun]) -> list[Deadline]:
    """The streams that a platform forgets and that were read before, first the one that is lost first."""
    found = []
    for stream in streams_of(connection.vendor):
        beat, read = rhythm(connection.vendor, stream), _read_through(stream, runs)
        if beat.lost_after is not None and read is not None:
            found.append(Deadline(beat, read, read + beat.lost_after))
    return sorted(found, key=lambda deadline: deadline.at)


def _read_through(stream: Stream, runs: Sequence[SyncRun]) -> datetime | None:
    return max((r.until for r in runs if r.stream == stream.value and r.status is SyncStatus.DONE), default=None)
