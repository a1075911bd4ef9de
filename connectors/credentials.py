"""The credential that a connector works with while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx

from models.domain.connection import Credential
from models.errors import AuthExpired

MARGIN = timedelta(minutes=5)
Renew = Callable[[Credential], Credential]
"""Exchanges a credential for a fresh one and stores it, or gives what another process stored meanwhile."""


class CredentialHolder:
    """Hands out the newest token. Thread-safe; renews at most once at a time.

    `renew` is the service that refreshes under the connection's lock, None for credentials that cannot be renewed.
    """

    def __init__(self, credential: Credential, renew: Renew | None = None) -> None:
        self._credential = credential
        self._renew = renew
        self._lock = threading.Lock()

    @property
    def credential(self) -> Credential:
        return self._credential

    def token(self) -> str:
        """The access token, renewed first when it runs out within five minutes."""
        if self._renew is not None and self._credential.expires_within(MARGIN, datetime.now(UTC)):
            self.renew()
        return self._credential.access_token

    def bear(self, request: httpx.Request) -> None:
        """Adds the token to a request. For `VendorClient(authorize=…)`."""
        request.headers["Authorization"] = f"Bearer {self.token()}"

    def renew(self) -> bool:
        """Replaces the credential; False when it cannot be. For `VendorClient(renew=…)`, after a refused token."""
        if self._renew is None:
            return False
        before = self._credential
        with self._lock:
            if self._credential is before:
                try:
                    self._credential = self._renew(before)
                except AuthExpired:
                    return False
        return self._credential.access_token != before.access_token
