"""The command line's composition root: settings and the stores they name, built when a command runs."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.domain.workspace import Workspace
    from models.settings import Settings
    from models.store.database import Store
    from orchestration.resources import Stores


@lru_cache(maxsize=1)
def settings() -> Settings:
    """This process's settings; quietens the dependencies' telemetry before any of them is imported."""
    from models.settings import load_settings
    from orchestration.environment import quiet_telemetry

    quiet_telemetry()
    loaded = load_settings()
    logging.basicConfig(level=loaded.log_level, format="%(levelname)s %(name)s: %(message)s")
    return loaded


def store() -> Store:
    """The operational store, migrated to this version."""
    from models.store.database import open_store

    return open_store(settings().store_url)


def stores() -> Stores:
    """Every store of this installation, each opened when asked."""
    from orchestration.resources import Stores

    return Stores(settings())


def workspace(workspace_id: str) -> Workspace:
    """The named workspace; `NotFound` names the known ones."""
    from models.domain.workspace import SYSTEM
    from models.services import onboarding

    with store().unit_of_work() as uow:
        return onboarding.get_workspace(uow, SYSTEM, workspace_id)


def now() -> datetime:
    return datetime.now(UTC)
