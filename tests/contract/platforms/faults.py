"""One fault, one connector, one post or one reading: what comes of it, told by the sandbox's own ledger.

Publishing follows the rules of the outbox (`models.services.delivery`) in small: an error that proves that nothing
happened leads to another attempt, an unknown outcome to a look at the account, and only proven absence to sending again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from connectors.circuits import breaker
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox
from models.domain.connection import ConnectedAccount, Vendor
from models.domain.content import ContentRecord, Observation, Record
from models.domain.publishing import OutgoingPost, Presence, Published
from models.errors import OutcomeUnknown, VendorError
from models.ports import Connector, Stream
from tests.contract.platforms.kit import MemoryPhases, connect, image, video
from tests.contract.platforms.mail_kit import newsletter

TIMEOUT = httpx.Timeout(0.6)
DELAY_SECONDS = 0.9
ATTEMPTS = 4


class ArmedPhases(MemoryPhases):
    """Sets the fault in the moment before the irreversible call, so that it strikes exactly that one."""

    def __init__(self, sandbox: RunningSandbox, fault: Fault) -> None:
        super().__init__()
        self._sandbox = sandbox
        self._fault: Fault | None = fault

    def sending(self) -> None:
        super().sending()
        if self._fault is not None:
            self._sandbox.world.faults.add(self._fault)
            self._fault = None


@dataclass(frozen=True)
class Outcome:
    """How a publication under a fault ended, in words, and how often the sandbox saw it happen."""

    words: str
    happened: int


def post_for(vendor: Vendor, account: ConnectedAccount, key: str, folder: Path, media_url: str) -> OutgoingPost:
    """A post of the kind that the vendor's phases are made for, with content that no other post has."""
    post = OutgoingPost(
        key=key, vendor=vendor, account_id=account.account_id, text=f"Mending day, number {key}. #repair"
    )
    folder.mkdir(parents=True, exist_ok=True)
    match vendor:
        case Vendor.INSTAGRAM:
            picture = image(folder / f"{key}.jpg", url=f"{media_url}/{key}.jpg")
            return replace(post, media=(picture,))
        case Vendor.TIKTOK:
            return replace(post, media=(video(folder / f"{key}.mp4"),))
        case Vendor.YOUTUBE:
            return replace(post, title=f"Mending day {key}", media=(video(folder / f"{key}.mp4"),))
        case Vendor.MAILCHIMP | Vendor.BREVO | Vendor.SENDGRID:
            return replace(newsletter(vendor, key), account_id=account.account_id)
        case _:
            return post


def publish_under(
    sandbox: RunningSandbox, vendor: Vendor, account: ConnectedAccount, post: OutgoingPost, kind: FaultKind
) -> Outcome:
    """Publishes with a fault on the irreversible call, until it is sent, refused or left to a person."""
    breaker.cache_clear()
    world = sandbox.world
    world.faults.clear()
    before = len(world.ledger.of(vendor, "publish", "send"))
    phases = ArmedPhases(sandbox, Fault(kind, vendor=vendor, seconds=DELAY_SECONDS))
    started = world.clock.now() - timedelta(minutes=1)
    told: list[str] = []
    for _ in range(ATTEMPTS):
        connector = _connector(sandbox, vendor, account)
        try:
            sent = connector.publish(post, phases)
        except OutcomeUnknown:
            told.append("unknown")
            if kind is FaultKind.DELAY_BEFORE:
                time.sleep(DELAY_SECONDS)  # the lag that is waited for is longer than the server's delay
            world.advance(connector.visibility_lag + timedelta(minutes=1))
            finding = connector.find_published(post, phases, since=started)
            told.append(finding.presence.value)
            if finding.presence is Presence.ABSENT:
                continue
            break
        except VendorError as error:
            told.append(type(error).__name__)
        else:
            told.append("sent" if isinstance(sent, Published) else "?")
            break
    world.faults.clear()
    happened = len(world.ledger.of(vendor, "publish", "send")) - before
    return Outcome(" → ".join(told), happened)


def read_under(
    sandbox: RunningSandbox,
    vendor: Vendor,
    account: ConnectedAccount,
    stream: Stream,
    kind: FaultKind,
    *,
    since: datetime,
    until: datetime,
) -> tuple[str, list[Record]]:
    """Reads a stream whose first call fails; a typed error is followed by one more reading, as the next run does."""
    breaker.cache_clear()
    connector = _connector(sandbox, vendor, account)
    sandbox.world.faults.clear()
    sandbox.world.faults.add(Fault(kind, vendor=vendor, seconds=DELAY_SECONDS))
    words = "whole"
    try:
        records = list(connector.collect(stream, since=since, until=until))
    except VendorError as error:
        words = f"{type(error).__name__}, whole at the next run"
        records = list(_connector(sandbox, vendor, account).collect(stream, since=since, until=until))
    sandbox.world.faults.clear()
    return words, records


def numbers(records: Iterable[Record]) -> Mapping[tuple[str, str, str], float | None]:
    """(entity, metric, end of period) → value, of every observation."""
    return {
        (record.entity_id, record.metric, record.period_end.isoformat()): record.value
        for record in records
        if isinstance(record, Observation)
    }


def posts(records: Iterable[Record]) -> set[str]:
    return {record.entity_id for record in records if isinstance(record, ContentRecord)}


def _connector(sandbox: RunningSandbox, vendor: Vendor, account: ConnectedAccount) -> Connector:
    return connect(sandbox, vendor, account, timeout=TIMEOUT)
