"""What the tests of the mail services share: accounts by key, a newsletter, and campaigns read back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.email.campaign import CampaignConnector
from connectors.factory import make_authorizer
from connectors.sandbox.mail_campaigns import KEYS, LISTS, Campaigns
from connectors.sandbox.server import RunningSandbox
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.domain.content import ContentRecord, Observation, Record
from models.domain.publishing import OutgoingPost
from models.ports import Stream
from tests.contract.platforms.kit import connect

TEXT = "Bring your zip, keep your jacket.\n\nRepair day: Saturday & Sunday at the workshop.\nhttps://sample-brand.example/repair"
SHARED = Path(__file__).resolve().parents[3].parent / "shared"


def mail_account(sandbox: RunningSandbox, vendor: Vendor, key: str | None = None) -> ConnectedAccount:
    """The account of the sandbox's key."""
    authorizer = make_authorizer(vendor, sandbox_url=sandbox.url)
    return authorizer.accounts(Credential(key or KEYS[vendor]))[0]


def mail_connector(sandbox: RunningSandbox, vendor: Vendor, **options: Any) -> CampaignConnector:
    found = connect(sandbox, vendor, mail_account(sandbox, vendor), **options)
    assert isinstance(found, CampaignConnector)
    return found


def newsletter(vendor: Vendor, key: str, **changes: Any) -> OutgoingPost:
    """A mail that every service accepts; `options` are added to its own, None takes one away."""
    options = {
        "list_id": LISTS[vendor], "from_name": "Sample Brand", "from_email": "hello@sample-brand.example",
        "reply_to": "hello@sample-brand.example", "preheader": "Saturday at the workshop",
        "suppression_group_id": "14", **changes.pop("options", {}),
    }  # fmt: skip
    post = OutgoingPost(
        key=(key * 64)[:64], vendor=vendor, account_id="sandbox", text=TEXT, title=f"Free zipper repair ({key})",
        options={name: value for name, value in options.items() if value is not None},
    )  # fmt: skip
    return replace(post, **changes)


def sends(sandbox: RunningSandbox, vendor: Vendor, campaign_id: str | None = None) -> int:
    """How often the ledger says that a campaign (or any) was sent."""
    entries = sandbox.world.ledger.of(vendor, "send")
    return sum(1 for entry in entries if campaign_id in (None, entry.subject_id))


def truth(sandbox: RunningSandbox, vendor: Vendor) -> Campaigns:
    """The service's campaigns as drawn, read beside the server: the history is the same in every reading."""
    return Campaigns(sandbox.world, vendor)


def split(records: Iterable[Record]) -> tuple[dict[str, ContentRecord], dict[tuple[str, str], Observation]]:
    """Content by id, and observations by (entity, metric)."""
    contents: dict[str, ContentRecord] = {}
    observed: dict[tuple[str, str], Observation] = {}
    for record in records:
        if isinstance(record, ContentRecord):
            contents[record.entity_id] = record
        elif isinstance(record, Observation):
            observed[(record.entity_id, record.metric)] = record
    return contents, observed


def posts_of(
    connector: CampaignConnector, until: datetime, days: float = 60
) -> tuple[dict[str, ContentRecord], dict[tuple[str, str], Observation]]:
    return split(connector.collect(Stream.POSTS, since=until - timedelta(days=days), until=until))


def payloads(vendor: Vendor) -> list[Path]:
    """The recorded answers of a vendor; skips where they are absent."""
    folder = SHARED / "payloads" / vendor.value
    if not folder.is_dir():
        pytest.skip("../shared is absent")
    return sorted(folder.glob("*.json"))
