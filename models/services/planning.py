"""Strategies and what is planned from them: calendars and first drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from models.domain.approval import Draft, DraftStatus
from models.domain.calendar import CalendarEntry
from models.domain.strategy import Strategy, StrategyDecision, StrategyDocument, Verdict
from models.domain.workspace import Principal
from models.errors import Conflict, InvalidInput, NotFound
from models.generation.limits import check_text
from models.generation.writers.strategy import PARTS
from models.services._recording import new_id, record
from models.services._wording import clean
from models.services.policy import DOCUMENT, DRAFTS, STRATEGY, Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.SAVE_PLAN, DOCUMENT)
def save_strategy(uow: UnitOfWork, principal: Principal, document: StrategyDocument, *, now: datetime) -> Strategy:
    """Stores the document as the next version; one equal to the newest version is returned without a new one."""
    uow.workspaces.get(document.workspace_id, lock=True)
    newest = uow.strategies.latest(document.workspace_id)
    if newest is not None and uow.strategies.holds(newest.id, document):
        return newest
    strategy = Strategy(
        id=new_id(),
        workspace_id=document.workspace_id,
        version=1 if newest is None else newest.version + 1,
        created_at=now,
        created_by=principal.user_id,
        document=document,
    )
    uow.strategies.add(strategy)
    record(uow, principal, strategy.workspace_id, "strategy.saved", strategy.id, now, version=strategy.version)
    return strategy


@policy(Action.VIEW_PLAN)
def latest_strategy(uow: UnitOfWork, principal: Principal, workspace_id: str) -> Strategy | None:
    """The newest version; None before the first."""
    return uow.strategies.latest(workspace_id)


@policy(Action.VIEW_PLAN)
def find_strategy(uow: UnitOfWork, principal: Principal, workspace_id: str, *, version: int | None = None) -> Strategy:
    """A version, without one the newest. Raises `NotFound` when there is none."""
    for strategy in uow.strategies.of_workspace(workspace_id):
        if version in (None, strategy.version):
            return strategy
    raise NotFound(
        f"Workspace {workspace_id} has no strategy{'' if version is None else f' version {version}'}: "
        f"run fabric generate strategy --workspace {workspace_id}."
    )


@policy(Action.VIEW_PLAN)
def list_strategies(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[Strategy]:
    """Every version, newest first."""
    return uow.strategies.of_workspace(workspace_id)


@policy(Action.VIEW_PLAN, STRATEGY)
def get_strategy(uow: UnitOfWork, principal: Principal, strategy_id: str) -> Strategy:
    strategy = uow.strategies.get(strategy_id)
    if strategy is None:
        raise NotFound(f"Strategy {strategy_id!r} does not exist: check the id.")
    return strategy


@policy(Action.APPROVE_STRATEGY, STRATEGY)
def approve_strategy(
    uow: UnitOfWork, principal: Principal, strategy_id: str, *, note: str = "", now: datetime
) -> StrategyDecision:
    """Says that the version stands. Raises `Conflict` for one that is no longer the newest."""
    return _decide(uow, principal, strategy_id, Verdict.APPROVED, "", note, now)


@policy(Action.REVISE_STRATEGY, STRATEGY)
def revise_strategy(
    uow: UnitOfWork, principal: Principal, strategy_id: str, *, note: str, part: str = "", now: datetime
) -> StrategyDecision:
    """Asks for the newest version to be written again with a remark: one of `PARTS`, or the whole where `part` is empty.

    The remark is kept for the versions after it, until one of them is approved.
    """
    if part not in ("", *PARTS):
        raise InvalidInput(f"{part!r} is no part of a strategy: choose one of {', '.join(PARTS)}, or the whole.")
    return _decide(uow, principal, strategy_id, Verdict.REVISE, part, clean(note, "The remark", limit=1_000), now)


@policy(Action.VIEW_PLAN)
def strategy_decisions(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[StrategyDecision]:
    """Every decision on the workspace's strategies, oldest first."""
    return uow.strategy_decisions.of_workspace(workspace_id)


def _decide(
    uow: UnitOfWork, principal: Principal, strategy_id: str, verdict: Verdict, part: str, note: str, now: datetime
) -> StrategyDecision:
    strategy = uow.strategies.get(strategy_id)
    if strategy is None:
        raise NotFound(f"Strategy {strategy_id!r} does not exist: check the id.")
    newest = uow.strategies.latest(strategy.workspace_id)
    if newest is None or newest.id != strategy_id:
        raise Conflict(f"Version {strategy.version} is no longer the newest strategy: reload and look at the newest.")
    decision = StrategyDecision(
        id=new_id(), workspace_id=strategy.workspace_id, strategy_id=strategy_id, verdict=verdict, part=part, note=note,
        decided_by=principal.user_id, decided_at=now,
    )  # fmt: skip
    uow.strategy_decisions.add(decision)
    record(
        uow, principal, strategy.workspace_id, f"strategy.{verdict.value}", strategy_id, now,
        version=strategy.version, part=part,
    )  # fmt: skip
    return decision


@policy(Action.SAVE_PLAN, STRATEGY)
def save_calendar(
    uow: UnitOfWork, principal: Principal, strategy_id: str, entries: Sequence[CalendarEntry], *, now: datetime
) -> int:
    """Adds the entries whose id is new and gives their number; existing ones, moved or not, stay as they are."""
    workspace_id = uow.strategies.workspace_of(strategy_id)
    if any(entry.workspace_id != workspace_id or entry.strategy_id != strategy_id for entry in entries):
        raise InvalidInput("A calendar entry belongs to another strategy: plan the calendar from this one.")
    added = sum(uow.calendar.add_new(entry, now) for entry in entries)
    if added and workspace_id is not None:
        record(uow, principal, workspace_id, "calendar.saved", strategy_id, now, entries=added)
    return added


@policy(Action.SAVE_PLAN, DRAFTS)
def save_drafts(uow: UnitOfWork, principal: Principal, drafts: Sequence[Draft], *, now: datetime) -> int:
    """Adds the drafts whose id is new, ready for review, and gives their number; existing ones stay as they are.

    All must belong to one workspace, be version 1, and keep their platform's limits.
    """
    for draft in drafts:
        if draft.workspace_id != drafts[0].workspace_id:
            raise InvalidInput("The drafts belong to several workspaces: save them workspace by workspace.")
        if draft.version.number != 1 or draft.version.draft_id != draft.id:
            raise InvalidInput(f"Draft {draft.id!r} does not start at version 1: edit an existing draft instead.")
        if uow.calendar.workspace_of(draft.entry_id) != draft.workspace_id:
            raise NotFound(f"Calendar entry {draft.entry_id!r} of draft {draft.id!r} is not stored: save it first.")
        for text in (draft.version.text, *(variant.text for variant in draft.version.variants)):
            problems = check_text(draft.platform, text)
            if problems:
                raise InvalidInput(f"Draft {draft.id!r} cannot be saved: {' '.join(problems)}")
    added = sum(uow.drafts.add_new(replace(draft, status=DraftStatus.IN_REVIEW)) for draft in drafts)
    if added:
        record(uow, principal, drafts[0].workspace_id, "drafts.saved", drafts[0].workspace_id, now, drafts=added)
    return added
