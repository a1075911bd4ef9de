"""What X's refusals mean, and what its headers say is left.

X answers with a problem document (`type` is a URI whose last segment names the kind: the host differs between
specification 2.166 and 2.167), with numbered errors (`{"errors": [{"code", "message"}]}` or `{"code", "message"}`), or with
OAuth's `{"error", "error_description"}`. Errors beside `data` in a 200 are no refusal: they belong to single records.
Sources: X OpenAPI 2.166 and 2.167, X docs "Response codes and errors" and "Rate limits".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.answers import Answer, Limit, Refusal, epoch_reset, local_time, within_a_day
from models.errors import (
    AuthExpired,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Transient,
    VendorError,
)

DUPLICATE = "duplicate"
MEDIA_EXPIRED = "media-ids-invalid"
_UNTYPED = ("", "about:blank", "blank")

_PROBLEMS: Mapping[str, tuple[type[VendorError], str]] = {
    "invalid-request": (Rejected, "correct what X names"),
    "resource-not-found": (Rejected, "check that the post still exists"),
    "resource-unavailable": (Rejected, "check that the post is still visible"),
    "disallowed-resource": (Rejected, "check the post on X"),
    "conflict": (Rejected, "check the post on X"),
    "client-forbidden": (PermissionMissing, "check the app's access in X's developer console"),
    "unsupported-authentication": (PermissionMissing, "reconnect the account with user sign-in"),
    "not-authorized-for-resource": (PermissionMissing, "check that the account may see it"),
    "not-authorized-for-field": (PermissionMissing, "reconnect the account with all scopes"),
    "field-unauthorized": (PermissionMissing, "reconnect the account with all scopes"),
    "usage-capped": (QuotaExhausted, "raise the app's usage cap at X or wait for the next period"),
    "credits": (QuotaExhausted, "buy credits in X's developer console"),
    "rate-limit-exceeded": (RateLimited, "it continues by itself then"),
    "internal-error": (Transient, "it is tried again"),
    "operational-disconnect": (Transient, "it is tried again"),
}
"""Kinds of problem by the last segment of their `type`."""

_CODES: Mapping[int, tuple[type[VendorError], str]] = {
    32: (AuthExpired, "reconnect the account"),
    64: (PermissionMissing, "the account is suspended: settle it with X"),
    88: (RateLimited, "it continues by itself then"),
    89: (AuthExpired, "reconnect the account"),
    130: (Transient, "it is tried again"),
    131: (Transient, "it is tried again"),
    185: (QuotaExhausted, "wait until the daily posting limit is over"),
    186: (Rejected, "shorten the text"),
    187: (Rejected, "it is looked up on the account"),
    326: (PermissionMissing, "the account is locked: sign in to X and unlock it"),
    344: (QuotaExhausted, "wait until the daily posting limit is over"),
    453: (PermissionMissing, "check the app's access level in X's developer console"),
}
"""Numbered errors that older parts of the interface still give."""


def problem_kind(problem: Mapping[str, Any]) -> str:
    """The last segment of a problem's `type`, empty where it has none or `about:blank`."""
    kind = str(problem.get("type") or "").rstrip("/").rpartition("/")[2]
    return "" if kind in _UNTYPED else kind


def classify(answer: Answer) -> Refusal | None:
    """The refusal in an answer, judged by X's own words first and the status after them."""
    document = answer.document()
    if answer.status < 400 or not document:
        return None
    if "error" in document and isinstance(document["error"], str):
        return _oauth(document, answer)
    numbered = _numbered(document)
    if numbered is not None:
        return _by_code(*numbered, answer)
    kind = problem_kind(document)
    cause = _words(document)
    if kind == "invalid-request" and "media ids are invalid" in cause.lower():
        return Refusal(Rejected, "the uploaded media are no longer valid", "they are uploaded again", MEDIA_EXPIRED)
    if kind in _PROBLEMS:
        found, next_step = _PROBLEMS[kind]
        return Refusal(found, cause, next_step, kind, _until(found, document, answer))
    return _by_words(cause, kind, answer)


