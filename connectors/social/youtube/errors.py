"""What YouTube's refusals mean, by its own reason before the HTTP status.

Envelope of all Google interfaces: `{"error": {"code", "message", "errors": [{"domain", "reason", "message"}], "status"}}`;
the token endpoint answers flat, `{"error": "invalid_grant", "error_description": …}`. There are no limit headers: a used-up
daily allowance is told by reason alone and comes back at midnight Pacific (developers.google.com/youtube/v3/getting-started).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.answers import Answer, Refusal, local_time, retry_after
from models.errors import AuthExpired, PermissionMissing, QuotaExhausted, RateLimited, Rejected, Transient, VendorError

PACIFIC = ZoneInfo("America/Los_Angeles")
"""The zone of YouTube's days: quotas reset and reports are cut at its midnights."""
UPLOAD_PAUSE = timedelta(hours=24)
"""How long a channel's upload cap holds; the vendor names no time, other publishers wait a day."""

SESSION_GONE = "sessionGone"
"""Own code: an upload session answers a bare 404 or 410 when it has ended (resumable upload guide)."""


@dataclass(frozen=True)
class Reason:
    """What one `reason` means. `cause` is None where the vendor's own message says it best."""

    kind: type[VendorError]
    cause: str | None
    next_step: str


_WAIT = "it continues by itself then"
_EDIT = "change the post and approve it again"
_SCOPE = "reconnect the account and grant every permission that is asked for"

REASONS: dict[str, Reason] = {
    "authError": Reason(AuthExpired, "the token is not accepted", "reconnect the account"),
    "invalid_grant": Reason(AuthExpired, "the sign-in was revoked or ran out", "reconnect the account"),
    "invalid_client": Reason(
        Rejected, "Google does not know the client id or its secret", "check the client id and secret in the settings"
    ),
    "keyInvalid": Reason(
        PermissionMissing, "the key of the Google project is not valid", "check the project in the Google Cloud console"
    ),
    "quotaExceeded": Reason(QuotaExhausted, "the day's quota of the Google project is used up", _WAIT),
    "dailyLimitExceeded": Reason(QuotaExhausted, "the day's quota of the Google project is used up", _WAIT),
    "uploadLimitExceeded": Reason(QuotaExhausted, "the channel may not upload more videos for now", _WAIT),
    "rateLimitExceeded": Reason(RateLimited, "too many calls", _WAIT),
    "userRateLimitExceeded": Reason(RateLimited, "too many calls", _WAIT),
    "uploadRateLimitExceeded": Reason(RateLimited, "too many thumbnails in a short time", _WAIT),
    "insufficientPermissions": Reason(PermissionMissing, "the sign-in lacks a permission for this", _SCOPE),
    "forbidden": Reason(PermissionMissing, None, _SCOPE),
    "forbiddenPrivacySetting": Reason(PermissionMissing, None, "choose another privacy setting"),
    "youtubeSignupRequired": Reason(PermissionMissing, "the Google account has no channel", "make a channel first"),
    "invalidTitle": Reason(Rejected, "the title is missing, too long or has < or >", _EDIT),
    "invalidDescription": Reason(Rejected, "the description is too long or has < or >", _EDIT),
    "invalidTags": Reason(Rejected, "the tags are too long or have < or >", _EDIT),
    "invalidCategoryId": Reason(Rejected, "the category does not exist", _EDIT),
    "invalidPublishAt": Reason(Rejected, "the publishing time is not in the future, or the video not private", _EDIT),
    "mediaBodyRequired": Reason(Rejected, "no video was sent", _EDIT),
    "videoNotFound": Reason(Rejected, "the video does not exist or was deleted", "look for it on the channel"),
    "playlistNotFound": Reason(Rejected, "the list of uploads does not exist", "check that the channel still exists"),
    "backendError": Reason(Transient, "YouTube failed inside", "it is tried again"),
    "internalError": Reason(Transient, "YouTube failed inside", "it is tried again"),
}

_DAILY = re.compile(r"(?i)per day|daily")
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")


def classify(answer: Answer) -> Refusal | None:
    """The judgement of one answer; None for success and for what the status alone says."""
    if answer.status < 400:
        return None
    if answer.status in (404, 410) and "upload_id=" in answer.url:
        return Refusal(Rejected, "the upload session is gone", "the upload begins anew", SESSION_GONE)
    document = answer.document()
    error = document.get("error")
    if isinstance(error, str):
        said = document.get("error_description") or error
        return _judged(answer, error, str(said))
    if not isinstance(error, dict):
        return None
    reason, message = _told(error)
    return _judged(answer, reason, message)


def next_midnight(moment: datetime) -> datetime:
    """The next midnight in Pacific time after an instant."""
    tomorrow = moment.astimezone(PACIFIC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=PACIFIC)


def _told(error: dict[str, object]) -> tuple[str, str]:
    """(reason, message); the reason falls back to the status word."""
    message = str(error.get("message") or "no reason was given")
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    return str(first.get("reason") or error.get("status") or error.get("code") or ""), message


def _judged(answer: Answer, reason: str, message: str) -> Refusal | None:
    known = REASONS.get(reason)
    said = _SPACE.sub(" ", _TAG.sub("", message)).strip().rstrip(".")
    if known is None:
        return _by_status(answer, reason, said)
    kind, cause, until = known.kind, known.cause or said, None
    if kind is RateLimited and _DAILY.search(message):
        kind, cause = QuotaExhausted, "the day's quota of the Google project is used up"
    if kind is QuotaExhausted:
        at = answer.now + UPLOAD_PAUSE if reason == "uploadLimitExceeded" else next_midnight(answer.now)
        until = local_time(at, answer)
    elif kind is RateLimited:
        until = retry_after(answer)
    return Refusal(kind, cause, known.next_step, reason, until)


def _by_status(answer: Answer, reason: str, said: str) -> Refusal | None:
    """A reason that is not in the table: kind by status, words by the vendor."""
    if answer.status == 401:
        return Refusal(AuthExpired, said, "reconnect the account", reason)
    if answer.status == 403:
        return Refusal(PermissionMissing, said, _SCOPE, reason)
    if answer.status in (408, 429) or answer.status >= 500:
        return None
    return Refusal(Rejected, said, "check the post and the account", reason)
