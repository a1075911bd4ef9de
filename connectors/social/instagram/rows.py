"""Rows of the Graph API about Instagram media, read into records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.social.meta.graph import moment
from connectors.social.meta.insights import number
from models.domain.content import (
    ContentRecord,
    EntityType,
    Observation,
    ObservationState,
    Owner,
)
from models.domain.social import Platform


@dataclass(frozen=True)
class Account:
    """The account that rows belong to, whose it is, and the instant that its numbers speak of."""

    id: str
    name: str
    at: datetime
    owner: Owner = Owner.OWN


def moment_of(row: Mapping[str, Any]) -> datetime | None:
    return moment(row.get("timestamp"))


def media_count(row: Mapping[str, Any]) -> int:
    """Items of a carousel, 1 for anything else."""
    children = row.get("children")
    items = children.get("data") if isinstance(children, dict) else None
    return len(items) if isinstance(items, list) and items else 1


def kind_of(row: Mapping[str, Any]) -> str:
    if row.get("media_product_type") == "REELS":
        return "reel"
    return {"IMAGE": "photo", "CAROUSEL_ALBUM": "carousel", "VIDEO": "video"}.get(str(row.get("media_type")), "unknown")


def content_of(row: Mapping[str, Any], account: Account) -> ContentRecord:
    """A media object as the account shows it; `row` must have an id."""
    text, url = row.get("caption"), row.get("permalink")
    return ContentRecord(
        platform=Platform.INSTAGRAM, account_id=account.id, account_name=account.name, owner=account.owner,
        entity_type=EntityType.POST, entity_id=str(row["id"]), content_type=kind_of(row), title=None,
        body=text if isinstance(text, str) else None, url=url if isinstance(url, str) else None,
        published_at=moment_of(row), observed_at=account.at, payload=dict(row),
    )  # fmt: skip


def lifetime(
    account: Account, content: ContentRecord, metric: str, value: float | None, state: ObservationState
) -> Observation:
    """A counter of a media object since it was published; `state` says why there is no value."""
    return Observation(
        Platform.INSTAGRAM, account.id, account.name, account.owner, EntityType.POST, content.entity_id, metric,
        content.published_at, account.at, value, ObservationState.OBSERVED if value is not None else state, account.at,
    )  # fmt: skip


def point(account: Account, metric: str, value: float | None) -> Observation:
    """A number of the account at the instant of reading."""
    state = ObservationState.UNAVAILABLE if value is None else ObservationState.OBSERVED
    return Observation(
        Platform.INSTAGRAM, account.id, account.name, account.owner, EntityType.ACCOUNT, account.id, metric, None,
        account.at, value, state, account.at,
    )  # fmt: skip


def segments(answer: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """(`dimension=value`, followers) from a demographics answer."""
    data = answer.get("data")
    for row in data if isinstance(data, list) else ():
        total = row.get("total_value") if isinstance(row, dict) else None
        for breakdown in (total.get("breakdowns") or ()) if isinstance(total, dict) else ():
            keys = breakdown.get("dimension_keys") or []
            for result in breakdown.get("results") or ():
                value = number(result.get("value"))
                named = [f"{k}={v}" for k, v in zip(keys, result.get("dimension_values") or (), strict=False)]
                if value is not None and named:
                    yield ",".join(named), value
