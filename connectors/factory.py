"""Builds connectors and authorizers, for every composition root. A vendor's module is imported when it is first used."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from typing import Any

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import endpoints
from connectors.http import TIMEOUT
from models.domain.connection import Connection, Vendor
from models.domain.social import Platform
from models.errors import InvalidInput
from models.ports import Authorizer, Connector


def make_connector(
    connection: Connection,
    holder: CredentialHolder,
    *,
    sandbox_url: str | None = None,
    transport: httpx.BaseTransport | None = None,
    timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> Connector:
    """The connector of one account. `sandbox_url` is required for, and only used by, sandbox connections."""
    if connection.sandbox and sandbox_url is None:
        raise InvalidInput(
            f"{connection.vendor.label} account {connection.account_name} is a sandbox account and no sandbox is named: "
            "start one with fabric sandbox, or disconnect the account."
        )
    where = endpoints(
        connection.vendor, sandbox_url=sandbox_url if connection.sandbox else None, **holder.credential.extra
    )
    connector: Connector = _module(connection.vendor, "connector").connector(
        connection.account_id, connection.account_name, holder, where, transport=transport, timeout=timeout, sleep=sleep
    )
    return connector


def make_authorizer(
    vendor: Vendor,
    *,
    client_id: str = "",
    client_secret: str = "",
    sandbox_url: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Authorizer:
    """What grants access to a vendor; key-based services need no client id."""
    authorizer: Authorizer = _module(vendor, "authorizer").authorizer(
        client_id, client_secret, sandbox_url, transport=transport
    )
    return authorizer


def _module(vendor: Vendor, part: str) -> Any:
    family = "email" if vendor.platform is Platform.EMAIL else "social"
    return importlib.import_module(f"connectors.{family}.{vendor.value}.{part}")
