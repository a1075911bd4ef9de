"""The content calendar: cadence × times × pillars, in the workspace's zone.

An entry is one idea at one instant, for every platform whose time falls on that instant. Closed days, campaigns and the
room between posts of one topic are `models.generation.spacing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import floor
from uuid import NAMESPACE_URL, uuid5

from models.domain.calendar import CalendarEntry, CalendarPlan
from models.domain.planning import DateKind, PlanningDate, PlanningDays
from models.domain.social import Platform
from models.domain.strategy import Cadence, Pillar, SlotAdvice, Strategy, StrategyDocument
from models.domain.workspace import Workspace
from models.errors import InvalidInput
from models.generation.angles import about, nth_angle
from models.generation.slots import fallback_times
from models.generation.spacing import campaigns_of, open_slots, spaced, spell
from models.generation.wording import join_words

LONGEST = 12
"""Weeks that one calendar may cover."""
OPEN_TOPIC = "Open topic"
"""The pillar of an entry when the strategy has none."""


def plan_calendar(
    strategy: Strategy, workspace: Workspace, *, start: date, weeks: int, days: PlanningDays | None = None
) -> list[CalendarEntry]:
    """The entries of `compose_calendar`, by time."""
    return list(compose_calendar(strategy, workspace, start=start, weeks=weeks, days=days).entries)


def compose_calendar(
    strategy: Strategy, workspace: Workspace, *, start: date, weeks: int, days: PlanningDays | None = None
) -> CalendarPlan:
    """A calendar for the 7 × `weeks` local days from `start`. The same input gives the same entries and ids.

    Closed days of `days` are left free, campaigns take their share, topics keep their distance; the notes say what that
    changed. An entry's id comes from the slot that the rhythm gave, so it stays when a closed day moves the post.
    Raises `InvalidInput` for another workspace's strategy or a number of weeks outside 1 to 12.
    """
    if not 1 <= weeks <= LONGEST:
        raise InvalidInput(
            f"A calendar of {weeks} weeks cannot be planned: give a number of weeks from 1 to {LONGEST}."
        )
    if strategy.workspace_id != workspace.id:
        raise InvalidInput(
            f"The strategy of {strategy.workspace_id} cannot be planned for {workspace.id}: use its own latest strategy."
        )
    document, known = strategy.document, days or PlanningDays()
    planned: dict[datetime, list[Platform]] = {}
    for cadence in document.cadence:
        for slot_at in _instants(document, cadence, workspace, start, weeks):
            there = planned.setdefault(_free(slot_at, cadence.platform, planned), [])
            there.append(cadence.platform)
    end = start + timedelta(days=7 * weeks - 1)
    slots, notes = open_slots(planned, known, workspace, start=start, end=end)
    campaigns = campaigns_of(slots, known.dates, workspace)
    local_days = [slot.at.astimezone(workspace.tz).date() for slot in slots]
    topics, near = _topics(document.pillars, campaigns, local_days, known.rules.topic_days)
    turns: dict[str, int] = {}
    entries = []
    for slot, campaign, pillar in zip(slots, campaigns, topics, strict=True):
        name = _name(campaign, pillar)
        turn = turns.setdefault(name, 0)
        turns[name] += 1
        entries.append(
            CalendarEntry(
                id=str(uuid5(NAMESPACE_URL, f"fabric:{workspace.id}:{strategy.id}:{slot.origin.isoformat()}")),
                workspace_id=workspace.id,
                strategy_id=strategy.id,
                slot_at=slot.at,
                pillar=name,
                brief=_brief(pillar, turn) if campaign is None else _campaign_brief(campaign, name, turn),
                platforms=slot.platforms,
                fact_ids=_facts(document, pillar, slot.platforms),
            )
        )
    return CalendarPlan(tuple(entries), (*notes, *_remarks(known, campaigns, local_days, near, start, end)))


def _topics(
    pillars: Sequence[Pillar], campaigns: Sequence[PlanningDate | None], days: Sequence[date], least: int
) -> tuple[list[Pillar | None], int]:
    """The pillar of each slot, None where a campaign is about something else, and how many stand too near their like."""
    named = {pillar.name: pillar for pillar in pillars}
    rest = iter(sequence(pillars, sum(campaign is None for campaign in campaigns)))
    given = [next(rest) if campaign is None else named.get(_name(campaign, None)) for campaign in campaigns]
    if not pillars:
        return given, 0
    names = [_name(campaign, pillar) for campaign, pillar in zip(campaigns, given, strict=True)]
    order, near = spaced(names, days, [campaign is not None for campaign in campaigns], least)
    return [given[place] for place in order], near


def _name(campaign: PlanningDate | None, pillar: Pillar | None) -> str:
    if campaign is not None:
        return campaign.pillar or campaign.name
    return OPEN_TOPIC if pillar is None else pillar.name


def _remarks(
    days: PlanningDays, campaigns: Sequence[PlanningDate | None], local_days: Sequence[date], near: int, start: date,
    end: date,
) -> list[str]:  # fmt: skip
    """What a person should know: campaigns without a slot, posts on holidays, topics that stand too near."""
    told = [
        f"The campaign “{campaign.name}” has no slot: no post falls into its days."
        for campaign in days.dates
        if campaign.kind is DateKind.CAMPAIGN
        and campaign not in campaigns
        and campaign.starts_on <= end
        and campaign.ends_on >= start
    ]
    if days.rules.holidays == "keep":
        told += [
            f"A post stands on {days.holidays[day]} ({spell(day)}): check that its subject fits the day."
            for day in sorted(set(local_days) & set(days.holidays))
        ]
    if near:
        told.append(
            f"{near} posts stand nearer to another of their topic than {days.rules.topic_days} days: the strategy has "
            "too few topics for this rhythm."
        )
    return told


def still_open(
    planned: Sequence[CalendarEntry], stored: Sequence[CalendarEntry], workspace: Workspace, *, now: datetime
) -> list[CalendarEntry]:
    """What of a plan may be added beside what earlier strategies have planned: nothing past, no week twice.

    A local week in which a platform already has an entry of another strategy keeps that one as it is: people may have
    edited and approved it. Such a platform is left out of the planned entry, and an entry without platforms is dropped.
    """

    def week(entry: CalendarEntry) -> tuple[int, int]:
        return entry.slot_at.astimezone(workspace.tz).isocalendar()[:2]

    strategies = {entry.strategy_id for entry in planned}
    taken = {
        (platform, week(entry))
        for entry in stored
        if entry.strategy_id not in strategies
        for platform in entry.platforms
    }
    fitted = (
        replace(entry, platforms=tuple(p for p in entry.platforms if (p, week(entry)) not in taken))
        for entry in planned
        if entry.slot_at > now
    )
    return [entry for entry in fitted if entry.platforms]


def sequence(pillars: Sequence[Pillar], count: int) -> list[Pillar | None]:
    """Which pillar each of `count` posts gets: shares by largest remainder, no pillar twice running where avoidable."""
    if not pillars:
        return [None] * count
    total = sum(p.share_proposed.value for p in pillars)
    shares = [p.share_proposed.value / total if total > 0 else 1 / len(pillars) for p in pillars]
    left = _quotas(shares, count)
    given = [0] * len(pillars)
    order: list[Pillar | None] = []
    previous: int | None = None
    for position in range(count):
        remaining = count - position
        open_now = [i for i in range(len(pillars)) if left[i] > 0 and i != previous] or [previous or 0]
        # A pillar with more than half of the places left must come now, or it will stand beside itself later.
        forced = [i for i in open_now if left[i] > remaining // 2]
        choice = min(forced or open_now, key=lambda i: (given[i] - shares[i] * (position + 1), i))
        left[choice] -= 1
        given[choice] += 1
        order.append(pillars[choice])
        previous = choice
    return order


def local_instant(day: date, hour: int, workspace: Workspace) -> datetime:
    """The UTC instant of a local full hour; an hour the clocks skip moves forward by the gap, a doubled one is the first."""
    return datetime.combine(day, time(hour), tzinfo=workspace.tz).astimezone(UTC)


def _quotas(shares: Sequence[float], count: int) -> list[int]:
    exact = [share * count for share in shares]
    quotas = [floor(value + 1e-9) for value in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: (quotas[i] - exact[i], i))
    for index in by_remainder[: count - sum(quotas)]:
        quotas[index] += 1
    return quotas


def _instants(
    document: StrategyDocument, cadence: Cadence, workspace: Workspace, start: date, weeks: int
) -> Iterator[datetime]:
    """The platform's posting instants; half posts a week alternate between weeks."""
    advised = [slot for slot in document.slots if slot.platform is cadence.platform]
    rate = cadence.posts_per_week.value
    done = 0
    for week in range(weeks):
        due = floor(rate * (week + 1) + 0.5 + 1e-9) - done
        done += due
        for weekday, hour in _times(advised, due):
            offset = (weekday - start.isoweekday()) % 7
            yield local_instant(start + timedelta(days=7 * week + offset), hour, workspace)


