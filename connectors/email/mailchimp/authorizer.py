"""Access to Mailchimp by API key; the data centre is the key's ending (`…-us1`)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import httpx

from connectors.email.keys import KeyAuthorizer
from connectors.email.mailchimp.errors import classify
from connectors.endpoints import endpoints
from connectors.http import Effect
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import InvalidInput


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> KeyAuthorizer:
    return MailchimpAuthorizer(Vendor.MAILCHIMP, sandbox_url, transport)


class MailchimpAuthorizer(KeyAuthorizer):
    where_to_find = "Account → Extras → API keys"

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The one account of the key. Raises `InvalidInput` for a key without a data centre, `AuthExpired` for a wrong one."""
        centre = credential.extra.get("dc") or credential.access_token.rpartition("-")[2]
        if not centre.isalnum() or "-" not in credential.access_token:
            raise InvalidInput("This is no whole Mailchimp key: it ends in a hyphen and a data centre, such as -us1.")
        complete = replace(credential, extra={**credential.extra, "dc": centre})
        where = endpoints(self.vendor, sandbox_url=self.sandbox_url, dc=centre)
        client = self.client(classify, {"Authorization": basic(complete.access_token)})
        found = client.json("GET", where["api"] + "/", effect=Effect.READ, params={"fields": "account_id,account_name"})
        return [ConnectedAccount(str(found["account_id"]), str(found["account_name"]), complete, kind="audience")]


def basic(key: str) -> str:
    """The Authorization header of a key, as the password of any user."""
    return "Basic " + b64encode(f"fabric:{key}".encode()).decode()
