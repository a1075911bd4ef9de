"""Asking again without fetching again: validators, moves, ends and waits of one address (RFC 9110, RFC 6585)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

from connectors.competitors.fetching import Fetched, Fetcher
from connectors.competitors.state import PageMemory
from connectors.decoding import Bounds
from models.errors import ImportRefused

WAIT = timedelta(hours=1)
"""How long a site that asks for patience without saying how much is left alone."""
LONGEST_WAIT = timedelta(days=7)
MAX_VALIDATOR = 1_000


class Outcome(StrEnum):
    FRESH = "fresh"
    UNCHANGED = "unchanged"
    WAIT = "wait"
    GONE = "gone"
    """410: it will not come back, and is never asked again."""
    FAILED = "failed"


@dataclass(frozen=True)
class Asked:
    """What came of asking. `memory` replaces what was remembered; `fetched` is there when fresh, else `reason` is."""

    outcome: Outcome
    memory: PageMemory
    fetched: Fetched | None = None
    reason: str | None = None


def ask(fetcher: Fetcher, url: str, memory: PageMemory, *, now: datetime, bounds: Bounds | None = None) -> Asked:
    """Asks an address for what is new, at the place it moved to. Never raises for what the site does."""
    if memory.gone_since is not None:
        return Asked(Outcome.GONE, memory, reason=f"{url} has been gone for good since {memory.gone_since:%Y-%m-%d}.")
    if memory.wait_until is not None and now < memory.wait_until:
        return Asked(Outcome.WAIT, memory, reason=f"{url} asked to be left alone until {_shown(memory.wait_until)}.")
    where = memory.moved_to or url
    conditions = {"If-None-Match": memory.etag, "If-Modified-Since": memory.last_modified}
    headers = {name: value for name, value in conditions.items() if value}
    try:
        fetched = fetcher.get(where, headers=headers, bounds=bounds)
    except ImportRefused as refused:
        return Asked(Outcome.FAILED, memory, reason=str(refused))
    kept = memory.model_copy(update={"moved_to": fetched.moved_to or memory.moved_to, "wait_until": None})
    match fetched.status:
        case 200:
            fresh = {"etag": _validator(fetched, "etag"), "last_modified": _validator(fetched, "last-modified")}
            return Asked(Outcome.FRESH, kept.model_copy(update=fresh), fetched)
        case 304:
            return Asked(Outcome.UNCHANGED, kept)
        case 410:
            gone = kept.model_copy(update={"gone_since": now})
            return Asked(Outcome.GONE, gone, reason=f"{where} is gone for good (410), so it is not asked again.")
        case 429 | 503:
            until = min(_retry_at(fetched, now), now + LONGEST_WAIT)
            waiting = kept.model_copy(update={"wait_until": until})
            return Asked(Outcome.WAIT, waiting, reason=f"{where} asked to be left alone until {_shown(until)}.")
        case status:
            forgotten = kept.model_copy(update={"moved_to": None}) if memory.moved_to and status == 404 else kept
            what = "try again later" if status >= 500 else "check the address"
            return Asked(Outcome.FAILED, forgotten, reason=f"{where} answered {status} {_phrase(status)}: {what}.")


def _validator(fetched: Fetched, name: str) -> str | None:
    value = fetched.headers.get(name, "")
    return value if 0 < len(value) <= MAX_VALIDATOR and value.isprintable() and value.isascii() else None


def _retry_at(fetched: Fetched, now: datetime) -> datetime:
    """The instant of `Retry-After`, seconds or a date by the server's own clock."""
    text = fetched.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return now + timedelta(seconds=int(text))
    try:
        there = parsedate_to_datetime(fetched.headers["date"]) if "date" in fetched.headers else now
        wait = parsedate_to_datetime(text).astimezone(UTC) - there.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return now + WAIT
    return now + max(wait, timedelta(0))


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "without a reason"
