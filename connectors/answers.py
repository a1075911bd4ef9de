"""A vendor's answer, and what can be told of it: a refusal, what is left of an allowance, instants of another clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from json import loads as parse_json
from typing import Any

import httpx

from models.errors import (
    AuthExpired,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Transient,
    VendorError,
)

ROLLING_DAY_PAUSE = timedelta(hours=4)


@dataclass(frozen=True)
class Answer:
    """A whole answer. `now` is the server's own clock (its Date header), to which its reset times refer."""

    status: int
    headers: httpx.Headers
    content: bytes
    now: datetime
    url: str

    def json(self) -> Any:
        """The decoded body. Raises `ValueError` for anything that is not JSON."""
        return parse_json(self.content)

    def document(self) -> dict[str, Any]:
        """The body as a JSON object, `{}` when it is anything else: for classifiers, which must read every answer."""
        try:
            found = self.json()
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Refusal:
    """A classifier's judgement of one answer: the kind of error and what to tell a person."""

    kind: type[VendorError]
    cause: str
    next_step: str
    code: str | None = None
    until: datetime | None = None
    existing_id: str | None = None


@dataclass(frozen=True)
class Limit:
    """What a vendor says is left of one allowance. `reset_at` is None when it does not say."""

    name: str
    remaining: float
    total: float | None = None
    reset_at: datetime | None = None

    def __str__(self) -> str:
        of = f" of {self.total:,.0f}" if self.total is not None else ""
        until = f" until {self.reset_at:%H:%M} UTC" if self.reset_at else ""
        return f"{self.remaining:,.0f}{of} left{until}"


Classifier = Callable[[Answer], Refusal | None]
LimitReader = Callable[[Answer], Sequence[Limit]]


def no_limits(_: Answer) -> Sequence[Limit]:
    """For vendors that publish no limit headers."""
    return ()


def retry_after(answer: Answer) -> datetime | None:
    """The instant of a `Retry-After` header (seconds or HTTP date), by this machine's clock; None without one."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        if text.isdigit():
            return datetime.now(UTC) + timedelta(seconds=int(text))
        return local_time(parsedate_to_datetime(text), answer)
    except (ValueError, TypeError, OverflowError):
        return None


def epoch_reset(answer: Answer, header: str) -> datetime | None:
    """The instant of a reset header in epoch seconds, by this machine's clock; without one that of `Retry-After`."""
    text = answer.headers.get(header, "")
    try:
        return local_time(datetime.fromtimestamp(int(text), UTC), answer)
    except (ValueError, OverflowError, OSError):
        return retry_after(answer)


def local_time(moment: datetime, answer: Answer) -> datetime:
    """A server's instant by this machine's clock, corrected by how far the server's Date header is off."""
    return moment - answer.now + datetime.now(UTC)


def by_status(answer: Answer) -> Refusal:
    """What any HTTP status means when the vendor says nothing more."""
    status = answer.status
    said = f"HTTP {status}"
    if status == 401:
        return Refusal(AuthExpired, f"{said}: the token is not accepted", "reconnect the account", str(status))
    if status == 429:
        return Refusal(
            RateLimited, f"{said}: too many calls", "it continues by itself then", str(status), retry_after(answer)
        )
    if status == 402:
        return Refusal(QuotaExhausted, f"{said}: the allowance is used up", "raise the plan or wait", str(status))
    if status == 408 or status >= 500:
        return Refusal(Transient, f"{said} without a reason", "it is tried again", str(status), retry_after(answer))
    if status == 403:
        return Refusal(PermissionMissing, f"{said}: not allowed", "check the account's rights and scopes", str(status))
    return Refusal(
        Rejected, f"{said} without a reason that could be read", "check the post and the account", str(status)
    )


def within_a_day() -> datetime:
    """When to look again at an allowance of a rolling day that does not say when it is free: often enough to be in time,
    and seldom enough that the attempts of the outbox outlast the day."""
    return datetime.now(UTC) + ROLLING_DAY_PAUSE


def server_time(headers: httpx.Headers) -> datetime:
    """The instant of the Date header, this machine's where there is none."""
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return datetime.now(UTC)
