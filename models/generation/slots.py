"""When to post: an hour is recommended only when enough measured posts put it above the middle; else a plain spread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from models.domain.snapshot import SlotFacts, Snapshot
from models.domain.social import Platform
from models.domain.strategy import Cadence, Claim, Confidence, SlotAdvice
from models.generation.estimate import MIDDLE, PSEUDO_POSTS, confidence, critical, standard_error, unshrunk_sum
from models.generation.evidence import claim, known
from models.generation.rules import RULES
from models.generation.wording import phrase, place, places

FALLBACK_DAYS = (2, 4, 1, 5, 3, 6, 7)
"""ISO weekdays in the order the spread takes them: Tuesday and Thursday first, the weekend last."""


@dataclass(frozen=True)
class _Found:
    """A time that stands above the middle; `facts` has one slot, or the slots that were pooled into an hour."""

    weekday: int
    hour: int
    bound: float
    facts: tuple[SlotFacts, ...]
    confidence: Confidence


def write_slots(snapshot: Snapshot, cadence: Iterable[Cadence]) -> tuple[SlotAdvice, ...]:
    """As many times a platform as its cadence needs in its fullest week, recommended ones first."""
    advice: list[SlotAdvice] = []
    for item in cadence:
        needed = ceil(item.posts_per_week.value)
        slots = _measured(snapshot, item.platform)
        found = _recommended(slots, needed)
        for time in found:
            advice.append(_recommendation(len(advice), item.platform, time))
        taken = [(time.weekday, time.hour) for time in found]
        for count, (weekday, hour) in enumerate(fallback_times(taken, needed - len(found))):
            reason = "fills" if found else "same" if count else _reason(slots)
            advice.append(
                SlotAdvice(
                    platform=item.platform,
                    weekday=weekday,
                    hour=hour,
                    verdict="no_evidence",
                    confidence="low",
                    rationale=_fallback_claim(len(advice), item.platform, slots, reason),
                )
            )
    return tuple(advice)


def slot_abstentions(slots: Iterable[SlotAdvice]) -> list[str]:
    """A template naming the platforms without any recommended time, if there are such."""
    verdicts: dict[Platform, set[str]] = {}
    for slot in slots:
        verdicts.setdefault(slot.platform, set()).add(slot.verdict)
    without = [platform for platform, kinds in verdicts.items() if "recommend" not in kinds]
    return [phrase("abstentions.slots", names=places(without))] if without else []


def fallback_times(taken: Iterable[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """The next `count` (weekday, hour) of the spread: days without a time first, a second hour only after that."""
    used = set(taken)
    busy = {weekday for weekday, _ in used}
    days = sorted(FALLBACK_DAYS, key=lambda day: (day in busy, FALLBACK_DAYS.index(day)))
    hours = (RULES.fallback_hour, RULES.second_fallback_hour, *range(8, 21))
    times = [(day, hour) for hour in dict.fromkeys(hours) for day in days if (day, hour) not in used]
    return times[: max(0, count)]


def _measured(snapshot: Snapshot, platform: Platform) -> list[SlotFacts]:
    """The platform's slots with at least one measured post, in the order of the week."""
    slots = {(s.weekday, s.hour): s for s in snapshot.slots if s.platform is platform and _reading(s) is not None}
    return [slots[key] for key in sorted(slots)]


def _reading(slot: SlotFacts) -> tuple[float, float] | None:
    """Measured posts and percentile, if both are there."""
    n, percentile = known(slot.posts_measured), known(slot.percentile)
    return None if n is None or n < 1 or percentile is None else (n, percentile)


def _recommended(slots: list[SlotFacts], needed: int) -> list[_Found]:
    """Hours of the week above the middle, then hours of the day pooled over the other weekdays; at most one a day."""
    single = [slot for slot in slots if _size([slot]) >= RULES.slot_min_posts]
    z = critical(RULES.slot_error, len(single) + len(_pools(slots)))
    found = [time for slot in single if (time := _judge([slot], z)) is not None]
    rest = [slot for slot in slots if (slot.weekday, slot.hour) not in {(f.weekday, f.hour) for f in found}]
    pooled = [time for pool in _pools(rest) if (time := _judge(pool, z)) is not None]
    by_day: dict[int, _Found] = {}
    for group in (found, pooled):
        for time in sorted(group, key=lambda f: (-f.bound, f.weekday, f.hour)):
            by_day.setdefault(time.weekday, time)
    return list(by_day.values())[:needed]


def _size(slots: list[SlotFacts]) -> float:
    return sum(reading[0] for slot in slots if (reading := _reading(slot)) is not None)


def _judge(slots: list[SlotFacts], z: float) -> _Found | None:
    """The slots taken together, if they stand above the middle; the weekday is the one with the most posts."""
    readings = [reading for slot in slots if (reading := _reading(slot)) is not None]
    n = sum(count for count, _ in readings)
    total = sum(unshrunk_sum(percentile, count) for count, percentile in readings)
    mean = (total + PSEUDO_POSTS * MIDDLE) / (n + PSEUDO_POSTS)
    bound = mean - z * standard_error(n)
    if bound <= MIDDLE:
        return None
    fullest = max(slots, key=lambda slot: (_size([slot]), -slot.weekday))
    return _Found(fullest.weekday, fullest.hour, bound, tuple(slots), confidence(mean, n))


def _pools(slots: list[SlotFacts]) -> list[list[SlotFacts]]:
    """Slots of the same hour on several weekdays that have enough measured posts together."""
    by_hour: dict[int, list[SlotFacts]] = {}
    for slot in slots:
        by_hour.setdefault(slot.hour, []).append(slot)
    pools = [by_hour[hour] for hour in sorted(by_hour)]
    return [pool for pool in pools if len(pool) > 1 and _size(pool) >= RULES.slot_min_posts]


def _recommendation(index: int, platform: Platform, time: _Found) -> SlotAdvice:
    given = {"weekday": f"@slots.{index}.weekday", "hour": f"@slots.{index}.hour"}
    if len(time.facts) == 1:
        given |= {"percentile": time.facts[0].percentile.id, "measured": time.facts[0].posts_measured.id}
        rationale = claim(phrase("slots.recommend", given, place=place(platform)))
    else:
        rests_on = tuple(fact.id for slot in time.facts for fact in (slot.percentile, slot.posts_measured))
        rationale = claim(phrase("slots.recommend_hour", given, place=place(platform)), also=rests_on)
    return SlotAdvice(
        platform=platform,
        weekday=time.weekday,
        hour=time.hour,
        verdict="recommend",
        confidence=time.confidence,
        rationale=rationale,
    )


def _reason(slots: list[SlotFacts]) -> str:
    """Why no hour is recommended: nothing measured, too little of it, or no difference."""
    if not slots:
        return "nothing"
    return "no_difference" if max(_size([slot]) for slot in slots) >= RULES.slot_min_posts else "too_few"


def _fallback_claim(index: int, platform: Platform, slots: list[SlotFacts], reason: str) -> Claim:
    given = {"weekday": f"@slots.{index}.weekday", "hour": f"@slots.{index}.hour"}
    if not slots:
        return claim(phrase(f"slots.{reason}", given, place=place(platform)))
    fullest = max(slots, key=lambda slot: (_size([slot]), -slot.weekday, -slot.hour))
    given["fullest"] = fullest.posts_measured.id
    return claim(phrase(f"slots.{reason}", given, place=place(platform)), also=(fullest.posts_measured.id,))
