"""`fabric export` and the import of what it wrote: one workspace out of an installation, and into this one."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.domain.publishing import OutboxStatus
from models.domain.workspace import SYSTEM, Workspace
from models.errors import Conflict
from orchestration.ledger import fingerprint, read_state
from orchestration.locks import exclusive
from orchestration.resources import Stores

if TYPE_CHECKING:
    from connectors.warehouse.archive import Marts
    from connectors.warehouse.manifest import Manifest
    from models.domain.archive import WorkspaceRows

_WAIT_SECONDS = 60.0
_OPEN = {OutboxStatus.QUEUED, OutboxStatus.CLAIMED, OutboxStatus.SENDING, OutboxStatus.UNKNOWN}


@dataclass(frozen=True)
class Exported:
    """What a folder holds. `current` is False when the marts in it are older than the rest of it."""

    folder: Path
    workspace_id: str
    files: int
    bytes: int
    digest: str
    current: bool


@dataclass(frozen=True)
class Restored:
    """What came in. `waiting` counts posts that are approved and not out yet, `accounts` those to be connected again.

    `digest` is what the next build gives for the workspace's marts, unless the export's were older than its data.
    """

    workspace_id: str
    batches: int
    rows: int
    media: int
    accounts: int
    waiting: int
    digest: str


def export_workspace(stores: Stores, workspace_id: str, folder: Path) -> Exported:
    """Writes everything of the workspace that may leave the installation into a new folder, whole or not at all.

    Raises `NotFound` for an unknown workspace and `InvalidInput` for a folder that holds something already.
    """
    from connectors.assets import AssetStore
    from connectors.warehouse.archive import write_archive
    from models.services import archive, assets

    with stores.open_store() as store, store.unit_of_work() as uow:
        rows = archive.workspace_rows(uow, SYSTEM, workspace_id)
        media = assets.list_assets(uow, SYSTEM, workspace_id)
    files = AssetStore(stores.settings.home / "assets")
    state = read_state(stores.settings)
    current = state is not None and state.inputs == fingerprint(stores, stores.workspaces())
    with _marts(stores, workspace_id) as marts:
        manifest = write_archive(
            folder, rows, landing=stores.landing, media=[files.path(asset) for asset in media], marts=marts,
            current=current, now=stores.now(),
        )  # fmt: skip
    size = sum(file.bytes for file in manifest.files)
    return Exported(folder, workspace_id, len(manifest.files), size, manifest.digest, current)


def import_workspace(stores: Stores, folder: Path) -> Restored:
    """Reads an exported folder into this installation. Everything is checked first; a refusal changes nothing.

    Raises `ImportRefused` for a folder that is not whole, and `Conflict` when the workspace is here already.
    """
    from connectors.warehouse.archive import placed, read_archive
    from models.services import archive

    manifest, rows = read_archive(folder)
    _refuse_known(stores, rows.workspace)
    settings = stores.settings
    busy = f"Another import of a workspace is running in {settings.home}: wait for it to end and try again."
    with exclusive(settings.home / "import.lock", wait_seconds=_WAIT_SECONDS, busy=busy):
        _refuse_known(stores, rows.workspace)
        with (
            placed(folder, manifest, landing_dir=settings.landing_dir, media_dir=settings.home / "assets"),
            stores.open_store() as store,
            store.unit_of_work() as uow,
        ):
            archive.restore_workspace(uow, SYSTEM, rows, now=stores.now())
    return _restored(manifest, rows)


def _refuse_known(stores: Stores, workspace: Workspace) -> None:
    if any(known.id == workspace.id for known in stores.workspaces()):
        raise Conflict(
            f"Workspace {workspace.id} is here already: delete it first with fabric workspace delete {workspace.id}, or "
            "import into another home."
        )


def _restored(manifest: Manifest, rows: WorkspaceRows) -> Restored:
    return Restored(
        workspace_id=rows.workspace.id,
        batches=manifest.counts["landing"],
        rows=sum(len(table) for table in rows.tables.values()),
        media=manifest.counts["media"],
        accounts=sum(row["status"] != "disconnected" for row in rows.tables["connections"]),
        waiting=sum(row["status"] in _OPEN for row in rows.tables["outbox"]),
        digest=manifest.digest,
    )


@contextlib.contextmanager
def _marts(stores: Stores, workspace_id: str) -> Iterator[Marts | None]:
    """The published marts, open for the length of the block; None before the first build."""
    from connectors.warehouse.archive import Marts
    from models.errors import NothingServed

    try:
        served = stores.reader.current(workspace_id)
    except NothingServed:
        yield None
        return
    with stores.reader.open(workspace_id) as version:
        digests = dict(served.marts)
        whole = json.dumps({workspace_id: digests}, sort_keys=True)  # as fabric build --workspace prints it
        yield Marts(version, version.as_of, digests, hashlib.sha256(whole.encode()).hexdigest())
