"""Access to Facebook Pages."""

from __future__ import annotations

import httpx

from connectors.social.meta.authorizer import MetaAuthorizer
from models.domain.connection import Vendor

SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_posts",
    "read_insights",
)
"""Listing pages; reading posts; counts of comments; publishing; insights (Pages API, permissions)."""


def authorizer(
    client_id: str, client_secret: str, sandbox_url: str | None, *, transport: httpx.BaseTransport | None = None
) -> MetaAuthorizer:
    return MetaAuthorizer(Vendor.FACEBOOK, SCOPES, client_id, client_secret, sandbox_url, transport=transport)
