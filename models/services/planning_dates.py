"""Campaigns, days without posts and holidays: what the calendar is planned around."""

from __future__ import annotations

from datetime import date, datetime

from models.domain.planning import DateKind, PlanningDate, PlanningDays, PlanningRules
from models.domain.workspace import Principal
from models.errors import InvalidInput, NotFound
from models.generation.holiday_days import check_country, holidays_between
from models.services._recording import new_id, record
from models.services._wording import clean, clean_line
from models.services.policy import PLANNING_DATE, Action, policy
from models.store.unit_of_work import UnitOfWork

MOST_DATES = 500
LONGEST_DAYS = 366
MOST_TOPIC_DAYS = 28
CAMPAIGN_SHARE = 0.5
"""The part of the slots in its span that a campaign takes unless it says otherwise."""


@policy(Action.VIEW_PLAN)
def list_dates(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[PlanningDate]:
    """Campaigns and blackouts, by first day."""
    return uow.planning_dates.of_workspace(workspace_id)


@policy(Action.SAVE_PLAN)
def add_date(
    uow: UnitOfWork, principal: Principal, workspace_id: str, *, kind: DateKind, name: str, starts_on: date,
    ends_on: date | None = None, pillar: str = "", brief: str = "", share: float | None = None, now: datetime,
) -> PlanningDate:  # fmt: skip
    """Adds a campaign or a blackout; without an end it is one day. Both ends belong to it.

    Calendar entries that exist already stay as they are. Raises `InvalidInput` for a span or share that cannot be.
    """
    last = starts_on if ends_on is None else ends_on
    if last < starts_on:
        raise InvalidInput(f"The span ends on {last}, before it starts on {starts_on}: swap the two days.")
    if (last - starts_on).days >= LONGEST_DAYS:
        raise InvalidInput(
            f"A span of {(last - starts_on).days + 1} days is longer than {LONGEST_DAYS}: make it shorter."
        )
    given = CAMPAIGN_SHARE if share is None else share
    if kind is DateKind.CAMPAIGN and not 0 < given <= 1:
        raise InvalidInput(f"A campaign cannot take {given:.0%} of the slots: give a share above 0 and up to 1.")
    if kind is DateKind.BLACKOUT and (share or pillar.strip()):
        raise InvalidInput("A blackout has no share and no topic: nothing is posted on its days.")
    uow.workspaces.get(workspace_id, lock=True)
    if len(uow.planning_dates.of_workspace(workspace_id)) >= MOST_DATES:
        raise InvalidInput(f"{MOST_DATES} planning dates are kept already: remove old ones first.")
    added = PlanningDate(
        id=new_id(),
        workspace_id=workspace_id,
        kind=kind,
        name=clean_line(name, "The name", limit=100),
        starts_on=starts_on,
        ends_on=last,
        pillar=clean_line(pillar, "The topic", limit=60, required=False),
        brief=clean(brief, "The brief", limit=2_000, required=False),
        share=given if kind is DateKind.CAMPAIGN else 0.0,
        created_by=principal.user_id,
        created_at=now,
    )
    uow.planning_dates.add(added)
    record(uow, principal, workspace_id, "planning_date.added", added.id, now, date_kind=kind.value)
    return added


@policy(Action.SAVE_PLAN, PLANNING_DATE)
def remove_date(uow: UnitOfWork, principal: Principal, date_id: str, *, now: datetime) -> None:
    """Removes a campaign or blackout; entries planned for it stay."""
    workspace_id = uow.planning_dates.workspace_of(date_id)
    if workspace_id is None:
        raise NotFound(f"Planning date {date_id!r} does not exist: list the dates again.")
    uow.planning_dates.remove(date_id)
    record(uow, principal, workspace_id, "planning_date.removed", date_id, now)


@policy(Action.VIEW_PLAN)
def planning_rules(uow: UnitOfWork, principal: Principal, workspace_id: str) -> PlanningRules:
    """The workspace's settings of planning: country, holidays, days between posts of one topic."""
    return uow.planning_dates.rules(workspace_id)


@policy(Action.SAVE_PLAN)
def set_planning_rules(
    uow: UnitOfWork, principal: Principal, workspace_id: str, rules: PlanningRules, *, now: datetime
) -> PlanningRules:
    """Stores the settings. Raises `InvalidInput` for a country without a calendar of holidays."""
    if not 0 <= rules.topic_days <= MOST_TOPIC_DAYS:
        raise InvalidInput(
            f"{rules.topic_days} days between posts of a topic cannot be kept: give 0 to {MOST_TOPIC_DAYS}."
        )
    if rules.holidays not in ("keep", "avoid"):
        raise InvalidInput(f"Holidays cannot be {rules.holidays!r}: keep or avoid them.")
    kept = PlanningRules(check_country(rules.country), rules.holidays, rules.topic_days)
    uow.workspaces.get(workspace_id, lock=True)
    if kept != uow.planning_dates.rules(workspace_id):
        uow.planning_dates.set_rules(workspace_id, kept)
        record(uow, principal, workspace_id, "planning_rules.changed", workspace_id, now)
    return kept


@policy(Action.VIEW_PLAN)
def planning_days(uow: UnitOfWork, principal: Principal, workspace_id: str, *, start: date, end: date) -> PlanningDays:
    """All that a calendar from `start` to `end`, both included, must respect: rules, dates that touch it, holidays."""
    rules = uow.planning_dates.rules(workspace_id)
    dates = [d for d in uow.planning_dates.of_workspace(workspace_id) if d.starts_on <= end and d.ends_on >= start]
    return PlanningDays(rules, tuple(dates), holidays_between(rules.country, start, end))
