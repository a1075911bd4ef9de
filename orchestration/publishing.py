"""The publishing worker: sends what is approved and due, and finds out what became of what is unknown."""

from __future__ import annotations

import os
import socket
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from models.domain.connection import ConnectionStatus
from models.domain.publishing import OutboxItem, OutboxStatus, OutgoingPost
from models.domain.workspace import SYSTEM
from models.errors import FabricError
from models.ports import Connector
from models.services import connections, delivery, outbox
from models.store.unit_of_work import UnitOfWork
from orchestration.progress import Log, silent
from orchestration.resources import Stores


@dataclass
class PublishReport:
    """What one drain did: items by the status they ended with, and one sentence for each."""

    ended: Counter[OutboxStatus] = field(default_factory=Counter)
    sentences: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Mapping[str, int]:
        return {status.value: count for status, count in sorted(self.ended.items())}


_MOVING = (OutboxStatus.QUEUED, OutboxStatus.CLAIMED, OutboxStatus.SENDING)


def anything_due(stores: Stores) -> bool:
    """Whether a drain would have something to do on a connected account; reads the store only."""
    now = stores.now()
    with stores.open_store() as store, store.unit_of_work() as uow:
        if outbox.unresolved(uow, SYSTEM, now=now):
            return True
        for workspace in stores.workspaces():
            connected = {
                connection.id
                for connection in connections.list_connections(uow, SYSTEM, workspace.id)
                if connection.status is ConnectionStatus.CONNECTED
            }
            for item in outbox.list_outbox(uow, SYSTEM, workspace.id, statuses=_MOVING):
                moments = (item.due_at, item.not_before, item.lease_until)
                stopped = item.status is not OutboxStatus.QUEUED
                if (stopped or item.connection_id in connected) and max(filter(None, moments)) <= now:
                    return True
    return False


def drain(stores: Stores, *, log: Log = silent) -> PublishReport:
    """Publishes every item that is due, one after the other, after taking over what stopped workers left.

    Several workers may drain at once: no two get the same item. A failure of one item never stops the others.
    """
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"
    report = PublishReport()
    with stores.open_store() as store, stores.media_files() as files_for:

        def post_of(uow: UnitOfWork, item: OutboxItem) -> OutgoingPost:
            connection = connections.get_connection(uow, SYSTEM, item.connection_id)
            return outbox.outgoing(uow, SYSTEM, item.key, files=files_for(connection))

        def ended(item: OutboxItem) -> None:
            report.ended[item.status] += 1
            report.sentences.append(sentence(item))
            log(sentence(item))

        known: dict[str, Connector] = {}

        def connector_of(item: OutboxItem) -> Connector:
            if item.connection_id not in known:
                with store.unit_of_work() as uow:
                    connection = connections.get_connection(uow, SYSTEM, item.connection_id)
                known[item.connection_id] = stores.connector(connection)
            return known[item.connection_id]

        with store.unit_of_work() as uow:
            for workspace in stores.workspaces():
                outbox.enqueue_missing(uow, SYSTEM, workspace.id, now=stores.now())
            outbox.recover(uow, SYSTEM, now=stores.now(), worker=worker)
            unresolved = outbox.unresolved(uow, SYSTEM, now=stores.now())
        for item in unresolved:
            try:
                connector = connector_of(item)
            except FabricError as error:
                log(f"{sentence(item)} It could not be looked for now: {error}")
                continue
            ended(delivery.resolve(store.unit_of_work, item, connector, post_of=post_of, now=stores.now, worker=worker))
        while True:
            with store.unit_of_work() as uow:
                claimed = outbox.claim_next(uow, SYSTEM, worker=worker, now=stores.now())
            if claimed is None:
                return report
            try:
                connector = connector_of(claimed)
            except FabricError as error:
                with store.unit_of_work() as uow:
                    ended(outbox.mark_failed(uow, SYSTEM, claimed, str(error), worker=worker, now=stores.now()))
                continue
            ended(
                delivery.deliver(store.unit_of_work, claimed, connector, post_of=post_of, now=stores.now, worker=worker)
            )


def sentence(item: OutboxItem) -> str:
    """One line about an item for a person."""
    words = {
        OutboxStatus.SENT: f"published as {item.url or item.post_id}",
        OutboxStatus.QUEUED: f"not sent yet: {item.message}",
        OutboxStatus.UNKNOWN: f"not known whether it went out: {item.message}",
        OutboxStatus.FAILED: f"failed: {item.message}",
        OutboxStatus.CANCELLED: f"cancelled: {item.message}",
    }
    return f"{item.vendor.label}, slot {item.due_at:%Y-%m-%d %H:%M} UTC: {words.get(item.status, item.status.value)}"
