"""How TikTok grants access to a creator's account (OAuth 2.0 code flow with PKCE).

The client id is called `client_key`, scopes are parted by commas, and the code challenge is the SHA-256 in hexadecimal,
not in base64url. Access tokens live 24 hours, refresh tokens 365 days; a refresh may give a new one
(developers.tiktok.com, oauth-user-access-token-management).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.endpoints import endpoints
from connectors.http import Effect, VendorClient
from connectors.social.tiktok.api import Api
from connectors.social.tiktok.errors import classify
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import AuthExpired, Transient

SCOPES = ("user.info.basic", "user.info.stats", "video.list", "video.publish", "video.upload")
ACCOUNT_FIELDS = ("open_id", "union_id", "display_name")


class TikTokAuthorizer:
    """See `models.ports.Authorizer`."""

    vendor = Vendor.TIKTOK
    scopes = SCOPES

    def __init__(
        self, client_key: str, client_secret: str, sandbox_url: str | None, transport: httpx.BaseTransport | None
    ) -> None:
        self._client_key = client_key
        self._client_secret = client_secret
        self._where = endpoints(Vendor.TIKTOK, sandbox_url=sandbox_url)
        self._transport = transport

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        query = {
            "client_key": self._client_key, "response_type": "code", "scope": ",".join(SCOPES),
            "redirect_uri": redirect_uri, "state": state, "code_challenge": code_challenge(verifier),
            "code_challenge_method": "S256",
        }  # fmt: skip
        return f"{self._where['authorize']}?{urlencode(query)}"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Credential:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        return self._token(form)

    def refresh(self, credential: Credential) -> Credential:
        if not credential.refresh_token:
            raise AuthExpired(
                self.vendor.label,
                account="unnamed",
                cause="there is no token to renew the access with",
                next_step="reconnect the account",
            )
        answer = self._token({"grant_type": "refresh_token", "refresh_token": credential.refresh_token})
        return credential.renewed(answer)

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The one creator who signed in."""

        def bear(request: httpx.Request) -> None:
            request.headers["Authorization"] = f"Bearer {credential.access_token}"

        client = self._client(bear)
        try:
            data = Api(client, self._where["api"]).get("/user/info/", ACCOUNT_FIELDS)
            return [account_of(data, credential, client)]
        finally:
            client.close()

    def _token(self, form: dict[str, str]) -> Credential:
        client = self._client(lambda request: None)
        try:
            answer = client.json(
                "POST", self._where["token"], effect=Effect.STAGE, authorized=False,
                data={**form, "client_key": self._client_key, "client_secret": self._client_secret},
            )  # fmt: skip
            if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
                raise client.error(Transient, "the answer holds no token", "sign in again")
            return credential_of(answer, datetime.now(UTC))
        finally:
            client.close()

    def _client(self, authorize: Callable[[httpx.Request], None]) -> VendorClient:
        return VendorClient(Vendor.TIKTOK, "unnamed", classify=classify, authorize=authorize, transport=self._transport)


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> TikTokAuthorizer:
    return TikTokAuthorizer(client_id, client_secret, sandbox_url, transport)


def code_challenge(verifier: str) -> str:
    """TikTok's S256 challenge: the digest in hexadecimal."""
    return hashlib.sha256(verifier.encode()).hexdigest()


def credential_of(answer: dict[str, Any], now: datetime) -> Credential:
    """The credential in a token answer; lifetimes count from `now`."""

    def end(name: str) -> datetime | None:
        seconds = answer.get(name)
        return now + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None

    return Credential(
        access_token=answer["access_token"],
        refresh_token=answer.get("refresh_token") or None,
        expires_at=end("expires_in"),
        refresh_expires_at=end("refresh_expires_in"),
        scopes=tuple(part for part in str(answer.get("scope") or "").split(",") if part),
    )


def account_of(data: dict[str, Any], credential: Credential, client: VendorClient) -> ConnectedAccount:
    """The account in the answer of `user/info`."""
    user = data.get("user")
    if not isinstance(user, dict) or not user.get("open_id"):
        raise client.error(Transient, "the answer names no account", "sign in again")
    open_id = str(user["open_id"])
    return ConnectedAccount(open_id, str(user.get("display_name") or open_id), credential, "creator")
