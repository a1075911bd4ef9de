"""What the Graph API's errors mean. Limits and most errors come as HTTP 400, so the vendor's codes come first.

Codes and subcodes: Graph API error handling and rate limiting guides, Instagram platform error codes (2 June 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.answers import Answer, Refusal, within_a_day
from connectors.social.meta.usage import minutes_to_regain
from models.errors import (
    AuthExpired,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Transient,
    VendorError,
)

TOO_MUCH_DATA = "1/too-much-data"
"""Code 1 with "Please reduce the amount of data": the same request fails again, a smaller page does not."""
GONE = "100/33"
DUPLICATE = "506"
BEFORE_CONVERSION = "100/2108006"
RATE_CODES = frozenset({4, 17, 32, 613, *range(80_000, 80_007), 80_008})
_WAITS = "it continues by itself then"
_RECONNECT = "reconnect the account"


@dataclass(frozen=True)
class Meaning:
    kind: type[VendorError]
    cause: str
    next_step: str


SUBCODES: dict[int, Meaning] = {
    458: Meaning(AuthExpired, "the person has removed the app", _RECONNECT),
    459: Meaning(AuthExpired, "the person must pass a security check first", "sign in at facebook.com, then reconnect"),
    460: Meaning(AuthExpired, "the person's password was changed", _RECONNECT),
    463: Meaning(AuthExpired, "the token has run out", _RECONNECT),
    464: Meaning(AuthExpired, "the person's account is not confirmed", "sign in at facebook.com, then reconnect"),
    467: Meaning(AuthExpired, "the token was made invalid", _RECONNECT),
    1363037: Meaning(Rejected, "the video upload broke off", "publish it again; the upload starts anew"),
    1366046: Meaning(Rejected, "the photo is no JPG or PNG, or too large", "use a JPG or PNG below 4 MB"),
    1609005: Meaning(Rejected, "the link cannot be read", "check that the address opens without signing in"),
    1609008: Meaning(Rejected, "links to facebook.com are not allowed", "leave the link out"),
    2207001: Meaning(Transient, "Instagram had an error of its own", "it is tried again"),
    2207003: Meaning(Transient, "Instagram took too long to download the media", "it is tried again"),
    2207004: Meaning(Rejected, "the image is larger than 8 MiB", "use a smaller file"),
    2207005: Meaning(Rejected, "the image is not of a format that Instagram takes", "use a JPEG"),
    2207006: Meaning(Rejected, "the container does not exist any more", "publish the post again"),
    2207009: Meaning(Rejected, "the image's aspect ratio is outside 4:5 to 1.91:1", "crop the image"),
    2207010: Meaning(Rejected, "the caption is longer than 2,200 characters", "shorten the text"),
    2207013: Meaning(Rejected, "there is no professional account of that name", "check the competitor's user name"),
    2207020: Meaning(Rejected, "the prepared media has expired", "publish the post again; it is prepared anew"),
    2207026: Meaning(Rejected, "the video is not of a format that Instagram takes", "use an MP4 or MOV with H.264"),
    2207027: Meaning(RateLimited, "the prepared media is not ready yet", _WAITS),
    2207028: Meaning(Rejected, "the carousel cannot be made of these items", "use 2 to 10 images or videos"),
    2207032: Meaning(Transient, "Instagram could not prepare the media", "it is tried again"),
    2207040: Meaning(Rejected, "the caption mentions more than 20 accounts", "name fewer accounts"),
    2207042: Meaning(QuotaExhausted, "the account's posts of 24 hours are used up", "it can be published a day later"),
    2207050: Meaning(PermissionMissing, "the account is restricted", "sign in at instagram.com and see to it"),
    2207051: Meaning(Rejected, "Instagram blocked the action as spam", "look at the account's status in Instagram first"),
    2207052: Meaning(Rejected, "Instagram could not fetch the media", "check that its address opens for everyone"),
    2207053: Meaning(Transient, "Instagram could not prepare the media", "it is tried again"),
    2207057: Meaning(Rejected, "the cover's time is not within the video", "choose an earlier moment"),
    2108006: Meaning(Rejected, "the media is older than the professional account", "its insights do not exist"),
}  # fmt: skip
CODES: dict[int, Meaning] = {
    1: Meaning(Transient, "Facebook had an error of its own", "it is tried again"),
    2: Meaning(Transient, "Facebook's service is unavailable for a moment", "it is tried again"),
    3: Meaning(PermissionMissing, "the app may not make this call", "check the app's permissions"),
    9: Meaning(QuotaExhausted, "the allowance of this action is used up", "try it a day later"),
    10: Meaning(PermissionMissing, "a permission is missing", "reconnect the account and allow all that is asked"),
    102: Meaning(AuthExpired, "the session has ended", _RECONNECT),
    104: Meaning(AuthExpired, "the call came without a token", _RECONNECT),
    190: Meaning(AuthExpired, "the token is not valid", _RECONNECT),
    341: Meaning(QuotaExhausted, "the app's allowance is used up", "try it later"),
    368: Meaning(Rejected, "blocked for breaking the platform's rules, for a time", "look at the page's status first"),
    506: Meaning(Rejected, "the same post was published just before", "change the text, or leave it at that"),
}


def classify(answer: Answer) -> Refusal | None:
    """The refusal in an answer of the Graph API, None where there is no error object."""
    error = answer.document().get("error")
    if not isinstance(error, dict):
        return None
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    said = str(error.get("error_user_msg") or error.get("message") or "no reason given").rstrip(". ")
    name = f"{code}/{subcode}" if subcode else str(code)
    if code == 1 and "reduce the amount of data" in said.lower():
        return Refusal(Rejected, "the answer would be too large", "it is asked in smaller parts", TOO_MUCH_DATA)
    meaning = SUBCODES.get(subcode)
    if meaning is not None:
        cause = f"{meaning.cause} ({name}: {said})"
        return Refusal(meaning.kind, cause, meaning.next_step, name, _until(meaning), existing_id=_received(error))
    if code in RATE_CODES:
        minutes = minutes_to_regain(answer)
        until = datetime.now(UTC) + timedelta(minutes=minutes) if minutes else None
        return Refusal(RateLimited, f"too many calls ({name}: {said})", _WAITS, name, until)
    meaning = CODES.get(code) or _by_range(code, error, said, answer.status)
    return Refusal(meaning.kind, f"{meaning.cause} ({name}: {said})", meaning.next_step, name, _until(meaning))


def _until(meaning: Meaning) -> datetime | None:
    """Meta's used-up allowances are of rolling days, and it does not say when they are free again."""
    return within_a_day() if meaning.kind is QuotaExhausted else None


def _received(error: dict[str, Any]) -> str | None:
    """Where a refused part of an upload says that the upload stands, as `start:end` of the next part."""
    data = error.get("error_data")
    if isinstance(data, dict) and "start_offset" in data and "end_offset" in data:
        return f"{_number(data['start_offset'])}:{_number(data['end_offset'])}"
    return None


def _by_range(code: int, error: dict[str, Any], said: str, status: int) -> Meaning:
    if 200 <= code <= 299 or (code == 100 and _lacks_permission(said)):
        return CODES[10]
    if error.get("is_transient") is True or status >= 500:
        return CODES[2]
    return Meaning(Rejected, "the request was refused", "check the post and the account")


def _lacks_permission(said: str) -> bool:
    """Code 100 also stands for a missing permission or feature; only the words tell."""
    return "requires" in said and any(word in said for word in ("permission", "Public Content Access", "app token"))


def _number(value: object) -> int:
    return value if isinstance(value, int) else int(value) if isinstance(value, str) and value.isdigit() else 0
