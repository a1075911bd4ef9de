"""The marts of a workspace as they would have been at an earlier instant, served like the current ones."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from models.domain.workspace import Workspace
from models.errors import StoreCorrupt
from orchestration.ledger import models_digest
from orchestration.locks import exclusive
from orchestration.resources import Stores

if TYPE_CHECKING:
    from connectors.warehouse.reader import ServingReader

_WAIT_SECONDS = 900.0


def as_known_at(
    stores: Stores, workspace: Workspace, moment: datetime, *, log: Callable[[str], None] = lambda _: None
) -> ServingReader:
    """A reader whose marts of `workspace` hold what was known at `moment` (UTC), whatever was received or restated since.

    Cut at the first call for a moment (some twenty seconds of one core for the demo's half year) and kept beside the
    serving files until the workspace's rows or the project change. Raises `NothingServed` when nothing had been observed then, `NotFound`
    before the first build. What counts as known: `connectors.warehouse.history`.
    """
    from connectors.warehouse import history
    from connectors.warehouse.reader import ServingReader

    state = f"{history.state_of(stores.warehouse, workspace.id)} {models_digest()}"
    shelf = history.shelf_of(stores.settings.serving_dir, workspace.id, moment, state)
    if history.is_cut(shelf, workspace.id):
        return ServingReader(shelf)
    busy = (
        f"Another process has been building earlier marts of {workspace.id} for {_WAIT_SECONDS:.0f} s: try again later."
    )
    with exclusive(shelf.with_name("cutting.lock"), wait_seconds=_WAIT_SECONDS, busy=busy):
        if not history.is_cut(shelf, workspace.id):
            log(f"Building the marts of {workspace.id} as known at {moment:%Y-%m-%d %H:%M:%S} UTC.")
            _cut(stores, workspace, moment, shelf)
            history.forget_oldest(shelf)
    return ServingReader(shelf)


def _cut(stores: Stores, workspace: Workspace, moment: datetime, shelf: Path) -> None:
    """A second installation for the length of a build: its home is scratch, its warehouse one file with what was known."""
    from connectors.warehouse.database import Warehouse
    from connectors.warehouse.history import copy_known
    from connectors.warehouse.serving import publish
    from orchestration.dbt_runner import invoke
    from orchestration.topics import label

    with tempfile.TemporaryDirectory(dir=stores.settings.home, prefix=".known-") as scratch:
        then = stores.settings.model_copy(update={"home": Path(scratch), "warehouse_url": ""})
        known = Warehouse(then.warehouse_dir / "fabric.duckdb")
        copy_known(stores.warehouse, known, workspace.id, moment)
        label(known, workspace)
        outcome = invoke(
            then,
            ["build", "--resource-type", "seed", "--resource-type", "model", "--select", "+path:transforms/models/marts",
             "--vars", json.dumps({"as_known_at": moment.isoformat()})],
            target=then.dbt_target_dir,
        )  # fmt: skip
        if not outcome.success:
            raise StoreCorrupt(
                f"The marts of {workspace.id} as known at {moment:%Y-%m-%d %H:%M:%S} UTC cannot be made: {outcome.reason()}."
            )
        publish(known, shelf, workspace.id)
