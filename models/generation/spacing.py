"""Fitting a calendar to its days: closed days, campaigns, and room between posts of one topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from math import ceil

from models.domain.planning import DateKind, PlanningDate, PlanningDays
from models.domain.social import Platform
from models.domain.workspace import Workspace

REACH_DAYS = 3
"""How far a post moves at most to get off a closed day."""


@dataclass(frozen=True)
class Slot:
    """A place in the calendar. `origin` is the instant the rhythm gave, `at` where it stands after closed days."""

    origin: datetime
    at: datetime
    platforms: tuple[Platform, ...]


def open_slots(
    planned: Mapping[datetime, Sequence[Platform]], days: PlanningDays, workspace: Workspace, *, start: date, end: date
) -> tuple[list[Slot], list[str]]:
    """The slots off closed days, by time, and a sentence for each closed span that touched any.

    A slot on a closed day moves to the nearest open day from `start` to `end`, at most three days away, at its local hour:
    a later day before an earlier one, and a day without a post on its platforms before one with. Else it is left out.
    """
    kept = [Slot(at, at, tuple(planned[at])) for at in sorted(planned)]
    stay = [slot for slot in kept if closed_by(_day(slot.at, workspace), days) is None]
    told: dict[tuple[str, date, date], list[bool]] = {}
    for slot in kept:
        reason = closed_by(_day(slot.at, workspace), days)
        if reason is None:
            continue
        moved = _moved(slot, stay, days, workspace, start, end)
        told.setdefault(reason, []).append(moved is not None)
        if moved is not None:
            stay.append(moved)
    return sorted(stay, key=lambda slot: (slot.at, slot.origin)), [_told(*reason, told[reason]) for reason in told]


def closed_by(day: date, days: PlanningDays) -> tuple[str, date, date] | None:
    """Name, first and last day of the blackout or avoided holiday that closes a day; None for an open one."""
    for span in days.dates:
        if span.kind is DateKind.BLACKOUT and span.holds(day):
            return span.name, span.starts_on, span.ends_on
    if days.rules.holidays == "avoid" and day in days.holidays:
        return days.holidays[day], day, day
    return None


def campaigns_of(
    slots: Sequence[Slot], dates: Sequence[PlanningDate], workspace: Workspace
) -> list[PlanningDate | None]:
    """The campaign that takes each slot. A campaign takes its share of the free slots in its span, the first among them."""
    taken: list[PlanningDate | None] = [None] * len(slots)
    for campaign in sorted(dates, key=lambda d: (d.starts_on, d.name, d.id)):
        if campaign.kind is not DateKind.CAMPAIGN:
            continue
        free = [i for i, slot in enumerate(slots) if taken[i] is None and campaign.holds(_day(slot.at, workspace))]
        for turn, index in enumerate(free):
            if ceil((turn + 1) * campaign.share - 1e-9) > ceil(turn * campaign.share - 1e-9):
                taken[index] = campaign
    return taken


def spaced(topics: Sequence[str], days: Sequence[date], fixed: Sequence[bool], least: int) -> tuple[list[int], int]:
    """Positions of `topics` reordered so that equal ones lie at least `least` days apart, and how many still do not.

    `days` are the slots' local days in order; a `fixed` topic keeps its place. A topic too near moves to the next place
    where both it and what stood there are far enough from their like and beside none of it.
    """
    order = list(range(len(topics)))

    def near(place: int) -> bool:
        name = topics[order[place]]
        for step in (-1, 1):
            other = place + step
            while 0 <= other < len(order) and abs((days[other] - days[place]).days) < least:
                if topics[order[other]] == name:
                    return True
                other += step
        return False

    def beside(place: int) -> bool:
        around = [other for other in (place - 1, place + 1) if 0 <= other < len(order)]
        return any(topics[order[other]] == topics[order[place]] for other in around)

    for place in range(len(order)):
        if fixed[place] or not near(place):
            continue
        for other in range(place + 1, len(order)):
            if fixed[other] or topics[order[other]] == topics[order[place]]:
                continue
            order[place], order[other] = order[other], order[place]
            if not (near(place) or near(other) or beside(place) or beside(other)):
                break
            order[place], order[other] = order[other], order[place]
    left = sum(near(place) for place in range(len(order)) if not fixed[place])
    return order, left


def _day(at: datetime, workspace: Workspace) -> date:
    return at.astimezone(workspace.tz).date()


def _moved(
    slot: Slot, others: Sequence[Slot], days: PlanningDays, workspace: Workspace, start: date, end: date
) -> Slot | None:
    local = slot.at.astimezone(workspace.tz)
    busy = {(_day(o.at, workspace), platform) for o in others for platform in o.platforms}
    taken = {(o.at, platform) for o in others for platform in o.platforms}
    found: list[tuple[bool, int, Slot]] = []
    for rank, offset in enumerate(step for distance in range(1, REACH_DAYS + 1) for step in (distance, -distance)):
        day = local.date() + timedelta(days=offset)
        at = local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)
        if start <= day <= end and closed_by(day, days) is None and not any((at, p) in taken for p in slot.platforms):
            found.append((any((day, p) in busy for p in slot.platforms), rank, replace(slot, at=at)))
    return min(found, key=lambda option: option[:2])[2] if found else None


def _told(name: str, first: date, last: date, moved: Sequence[bool]) -> str:
    span = spell(first) if first == last else f"{spell(first)} to {spell(last)}"
    parts = []
    if any(moved):
        count = sum(moved)
        parts.append(f"{count} {'post moves' if count == 1 else 'posts move'} to a neighbouring day")
    if not all(moved):
        count = len(moved) - sum(moved)
        parts.append(f"{count} {'post is' if count == 1 else 'posts are'} left out")
    return f"“{name}” ({span}): {' and '.join(parts)}."


def spell(day: date) -> str:
    """A day as in `24 December 2026`."""
    return f"{day.day} {day:%B %Y}"
