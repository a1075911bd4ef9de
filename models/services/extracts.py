"""What the quarantined reader took out of competitors' content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from models.domain.extracts import StoredExtract
from models.domain.social import Platform
from models.domain.workspace import Principal
from models.errors import InvalidInput
from models.generation.quarantine.schema import Extract
from models.generation.quarantine.sheet import CompetitorSheet, sheets
from models.services.policy import Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.VIEW_PLAN)
def list_extracts(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[StoredExtract]:
    """By platform, account and piece of content."""
    return uow.extracts.of_workspace(workspace_id)


@policy(Action.VIEW_PLAN)
def competitor_sheets(
    uow: UnitOfWork, principal: Principal, workspace_id: str, names: Mapping[tuple[Platform, str], str]
) -> tuple[CompetitorSheet, ...]:
    """What was read of each competitor, added up. `names` says by platform and account whose it is; others are left out."""
    stored = uow.extracts.of_workspace(workspace_id)
    return sheets(
        (names[kept.platform, kept.account_id], Extract.model_validate(kept.extract))
        for kept in stored
        if (kept.platform, kept.account_id) in names
    )


@policy(Action.SAVE_PLAN)
def save_extracts(uow: UnitOfWork, principal: Principal, workspace_id: str, extracts: Sequence[StoredExtract]) -> int:
    """Keeps the extracts in place of earlier ones of the same content; how many.

    Raises `InvalidInput` for one of another workspace, and pydantic's `ValidationError` for one that is not of the closed
    schema: nothing else of a foreign text may be kept.
    """
    for kept in extracts:
        if kept.workspace_id != workspace_id:
            raise InvalidInput(f"An extract of {kept.workspace_id} cannot be kept in {workspace_id}: keep it there.")
        checked = Extract.model_validate(kept.extract)
        uow.extracts.put(replace(kept, extract=checked.model_dump(mode="json")))
    return len(extracts)
