"""Competitors' public Instagram content, read with the workspace's own connected account."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.competitors.collector import SourceReport
from connectors.competitors.conditional import Outcome
from connectors.competitors.state import SourceState
from models.domain.brand import Competitor, WatchedSource
from models.domain.connection import Connection, Vendor
from models.domain.content import Batch, ContentRecord, Observation, Record
from models.errors import FabricError, NotFound
from orchestration.resources import Stores

_PROFILE = re.compile(r"^https?://(?:www\.)?instagram\.com/([A-Za-z0-9._]{1,30})/?$")
_BACKFILL = timedelta(days=180)
_TRAILING = timedelta(days=30)
"""Posts younger than this are read again, so that their counts are known at equal ages."""
SOURCE = "competitor_instagram"


def profile_of(url: str) -> str | None:
    """The user name of an Instagram profile's address, None for any other address."""
    found = _PROFILE.match(url)
    return found[1] if found else None


def discover(stores: Stores, source: WatchedSource, competitor: Competitor, username: str) -> SourceReport:
    """Lands the profile's followers and posts. Raises `NotFound` without a connected Instagram account of the workspace."""
    own = _own_account(stores, source.workspace_id)
    now = stores.vendor_now(own)
    since = source.last_read_at - _TRAILING if source.last_read_at else now - _BACKFILL
    counted = {"contents": 0, "observations": 0}

    def records() -> Iterator[Record]:
        for record in stores.discovery(own).records(username, since=since, until=now):
            if isinstance(record, ContentRecord | Observation):
                counted["contents" if isinstance(record, ContentRecord) else "observations"] += 1
                yield replace(record, account_name=competitor.name)

    key = "\n".join((source.workspace_id, source.url, since.isoformat(), now.isoformat()))
    batch = Batch(
        source.workspace_id, SOURCE, hashlib.sha256(key.encode()).hexdigest(), now, source.url, records()
    )  # fmt: skip
    try:
        landed = stores.landing.land(batch, max(stores.now(), now))
    except FabricError as error:
        return SourceReport(source.id, Outcome.FAILED, SourceState(), notes=(str(error),))
    return SourceReport(
        source.id, Outcome.FRESH, SourceState(), contents=counted["contents"], observations=counted["observations"],
        batch=landed,
    )  # fmt: skip


def reading_time(stores: Stores, workspace_id: str) -> datetime:
    """The time by which an Instagram profile is read: that of the account that reads it."""
    return stores.vendor_now(_own_account(stores, workspace_id))


def _own_account(stores: Stores, workspace_id: str) -> Connection:
    for connection in stores.connected(workspace_id):
        if connection.vendor is Vendor.INSTAGRAM:
            return connection
    raise NotFound(
        "An Instagram profile is read with an own account: connect one with fabric connect instagram "
        f"--workspace {workspace_id}."
    )
