"""Meta's login: code → short token → long-lived token (60 days) → the pages' own tokens.

There are no refresh tokens. The long-lived user token stands in their place in an account's credential: while it is valid
it is exchanged for a fresh one, and the page's token is read anew with it. Pages' tokens have no end of their own.
PKCE is documented for Meta's OpenID tokens only, so the code is protected by the app's secret and `state`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.endpoints import endpoints
from connectors.http import Effect, VendorClient
from connectors.social.meta.errors import classify
from connectors.social.meta.graph import Page, read_page, walk
from connectors.social.oauth import SIGN_IN, credential_of
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import AuthExpired, InvalidInput, Transient

_FIELDS = {
    Vendor.FACEBOOK: "id,name,access_token",
    Vendor.INSTAGRAM: "id,name,access_token,instagram_business_account{id,username,name}",
}
_RECONNECT = "reconnect the account"


class MetaAuthorizer:
    """Grants access to Facebook Pages, or to the Instagram accounts that belong to pages."""

    def __init__(
        self,
        vendor: Vendor,
        scopes: tuple[str, ...],
        client_id: str,
        client_secret: str,
        sandbox_url: str | None,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.vendor = vendor
        self.scopes = scopes
        self._client_id = client_id
        self._secret = client_secret
        self._where = endpoints(vendor, sandbox_url=sandbox_url)
        self._transport = transport

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        if not self._client_id:
            raise InvalidInput(f"{self.vendor.label} needs the id of your app: set it in the settings, then connect.")
        asked = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "scope": ",".join(self.scopes),
            "response_type": "code",
        }
        return f"{self._where['authorize']}?{urlencode(asked)}"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Credential:
        """The person's long-lived credential, with the scopes that were really granted."""
        short = self._token(code=code, redirect_uri=redirect_uri)
        return self._with_scopes(self._long_lived(short.access_token))

    def refresh(self, credential: Credential) -> Credential:
        """A fresh user token, and the page's token read with it where the credential is a page's."""
        user = self._long_lived(credential.refresh_token or credential.access_token)
        page_id = credential.extra.get("page_id")
        if page_id is None:
            return credential.renewed(user)
        for account in self.accounts(user):
            if account.credential.extra.get("page_id") == page_id:
                return credential.renewed(account.credential)
        raise AuthExpired(
            self.vendor.label, account=page_id, cause="the person may no longer act for the page", next_step=_RECONNECT
        )

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The pages, or the professional Instagram accounts of the pages, each with the page's own token."""
        user = _user_credential(credential)
        proof = self._proof(user.access_token)

        def read(following: Mapping[str, str]) -> Page:
            asked = {"fields": _FIELDS[self.vendor], "limit": "100", **proof, **following}
            return read_page(self._client, self._get("me/accounts", user.access_token, asked))

        found: list[ConnectedAccount] = []
        for rows in walk(self._client, read):
            for row in rows:
                account = read_account(self.vendor, row, user)
                if account is not None:
                    extra = {**account.credential.extra, **self._proof(account.credential.access_token)}
                    found.append(_with_extra(account, extra))
        return found

    def _token(self, **asked: str) -> Credential:
        app = {"client_id": self._client_id, "client_secret": self._secret}
        answer = self._get("oauth/access_token", None, {**app, **asked})
        try:
            return credential_of(answer, datetime.now(UTC))
        except ValueError as problem:
            raise self._client.error(Transient, f"the answer holds no token ({problem})", "it is tried again") from None

    def _long_lived(self, token: str) -> Credential:
        return self._token(grant_type="fb_exchange_token", fb_exchange_token=token)

    def _with_scopes(self, credential: Credential) -> Credential:
        app_token = f"{self._client_id}|{self._secret}"
        answer = self._get("debug_token", app_token, {"input_token": credential.access_token})
        return credential.renewed(read_token_info(answer, credential))

    def _get(self, path: str, token: str | None, asked: Mapping[str, str]) -> Any:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self._client.json(
            "GET", f"{self._where['api']}/{path}", effect=Effect.READ, params=asked, headers=headers, authorized=False
        )

    @cached_property
    def _client(self) -> VendorClient:
        """Whose token goes with a call differs from call to call, so the client itself adds none."""
        return VendorClient(
            self.vendor, SIGN_IN, classify=classify, authorize=lambda _: None, transport=self._transport
        )  # fmt: skip

    def _proof(self, token: str) -> dict[str, str]:
        """The call's proof that it comes from the app itself (Graph API, securing requests)."""
        if not self._secret:
            return {}
        return {"appsecret_proof": hmac.new(self._secret.encode(), token.encode(), hashlib.sha256).hexdigest()}


def read_token_info(answer: Any, credential: Credential) -> Credential:
    """The credential with the scopes, and the end of the token, that `debug_token` tells."""
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict) or data.get("is_valid") is not True:
        return credential
    ends = data.get("expires_at")
    until = datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) and ends > 0 else credential.expires_at
    scopes = tuple(str(scope) for scope in data.get("scopes") or ())
    return Credential(credential.access_token, expires_at=until, scopes=scopes)


def read_account(vendor: Vendor, row: Mapping[str, Any], user: Credential) -> ConnectedAccount | None:
    """A row of `/me/accounts`; None for a page without a token or, for Instagram, without a professional account."""
    token, page_id = row.get("access_token"), row.get("id")
    if not isinstance(token, str) or not token or not isinstance(page_id, str):
        return None
    credential = Credential(
        access_token=token, refresh_token=user.access_token, refresh_expires_at=user.expires_at, scopes=user.scopes,
        extra={"page_id": page_id},
    )  # fmt: skip
    if vendor is Vendor.FACEBOOK:
        return ConnectedAccount(page_id, str(row.get("name") or page_id), credential, kind="page")
    linked = row.get("instagram_business_account")
    if not isinstance(linked, dict) or not isinstance(linked.get("id"), str):
        return None
    name = linked.get("name") or linked.get("username") or row.get("name") or linked["id"]
    return ConnectedAccount(linked["id"], str(name), credential, kind="instagram")


def _user_credential(credential: Credential) -> Credential:
    """The person's own token, also from the credential of one of their pages."""
    if credential.refresh_token is None:
        return credential
    return Credential(credential.refresh_token, expires_at=credential.refresh_expires_at, scopes=credential.scopes)


def _with_extra(account: ConnectedAccount, extra: Mapping[str, str]) -> ConnectedAccount:
    return replace(account, credential=replace(account.credential, extra=extra))
