"""What goes out, and how far it has come.

    queued → claimed (lease) → sending (committed before the call) → sent
                 ↘ queued again, or failed                ↘ unknown → sent | queued (absence proven) | a person decides
On restart every `sending` row whose lease ran out is `unknown`. Nothing is sent twice: an `unknown` row is only sent again
when the post was absent from the platform twice, each time after its visibility lag, the second time just before sending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.domain.connection import Vendor


class MediaKind(StrEnum):
    IMAGE = "image"
    GIF = "gif"
    VIDEO = "video"
    DOCUMENT = "document"
    AUDIO = "audio"
    """A recording; no platform takes one as it is."""


@dataclass(frozen=True)
class Media:
    """One file of a post. `path` is the local file; `url` is where a platform can download it, None when nowhere.

    Pixels, seconds and bytes; None where it does not apply. `sha256` is of the file's bytes.
    """

    kind: MediaKind
    path: str
    content_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    alt_text: str = ""
    url: str | None = None


@dataclass(frozen=True)
class OutgoingPost:
    """Exactly what was approved, ready for one account. `key` is the outbox key and the same at every attempt.

    `title` is the YouTube title or the mail's subject; `options` are vendor settings a person chose (privacy, list, sender).
    """

    key: str
    vendor: Vendor
    account_id: str
    text: str
    title: str = ""
    link: str | None = None
    media: tuple[Media, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Why a post cannot go out as it is. `field` is text, title, link, media or an option; `limit` cites its source."""

    field: str
    message: str
    source: str = ""


@dataclass(frozen=True)
class Published:
    """What the platform said: its id of the post, the public address when it gives one, and when."""

    post_id: str
    url: str | None = None
    published_at: datetime | None = None


class Presence(StrEnum):
    FOUND = "found"
    ABSENT = "absent"
    """Everything in the window was read and the post is not there."""
    UNCERTAIN = "uncertain"
    """The platform could not be read, or not far enough back, or more than one post matches."""


@dataclass(frozen=True)
class Finding:
    """The answer to "did it go out?". `published` is set exactly when found; `evidence` says in words how it was told."""

    presence: Presence
    evidence: str
    published: Published | None = None


class OutboxStatus(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class OutboxItem:
    """One approved post on its way to one account. `phases` is what earlier attempts finished, see `ports.Phases`.

    `fence` counts claims: a worker whose fence is no longer the row's may not write. `sending_since` is the first time that
    the post may have gone out; it is None again once it is proven that it did not. `looks` counts the times that nobody could
    tell.
    """

    key: str
    workspace_id: str
    draft_id: str
    connection_id: str
    vendor: Vendor
    version: int
    content_hash: str
    due_at: datetime
    status: OutboxStatus
    fence: int
    attempts: int
    created_at: datetime
    lease_until: datetime | None = None
    sending_since: datetime | None = None
    not_before: datetime | None = None
    finished_at: datetime | None = None
    phases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    post_id: str | None = None
    url: str | None = None
    message: str = ""
    looks: int = 0


@dataclass(frozen=True)
class PublishStep:
    """One line of an outbox item's log: what became of it, by which worker, in one sentence. Append-only."""

    key: str
    at: datetime
    worker: str
    fence: int
    status: OutboxStatus
    message: str
