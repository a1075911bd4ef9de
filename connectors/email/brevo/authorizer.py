"""Access to Brevo by API key."""

from __future__ import annotations

import httpx

from connectors.email.brevo.errors import classify
from connectors.email.keys import KeyAuthorizer
from connectors.endpoints import endpoints
from connectors.http import Effect
from models.domain.connection import ConnectedAccount, Credential, Vendor


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> KeyAuthorizer:
    return BrevoAuthorizer(Vendor.BREVO, sandbox_url, transport)


class BrevoAuthorizer(KeyAuthorizer):
    where_to_find = "Settings → SMTP & API → API keys"

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The one organization of the key. Raises `AuthExpired` for a wrong key."""
        where = endpoints(self.vendor, sandbox_url=self.sandbox_url)
        client = self.client(classify, {"api-key": credential.access_token})
        found = client.json("GET", f"{where['api']}/account", effect=Effect.READ)
        account_id = str(found.get("organization_id") or found["email"])
        return [ConnectedAccount(account_id, str(found.get("companyName") or found["email"]), credential)]
