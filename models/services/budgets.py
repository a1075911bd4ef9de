"""The monthly budget of a workspace for models: set, reserved before a call, settled after it, over all processes.

Amounts are in millionths of a US dollar. Whoever reserves or settles first locks the workspace's row (SQLite: the whole
store), so that what it reads of the ledger and of the reservations belongs together and two processes cannot both take the
last cent. A reservation that is never settled stands until the month ends, because a killed process's call may be on the bill.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from models.domain.spending import Month, Spending
from models.domain.usage import ModelUsage, Outcome
from models.domain.workspace import Principal, Workspace
from models.errors import InvalidInput, NotFound
from models.routing.health import Measured
from models.routing.purse import Call
from models.services._recording import new_id, record
from models.services.policy import Action, policy
from models.store.unit_of_work import UnitOfWork

_LONGEST_CALL = timedelta(days=31)
"""A reservation is kept this long after its month, for the call that it was made for may still end."""


@policy(Action.MANAGE_MODELS)
def set_budget(
    uow: UnitOfWork, principal: Principal, workspace_id: str, monthly_microusd: int | None, *, now: datetime
) -> None:
    """Sets what the workspace may spend a month; 0 forbids every call that costs, None lifts the limit."""
    if monthly_microusd is not None and not 0 <= monthly_microusd <= 10**12:
        raise InvalidInput("A monthly budget lies between 0 and 1,000,000 US dollars: give another amount.")
    _locked(uow, workspace_id)
    uow.budgets.put(workspace_id, monthly_microusd, now)
    record(uow, principal, workspace_id, "budget.set", workspace_id, now, monthly_microusd=monthly_microusd)


@policy(Action.VIEW_USAGE)
def spending(
    uow: UnitOfWork, principal: Principal, workspace_id: str, *, default_microusd: int | None, now: datetime,
    with_lines: bool = True,
) -> Spending:  # fmt: skip
    """The current month of the workspace. `default_microusd` is the installation's budget for those without their own."""
    workspace = _existing(uow.workspaces.get(workspace_id), workspace_id)
    month = Month.at(now, workspace.tz)
    own = uow.budgets.get(workspace_id)
    # What is settled moves from held to spent: read in this order, it can be counted twice in a display but never be lost.
    held = uow.budgets.held(workspace_id, month)
    return Spending(
        month=month.first,
        limit=default_microusd if own is None else own.monthly_microusd,
        own_limit=own is not None,
        spent=uow.budgets.spent(workspace_id, month),
        held=held,
        lines=tuple(uow.budgets.lines(workspace_id, month)) if with_lines else (),
    )


@policy(Action.VIEW_USAGE)
def recent_calls(uow: UnitOfWork, principal: Principal, workspace_id: str, *, since: datetime) -> list[Measured]:
    """How the models that were called since then fared, oldest first; kept answers left out."""
    return [
        Measured(f"{call.provider}/{call.model}", call.at, call.latency_ms / 1000, call.outcome is not Outcome.FAILED)
        for call in uow.usage.since(workspace_id, since)
        if not call.cache_hit
    ]


@policy(Action.CALL_MODELS)
def reserve(
    uow: UnitOfWork, principal: Principal, workspace_id: str, microusd: int, *, default_microusd: int | None,
    now: datetime,
) -> str | None:  # fmt: skip
    """Sets the amount aside and gives the reservation's id; None when it does not fit what is left of the month."""
    if microusd < 0:
        raise InvalidInput(f"{microusd} millionths of a dollar cannot be set aside: the amount must not be negative.")
    month = Month.at(now, _locked(uow, workspace_id).tz)
    own = uow.budgets.get(workspace_id)
    limit = default_microusd if own is None else own.monthly_microusd
    uow.budgets.forget(workspace_id, month.start - _LONGEST_CALL)
    if limit is not None:
        taken = uow.budgets.spent(workspace_id, month) + uow.budgets.held(workspace_id, month)
        if taken + microusd > limit:
            return None
    reservation = new_id()
    uow.budgets.reserve(reservation, workspace_id, microusd, at=now, until=month.end)
    return reservation


@policy(Action.CALL_MODELS)
def settle(
    uow: UnitOfWork, principal: Principal, workspace_id: str, reservation: str | None, call: Call, *, now: datetime
) -> None:
    """Writes the call to the ledger and ends its reservation, together.

    The ledger's instant is that of the reservation, so that a call counts in the month whose budget it was set aside of. A
    call whose cost nobody told leaves the reservation standing.
    """
    _locked(uow, workspace_id)
    begun = None if reservation is None else uow.budgets.reserved_at(workspace_id, reservation)
    uow.usage.add(
        ModelUsage(
            id=new_id(), workspace_id=workspace_id, at=begun or now, task=call.task, tier=call.tier,
            provider=call.provider, model=call.model, outcome=call.outcome, cache_hit=call.cache_hit,
            latency_ms=round(call.seconds * 1000, 3), tokens_in=call.tokens.given, tokens_out=call.tokens.made,
            tokens_cached=call.tokens.cached, cost_microusd=call.cost_microusd, input_hash=call.input_hash,
            prompt_version=call.prompt_version,
        )
    )  # fmt: skip
    if reservation is not None and call.cost_microusd is not None:
        uow.budgets.release(workspace_id, reservation)


def _locked(uow: UnitOfWork, workspace_id: str) -> Workspace:
    return _existing(uow.workspaces.get(workspace_id, lock=True), workspace_id)


def _existing(workspace: Workspace | None, workspace_id: str) -> Workspace:
    if workspace is None:
        raise NotFound(f"Workspace {workspace_id!r} does not exist: check the id.")
    return workspace
