"""Access to Instagram professional accounts through the Facebook pages they belong to."""

from __future__ import annotations

import httpx

from connectors.social.meta.authorizer import MetaAuthorizer
from models.domain.connection import Vendor

SCOPES = (
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_insights",
    "pages_show_list",
    "pages_read_engagement",
)
"""Media; publishing; insights; the pages that the accounts belong to (Instagram API with Facebook Login)."""


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> MetaAuthorizer:
    return MetaAuthorizer(Vendor.INSTAGRAM, SCOPES, client_id, client_secret, sandbox_url, transport=transport)
