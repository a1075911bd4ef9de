"""Sign-ins whose answers are not what they should be: they cost an attempt and never the connection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.factory import make_authorizer
from connectors.social.oauth import credential_of
from models.domain.connection import Credential, Vendor
from models.errors import AuthExpired, Transient

VENDORS = [Vendor.FACEBOOK, Vendor.INSTAGRAM, Vendor.LINKEDIN, Vendor.X, Vendor.TIKTOK, Vendor.YOUTUBE]
HELD = Credential("old-access-token", "old-refresh-token", extra={"page_id": "1"})


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"access_token": ""}', '{"access_token": 7}'])
@pytest.mark.parametrize("vendor", VENDORS)
def test_a_renewal_without_a_token_is_tried_again(vendor: Vendor, body: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    authorizer = make_authorizer(vendor, client_id="id", client_secret="app-secret", transport=transport)
    with pytest.raises(Transient, match="token"):
        authorizer.refresh(HELD)


@pytest.mark.parametrize("vendor", [Vendor.FACEBOOK, Vendor.INSTAGRAM])
def test_a_list_of_pages_that_cannot_be_read_does_not_end_a_page_connection(vendor: Vendor) -> None:
    """Before, an unreadable list was an empty one, and the connection was called expired."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={} if "accounts" in request.url.path else {"access_token": "fresh-token"})

    authorizer = make_authorizer(
        vendor, client_id="id", client_secret="app-secret", transport=httpx.MockTransport(answer)
    )
    with pytest.raises(Transient):
        authorizer.refresh(HELD)


def test_without_a_refresh_token_a_person_must_sign_in() -> None:
    for vendor in (Vendor.LINKEDIN, Vendor.X, Vendor.TIKTOK, Vendor.YOUTUBE):
        with pytest.raises(AuthExpired):
            make_authorizer(vendor, client_id="id", client_secret="app-secret").refresh(Credential("only-access"))


@pytest.mark.parametrize(
    ("told", "seconds"), [(3_600, 3_600), ("3600", 3_600), (1.5, 1.5), (None, None), ("soon", None), (True, None)]
)
def test_lifetimes_are_counted_from_the_call(told: object, seconds: float | None) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    credential = credential_of({"access_token": "t", "expires_in": told, "scope": "a,b c"}, now)
    assert credential.expires_at == (None if seconds is None else now + timedelta(seconds=seconds))
    assert credential.scopes == ("a", "b", "c")
