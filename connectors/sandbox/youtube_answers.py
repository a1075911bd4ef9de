"""The forms that Google's interfaces answer in: errors, times, tags of versions."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from starlette.responses import JSONResponse, Response


class Refused(Exception):
    """Ends a call with the vendor's own refusal."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer
        super().__init__(str(answer.status_code))


def refusal(
    code: int,
    reason: str,
    message: str,
    *,
    domain: str = "youtube.parameter",
    status: str | None = None,
    said: str = "",
) -> JSONResponse:
    """Google's error envelope."""
    error: dict[str, object] = {
        "code": code,
        "message": message,
        "errors": [{"message": said or message, "domain": domain, "reason": reason}],
    }
    if status is not None:
        error["status"] = status
    return JSONResponse({"error": error}, code)


def refuse(
    code: int, reason: str, message: str, *, domain: str = "youtube.parameter", status: str | None = None
) -> Refused:
    return Refused(refusal(code, reason, message, domain=domain, status=status))


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds, as the Data API writes it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def etag(*parts: object) -> str:
    return hashlib.sha1("|".join(str(part) for part in parts).encode(), usedforsecurity=False).hexdigest()[:27]
