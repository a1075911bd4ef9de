"""A mail server of the sandbox: AUTH, per-recipient answers, and connections that break at the worst moment.

What it accepts is in the ledger (one `send` per recipient) and in `world.objects(SMTP, "mail")`. Faults are data:

    world.objects(SMTP, "refuse")[address]     = {"answer": "451 4.7.1 Greylisted", "times": 1}
    world.objects(SMTP, "drop")[address]       = {"when": "after" | "before", "times": 1}

`before` breaks the connection when the message has come and is thrown away, `after` when it is kept and not confirmed.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connectors.sandbox.mail_campaigns import KEYS
from connectors.sandbox.world import World
from models.domain.connection import Vendor

USERNAME = "hello@sample-brand.example"
PASSWORD = KEYS[Vendor.SMTP]
MAX_BYTES = 10 * 1024 * 1024


class _Mailbox:
    """aiosmtpd's handler: answers by recipient, keeps what it accepts."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        refusal = self._world.objects(Vendor.SMTP, "refuse").get(address)
        if refusal is not None and refusal.get("times", 1) > 0:
            refusal["times"] = refusal.get("times", 1) - 1
            return str(refusal["answer"])
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        drops = self._world.objects(Vendor.SMTP, "drop")
        drop = next((drops[to] for to in envelope.rcpt_tos if to in drops and drops[to].get("times", 1) > 0), None)
        if drop is not None:
            drop["times"] = drop.get("times", 1) - 1
        if drop is None or drop["when"] == "after":
            self._keep(envelope)
        if drop is not None and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 2.0.0 Ok: queued"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        message = email.message_from_bytes(content, policy=email.policy.default)
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        for address in envelope.rcpt_tos:
            message_id = str(message["Message-ID"])
            self._world.objects(Vendor.SMTP, "mail")[f"{len(self._world.objects(Vendor.SMTP, 'mail'))}"] = {
                "to": address, "from": envelope.mail_from, "raw": content.decode("utf-8", "replace"),
            }  # fmt: skip
            self._world.record(
                Vendor.SMTP,
                USERNAME,
                "send",
                message_id,
                f"{message['Subject']}\n{text}\nto {address}",
                recipient=address,
            )


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """`handled=False` makes the server itself answer 535; otherwise the client would wait for ever."""
    known = LoginPassword(USERNAME.encode(), PASSWORD.encode())
    return AuthResult(success=isinstance(data, LoginPassword) and data == known, handled=False)


@contextmanager
def running_smtp(world: World, *, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, int]]:
    """(host, port) of a mail server on loopback; offers STARTTLS when it is given a context."""
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        chosen = int(bound.getsockname()[1])
    warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS", UserWarning)
    controller = Controller(
        _Mailbox(world), hostname="127.0.0.1", port=chosen, authenticator=_authenticate, auth_required=True,
        auth_require_tls=False, tls_context=tls, require_starttls=tls is not None, data_size_limit=MAX_BYTES,
        server_hostname="sandbox.example",
    )  # fmt: skip
    controller.start()
    try:
        yield "127.0.0.1", chosen
    finally:
        controller.stop()
