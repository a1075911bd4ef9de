"""What the operational store knows of the readings of connected accounts, as the warehouse keeps it."""

from __future__ import annotations

from connectors.rhythms import rhythm
from connectors.warehouse.sync_runs import Reading
from models.domain.workspace import SYSTEM
from models.ports import Stream
from models.services import connections
from orchestration.resources import Stores


def readings_of(stores: Stores, workspace_id: str) -> list[Reading]:
    """Every attempt of every account that is or was connected, oldest first."""
    found = []
    with stores.open_store() as store, store.unit_of_work() as uow:
        for account in connections.list_connections(uow, SYSTEM, workspace_id):
            for run in connections.list_syncs(uow, SYSTEM, account.id):
                every = rhythm(account.vendor, Stream(run.stream)).every
                found.append(
                    Reading(
                        workspace_id=workspace_id, sync_id=run.id, source=f"api_{account.vendor.value}_{run.stream}",
                        platform=account.vendor.platform.value, account_id=account.account_id,
                        account_name=account.account_name, stream=run.stream, window_start=run.since,
                        window_end=run.until, started_at=run.started_at, finished_at=run.finished_at,
                        status=run.status.value, contents=run.contents, observations=run.observations,
                        rejections=run.rejections, message=run.message, every_hours=every.total_seconds() / 3600,
                    )
                )  # fmt: skip
    return sorted(found, key=lambda reading: (reading.started_at, reading.sync_id))
