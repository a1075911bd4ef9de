"""Access to services that give out keys or passwords instead of a sign-in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import httpx

from connectors.answers import Classifier
from connectors.http import VendorClient
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.errors import AuthExpired, InvalidInput


class KeyAuthorizer(ABC):
    """Implements `models.ports.Authorizer` where there is nothing to sign in to; `accounts` proves the key."""

    scopes: tuple[str, ...] = ()
    where_to_find: str
    """Where a person finds the key in the service's own pages."""

    def __init__(self, vendor: Vendor, sandbox_url: str | None, transport: httpx.BaseTransport | None) -> None:
        self.vendor = vendor
        self.sandbox_url = sandbox_url
        self.transport = transport

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        raise self._no_sign_in()

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Credential:
        raise self._no_sign_in()

    def refresh(self, credential: Credential) -> Credential:
        """Keys do not renew: a refused one must be replaced by a person."""
        raise AuthExpired(
            self.vendor.label, account="(any)", cause="the key is no longer accepted and cannot be renewed",
            next_step=f"make a new one ({self.where_to_find}) and connect the account again",
        )  # fmt: skip

    def client(self, classify: Classifier, headers: Mapping[str, str]) -> VendorClient:
        """A client that proves a key: one account that is not known yet."""
        return VendorClient(
            self.vendor, "(new)", classify=classify, authorize=lambda request: request.headers.update(headers),
            transport=self.transport, attempts=2,
        )  # fmt: skip

    @abstractmethod
    def accounts(self, credential: Credential) -> list[ConnectedAccount]: ...

    def _no_sign_in(self) -> InvalidInput:
        return InvalidInput(
            f"{self.vendor.label} has no sign-in page: connect it with a key from {self.where_to_find}."
        )
