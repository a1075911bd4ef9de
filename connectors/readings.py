"""What connectors make of vendors' rows: content and observations of one account as of one instant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.domain.content import ContentRecord, EntityType, Observation, ObservationState, Owner
from models.domain.social import Platform

_OPENING = frozenset({"access_token", "paging", "share_report", "share_password", "_links"})
"""Fields that open something: tokens, addresses of next pages (Meta puts the token into them), shared reports with their
password (Mailchimp)."""
_SIGNED = re.compile(r"(?i)[?&](?:access_token|[a-z-]*signature|sig|oh|token)=")


def number(value: object) -> float | None:
    """A number of JSON; None for anything else. What is missing is never zero."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def kept(row: Mapping[str, Any]) -> dict[str, Any]:
    """The vendor's row as it is stored: without what opens something, signed addresses without their query."""
    return {name: _kept(value) for name, value in row.items() if name not in _OPENING}


def _kept(value: Any) -> Any:
    if isinstance(value, dict):
        return kept(value)
    if isinstance(value, list):
        return [_kept(item) for item in value]
    if isinstance(value, str) and value.startswith("http") and _SIGNED.search(value):
        return value.partition("?")[0]
    return value


@dataclass(frozen=True)
class Account:
    """The account that rows are about, whose it is, and the instant that its numbers speak of."""

    platform: Platform
    id: str
    name: str
    at: datetime
    owner: Owner = Owner.OWN

    def content(
        self, entity_id: str, kind: str | None, row: Mapping[str, Any], *, published_at: datetime | None,
        title: str | None = None, body: str | None = None, url: str | None = None, tags: tuple[str, ...] = (),
    ) -> ContentRecord:  # fmt: skip
        """Something that was published; `row` is the vendor's own."""
        return ContentRecord(
            self.platform, self.id, self.name, self.owner, EntityType.POST, entity_id, kind, title, body, url,
            published_at, self.at, tags, kept(row),
        )  # fmt: skip

    def of_post(
        self, entity_id: str, metric: str, published_at: datetime | None, value: float | None,
        missing: ObservationState = ObservationState.UNAVAILABLE,
    ) -> Observation:  # fmt: skip
        """A lifetime counter of something published; `missing` says why there is no value."""
        return self._observed(EntityType.POST, entity_id, metric, published_at, self.at, value, missing)

    def of_period(
        self, metric: str, start: datetime | None, end: datetime, value: float | None,
        missing: ObservationState = ObservationState.UNAVAILABLE,
    ) -> Observation:  # fmt: skip
        """A number of the account over a period, or at its end where `start` is None."""
        return self._observed(EntityType.ACCOUNT, self.id, metric, start, end, value, missing)

    def now(self, metric: str, value: float | None) -> Observation:
        """A number of the account at the instant of reading."""
        return self.of_period(metric, None, self.at, value)

    def of_segment(
        self, segment: str, metric: str, value: float | None,
        missing: ObservationState = ObservationState.UNAVAILABLE,
    ) -> Observation:  # fmt: skip
        """A number of a part of the audience, such as `country=DE`, at the instant of reading."""
        return self._observed(EntityType.AUDIENCE, segment, metric, None, self.at, value, missing)

    def _observed(
        self, entity_type: EntityType, entity_id: str, metric: str, start: datetime | None, end: datetime,
        value: float | None, missing: ObservationState,
    ) -> Observation:  # fmt: skip
        state = missing if value is None else ObservationState.OBSERVED
        return Observation(
            self.platform,
            self.id,
            self.name,
            self.owner,
            entity_type,
            entity_id,
            metric,
            start,
            end,
            value,
            state,
            self.at,
        )
