"""Access to SendGrid by API key."""

from __future__ import annotations

import httpx

from connectors.email.keys import KeyAuthorizer
from connectors.email.sendgrid.errors import classify
from connectors.endpoints import endpoints
from connectors.http import Effect
from models.domain.connection import ConnectedAccount, Credential, Vendor


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> KeyAuthorizer:
    return SendGridAuthorizer(Vendor.SENDGRID, sandbox_url, transport)


class SendGridAuthorizer(KeyAuthorizer):
    where_to_find = "Settings → API Keys"

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The one user of the key. Raises `AuthExpired` for a wrong key."""
        where = endpoints(self.vendor, sandbox_url=self.sandbox_url)
        client = self.client(classify, {"Authorization": f"Bearer {credential.access_token}"})
        found = client.json("GET", f"{where['api']}/v3/user/username", effect=Effect.READ)
        return [ConnectedAccount(str(found["user_id"]), str(found["username"]), credential)]
