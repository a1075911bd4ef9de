"""Access to a mail server by user name and password."""

from __future__ import annotations

import ssl

import httpx

from connectors.email.keys import KeyAuthorizer
from connectors.email.smtp.session import Session, server_of
from models.domain.connection import ConnectedAccount, Credential, Vendor

TIMEOUT_SECONDS = 15.0


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> KeyAuthorizer:
    return SmtpAuthorizer(Vendor.SMTP, sandbox_url, transport)


class SmtpAuthorizer(KeyAuthorizer):
    where_to_find = "your mail provider's settings for sending"
    context: ssl.SSLContext | None = None

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """Signs in and out again. Raises `AuthExpired` for a wrong password, `Transient` without a connection."""
        server = server_of(
            credential, timeout=TIMEOUT_SECONDS, context=self.context, sandbox=self.sandbox_url is not None
        )
        name = server.username if "@" in server.username else f"{server.username or 'anonymous'}@{server.host}"
        with Session(server, name):
            return [ConnectedAccount(name, name, credential, kind="mailbox")]
