"""Errors in the Graph API's own shape."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse, Response


class GraphError(Exception):
    """An error in the Graph API's own shape. Limits and most others come as HTTP 400."""

    def __init__(
        self,
        message: str,
        code: int,
        subcode: int | None = None,
        *,
        status: int = 400,
        kind: str = "OAuthException",
        transient: bool = False,
        title: str | None = None,
        told: str | None = None,
        data: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message, "type": kind, "code": code}
        if subcode is not None:
            self.body["error_subcode"] = subcode
        self.body["is_transient"] = transient
        if title is not None:
            self.body |= {"error_user_title": title, "error_user_msg": told or message}
        if data is not None:
            self.body["error_data"] = data
        self.body["fbtrace_id"] = "A" + base64.urlsafe_b64encode(f"{code}-{subcode}".encode()).decode().rstrip("=")

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        return JSONResponse({"error": self.body}, self.status, dict(headers or {}))


def gone(node: str) -> GraphError:
    return GraphError(
        f"Unsupported get request. Object with ID '{node}' does not exist, cannot be loaded due to missing permissions, "
        "or does not support this operation.",
        100,
        33,
        kind="GraphMethodException",
    )


def expired() -> Response:
    return GraphError(
        "Error validating access token: Session has expired. The current time is past the end of the session.",
        190,
        463,
        status=401,
    ).response()


def metric_refusal(bad: Sequence[str]) -> GraphError:
    return GraphError(f"(#100) The value must be a valid insights metric: {', '.join(bad)}", 100)


def throttle(code: int) -> Response:
    """The answer to too many calls of an app or page for now, without a time to come back."""
    return GraphError(
        f"(#{code}) {'Application' if code == 4 else 'Page'} request limit reached", code, transient=True
    ).response({"x-app-usage": json.dumps({"call_count": 100, "total_cputime": 25, "total_time": 25})})
