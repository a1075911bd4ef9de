"""OAuth of the sandbox: codes, tokens that carry their own facts, rotation and revocation.

A token is `<kind>.<vendor>.<subject>.<issued>.<lifetime>.<number>.<signature>`, so a restarted sandbox still knows those it
gave out. Refresh tokens may be single-use (X), codes always are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.sandbox.clock import Clock
from models.domain.connection import Vendor


class TokenState(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Grant:
    """What an authorization code stands for."""

    vendor: Vendor
    client_id: str
    redirect_uri: str
    challenge: str
    scopes: tuple[str, ...]
    issued_at: datetime


class Tokens:
    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._key = f"sandbox-{seed}".encode()
        self._numbers = itertools.count(1)
        self._codes: dict[str, Grant] = {}
        self.revoked: set[str] = set()

    def code(
        self, vendor: Vendor, *, client_id: str, redirect_uri: str, challenge: str, scopes: tuple[str, ...]
    ) -> str:
        """A one-time authorization code."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = Grant(vendor, client_id, redirect_uri, challenge, scopes, self._clock.now())
        return code

    def redeem(self, code: str, *, redirect_uri: str, lifetime: timedelta = timedelta(minutes=10)) -> Grant | None:
        """The grant of a code, once; None when it is unknown, used, too old or for another redirect address."""
        grant = self._codes.pop(code, None)
        if grant is None or grant.redirect_uri != redirect_uri or self._clock.now() - grant.issued_at > lifetime:
            return None
        return grant

    def issue(self, vendor: Vendor, kind: str, subject: str, lifetime: timedelta | None) -> str:
        """A token of a `kind` (access, refresh, page …) for a subject (an account id); a lifetime of None has no end."""
        seconds = 0 if lifetime is None else int(lifetime.total_seconds())
        issued = int(self._clock.now().timestamp())
        nonce = f"{next(self._numbers)}{secrets.token_hex(3)}"
        body = ".".join([kind, vendor.value, subject.replace(".", "~"), str(issued), str(seconds), nonce])
        return f"{body}.{self._sign(body)}"

    def check(self, vendor: Vendor, token: str, kind: str = "access") -> tuple[TokenState, str]:
        """(state, subject) of a token; the subject is empty unless it was issued here for this vendor and kind."""
        body, _, signature = token.rpartition(".")
        parts = body.split(".")
        if len(parts) != 6 or not hmac.compare_digest(signature, self._sign(body)) or parts[:2] != [kind, vendor.value]:
            return TokenState.UNKNOWN, ""
        subject = parts[2].replace("~", ".")
        if token in self.revoked:
            return TokenState.REVOKED, subject
        issued, seconds = int(parts[3]), int(parts[4])
        if seconds and self._clock.now().timestamp() >= issued + seconds:
            return TokenState.EXPIRED, subject
        return TokenState.VALID, subject

    def _sign(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()[:24]


def challenge_of(verifier: str, *, hexadecimal: bool = False) -> str:
    """The S256 code challenge (RFC 7636, section 4.2); TikTok writes the digest in hexadecimal."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return digest.hex() if hexadecimal else base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
