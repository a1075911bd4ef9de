"""One connection to a mail server, and what it says about one message for one recipient.

A broken connection is told apart by when it broke: before the server had the message, nothing can have happened; after,
nobody knows.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType

from models.domain.connection import Credential
from models.errors import AuthExpired, InvalidInput, Rejected, Transient, VendorError

LOOPBACK = ("127.0.0.1", "::1", "localhost")
IMPLICIT_TLS = 465
_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")


class Fate(StrEnum):
    """What became of a message for one recipient."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    """Put off (4xx): nothing happened, a later attempt may succeed."""
    REFUSED = "refused"
    """For good (5xx)."""
    UNKNOWN = "unknown"
    """The connection broke after the message was handed over."""
    BROKEN = "broken"
    """The connection broke before: nothing happened."""


@dataclass(frozen=True)
class Reply:
    """A server's word. `code` is `250`, `enhanced` the code of RFC 3463 such as `5.1.1` where it is told."""

    fate: Fate
    code: str = ""
    enhanced: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.fate.value, self.code, self.enhanced) if part)


@dataclass(frozen=True)
class Server:
    """Where and as whom to send. `context` overrides the system's trust for servers with their own certificate."""

    host: str
    port: int
    username: str
    password: str
    timeout: float
    context: ssl.SSLContext | None = None


def server_of(credential: Credential, *, timeout: float, context: ssl.SSLContext | None, sandbox: bool) -> Server:
    """The server of a credential: `host`, `port` and `user` are its extra values, the token is the password."""
    host, port = credential.extra.get("host", ""), credential.extra.get("port", "587")
    if not host or not port.isdigit():
        raise InvalidInput("A mail server needs a host and a port number: connect the account again.")
    if sandbox and host not in LOOPBACK:
        raise InvalidInput(f"A sandbox account sends to this machine only and not to {host}.")
    return Server(host, int(port), credential.extra.get("user", ""), credential.access_token, timeout, context)


class Session:
    """An open, authenticated connection; a context manager. Raises a `VendorError` of `account` when it cannot be had."""

    def __init__(self, server: Server, account: str) -> None:
        self._server = server
        self._account = account
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Session:
        self.ready()
        return self

    def ready(self) -> None:
        """Opens the connection where it is closed."""
        if self._smtp is not None:
            return
        try:
            self._open()
        except smtplib.SMTPAuthenticationError as error:
            self.close()
            raise self._error(
                AuthExpired if error.smtp_code == 535 else Transient,
                f"the server refused the user name and password ({error.smtp_code})", "connect the account again",
                str(error.smtp_code),
            ) from None  # fmt: skip
        except ssl.SSLError as error:
            self.close()
            raise self._error(
                Rejected, f"the server's certificate is not trusted ({error.reason or 'TLS failed'})",
                "correct the host name or the server's certificate", "tls",
            ) from None  # fmt: skip
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise self._error(
                Transient, f"no connection to {self._server.host}:{self._server.port} ({type(error).__name__})",
                "it is tried again", None,
            ) from None  # fmt: skip
        except VendorError:
            self.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def deliver(self, sender: str, recipient: str, content: bytes) -> Reply:
        """Hands one message over for one recipient; after `BROKEN`, `UNKNOWN` or a 421 the connection is closed."""
        if self._smtp is None:
            return Reply(Fate.BROKEN)
        try:
            for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
                code, words = self._smtp.docmd(command)
                if code not in (250, 251, 354):
                    self._after(code)
                    return _reply(code, words)
        except (smtplib.SMTPException, OSError):
            self.close()
            return Reply(Fate.BROKEN)
        try:
            self._smtp.send(_stuffed(content))
            code, words = self._smtp.getreply()
        except (smtplib.SMTPException, OSError):
            self.close()
            return Reply(Fate.UNKNOWN)
        if not (200 <= code < 300 or 400 <= code < 600):
            self.close()  # no answer that means anything: the server has the message, and nobody knows what it did
            return Reply(Fate.UNKNOWN)
        if code != 250:
            self._after(code)
        return _reply(code, words)

    def _after(self, code: int) -> None:
        """Clears a refused transaction, or the connection when the server is about to close it."""
        if self._smtp is None:
            return
        if code in (421, -1):
            self.close()
            return
        try:
            self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _open(self) -> None:
        server = self._server
        context = server.context or ssl.create_default_context()
        if server.port == IMPLICIT_TLS:
            self._smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
            safe = True
        else:
            self._smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
            safe = server.host in LOOPBACK
        self._smtp.ehlo()
        if server.port != IMPLICIT_TLS and self._smtp.has_extn("starttls"):
            self._smtp.starttls(context=context)
            self._smtp.ehlo()
            safe = True
        if not server.username:
            return
        if not safe:
            raise self._error(
                Rejected, f"{server.host} offers no encryption, so the password is not sent to it",
                "use a port with TLS", "tls",
            )  # fmt: skip
        self._smtp.login(server.username, server.password)

    def _error(self, kind: type[VendorError], cause: str, next_step: str, code: str | None) -> VendorError:
        return kind("SMTP", account=self._account, cause=cause, next_step=next_step, code=code)


def _reply(code: int, words: bytes) -> Reply:
    fate = Fate.ACCEPTED if 200 <= code < 300 else Fate.DEFERRED if code < 500 else Fate.REFUSED
    found = _ENHANCED.match(words.decode("ascii", "replace"))
    return Reply(fate, str(code), found[1] if found else "")


def _stuffed(content: bytes) -> bytes:
    """The message with CRLF line ends, leading dots doubled and the closing dot (RFC 5321 section 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    stuffed = re.sub(rb"(?m)^\.", b"..", lines)
    return stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n"
