"""Which model providers a workspace has set up, what it may spend on them in a month and what it spent.

Amounts are in millionths of a US dollar. A month is a calendar month in the workspace's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from models.domain.ai import Tier
from models.errors import InvalidInput

MICRO = 1_000_000
"""Millionths in a US dollar."""


@dataclass(frozen=True)
class ProviderSetup:
    """A workspace's own access to a provider. `models` names its model by tier; the key itself is never in here.

    `local` says that it runs on own machines and that its calls cost nothing.
    """

    workspace_id: str
    provider: str
    base_url: str
    models: Mapping[str, str]
    has_key: bool
    enabled: bool
    updated_at: datetime
    local: bool = False


@dataclass(frozen=True)
class ProviderAccess:
    """What it takes to call a provider: an installation's or a workspace's own."""

    provider: str
    base_url: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default="", repr=False)
    local: bool = False


def models_by_tier(given: Iterable[str]) -> dict[str, str]:
    """`["draft=small", "standard=large"]` as a mapping; empty parts are passed over. Raises `InvalidInput`."""
    named: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in given)):
        tier, _, name = (side.strip() for side in part.partition("="))
        if tier not in set(Tier) or not name:
            raise InvalidInput(f"{part!r} names no model: write tier=name, with one of the tiers {', '.join(Tier)}.")
        named[tier] = name
    return named


@dataclass(frozen=True)
class Month:
    """A month in a zone, as the instants `[start, end)` in UTC."""

    first: date
    start: datetime
    end: datetime

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> Month:
        """The month that the instant falls into."""
        first = moment.astimezone(zone).date().replace(day=1)
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        return cls(first, _midnight(first, zone), _midnight(following, zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True)
class SpendingLine:
    """Calls of one task to one model in a month. `cost_microusd` sums the known prices and is None when none is known.

    `priced` counts the calls whose price is known, `failed` those without a usable answer.
    """

    task: str
    provider: str
    model: str
    calls: int
    failed: int
    cache_hits: int
    priced: int
    tokens_in: int | None
    tokens_out: int | None
    cost_microusd: int | None


@dataclass(frozen=True)
class Spending:
    """One workspace's month. `limit` None means that nothing bounds it; `own_limit` that the workspace set it itself.

    `spent` are the known costs. `held` is set aside: for calls under way, and for those whose cost nobody told.
    """

    month: date
    limit: int | None
    own_limit: bool
    spent: int
    held: int
    lines: tuple[SpendingLine, ...] = ()

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.spent - self.held)
