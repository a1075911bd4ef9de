"""How LinkedIn grants access to an organization's page (OAuth 2.0 code flow).

Access tokens live 60 days. Refresh tokens, given to approved partners only, live 365 days from the sign-in: a refresh
gives the same one back with the rest of its life (learn.microsoft.com, programmatic-refresh-tokens).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.endpoints import endpoints
from connectors.http import Effect, VendorClient
from connectors.social.linkedin.api import HEADERS, Api, encoded
from connectors.social.linkedin.errors import classify
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import AuthExpired, PermissionMissing, Transient

SCOPES = ("w_organization_social", "r_organization_social", "rw_organization_admin")


class LinkedInAuthorizer:
    """See `models.ports.Authorizer`. LinkedIn's flow for confidential apps takes no PKCE challenge."""

    vendor = Vendor.LINKEDIN
    scopes = SCOPES

    def __init__(
        self, client_id: str, client_secret: str, sandbox_url: str | None, transport: httpx.BaseTransport | None
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._where = endpoints(Vendor.LINKEDIN, sandbox_url=sandbox_url)
        self._transport = transport

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        query = {
            "response_type": "code", "client_id": self._client_id, "redirect_uri": redirect_uri, "state": state,
            "scope": " ".join(SCOPES),
        }  # fmt: skip
        return f"{self._where['authorize']}?{urlencode(query)}"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Credential:
        return self._token({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri})

    def refresh(self, credential: Credential) -> Credential:
        if not credential.refresh_token:
            raise AuthExpired(
                self.vendor.label,
                account="unnamed",
                cause="the token runs out and LinkedIn gave none to renew it with",
                next_step="reconnect the account; only apps of approved partners are renewed by themselves",
            )
        answer = self._token({"grant_type": "refresh_token", "refresh_token": credential.refresh_token})
        return credential.renewed(answer)

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The organizations whose page the member administers."""
        client = self._client(lambda request: _bear(request, credential))
        api = Api(client, self._where["api"])
        found: list[ConnectedAccount] = []
        try:
            for page in api.elements("/organizationAcls", "q=roleAssignee&role=ADMINISTRATOR&state=APPROVED"):
                for role in page:
                    account_id = str(role.get("organization", "")).rpartition(":")[2]
                    name = organization_name(api.get(f"/organizations/{encoded(account_id)}"), account_id)
                    found.append(ConnectedAccount(account_id, name, credential, "organization"))
        finally:
            client.close()
        if not found:
            raise PermissionMissing(
                self.vendor.label,
                account="unnamed",
                cause="the member administers no organization",
                next_step="sign in as an administrator of the page",
            )
        return found

    def _token(self, form: dict[str, str]) -> Credential:
        client = self._client(lambda request: None)
        try:
            answer = client.json(
                "POST", self._where["token"], effect=Effect.STAGE, authorized=False,
                data={**form, "client_id": self._client_id, "client_secret": self._client_secret},
            )  # fmt: skip
            if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
                raise client.error(Transient, "the answer holds no token", "sign in again")
            return credential_of(answer, datetime.now(UTC))
        finally:
            client.close()

    def _client(self, authorize: Any) -> VendorClient:
        return VendorClient(
            Vendor.LINKEDIN,
            "unnamed",
            classify=classify,
            authorize=authorize,
            headers=HEADERS,
            transport=self._transport,
        )


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> LinkedInAuthorizer:
    return LinkedInAuthorizer(client_id, client_secret, sandbox_url, transport)


def credential_of(answer: dict[str, Any], now: datetime) -> Credential:
    """The credential in a token answer; lifetimes count from `now`."""

    def end(name: str) -> datetime | None:
        seconds = answer.get(name)
        return now + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None

    return Credential(
        access_token=answer["access_token"],
        refresh_token=answer.get("refresh_token") or None,
        expires_at=end("expires_in"),
        refresh_expires_at=end("refresh_token_expires_in"),
        scopes=tuple(str(answer.get("scope") or "").replace(",", " ").split()),
    )


def organization_name(document: dict[str, Any], account_id: str) -> str:
    """The page's name in its own language, its id when LinkedIn gives none."""
    return str(document.get("localizedName") or document.get("vanityName") or account_id)


def _bear(request: httpx.Request, credential: Credential) -> None:
    request.headers["Authorization"] = f"Bearer {credential.access_token}"
