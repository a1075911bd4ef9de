"""Rows of the Graph API about Instagram media, read into records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.readings import Account
from connectors.social.meta.graph import moment
from connectors.social.meta.insights import number
from models.domain.content import ContentRecord


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
    return account.content(
        str(row["id"]), kind_of(row), row, published_at=moment_of(row), body=text if isinstance(text, str) else None,
        url=url if isinstance(url, str) else None,
    )  # fmt: skip


def segments(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, float]]:
    """(`dimension=value`, followers) from the rows of a demographics answer."""
    for row in rows:
        total = row.get("total_value")
        for breakdown in (total.get("breakdowns") or ()) if isinstance(total, dict) else ():
            keys = breakdown.get("dimension_keys") or []
            for result in breakdown.get("results") or ():
                value = number(result.get("value"))
                named = [f"{k}={v}" for k, v in zip(keys, result.get("dimension_values") or (), strict=False)]
                if value is not None and named:
                    yield ",".join(named), value
