"""OAuth 2.0 with an authorization code (RFC 6749, PKCE of RFC 7636), as most platforms speak it.

A subclass says what its platform does otherwise. No token endpoint makes anything public, so its calls may be repeated.
"""

from __future__ import annotations

import base64
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from connectors.answers import Classifier
from connectors.credentials import CredentialHolder
from connectors.endpoints import endpoints
from connectors.http import Effect, VendorClient
from connectors.readings import number
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import AuthExpired, Transient

SIGN_IN = "sign-in"
"""Stands for the account in errors while it is not known yet."""


def s256(verifier: str) -> str:
    """The code challenge of RFC 7636, section 4.2."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class CodeFlow(ABC):
    """Implements `models.ports.Authorizer` but for `accounts`."""

    vendor: Vendor
    scopes: tuple[str, ...]
    classify: Classifier
    id_name = "client_id"
    scope_separator = " "
    refresh_end = "refresh_token_expires_in"
    """The field of a token answer with the seconds until the refresh token ends."""
    not_renewable = "the platform gave no token to renew the access with"
    headers: Mapping[str, str] = {}
    extra: Mapping[str, str] = {}
    """Further parameters of the sign-in page."""

    def __init__(
        self, client_id: str, client_secret: str, sandbox_url: str | None, transport: httpx.BaseTransport | None
    ) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.where = endpoints(self.vendor, sandbox_url=sandbox_url)
        self._transport = transport

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        asked = {
            "response_type": "code", self.id_name: self.client_id, "redirect_uri": redirect_uri,
            "scope": self.scope_separator.join(self.scopes), "state": state, **self.extra,
        }  # fmt: skip
        if (challenge := self.challenge(verifier)) is not None:
            asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
        return f"{self.where['authorize']}?{urlencode(asked, quote_via=quote)}"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Credential:
        """Raises `AuthExpired` for a code that is used or too old."""
        proof = {} if self.challenge(verifier) is None else {"code_verifier": verifier}
        return self._granted(grant_type="authorization_code", code=code, redirect_uri=redirect_uri, **proof)

    def refresh(self, credential: Credential) -> Credential:
        if not credential.refresh_token:
            raise AuthExpired(
                self.vendor.label, account=SIGN_IN, cause=self.not_renewable, next_step="reconnect the account"
            )
        return credential.renewed(self._granted(grant_type="refresh_token", refresh_token=credential.refresh_token))

    @abstractmethod
    def accounts(self, credential: Credential) -> list[ConnectedAccount]: ...

    def challenge(self, verifier: str) -> str | None:
        """The PKCE challenge, None where the platform takes none."""
        return s256(verifier)

    def prove(self, form: dict[str, str], request_headers: dict[str, str]) -> None:
        """Adds the app's id and secret to a call of the token endpoint."""
        form |= {self.id_name: self.client_id, "client_secret": self.client_secret}

    def client(self, credential: Credential) -> VendorClient:
        """Calls in the name of whoever signed in."""
        return self._client(credential)

    def _granted(self, **form: str) -> Credential:
        request_headers: dict[str, str] = {}
        self.prove(form, request_headers)
        now = datetime.now(UTC)
        with closing(self._client(None)) as client:
            answer = client.json(
                "POST", self.where["token"], effect=Effect.STAGE, authorized=False, data=form, headers=request_headers
            )
            try:
                return credential_of(answer, now, refresh_end=self.refresh_end)
            except ValueError as problem:
                raise client.error(Transient, f"the answer holds no token ({problem})", "sign in again") from None

    def _client(self, credential: Credential | None) -> VendorClient:
        return VendorClient(
            self.vendor, SIGN_IN, classify=self.classify,
            authorize=CredentialHolder(credential).bear if credential else lambda _: None,
            headers=self.headers, transport=self._transport,
        )  # fmt: skip


def credential_of(answer: object, now: datetime, *, refresh_end: str = CodeFlow.refresh_end) -> Credential:
    """The credential in a token answer; lifetimes are seconds from `now`. Raises `ValueError` where there is none."""
    if not isinstance(answer, dict):
        raise ValueError("it is no JSON object")
    token, scope = answer.get("access_token"), answer.get("scope")
    if not isinstance(token, str) or not token:
        raise ValueError("it lacks access_token")
    return Credential(
        access_token=token,
        refresh_token=str(answer.get("refresh_token") or "") or None,
        expires_at=_end(answer.get("expires_in"), now),
        refresh_expires_at=_end(answer.get(refresh_end), now),
        scopes=tuple(str(scope or "").replace(",", " ").split())
        if not isinstance(scope, list)
        else tuple(map(str, scope)),
    )


def _end(value: Any, now: datetime) -> datetime | None:
    """Seconds as an instant; some vendors write them as text."""
    seconds = float(value) if isinstance(value, str) and value.isdigit() else number(value)
    return None if not seconds else now + timedelta(seconds=seconds)
