"""The stores that assets work on, as one Dagster resource built from settings by the composition root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from models.settings import Settings

if TYPE_CHECKING:
    from connectors.warehouse.database import Warehouse
    from connectors.warehouse.landing import LandingStore
    from connectors.warehouse.reader import ServingReader
    from models.domain.workspace import Workspace
    from models.store.database import Store

WAREHOUSE_POOL = "warehouse"
"""Dagster's concurrency pool of everything that opens the warehouse's file; its limit is 1."""


@dataclass(frozen=True)
class Stores:
    """Opens each store when asked, so that loading definitions imports none of their engines."""

    settings: Settings
    patience: float = 30.0
    """Seconds to wait for another process that has the warehouse open."""

    @property
    def landing(self) -> LandingStore:
        from connectors.warehouse.landing import LandingStore

        return LandingStore(self.settings.landing_dir)

    @property
    def warehouse(self) -> Warehouse:
        from connectors.warehouse.database import Warehouse

        return Warehouse(self.settings.warehouse_path, patience=self.patience)

    @property
    def reader(self) -> ServingReader:
        from connectors.warehouse.reader import ServingReader

        return ServingReader(self.settings.serving_dir)

    def landing_keys(self) -> list[str]:
        """`workspace/source/batch_id` of every landed batch, sorted; from file names alone."""
        paths = self.settings.landing_dir.glob("*/*/*.parquet")
        return sorted("/".join((*path.parts[-3:-1], path.stem)) for path in paths)

    def open_store(self) -> Store:
        """The operational store, migrated."""
        from models.store.database import open_store

        return open_store(self.settings.store_url)

    def workspaces(self) -> Sequence[Workspace]:
        """All workspaces, by id."""
        from models.domain.workspace import SYSTEM
        from models.services import onboarding

        with self.open_store().unit_of_work() as uow:
            return sorted(onboarding.list_workspaces(uow, SYSTEM), key=lambda workspace: workspace.id)

    def now(self) -> datetime:
        return datetime.now(UTC)
