"""Mailchimp's errors: `application/problem+json` with a title, and a bare 403 when its servers are overloaded.

Source: Mailchimp Marketing API 3.0, errors (2026-11-22); the bare 403 and the missing Retry-After by third-party notes on
its rate limits. There are no limit headers.
"""

from __future__ import annotations

from connectors.answers import Answer, Refusal
from connectors.email.mailing import without_addresses
from models.errors import AuthExpired, PermissionMissing, RateLimited, Rejected, Transient, VendorError

_KINDS: dict[str, type[VendorError]] = {
    "API Key Invalid": AuthExpired,
    "API Key Missing": AuthExpired,
    "Too Many Requests": RateLimited,
    "User Action Not Permitted": PermissionMissing,
    "User Disabled": AuthExpired,
    "Forbidden": PermissionMissing,
    "Internal Server Error": Transient,
    "Compliance Related": Rejected,
}
_NEXT: dict[type[VendorError], str] = {
    AuthExpired: "make a new API key at Mailchimp and connect the account again",
    PermissionMissing: "give the key's user the right to manage campaigns",
    RateLimited: "it continues by itself",
    Transient: "it is tried again",
    Rejected: "correct the campaign and approve it again",
}


def classify(answer: Answer) -> Refusal | None:
    """What is wrong with an answer, by its title before its status."""
    if answer.status < 400:
        return None
    document = answer.document()
    title = document.get("title")
    if not isinstance(title, str):
        if answer.status == 403:
            return Refusal(
                Transient, "HTTP 403 without a reason, as Mailchimp answers under heavy load", _NEXT[Transient], "403"
            )
        return None
    kind = _KINDS.get(title)
    if kind is None and answer.status in (400, 404, 405, 409, 414, 422):
        kind = Rejected
    if kind is None:
        return None
    return Refusal(kind, f"{title}: {_detail(document)}", _NEXT[kind], title)


def _detail(document: dict[str, object]) -> str:
    fields = document.get("errors")
    named = [
        f"{entry.get('field')}: {entry.get('message')}"
        for entry in (fields if isinstance(fields, list) else [])
        if isinstance(entry, dict)
    ]
    return without_addresses("; ".join(named) or str(document.get("detail", "no detail")))
