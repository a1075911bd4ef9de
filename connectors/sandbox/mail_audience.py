"""How a seeded list of recipients behaves when a campaign reaches them: the truth behind every mail report.

Nothing here was observed. Each recipient has lasting habits (a dead address, Apple's mail program, how often mail is
read); each campaign draws, from its own id, who does what and when: delivery within minutes, machine opens within the
first hours, people over days with a half-life of about six hours, then clicks, unsubscribes and complaints. A reading is
a count of what happened until an instant, so it grows, is late by the vendor's lag, and is the same in every process.
"""

from __future__ import annotations

import bisect
import random
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache

from connectors.sandbox.audience import EFFECTS, ZONE, topic_effect
from models.domain.connection import Vendor

RECIPIENTS = 1_200
LIST_NAME = "Sample newsletter (synthetic)"
LAG: Mapping[Vendor, timedelta] = {
    Vendor.MAILCHIMP: timedelta(minutes=20),
    Vendor.BREVO: timedelta(minutes=10),
    Vendor.SENDGRID: timedelta(minutes=45),
}
"""How late each service reports."""
SENDING = timedelta(seconds=90)
"""How long a campaign of this size is being sent."""
DEAD, FULL, APPLE = 0.008, 0.012, 0.36
"""Shares of recipients whose address is dead (hard bounce), who may soft bounce, and whose program opens by itself."""
READS, CLICKS, LEAVES, COMPLAINS = 0.31, 0.13, 0.011, 0.0009
"""Of those reached: people who open; of these, who click, unsubscribe; and complaints of those reached."""
_HALF_HOURS = 6.0


@dataclass(frozen=True)
class MailNumbers:
    """Counts of one campaign. `opens` are recipients with an open of any kind; `machine_only` those of them that no person
    has opened so far, `automatic` those that a machine opened whoever came later. Totals count every event."""

    sent: int
    hard_bounces: int
    soft_bounces: int
    delivered: int
    opens: int
    machine_only: int
    automatic: int
    human_opens: int
    opens_total: int
    unique_clicks: int
    clicks_total: int
    unsubscribes: int
    complaints: int

    def plus(self, other: MailNumbers) -> MailNumbers:
        """Both campaigns together; recipients of both count twice."""
        return MailNumbers(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


NOTHING = MailNumbers(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class Outcome:
    """Seconds after sending at which each kind of event happens, in order. `either` is a recipient's first open of any
    kind, `human` the first by a person."""

    sent: tuple[float, ...]
    hard: tuple[float, ...]
    soft: tuple[float, ...]
    delivered: tuple[float, ...]
    either: tuple[float, ...]
    human: tuple[float, ...]
    automatic: tuple[float, ...]
    every_open: tuple[float, ...]
    first_click: tuple[float, ...]
    every_click: tuple[float, ...]
    unsubscribes: tuple[float, ...]
    complaints: tuple[float, ...]


def numbers(seed: int, vendor: Vendor, campaign_id: str, subject: str, sent_at: datetime, now: datetime) -> MailNumbers:
    """The campaign's counts as the vendor reports them at `now`."""
    return _until(_outcome(seed, vendor, campaign_id, subject, sent_at), (now - LAG[vendor] - sent_at).total_seconds())


def between(
    seed: int, vendor: Vendor, campaign_id: str, subject: str, sent_at: datetime, *, start: datetime, end: datetime,
    now: datetime,
) -> MailNumbers:  # fmt: skip
    """What happened in `[start, end)`, as reported at `now`."""
    outcome = _outcome(seed, vendor, campaign_id, subject, sent_at)
    seen = min(end, now - LAG[vendor])
    late = _until(outcome, (seen - sent_at).total_seconds())
    early = _until(outcome, (min(start, seen) - sent_at).total_seconds())
    return MailNumbers(*(getattr(late, f.name) - getattr(early, f.name) for f in fields(MailNumbers)))


def _until(outcome: Outcome, seconds: float) -> MailNumbers:
    def happened(moments: tuple[float, ...]) -> int:
        return bisect.bisect_right(moments, seconds)

    opens, human = happened(outcome.either), happened(outcome.human)
    return MailNumbers(
        sent=happened(outcome.sent), hard_bounces=happened(outcome.hard), soft_bounces=happened(outcome.soft),
        delivered=happened(outcome.delivered), opens=opens, machine_only=opens - human, automatic=happened(outcome.automatic), human_opens=human,
        opens_total=happened(outcome.every_open), unique_clicks=happened(outcome.first_click),
        clicks_total=happened(outcome.every_click), unsubscribes=happened(outcome.unsubscribes),
        complaints=happened(outcome.complaints),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _outcome(seed: int, vendor: Vendor, campaign_id: str, subject: str, sent_at: datetime) -> Outcome:
    """Draws who does what. The topic, the hour and the weekday move how many read; the truth a planner should find."""
    habits = _habits(seed, vendor)
    rng = random.Random(f"{seed}:{vendor}:{campaign_id}")
    local = sent_at.astimezone(ZONE)
    pull = (
        topic_effect(subject)
        * EFFECTS.hours.get(local.hour, EFFECTS.other_hours) ** 0.5
        * EFFECTS.weekdays[local.isoweekday()]
    )
    events: dict[str, list[float]] = {f.name: [] for f in fields(Outcome)}
    for dead, full, apple, eager in habits:
        handed = rng.uniform(0.0, SENDING.total_seconds())
        events["sent"].append(handed)
        arrived = handed + rng.expovariate(1 / 20)
        if dead or (full and rng.random() < 0.5):
            events["hard" if dead else "soft"].append(arrived)
            continue
        events["delivered"].append(arrived)
        opened = []
        if apple:
            opened.append(arrived + rng.uniform(60, 4 * 3600))
            events["automatic"].append(opened[0])
            events["every_open"].append(opened[0])
        if rng.random() < min(0.95, READS * eager * pull):
            read = arrived + rng.expovariate(0.6931 / (_HALF_HOURS * 3600))
            opened.append(read)
            events["human"].append(read)
            events["every_open"] += [read, *(read + rng.expovariate(1 / 40_000) for _ in range(rng.randrange(3)))]
            if rng.random() < CLICKS:
                click = read + rng.uniform(5, 120)
                events["first_click"].append(click)
                events["every_click"] += [click, *(click + rng.uniform(10, 900) for _ in range(rng.randrange(3)))]
            if rng.random() < LEAVES:
                events["unsubscribes"].append(read + rng.uniform(5, 60))
        if opened:
            events["either"].append(min(opened))
        if rng.random() < COMPLAINS:
            events["complaints"].append(arrived + rng.uniform(60, 86_400))
    return Outcome(**{name: tuple(sorted(moments)) for name, moments in events.items()})


@lru_cache(maxsize=16)
def _habits(seed: int, vendor: Vendor) -> tuple[tuple[bool, bool, bool, float], ...]:
    """(dead address, may soft bounce, Apple's program, eagerness with mean 1) of every recipient."""
    rng = random.Random(f"{seed}:{vendor}:habits")
    return tuple(
        (rng.random() < DEAD, rng.random() < FULL, rng.random() < APPLE, rng.gammavariate(2.0, 0.5))
        for _ in range(RECIPIENTS)
    )
