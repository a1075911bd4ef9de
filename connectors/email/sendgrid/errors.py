"""SendGrid's errors `{"errors": [{"message", "field", "help"}]}` and its limit headers.

Sources: SendGrid v3 API documents, errors and rate limits (2026-11-22): `X-RateLimit-Reset` is epoch seconds; the numbers
of calls are not published, the headers tell them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.answers import Answer, Limit, Refusal, epoch_reset
from connectors.email.mailing import without_addresses
from models.errors import (
    AuthExpired,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Transient,
    VendorError,
)

_KINDS: dict[int, tuple[type[VendorError], str]] = {
    401: (AuthExpired, "make a new API key at SendGrid and connect the account again"),
    402: (QuotaExhausted, "raise the plan or wait until it renews"),
    403: (PermissionMissing, "give the key access to Marketing and Mail Send, and verify the sender"),
    429: (RateLimited, "it continues by itself then"),
}
_CREDITS = "maximum credits exceeded"


def classify(answer: Answer) -> Refusal | None:
    """What is wrong with an answer. Used-up credits come as 401, told by their message alone."""
    if answer.status < 400:
        return None
    errors = answer.document().get("errors")
    entries = [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []
    if not entries:
        return None
    said = "; ".join(_said(entry) for entry in entries)
    code = str(answer.status)
    if _CREDITS in said.lower():
        return Refusal(QuotaExhausted, said, _KINDS[402][1], "credits")
    if answer.status in _KINDS:
        kind, next_step = _KINDS[answer.status]
        return Refusal(kind, said, next_step, code, _reset(answer) if kind is RateLimited else None)
    if answer.status >= 500 or answer.status == 408:
        return Refusal(Transient, said, "it is tried again", code)
    return Refusal(Rejected, said, "correct the campaign and approve it again", code)


def read_limits(answer: Answer) -> Sequence[Limit]:
    """The allowance of the called endpoint's period; each endpoint has its own, the last told is shown."""
    remaining = answer.headers.get("x-ratelimit-remaining", "")
    total = answer.headers.get("x-ratelimit-limit", "")
    if not remaining.isdigit():
        return ()
    return (Limit("calls", float(remaining), float(total) if total.isdigit() else None, _reset(answer)),)


def _reset(answer: Answer) -> datetime | None:
    return epoch_reset(answer, "x-ratelimit-reset")


def _said(entry: dict[str, object]) -> str:
    message = without_addresses(str(entry.get("message", "no message")))
    field = entry.get("field")
    return f"{field}: {message}" if field not in (None, "", "null") else message
