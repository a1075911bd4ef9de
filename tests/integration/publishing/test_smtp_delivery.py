"""A mail to single recipients through the outbox: whoever has it never gets it again, whatever becomes of the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.credentials import CredentialHolder
from connectors.email.smtp.connector import SmtpConnector, connector
from connectors.endpoints import endpoints
from connectors.sandbox.smtp import PASSWORD, USERNAME, running_smtp
from connectors.sandbox.world import World
from models.domain.connection import Credential, Vendor
from models.domain.publishing import OutboxItem, OutboxStatus, OutgoingPost
from models.domain.workspace import SYSTEM
from models.services import approvals, delivery, outbox
from models.store.database import Store
from models.store.unit_of_work import UnitOfWork
from tests.integration.publishing.platform import SimClock, connect

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
PEOPLE = ("ada@example.org", "bob@example.org", "cem@example.org")


@pytest.fixture
def server() -> Iterator[tuple[World, SmtpConnector]]:
    world = World()
    with running_smtp(world) as (host, port):
        credential = Credential(PASSWORD, extra={"host": host, "port": str(port), "user": USERNAME})
        yield world, connector(
            USERNAME, USERNAME, CredentialHolder(credential), endpoints(Vendor.SMTP, sandbox_url="http://127.0.0.1:1"),
            timeout=httpx.Timeout(2.0), sleep=lambda _seconds: None,
        )  # fmt: skip


def mail_of(uow: UnitOfWork, item: OutboxItem) -> OutgoingPost:
    options = {
        "recipients": ", ".join(PEOPLE), "from_email": "hello@sample-brand.example",
        "unsubscribe_url": "https://sample-brand.example/leave?id={id}",
    }  # fmt: skip
    return OutgoingPost(item.key, Vendor.SMTP, USERNAME, "Repair day on Saturday.", "Repair day", options=options)


def rounds(store: Store, sender: SmtpConnector, clock: SimClock, most: int = 12) -> OutboxItem:
    """Works until the item has ended, moving the clock past every wait."""
    for _ in range(most):
        with store.unit_of_work() as uow:
            outbox.recover(uow, SYSTEM, now=clock())
            for item in outbox.unresolved(uow, SYSTEM, now=clock()):
                delivery.resolve(store.unit_of_work, item, sender, post_of=mail_of, now=clock, worker="w-1")
        with store.unit_of_work() as uow:
            claimed = outbox.claim_next(uow, SYSTEM, worker="w-1", now=clock())
        if claimed is not None:
            delivery.deliver(store.unit_of_work, claimed, sender, post_of=mail_of, now=clock, worker="w-1")
        with store.unit_of_work() as uow:
            (item,) = outbox.list_outbox(uow, SYSTEM, "natgeo")
        if item.status in (OutboxStatus.SENT, OutboxStatus.FAILED):
            return item
        clock.advance(timedelta(hours=2))
    return item


@pytest.fixture
def clock(store: Store, brand: Any, make_draft: Any, now: Any) -> SimClock:
    connect(store, "natgeo", "mail", now, vendor=Vendor.FACEBOOK)
    with store.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
    # The connector says when to come back by the wall clock, so the outbox's clock may not lie behind it.
    return SimClock(max(brand.entry.slot_at, datetime.now(UTC)))


def received(world: World) -> Counter[str]:
    return Counter(entry.detail["recipient"] for entry in world.ledger.of(Vendor.SMTP, "send"))


def test_those_put_off_are_tried_again_and_the_others_are_left_alone(
    store: Store, server: tuple[World, SmtpConnector], clock: SimClock
) -> None:
    world, sender = server
    world.objects(Vendor.SMTP, "refuse")[PEOPLE[1]] = {"answer": "451 4.7.1 Greylisted", "times": 1}
    item = rounds(store, sender, clock)
    assert item.status is OutboxStatus.SENT, item.message
    assert received(world) == Counter(PEOPLE)


def test_one_who_is_put_off_for_ever_ends_it_and_nobody_gets_it_twice(
    store: Store, server: tuple[World, SmtpConnector], clock: SimClock
) -> None:
    world, sender = server
    world.objects(Vendor.SMTP, "refuse")[PEOPLE[2]] = {"answer": "451 4.7.1 Greylisted", "times": 99}
    item = rounds(store, sender, clock)
    assert item.status is OutboxStatus.SENT, item.message
    assert received(world) == Counter(PEOPLE[:2])


def test_a_connection_that_breaks_before_the_message_costs_nobody_a_second_one(
    store: Store, server: tuple[World, SmtpConnector], clock: SimClock
) -> None:
    world, sender = server
    world.objects(Vendor.SMTP, "drop")[PEOPLE[1]] = {"when": "before", "times": 20}
    item = rounds(store, sender, clock)
    assert received(world)[PEOPLE[0]] == 1
    assert max(received(world).values()) == 1
    assert item.status is not OutboxStatus.FAILED, item.message