def _times(advised: Sequence[SlotAdvice], count: int) -> list[tuple[int, int]]:
    """Weekdays and hours for `count` posts in a week: the advised ones in their order, then the plain spread."""
    times = list(dict.fromkeys((slot.weekday, slot.hour) for slot in advised))[:count]
    return times + fallback_times(times, count - len(times))


def _free(slot_at: datetime, platform: Platform, planned: dict[datetime, list[Platform]]) -> datetime:
    """The instant, or the next full hour at which the platform has nothing yet (two local hours may be one instant)."""
    while platform in planned.get(slot_at, ()):
        slot_at += timedelta(hours=1)
    return slot_at


def _brief(pillar: Pillar | None, turn: int) -> str:
    if pillar is None:
        return "Choose a subject with the team and write down why it matters to the audience now."
    brief = about(nth_angle(pillar.name, turn).brief, pillar.name)
    words = [word for word in pillar.keywords if word.casefold() not in pillar.name.casefold()][:3]
    return f"{brief} Words that belong here: {join_words(words)}." if words else brief


def _campaign_brief(campaign: PlanningDate, name: str, turn: int) -> str:
    """The angle first, so that drafts find it again, then what the campaign asks for."""
    angle = about(nth_angle(name, turn).brief, name)
    return f"{angle} For the campaign “{campaign.name}”{f': {campaign.brief}' if campaign.brief else '.'}"


def _facts(document: StrategyDocument, pillar: Pillar | None, platforms: Sequence[Platform]) -> tuple[str, ...]:
    """The facts behind the pillar and the cadence of each platform."""
    ids: list[str] = []
    if pillar is not None:
        ids += [pillar.share_now_fact_id, *pillar.share_proposed.fact_ids, *pillar.rationale.fact_ids]
    for cadence in document.cadence:
        if cadence.platform in platforms:
            ids += [*cadence.posts_per_week.fact_ids, *cadence.rationale.fact_ids]
    return tuple(dict.fromkeys(ids))
