"""Lists that are none, and lists without an end, on every platform that can list what was published.

An answer of status 200 that says nothing must not look like an empty account: a post of unknown outcome would count as
proven absent, and go out twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.circuits import breaker
from connectors.credentials import CredentialHolder
from connectors.factory import make_connector
from models.domain.connection import Connection, ConnectionStatus, Credential, Vendor
from models.domain.publishing import OutgoingPost, Presence
from models.errors import VendorError
from models.ports import Connector, Stream
from tests.contract.platforms.kit import MemoryPhases

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=3)
ROW_AT = NOW - timedelta(days=1)
MILLISECONDS = int(ROW_AT.timestamp() * 1000)


@dataclass(frozen=True)
class Listing:
    """How a vendor lists: the field that holds its rows, what else an answer of it has, and a page that names itself as next."""

    vendor: Vendor
    rows: str
    around: dict[str, Any]
    circle: dict[str, Any]

    def document(self, body: dict[str, Any]) -> dict[str, Any]:
        """An answer in the vendor's envelope."""
        if self.vendor is Vendor.TIKTOK:
            return {"data": body, "error": {"code": "ok"}}
        return body


LISTINGS = [
    Listing(
        Vendor.FACEBOOK, "data", {},
        {"data": [], "paging": {"next": "https://graph.facebook.com/v25.0/1/published_posts?after=A"}}),
    Listing(
        Vendor.INSTAGRAM, "data", {},
        {"data": [], "paging": {"next": "https://graph.facebook.com/v25.0/1/media?after=A"}}),
    Listing(
        Vendor.LINKEDIN, "elements", {"paging": {"start": 0, "count": 90}},
        {"elements": [{"id": f"urn:li:share:{n}", "publishedAt": MILLISECONDS} for n in range(90)]}),
    Listing(
        Vendor.X, "data", {"meta": {"result_count": 3}},
        {"data": [{"id": "1", "text": "x", "created_at": ROW_AT.isoformat()}], "meta": {"next_token": "A"}}),
    Listing(
        Vendor.TIKTOK, "videos", {"has_more": False},
        {"videos": [{"id": "1", "create_time": MILLISECONDS // 1000}], "has_more": True, "cursor": MILLISECONDS}),
    Listing(
        Vendor.YOUTUBE, "items", {"kind": "youtube#somethingElse"},
        {"kind": "youtube#playlistItemListResponse", "items": [], "nextPageToken": "A"}),
    Listing(
        Vendor.MAILCHIMP, "campaigns", {"total_items": 4},
        {"campaigns": [{"id": "1", "status": "save"}] * 1_000, "reports": [{"id": "1"}] * 1_000}),
    Listing(
        Vendor.BREVO, "campaigns", {"count": 4},
        {"campaigns": [{"id": 1, "status": "draft"}] * 100, "count": 9_999}),
    Listing(
        Vendor.SENDGRID, "result", {},
        {"result": [{"id": "1", "status": "draft"}],
         "_metadata": {"next": "https://api.sendgrid.com/v3/marketing/singlesends?page_token=A"}}),
]  # fmt: skip
IDS = [listing.vendor.value for listing in LISTINGS]


def answering(listing: Listing, body: dict[str, Any]) -> Connector:
    """A connector of the vendor to which every call but YouTube's for the channel is answered the same."""
    breaker.cache_clear()

    def answer(request: httpx.Request) -> httpx.Response:
        assert len(asked) < 60, "a list without an end was followed without an end"
        asked.append(str(request.url))
        if request.url.path.endswith("/channels"):
            row = {"id": "1", "contentDetails": {"relatedPlaylists": {"uploads": "UU1"}}}
            return httpx.Response(200, json={"kind": "youtube#channelListResponse", "items": [row]})
        return httpx.Response(200, content=json.dumps(listing.document(body)).encode())

    asked: list[str] = []
    connection = Connection(
        id="c", workspace_id="w", vendor=listing.vendor, account_id="1", account_name="Account",
        status=ConnectionStatus.CONNECTED, sandbox=False, scopes=(), created_at=NOW,
    )  # fmt: skip
    holder = CredentialHolder(Credential("a-key-us1", extra={"dc": "us1"}))
    return make_connector(connection, holder, transport=httpx.MockTransport(answer), sleep=lambda _: None)


def looked_for(vendor: Vendor) -> OutgoingPost:
    return OutgoingPost("k" * 64, vendor, "1", "Looked for", title="Looked for")


@pytest.mark.parametrize("broken", ["missing", "null", "object"])
@pytest.mark.parametrize("listing", LISTINGS, ids=IDS)
def test_a_list_that_is_none_proves_no_absence_and_is_no_empty_reading(listing: Listing, broken: str) -> None:
    spoilt: dict[str, Callable[[], dict[str, Any]]] = {
        "missing": dict, "null": lambda: {listing.rows: None}, "object": lambda: {listing.rows: {}},
    }  # fmt: skip
    connector = answering(listing, {**listing.around, **spoilt[broken]()})
    finding = connector.find_published(looked_for(listing.vendor), MemoryPhases(), since=SINCE)
    assert finding.presence is Presence.UNCERTAIN
    with pytest.raises(VendorError):
        list(connector.collect(Stream.POSTS, since=SINCE, until=NOW))


@pytest.mark.parametrize("listing", LISTINGS, ids=IDS)
def test_a_list_without_an_end_ends_with_an_error(listing: Listing) -> None:
    connector = answering(listing, listing.circle)
    finding = connector.find_published(looked_for(listing.vendor), MemoryPhases(), since=SINCE)
    assert finding.presence is Presence.UNCERTAIN
    with pytest.raises(VendorError):
        list(connector.collect(Stream.POSTS, since=SINCE, until=NOW))
