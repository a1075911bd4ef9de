"""Sign-in with X: OAuth 2.0 authorization code with PKCE (S256); refresh tokens are used once and replaced."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import quote, urlencode

import httpx

from connectors.endpoints import endpoints
from connectors.http import Effect, VendorClient
from connectors.social.x.errors import classify
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import AuthExpired, Transient

SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
"""`offline.access` is what brings a refresh token (X docs, OAuth 2.0 with PKCE)."""


class XAuthorizer:
    """Grants by one app at X; with a secret it is a confidential client and signs in by HTTP Basic at the token address."""

    vendor = Vendor.X
    scopes = SCOPES

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        sandbox_url: str | None,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._client_id = client_id
        self._secret = client_secret
        self._where = endpoints(Vendor.X, sandbox_url=sandbox_url)
        self._given = transport

    @cached_property
    def _transport(self) -> httpx.BaseTransport:
        return self._given or httpx.HTTPTransport(trust_env=False)

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """The code it leads to is valid for 30 seconds and once."""
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{self._where['authorize']}?{urlencode(asked, quote_via=quote)}"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Credential:
        return self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
        )

    def refresh(self, credential: Credential) -> Credential:
        """The old refresh token is worthless afterwards: the answer must be stored before anything else is done."""
        if not credential.refresh_token:
            raise self._client("(refresh)", self._sign).error(
                AuthExpired, "it was connected without permission to stay signed in", "connect the account again"
            )
        asked = {"grant_type": "refresh_token", "refresh_token": credential.refresh_token}
        return credential.renewed(self._token(asked))

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The one account that signed in."""

        def authorize(request: httpx.Request) -> None:
            request.headers["Authorization"] = f"Bearer {credential.access_token}"

        client = self._client("(signing in)", authorize)
        found = client.json("GET", self._where["api"] + "/2/users/me", effect=Effect.READ)
        user = found.get("data") if isinstance(found, dict) else None
        if not isinstance(user, dict) or not user.get("id"):
            raise client.error(Transient, "X did not say who signed in", "try again")
        name = f"@{user['username']}" if user.get("username") else str(user.get("name") or user["id"])
        return [ConnectedAccount(str(user["id"]), name, credential)]

    def _token(self, asked: dict[str, str]) -> Credential:
        client = self._client("(signing in)", self._sign)
        form = asked if self._secret else {**asked, "client_id": self._client_id}
        now = datetime.now(UTC)
        found = client.json("POST", self._where["token"], effect=Effect.STAGE, data=form)
        if not isinstance(found, dict) or not found.get("access_token"):
            raise client.error(Transient, "the answer held no token", "connect the account again")
        seconds = found.get("expires_in")
        return Credential(
            access_token=str(found["access_token"]),
            refresh_token=found.get("refresh_token") or None,
            expires_at=now + timedelta(seconds=int(seconds)) if isinstance(seconds, int | float) else None,
            scopes=tuple(str(found.get("scope") or "").split()),
        )

    def _sign(self, request: httpx.Request) -> None:
        if self._secret:
            pair = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
            request.headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()

    def _client(self, account: str, authorize: Callable[[httpx.Request], None]) -> VendorClient:
        return VendorClient(Vendor.X, account, classify=classify, authorize=authorize, transport=self._transport)


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> XAuthorizer:
    """X's authorizer; `client_secret` may be empty for a public client."""
    return XAuthorizer(client_id, client_secret, sandbox_url, transport=transport)
