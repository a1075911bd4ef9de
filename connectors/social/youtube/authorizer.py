"""Google's sign-in for YouTube: code flow with PKCE, access for about an hour, a refresh token that Google sends once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

import httpx

from connectors.http import Effect
from connectors.social.oauth import CodeFlow
from connectors.social.youtube.errors import classify
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import PermissionMissing, Transient


class GoogleAuthorizer(CodeFlow):
    """Grants access to YouTube channels. `accounts` lists the channel of the Google account that signed in."""

    vendor = Vendor.YOUTUBE
    scopes = tuple(
        f"https://www.googleapis.com/auth/{name}"
        for name in ("youtube.upload", "youtube.readonly", "youtube.force-ssl", "yt-analytics.readonly")
    )
    classify = staticmethod(classify)
    extra: Mapping[str, str] = {"access_type": "offline", "prompt": "consent"}
    not_renewable = "Google gave no refresh token"

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        with closing(self.client(credential)) as client:
            page = client.json(
                "GET", f"{self.where['api']}/channels", effect=Effect.READ, params={"part": "snippet", "mine": "true"}
            )
            try:
                found = [
                    ConnectedAccount(item["id"], item["snippet"]["title"], credential, "channel")
                    for item in page.get("items", [])
                ]
            except (KeyError, TypeError, AttributeError):
                raise client.error(Transient, "the list of channels could not be read", "try again") from None
            if not found:
                raise client.error(
                    PermissionMissing, "the Google account has no YouTube channel", "make a channel first"
                )
        return found


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> GoogleAuthorizer:
    return GoogleAuthorizer(client_id, client_secret, sandbox_url, transport)