def _by_words(cause: str, kind: str, answer: Answer) -> Refusal | None:
    """Problems without a type of their own: 403 stands for several things that only the sentence tells apart."""
    lowered = cause.lower()
    if answer.status == 429:
        return Refusal(RateLimited, cause, "it continues by itself then", "429", _reset(answer))
    if answer.status == 401:
        return Refusal(AuthExpired, "the token is not accepted", "reconnect the account", "401")
    if answer.status == 403:
        if "duplicate content" in lowered:
            return Refusal(Rejected, cause, "it is looked up on the account", DUPLICATE)
        if any(words in lowered for words in ("not permitted", "scope", "permission", "suspended", "locked")):
            return Refusal(PermissionMissing, cause, "check the account's rights and scopes", kind or "403")
        return Refusal(Rejected, cause, "change the post", kind or "403")
    if 400 <= answer.status < 500 and answer.status not in (402, 408):
        return Refusal(Rejected, cause, "check the post and the account", kind or str(answer.status))
    return None


def _by_code(code: int, message: str, answer: Answer) -> Refusal | None:
    if code == 187:
        return Refusal(Rejected, message, "it is looked up on the account", DUPLICATE)
    if code in _CODES:
        found, next_step = _CODES[code]
        until = within_a_day() if found is QuotaExhausted else _reset(answer) if found is RateLimited else None
        return Refusal(found, message, next_step, str(code), until)
    return _by_words(message, str(code), answer)


def _oauth(document: Mapping[str, Any], answer: Answer) -> Refusal:
    """Token endpoint, RFC 6749 section 5.2: a code or refresh token that is used up or too old is `invalid_request` at X."""
    said = str(document.get("error_description") or document["error"])
    if answer.status >= 500:
        return Refusal(Transient, said, "it is tried again", str(document["error"]))
    if document["error"] in ("invalid_client", "unauthorized_client"):
        return Refusal(PermissionMissing, said, "check the app's client id and secret", str(document["error"]))
    return Refusal(AuthExpired, said, "connect the account again", str(document["error"]))


def _numbered(document: Mapping[str, Any]) -> tuple[int, str] | None:
    """Code and message of a numbered error, from the top level or the first of `errors`."""
    errors = document.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    for candidate in (document, first):
        code = candidate.get("code")
        if isinstance(code, int) and not isinstance(code, bool):
            return code, str(candidate.get("message") or f"error {code}")
    return None


def _words(document: Mapping[str, Any]) -> str:
    """X's own sentence; for invalid requests the first message of `errors`, which names the parameter."""
    errors = document.get("errors")
    listed = errors if isinstance(errors, list) else []
    messages = [str(e["message"]) for e in listed if isinstance(e, dict) and e.get("message")]
    said = messages[0] if messages else document.get("detail") or document.get("title") or "refused without a reason"
    return str(said).strip().rstrip(".")


def _until(found: type[VendorError], document: Mapping[str, Any], answer: Answer) -> datetime | None:
    if found is RateLimited:
        return _reset(answer)
    if found is QuotaExhausted and document.get("period") == "Daily":
        midnight = answer.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return local_time(midnight, answer)
    return None


def _reset(answer: Answer) -> datetime | None:
    """When the window ends."""
    return epoch_reset(answer, "x-rate-limit-reset")


def read_limits(answer: Answer, name: str = "calls") -> Sequence[Limit]:
    """The allowance of the called operation as the headers tell it."""
    limit, remaining = (answer.headers.get(f"x-rate-limit-{part}", "") for part in ("limit", "remaining"))
    if not remaining.isdigit():
        return ()
    return (Limit(name, float(remaining), float(limit) if limit.isdigit() else None, _reset(answer)),)
