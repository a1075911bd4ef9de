"""Rows of the Graph API about a page, read into records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.readings import Account
from connectors.social.meta.graph import moment
from connectors.social.meta.insights import Asked, nested_values, number
from models.domain.content import ContentRecord, ObservationState, Record, Rejection

_TYPES = {
    "album": "carousel",
    "photo": "photo",
    "video": "video",
    "video_inline": "video",
    "share": "link",
    "link": "link",
}
"""`attachments.media_type` and what FABRIC calls it."""


def moment_of(row: Mapping[str, Any]) -> datetime | None:
    return moment(row.get("created_time"))


def media_count(row: Mapping[str, Any]) -> int:
    """Photos and videos of a post; a link's preview is none."""
    kind, first = _attachment(row)
    if kind == "carousel":
        below = first.get("subattachments")
        return len(below["data"]) if isinstance(below, dict) and isinstance(below.get("data"), list) else 0
    return 1 if kind in ("photo", "video") else 0


def link_of(row: Mapping[str, Any]) -> str:
    """The address that the post's preview leads to, empty without one."""
    kind, first = _attachment(row)
    address = first.get("unshimmed_url") if kind == "link" else None
    return address if isinstance(address, str) else ""


def content_of(row: Mapping[str, Any], page: Account) -> ContentRecord:
    """A post as the page shows it; `row` must have an id."""
    kind, _ = _attachment(row)
    text, url = row.get("message"), row.get("permalink_url")
    return page.content(
        str(row["id"]), kind or "text", row, published_at=moment_of(row), body=text if isinstance(text, str) else None,
        url=url if isinstance(url, str) else None,
    )  # fmt: skip


def values_of(row: Mapping[str, Any]) -> dict[str, float]:
    """The post's numbers by the registry's field names; what the answer leaves out is left out."""
    found = nested_values(row)
    for name, path in (
        ("comments.summary.total_count", ("comments", "summary", "total_count")),
        ("shares.count", ("shares", "count")),
    ):
        held: Any = row
        for step in path:
            held = held.get(step) if isinstance(held, Mapping) else None
        value = number(held)
        if value is not None:
            found[name] = value
    return found


def records_of(
    row: Mapping[str, Any], page: Account, asked: tuple[Asked, ...], refused: Mapping[str, ObservationState]
) -> Iterator[Record]:
    """A post and its lifetime numbers; a number that is not there gets the reason for it."""
    if not row.get("id"):
        yield Rejection(f"facebook:{page.id}", None, "id", "a post without an id cannot be kept", str(dict(row))[:200])
        return
    content = content_of(row, page)
    yield content
    values = values_of(row)
    for one in asked:
        missing = refused.get(one.name, ObservationState.UNAVAILABLE)
        yield page.of_post(content.entity_id, one.metric, content.published_at, values.get(one.name), missing)


def _attachment(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """(kind, first attachment); the kind is empty for a post without one."""
    attachments = row.get("attachments")
    data = attachments.get("data") if isinstance(attachments, dict) else None
    if isinstance(data, list) and data and isinstance(data[0], dict):
        return _TYPES.get(str(data[0].get("media_type")), "text"), data[0]
    return "", {}
