"""Google's sign-in for YouTube: code flow with PKCE, access for about an hour, a refresh token that Google sends once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.endpoints import endpoints
from connectors.http import Effect, VendorClient
from connectors.social.youtube.errors import classify
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import AuthExpired, PermissionMissing, Transient
from models.ports import Authorizer

SCOPES = tuple(
    f"https://www.googleapis.com/auth/{name}"
    for name in ("youtube.upload", "youtube.readonly", "youtube.force-ssl", "yt-analytics.readonly")
)


class GoogleAuthorizer:
    """Grants access to YouTube channels. `accounts` lists the channel of the Google account that signed in."""

    vendor = Vendor.YOUTUBE
    scopes = SCOPES

    def __init__(
        self, client_id: str, client_secret: str, sandbox_url: str | None, transport: httpx.BaseTransport | None
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._where = endpoints(Vendor.YOUTUBE, sandbox_url=sandbox_url)
        self._transport = transport

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
        }
        return f"{self._where['authorize']}?{urlencode(asked)}"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Credential:
        """Raises `AuthExpired` for a code that is used or too old."""
        return self._granted(
            grant_type="authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier
        )

    def refresh(self, credential: Credential) -> Credential:
        client = self._client(None)
        if not credential.refresh_token:
            raise client.error(AuthExpired, "Google gave no refresh token", "reconnect the account")
        return credential.renewed(self._granted(grant_type="refresh_token", refresh_token=credential.refresh_token))

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        client = self._client(credential)
        try:
            page = client.json(
                "GET", f"{self._where['api']}/channels", effect=Effect.READ, params={"part": "snippet", "mine": "true"}
            )
            found = [
                ConnectedAccount(item["id"], item["snippet"]["title"], credential, "channel")
                for item in page.get("items", [])
            ]
        except (KeyError, TypeError, AttributeError):
            raise client.error(Transient, "the list of channels could not be read", "try again") from None
        finally:
            client.close()
        if not found:
            raise client.error(PermissionMissing, "the Google account has no YouTube channel", "make a channel first")
        return found

    def _granted(self, **form: str) -> Credential:
        client = self._client(None)
        try:
            answer = client.json(
                "POST",
                self._where["token"],
                effect=Effect.STAGE,
                authorized=False,
                data={"client_id": self._client_id, "client_secret": self._client_secret, **form},
            )
        finally:
            client.close()
        try:
            return read_credential(answer)
        except (KeyError, TypeError, ValueError):
            raise client.error(Transient, "the answer to the sign-in held no token", "try again") from None

    def _client(self, credential: Credential | None) -> VendorClient:
        def authorize(request: httpx.Request) -> None:
            if credential is not None:
                request.headers["Authorization"] = f"Bearer {credential.access_token}"

        return VendorClient(
            Vendor.YOUTUBE, "sign-in", classify=classify, authorize=authorize, transport=self._transport
        )


def read_credential(answer: Mapping[str, Any]) -> Credential:
    """The credential in a token answer; `scope` is a text with spaces or a list. Raises `KeyError`, `TypeError`, `ValueError`."""
    token = answer["access_token"]
    if not isinstance(token, str) or not token:
        raise ValueError("no access token")
    scope = answer.get("scope") or ()
    lifetime = answer.get("expires_in")
    return Credential(
        access_token=token,
        refresh_token=answer.get("refresh_token") or None,
        expires_at=None if lifetime is None else datetime.now(UTC) + timedelta(seconds=float(lifetime)),
        scopes=tuple(scope.split() if isinstance(scope, str) else scope),
    )


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> Authorizer:
    return GoogleAuthorizer(client_id, client_secret, sandbox_url, transport)
