"""How TikTok grants access to a creator's account (OAuth 2.0 code flow with PKCE).

The client id is called `client_key`, scopes are parted by commas, and the code challenge is the SHA-256 in hexadecimal,
not in base64url. Access tokens live 24 hours, refresh tokens 365 days; a refresh may give a new one
(developers.tiktok.com, oauth-user-access-token-management).
"""

from __future__ import annotations

import hashlib
from contextlib import closing

import httpx

from connectors.social.oauth import CodeFlow
from connectors.social.tiktok.api import Api
from connectors.social.tiktok.errors import classify
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import Transient

_FIELDS = ("open_id", "union_id", "display_name")


class TikTokAuthorizer(CodeFlow):
    vendor = Vendor.TIKTOK
    scopes = ("user.info.basic", "user.info.stats", "video.list", "video.publish", "video.upload")
    classify = staticmethod(classify)
    id_name = "client_key"
    scope_separator = ","
    refresh_end = "refresh_expires_in"

    def challenge(self, verifier: str) -> str:
        return code_challenge(verifier)

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The one creator who signed in."""
        with closing(self.client(credential)) as client:
            user = Api(client, self.where["api"]).get("/user/info/", _FIELDS).get("user")
            if not isinstance(user, dict) or not user.get("open_id"):
                raise client.error(Transient, "the answer names no account", "sign in again")
        open_id = str(user["open_id"])
        return [ConnectedAccount(open_id, str(user.get("display_name") or open_id), credential, "creator")]


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> TikTokAuthorizer:
    return TikTokAuthorizer(client_id, client_secret, sandbox_url, transport)


def code_challenge(verifier: str) -> str:
    """TikTok's S256 challenge: the digest in hexadecimal."""
    return hashlib.sha256(verifier.encode()).hexdigest()
