"""Brevo's errors `{"code", "message"}` and its limit headers.

Sources: Brevo API v3 documents, limit headers and rate limits (2026-11-22): `x-sib-ratelimit-reset` counts the seconds
left; there is no Retry-After. HTTP 402 means that the plan's credits do not reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connectors.answers import Answer, Limit, Refusal, retry_after
from connectors.email.mailing import without_addresses
from models.errors import AuthExpired, PermissionMissing, QuotaExhausted, RateLimited, Rejected, VendorError

_KINDS: dict[str, tuple[type[VendorError], str]] = {
    "unauthorized": (AuthExpired, "make a new API key at Brevo and connect the account again"),
    "permission_denied": (PermissionMissing, "give the key's user the right to manage campaigns"),
    "account_under_validation": (PermissionMissing, "wait until Brevo has validated the account"),
    "not_enough_credits": (QuotaExhausted, "buy credits or wait until the plan renews them"),
    "too_many_requests": (RateLimited, "it continues by itself then"),
}
_REJECTED = (400, 403, 404, 405, 409, 415, 417, 422)


def classify(answer: Answer) -> Refusal | None:
    """What is wrong with an answer, by its code before its status."""
    if answer.status < 400:
        return None
    document = answer.document()
    code = document.get("code")
    if answer.status == 429:
        kind, next_step = _KINDS["too_many_requests"]
        return Refusal(kind, "too many calls in its time window", next_step, "too_many_requests", _reset(answer))
    if not isinstance(code, str):
        return None
    cause = f"{code}: {without_addresses(str(document.get('message', 'no message')))}"
    if code in _KINDS:
        kind, next_step = _KINDS[code]
        return Refusal(kind, cause, next_step, code)
    if answer.status == 402:
        return Refusal(QuotaExhausted, cause, _KINDS["not_enough_credits"][1], code)
    if answer.status == 401:
        return Refusal(AuthExpired, cause, _KINDS["unauthorized"][1], code)
    if answer.status in _REJECTED:
        return Refusal(Rejected, cause, "correct the campaign and approve it again", code)
    return None


def read_limits(answer: Answer) -> Sequence[Limit]:
    """The allowance of the called endpoint's window."""
    remaining = answer.headers.get("x-sib-ratelimit-remaining", "")
    total = answer.headers.get("x-sib-ratelimit-limit", "")
    if not remaining.isdigit():
        return ()
    return (Limit("calls", float(remaining), float(total) if total.isdigit() else None, _reset(answer)),)


def _reset(answer: Answer) -> datetime | None:
    left = answer.headers.get("x-sib-ratelimit-reset", "")
    return datetime.now(UTC) + timedelta(seconds=int(left)) if left.isdigit() else retry_after(answer)
