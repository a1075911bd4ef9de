"""The public addresses of competitors that are read again and again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.domain.brand import WatchedSource
from models.domain.workspace import Principal
from models.errors import InvalidInput, NotFound
from models.services._recording import new_id, record
from models.services._wording import clean_line
from models.services.policy import SOURCE, Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.MANAGE_COMPETITORS)
def watch_source(
    uow: UnitOfWork, principal: Principal, workspace_id: str, competitor_id: str, url: str, *, now: datetime
) -> WatchedSource:
    """Reads the address from now on. An address that is watched already is returned as it is."""
    address = clean_line(url, "The address", limit=2_000)
    if not address.startswith(("https://", "http://")):
        raise InvalidInput(f"{address!r} is not a web address: give one that starts with https://.")
    if uow.competitors.get(workspace_id, competitor_id) is None:
        raise NotFound(f"Competitor {competitor_id!r} is not tracked here: add the competitor first.")
    uow.workspaces.get(workspace_id, lock=True)
    for known in uow.sources.of_workspace(workspace_id):
        if known.url == address:
            return known
    source = WatchedSource(new_id(), workspace_id, competitor_id, address, now)
    uow.sources.add(source)
    record(uow, principal, workspace_id, "source.watched", source.id, now)
    return source


@policy(Action.VIEW_WORKSPACE)
def list_sources(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[WatchedSource]:
    """Every watched address, by competitor."""
    return uow.sources.of_workspace(workspace_id)


@policy(Action.MANAGE_COMPETITORS, SOURCE)
def unwatch_source(uow: UnitOfWork, principal: Principal, source_id: str, *, now: datetime) -> None:
    """Stops reading an address; what was collected stays."""
    source = uow.sources.get(source_id)
    if source is None:
        raise NotFound(f"Source {source_id!r} is not watched: list the sources again.")
    uow.sources.remove(source_id)
    record(uow, principal, source.workspace_id, "source.unwatched", source_id, now)


@policy(Action.COLLECT, SOURCE)
def keep_memory(
    uow: UnitOfWork, principal: Principal, source_id: str, memory: Mapping[str, Any], *, message: str, now: datetime
) -> None:
    """Stores what the next reading must remember, and how this one ended."""
    uow.sources.keep(source_id, memory, now, message)
