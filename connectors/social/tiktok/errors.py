"""TikTok's refusals, by its own codes, which stand in the body at every status: `{"error": {"code": "ok"}}` is success.

OAuth refusals are flat (`{"error", "error_description"}`) and may come with HTTP 200. No limit headers are documented.
Sources: developers.tiktok.com, content-posting-api reference, tiktok-api-v2-error-handling, tiktok-api-v2-rate-limit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.answers import Answer, Refusal, within_a_day
from models.errors import (
    AuthExpired,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Transient,
    VendorError,
)

UNKNOWN_PUBLICATION = "invalid_publish_id"
UNAUDITED = "unaudited_client_can_only_post_to_private_accounts"
RATE_WINDOW = timedelta(seconds=30)
"""Half of TikTok's sliding minute: by then half of the calls are free again."""
_LATER = "it continues by itself"
_TOMORROW = "wait a day or publish it in the app"
CODES: dict[str, tuple[type[VendorError], str, str]] = {
    "access_token_invalid": (AuthExpired, "TikTok no longer accepts the token", "reconnect the account"),
    "scope_not_authorized": (PermissionMissing, "the person did not grant a scope", "reconnect with all scopes"),
    "scope_permission_missed": (PermissionMissing, "the app lacks a scope", "add the scope to the app and reconnect"),
    "token_not_authorized_for_specified_publish_id": (
        PermissionMissing, "the publication belongs to another account", "reconnect the account"),
    "rate_limit_exceeded": (RateLimited, "too many calls within a minute", _LATER),
    "spam_risk_too_many_posts": (QuotaExhausted, "the creator's posts of the last 24 hours are used up", _TOMORROW),
    "spam_risk_too_many_pending_share": (QuotaExhausted, "too many drafts are pending", "finish or delete drafts in the app"),
    "reached_active_user_cap": (QuotaExhausted, "the app's users of the last 24 hours are used up", _TOMORROW),
    "spam_risk_user_banned_from_posting": (
        PermissionMissing, "TikTok has banned the account from posting", "ask TikTok's support"),
    "spam_risk": (Rejected, "TikTok takes the post for spam", "change the post"),
    UNAUDITED: (
        Rejected, "TikTok has not audited the app, so it may only post privately",
        "choose the privacy SELF_ONLY, or have the app audited"),
    "privacy_level_option_mismatch": (
        Rejected, "the creator does not offer this privacy", "choose one that the account offers"),
    "url_ownership_unverified": (
        Rejected, "TikTok downloads from verified domains only", "verify the domain of the media in TikTok's developer portal"),
    UNKNOWN_PUBLICATION: (Rejected, "TikTok does not know the publication", "publish it again"),
    "invalid_param": (Rejected, "TikTok refuses a value", "change what it names"),
    "invalid_params": (Rejected, "TikTok refuses a value", "change what it names"),
    "internal_error": (Transient, "TikTok failed", "it is tried again"),
}  # fmt: skip
"""Code → (kind, cause, next step)."""

FAILURES: dict[str, tuple[type[VendorError], str, str]] = {
    "file_format_check_failed": (Rejected, "it cannot read the file", "export it as MP4 with H.264"),
    "duration_check_failed": (Rejected, "it refuses the length of the video", "shorten the video"),
    "frame_rate_check_failed": (Rejected, "it refuses the frame rate", "export with 23 to 60 frames a second"),
    "picture_size_check_failed": (
        Rejected,
        "it refuses the size of the picture",
        "export with 360 to 4096 pixels a side",
    ),
    "auth_removed": (AuthExpired, "the person withdrew the app's access", "reconnect the account"),
    "video_pull_failed": (Transient, "it could not download the video", "it is tried again"),
    "photo_pull_failed": (Transient, "it could not download a photo", "it is tried again"),
    "internal": (Transient, "it failed while processing", "it is tried again"),
    "spam_risk_too_many_posts": CODES["spam_risk_too_many_posts"],
    "spam_risk_user_banned_from_posting": CODES["spam_risk_user_banned_from_posting"],
    "spam_risk": CODES["spam_risk"],
}
"""`fail_reason` of a publication → (kind, cause, next step)."""


def classify(answer: Answer) -> Refusal | None:
    """The refusal in an answer of any status, None when it holds none or says nothing of its own."""
    error = answer.document().get("error")
    if isinstance(error, str) and error:
        return _oauth(error, str(answer.document().get("error_description") or error))
    if not isinstance(error, dict) or not error.get("code") or error["code"] == "ok":
        return None
    code = str(error["code"])
    kind, cause, next_step = CODES.get(code) or _unnamed(answer.status)
    said = " ".join(str(error.get("message") or "").split())[:200].rstrip(". ")
    until = datetime.now(UTC) + RATE_WINDOW if kind is RateLimited else None
    if kind is QuotaExhausted:
        until = within_a_day()
    return Refusal(kind, f"{cause} ({code}: {said})" if said else f"{cause} ({code})", next_step, code, until)


def _oauth(code: str, description: str) -> Refusal:
    said = description[:200].rstrip(". ")
    if code in ("invalid_client", "invalid_client_key", "unauthorized_client"):
        return Refusal(Rejected, f"TikTok does not know the app ({said})", "check the client key and secret", code)
    if code in ("server_error", "temporarily_unavailable"):
        return Refusal(Transient, f"TikTok failed ({said})", "it is tried again", code)
    return Refusal(AuthExpired, f"TikTok gives no token ({said})", "sign in again", code)


def _unnamed(status: int) -> tuple[type[VendorError], str, str]:
    """What a code means that is in no table, by its status."""
    if status >= 500:
        return CODES["internal_error"]
    if status == 401:
        return CODES["access_token_invalid"]
    if status == 429:
        return CODES["rate_limit_exceeded"]
    return Rejected, "TikTok refuses it", "change what it names"
