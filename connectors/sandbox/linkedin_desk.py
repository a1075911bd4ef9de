"""What every answer of the sandbox's LinkedIn goes through: version, token, allowance, rights; and its error bodies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox.tokens import TokenState
from connectors.sandbox.world import World
from models.domain.connection import Vendor

VERSIONS = {f"2025{month:02d}" for month in (11, 12)} | {f"2026{month:02d}" for month in range(1, 12)}
"""The monthly releases that are answered: the last year's as of November 2026."""
CALLS_PER_DAY = 100_000
"""LinkedIn publishes no number; `world.objects(LINKEDIN, "settings")["quota"] = {"calls_per_day": n}` sets another."""
MAX_QUERY = 4096
Handler = Callable[[Request], Awaitable[Response]]
_TOKEN_ERRORS = {
    TokenState.EXPIRED: (65601, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired"),
    TokenState.REVOKED: (65601, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user"),
    TokenState.UNKNOWN: (65600, "INVALID_ACCESS_TOKEN", "Invalid access token"),
}


def error(status: int, code: str, message: str, service_code: int | None = None) -> Response:
    """LinkedIn's error body."""
    body: dict[str, Any] = {"status": status, "code": code, "message": message}
    return JSONResponse(body if service_code is None else {**body, "serviceErrorCode": service_code}, status)


def throttled() -> Response:
    message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
    return error(429, "TOO_MANY_REQUESTS", message, 101)


def expired() -> Response:
    service_code, code, message = _TOKEN_ERRORS[TokenState.EXPIRED]
    return error(401, code, message, service_code)


class Desk:
    """Stands before the handlers of the versioned interface.

    `world.objects(LINKEDIN, "refused")[<resource>]` refuses one resource with 403, as when a role was taken away.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.account = world.accounts[Vendor.LINKEDIN]
        self.urn = f"urn:li:organization:{self.account.id}"

    def guarded(self, handler: Handler) -> Handler:
        async def answer(request: Request) -> Response:
            return self._refusal(request) or await handler(request)

        return answer

    def token_refusal(self, request: Request) -> Response | None:
        """The 401 of a missing, unknown, expired or revoked token."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        state, _ = self.world.tokens.check(Vendor.LINKEDIN, token)
        if state is TokenState.VALID:
            return None
        service_code, code, message = _TOKEN_ERRORS[state]
        return error(401, code, message, service_code)

    def _refusal(self, request: Request) -> Response | None:
        version = request.headers.get("linkedin-version")
        if version is None:
            return error(
                400,
                "VERSION_MISSING",
                "A version must be present. Please specify a version by adding the LinkedIn-Version header.",
            )
        if version not in VERSIONS:
            return error(426, "NONEXISTENT_VERSION", f"Requested version {version} is not active")
        if request.headers.get("x-restli-protocol-version") != "2.0.0":
            return error(400, "ILLEGAL_ARGUMENT", "X-Restli-Protocol-Version 2.0.0 is required")
        if refusal := self.token_refusal(request):
            return refusal
        if len(request.scope["query_string"]) > MAX_QUERY:
            return error(414, "URI_TOO_LONG", f"The query string is longer than {MAX_QUERY} bytes")
        if self._over_quota():
            return throttled()
        path = request.scope["raw_path"].decode().split("/rest/", 1)[1]
        if "urn:li:" in path:
            return error(400, "ILLEGAL_ARGUMENT", "URNs in a path must be percent-encoded")
        resource = path.split("/")[0]
        if resource in self.world.objects(Vendor.LINKEDIN, "refused"):
            return error(403, "ACCESS_DENIED", f"Not enough permissions to access: {request.method} /{resource}", 100)
        if "q=" in request.url.query and request.headers.get("x-restli-method", "").upper() != "FINDER":
            return error(400, "ILLEGAL_ARGUMENT", "A finder needs the header X-RestLi-Method: FINDER")
        return None

    def _over_quota(self) -> bool:
        settings = self.world.objects(Vendor.LINKEDIN, "settings").get("quota", {})
        calls = self.world.objects(Vendor.LINKEDIN, "calls")
        today = calls.setdefault(self.world.clock.now().date().isoformat(), {"count": 0})
        today["count"] += 1
        return bool(today["count"] > settings.get("calls_per_day", CALLS_PER_DAY))


def query_of(request: Request) -> dict[str, str]:
    """The query's parameters as written, still encoded: Rest.li nests lists and records in them."""
    pairs = (part.partition("=") for part in request.scope["query_string"].decode().split("&") if part)
    return {name: value for name, _, value in pairs}


def urns_of(value: str) -> list[str] | None:
    """The URNs of `List(…)`; None when it is no list or a URN is not encoded."""
    if not (value.startswith("List(") and value.endswith(")")) or "urn:" in value:
        return None
    return [unquote(part) for part in value[5:-1].split(",") if part]


def page_of(
    request: Request, elements: list[Any], *, largest: int = 100
) -> tuple[list[Any], dict[str, Any]] | Response:
    """One page by `start` and `count` (10 unless given), and its `paging`."""
    query = query_of(request)
    try:
        start, count = int(query.get("start", "0")), int(query.get("count", "10"))
    except ValueError:
        return error(400, "ILLEGAL_ARGUMENT", "start and count must be numbers")
    if start < 0 or not 0 < count <= largest:
        return error(400, "ILLEGAL_ARGUMENT", f"count must be between 1 and {largest}")
    links = []
    if start + count < len(elements):
        links.append(
            {
                "type": "application/json",
                "rel": "next",
                "href": f"{request.url.path}?start={start + count}&count={count}",
            }
        )
    return elements[start : start + count], {"start": start, "count": count, "links": links}
