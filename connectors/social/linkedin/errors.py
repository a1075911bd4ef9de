"""LinkedIn's refusals, by its own codes (`{"status", "serviceErrorCode", "code", "message"}`).

Sources: learn.microsoft.com/linkedin shared/api-guide/concepts (error handling, rate limits), marketing/versioning, and
recorded answers. There are no limit headers and no `Retry-After`: the daily allowances start anew at midnight UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors.answers import Answer, Refusal, local_time
from models.errors import AuthExpired, PermissionMissing, QuotaExhausted, RateLimited, Rejected

CONFLICT = "CONFLICT"
DUPLICATE = "DUPLICATE_POST"
PROCESSING = "MEDIA_ASSET_WAITING_UPLOAD"
"""A file of the post is not ready yet; nothing was published."""
_DUPLICATE = re.compile(r"duplicate of (urn:li:\w+:\w+)")
_SIGN_IN_AGAIN = {
    65600,
    65601,
    "REVOKED_ACCESS_TOKEN",
    "EXPIRED_ACCESS_TOKEN",
    "INVALID_ACCESS_TOKEN",
    "EMPTY_ACCESS_TOKEN",
}
_VERSION = {"NONEXISTENT_VERSION", "VERSION_MISSING"}
_MESSAGE_LENGTH = 300


def classify(answer: Answer) -> Refusal | None:
    """The refusal in an answer, None when it holds none or says nothing of its own."""
    if answer.status < 400:
        return _inside(answer) if answer.status == 200 else None
    document = answer.document()
    if "error" in document and "status" not in document:
        return _oauth(document)
    if not document:
        return None
    return _refusal({**document, "status": answer.status}, answer)


def _inside(answer: Answer) -> Refusal | None:
    """A decorated sub-call that failed stands as `"field!": {"status": …}` inside the 200 of a read; 201 is a post made."""
    if b'!"' not in answer.content:
        return None
    failed = next(_decorated(answer.document()), None)
    return _refusal(failed, answer) if failed else None


def _decorated(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _decorated(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name.endswith("!") and isinstance(item, dict) and isinstance(item.get("status"), int):
                yield item
            else:
                yield from _decorated(item)


def _refusal(document: dict[str, Any], answer: Answer) -> Refusal | None:
    status = document["status"]
    service_code = document.get("serviceErrorCode")
    code = str(document.get("code") or service_code or status)
    message = _short(document.get("message"))
    if status == 401 or {code, service_code} & _SIGN_IN_AGAIN:
        return Refusal(AuthExpired, f"LinkedIn no longer accepts the token ({message})", "reconnect the account", code)
    if status == 429:
        return _limited(message, code, answer)
    if status >= 500:
        return None
    if status == 403:
        return Refusal(
            PermissionMissing,
            f"LinkedIn refuses access ({message})",
            "check that the member is an administrator of the page and reconnect with all scopes",
            code,
        )
    if code in _VERSION:
        return Refusal(
            Rejected, f"LinkedIn no longer offers the interface version asked for ({message})", "update FABRIC", code
        )
    if status == 409:
        return Refusal(Rejected, f"another change was in the way ({message})", "try it again", CONFLICT)
    if status == 422 and (named := _DUPLICATE.search(message)):
        return Refusal(
            Rejected, f"it is already there as {named[1]}", "nothing to do: it was published", DUPLICATE, None, named[1]
        )
    return Refusal(Rejected, f"LinkedIn refuses it ({message})", "change what it names and try again", code)


def _limited(message: str, code: str, answer: Answer) -> Refusal:
    if " DAY " in message:
        midnight = answer.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        until: datetime = local_time(midnight, answer)
        return Refusal(
            QuotaExhausted, f"the day's calls are used up ({message})", "it continues by itself then", code, until
        )
    return Refusal(RateLimited, f"too many calls ({message})", "it continues by itself", code)


def _oauth(document: dict[str, Any]) -> Refusal:
    code = str(document["error"])
    said = _short(document.get("error_description") or code)
    if code in ("invalid_client", "unauthorized_client"):
        return Refusal(Rejected, f"LinkedIn does not know the app ({said})", "check the client id and secret", code)
    return Refusal(AuthExpired, f"LinkedIn gives no token ({said})", "sign in again", code)


def _short(message: object) -> str:
    text = " ".join(str(message or "no reason given").split())
    return text[:_MESSAGE_LENGTH].rstrip(". ")
