"""How LinkedIn grants access to an organization's page (OAuth 2.0 code flow).

Access tokens live 60 days. Refresh tokens, given to approved partners only, live 365 days from the sign-in: a refresh
gives the same one back with the rest of its life (learn.microsoft.com, programmatic-refresh-tokens).
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import httpx

from connectors.social.linkedin.api import HEADERS, Api, encoded
from connectors.social.linkedin.errors import classify
from connectors.social.oauth import CodeFlow
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import PermissionMissing


class LinkedInAuthorizer(CodeFlow):
    """LinkedIn's flow for confidential apps takes no PKCE challenge."""

    vendor = Vendor.LINKEDIN
    scopes = ("w_organization_social", "r_organization_social", "rw_organization_admin")
    classify = staticmethod(classify)
    headers = HEADERS
    not_renewable = "LinkedIn gave no token to renew the access with, as it does for apps of approved partners only"

    def challenge(self, verifier: str) -> None:
        return None

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The organizations whose page the member administers."""
        found: list[ConnectedAccount] = []
        with closing(self.client(credential)) as client:
            api = Api(client, self.where["api"])
            for page in api.elements("/organizationAcls", "q=roleAssignee&role=ADMINISTRATOR&state=APPROVED"):
                for role in page:
                    account_id = str(role.get("organization", "")).rpartition(":")[2]
                    name = organization_name(api.get(f"/organizations/{encoded(account_id)}"), account_id)
                    found.append(ConnectedAccount(account_id, name, credential, "organization"))
            if not found:
                raise client.error(
                    PermissionMissing,
                    "the member administers no organization",
                    "sign in as an administrator of the page",
                )
        return found


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> LinkedInAuthorizer:
    return LinkedInAuthorizer(client_id, client_secret, sandbox_url, transport)


def organization_name(document: dict[str, Any], account_id: str) -> str:
    """The page's name in its own language, its id when LinkedIn gives none."""
    return str(document.get("localizedName") or document.get("vanityName") or account_id)
