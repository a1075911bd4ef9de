"""Sign-in with X: OAuth 2.0 authorization code with PKCE (S256); refresh tokens are used once and replaced.

A code is valid for 30 seconds and once. After a refresh the old refresh token is worthless: the answer must be stored
before anything else is done.
"""

from __future__ import annotations

import base64
from contextlib import closing
from urllib.parse import quote

import httpx

from connectors.http import Effect
from connectors.social.oauth import CodeFlow
from connectors.social.x.errors import classify
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import Transient


class XAuthorizer(CodeFlow):
    """With a secret the app is a confidential client and signs in by HTTP Basic at the token address."""

    vendor = Vendor.X
    scopes = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
    """`offline.access` is what brings a refresh token (X docs, OAuth 2.0 with PKCE)."""
    classify = staticmethod(classify)
    not_renewable = "it was connected without permission to stay signed in"

    def prove(self, form: dict[str, str], request_headers: dict[str, str]) -> None:
        if self.client_secret:
            pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
            request_headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = self.client_id

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The one account that signed in."""
        with closing(self.client(credential)) as client:
            found = client.json("GET", self.where["api"] + "/2/users/me", effect=Effect.READ)
            user = found.get("data") if isinstance(found, dict) else None
            if not isinstance(user, dict) or not user.get("id"):
                raise client.error(Transient, "X did not say who signed in", "try again")
        name = f"@{user['username']}" if user.get("username") else str(user.get("name") or user["id"])
        return [ConnectedAccount(str(user["id"]), name, credential)]


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> XAuthorizer:
    """X's authorizer; `client_secret` may be empty for a public client."""
    return XAuthorizer(client_id, client_secret, sandbox_url, transport)
