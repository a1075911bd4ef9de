"""Accounts on platforms and mail services, and what is needed to act for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from models.domain.social import Platform


class Vendor(StrEnum):
    """A service that FABRIC talks to. Several mail services are one platform, e-mail."""

    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    LINKEDIN = "linkedin"
    X = "x"
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    MAILCHIMP = "mailchimp"
    BREVO = "brevo"
    SENDGRID = "sendgrid"
    SMTP = "smtp"

    @property
    def platform(self) -> Platform:
        return _MAIL.get(self) or Platform(self.value)

    @property
    def label(self) -> str:
        return _LABELS.get(self, self.platform.label)


_LABELS = {
    Vendor.MAILCHIMP: "Mailchimp",
    Vendor.BREVO: "Brevo",
    Vendor.SENDGRID: "SendGrid",
    Vendor.SMTP: "SMTP",
}
_MAIL = dict.fromkeys(_LABELS, Platform.EMAIL)


class ConnectionStatus(StrEnum):
    CONNECTED = "connected"
    EXPIRED = "expired"
    """The token ran out or was revoked: a person must reconnect."""
    DISCONNECTED = "disconnected"
    """Ended by a person; the credential is deleted, the history stays."""


@dataclass(frozen=True)
class Credential:
    """What proves that FABRIC may act for an account. Its text never shows a secret.

    `access_token` is the API key or password for services without OAuth. `extra` holds what else a vendor needs (a
    data centre, a user name, a host). Instants are UTC; None means that the vendor states no end.
    """

    access_token: str
    refresh_token: str | None = None
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Credential(expires_at={self.expires_at!r}, scopes={self.scopes!r})"

    def expires_within(self, margin: timedelta, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at - now <= margin

    def renewed(self, answer: Credential) -> Credential:
        """The credential after a refresh: what the vendor left out or sent empty keeps its old value."""
        return replace(
            answer,
            refresh_token=answer.refresh_token or self.refresh_token,
            refresh_expires_at=answer.refresh_expires_at or self.refresh_expires_at,
            scopes=answer.scopes or self.scopes,
            extra={**self.extra, **answer.extra},
        )


@dataclass(frozen=True)
class ConnectedAccount:
    """One account that a credential gives access to, with the credential to use for it (a page has its own token)."""

    account_id: str
    name: str
    credential: Credential
    kind: str = "account"


@dataclass(frozen=True)
class Connection:
    """A workspace's link to one account. The credential is stored apart, encrypted.

    `quota` is what the vendor last said about its limits, as shown on the Connections page, e.g.
    `{"calls": "4,812 of 5,000 left until 14:00"}`. `synced_through` is the end of what has been collected without a gap.
    `options` are the vendor settings that a person chose for what goes out here (privacy, list, sender).
    """

    id: str
    workspace_id: str
    vendor: Vendor
    account_id: str
    account_name: str
    status: ConnectionStatus
    sandbox: bool
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    synced_through: datetime | None = None
    last_sync_at: datetime | None = None
    message: str = ""
    quota: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


class SyncStatus(StrEnum):
    DONE = "done"
    PARTIAL = "partial"
    """Some streams or metrics were refused; the rest was stored."""
    FAILED = "failed"
    LOST = "lost"
    """No attempt: nobody read the window in time and the vendor no longer tells it. No later run closes it."""


@dataclass(frozen=True)
class SyncRun:
    """One attempt to collect one stream of a connection over `[since, until)`; a failed one is a recorded gap."""

    id: str
    connection_id: str
    workspace_id: str
    stream: str
    since: datetime
    until: datetime
    started_at: datetime
    finished_at: datetime
    status: SyncStatus
    contents: int
    observations: int
    rejections: int
    message: str = ""
