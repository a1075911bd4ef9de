"""Posts as X returns them: text for a reader, records, observations."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.readings import Account, number
from connectors.social.matching import plain
from connectors.social.x.names import METRICS, PRIVATE_METRICS
from models.domain.content import ContentRecord, Observation, ObservationState
from models.generation.x_length import link_spans

_KINDS = {"photo": "photo", "animated_gif": "gif", "video": "video"}
_ESCAPED = re.compile(r"&(?:amp|lt|gt);")


def moment(text: object) -> datetime | None:
    """An instant of X (`2026-08-01T10:00:00.000Z`); None for what is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def stamp(at: datetime) -> str:
    """An instant as X asks for it: whole seconds, UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def reader_text(row: Mapping[str, Any]) -> str:
    """The text with real addresses in place of t.co, without the link that only stands for attached media, unescaped."""
    text = str(row.get("text") or "")
    for link in _entities(row, "urls"):
        short, real = str(link.get("url") or ""), str(link.get("expanded_url") or "")
        if short and real:
            attached = link.get("media_key") or re.search(r"/status/\d+/(?:photo|video)/\d+$", real)
            text = text.replace(short, "" if attached else real)
    return _ESCAPED.sub(lambda found: html.unescape(found[0]), text).rstrip()


def comparable(text: str) -> str:
    """The text without what X changes: Unicode form, spacing, the scheme and final slash of links."""
    normal = unicodedata.normalize("NFC", text)
    for start, end in reversed(link_spans(normal)):
        link = re.sub(r"^https?://", "", normal[start:end], flags=re.IGNORECASE).rstrip("/")
        normal = f"{normal[:start]} {link} {normal[end:]}"
    return plain(normal)


def media_count(row: Mapping[str, Any]) -> int:
    attachments = row.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    return len(keys) if isinstance(keys, list) else 0


def address(post_id: str) -> str:
    """The public address; X leads on to the one with the account's name."""
    return f"https://x.com/i/web/status/{post_id}"


def content(row: Mapping[str, Any], media: Mapping[str, str], account: Account) -> ContentRecord:
    """The record of a post. `media` is the type of each media key that came with the page."""
    post_id = str(row["id"])
    tags = dict.fromkeys(str(tag.get("tag")) for tag in _entities(row, "hashtags") if tag.get("tag"))
    return account.content(
        post_id, _kind(row, media), row, published_at=moment(row.get("created_at")), body=reader_text(row),
        url=address(post_id), tags=tuple(tags),
    )  # fmt: skip


def public_observations(row: Mapping[str, Any], account: Account) -> Iterator[Observation]:
    """What everyone may see. A sum counts only when all its parts are there; what X leaves out is unavailable."""
    counts = row.get("public_metrics")
    counts = counts if isinstance(counts, dict) else {}
    for metric, parts in METRICS.items():
        values = [_first(counts, names) for names in parts]
        known = [value for value in values if value is not None]
        yield observation(row, metric, sum(known) if len(known) == len(values) else None, account)


def private_observations(row: Mapping[str, Any], account: Account) -> Iterator[Observation]:
    """What only the account itself may see, from a reading with `non_public_metrics`."""
    counts = row.get("non_public_metrics")
    for metric, name in PRIVATE_METRICS.items():
        yield observation(row, metric, _first(counts, (name,)) if isinstance(counts, dict) else None, account)


def observation(
    row: Mapping[str, Any],
    metric: str,
    value: float | None,
    account: Account,
    missing: ObservationState = ObservationState.UNAVAILABLE,
) -> Observation:
    """A lifetime reading of one post; without a value in the state `missing`."""
    return account.of_post(str(row["id"]), metric, moment(row.get("created_at")), value, missing)


def media_types(page: Mapping[str, Any]) -> dict[str, str]:
    """Type by media key of what a page includes."""
    includes = page.get("includes")
    items = includes.get("media") if isinstance(includes, dict) else None
    return {
        str(item["media_key"]): str(item.get("type"))
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, dict) and item.get("media_key")
    }


def _kind(row: Mapping[str, Any], media: Mapping[str, str]) -> str:
    attachments = row.get("attachments")
    keys = (attachments.get("media_keys") if isinstance(attachments, dict) else None) or ()
    kinds = [_KINDS[media[key]] for key in keys if media.get(key) in _KINDS]
    if kinds:
        return "carousel" if len(kinds) > 1 else kinds[0]
    if any(not link.get("media_key") for link in _entities(row, "urls")):
        return "link"
    return "photo" if keys else "text"


def _entities(row: Mapping[str, Any], kind: str) -> Sequence[Mapping[str, Any]]:
    entities = row.get("entities")
    found = entities.get(kind) if isinstance(entities, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else ()


def _first(counts: Mapping[str, Any], names: Sequence[str]) -> float | None:
    """The first of several spellings that carries a number."""
    return next((value for name in names if (value := number(counts.get(name))) is not None), None)
