"""What every answer of the sandbox's TikTok goes through: token, scope, calls a minute; and its envelopes."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox.tokens import TokenState
from connectors.sandbox.world import World
from models.domain.connection import Vendor

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
_log_ids = itertools.count(1)
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Quota:
    """Calls a minute and posts a day."""

    reads: int
    creator_info: int
    inits: int
    statuses: int
    posts_per_day: int


DOCUMENTED = Quota(reads=600, creator_info=20, inits=6, statuses=30, posts_per_day=15)
"""TikTok's own numbers (rate limits; about 15 posts a day and creator by third-party measurement)."""
RELAXED = Quota(reads=60_000, creator_info=6_000, inits=6_000, statuses=60_000, posts_per_day=10_000)
"""What holds unless `world.objects(TIKTOK, "settings")["quota"] = asdict(DOCUMENTED)`: the sandbox's clock hardly moves
between posts, and a demo would stand still after six of them."""


def ok(data: Mapping[str, Any]) -> Response:
    return JSONResponse({"data": dict(data), "error": {"code": "ok", "message": "", "log_id": _log_id()}})


def refused(status: int, code: str, message: str) -> Response:
    return JSONResponse({"data": {}, "error": {"code": code, "message": message, "log_id": _log_id()}}, status)


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request, empty when it is none."""
    try:
        found = await request.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def throttled() -> Response:
    return refused(429, "rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.")


def expired() -> Response:
    return refused(401, "access_token_invalid", "The access token is invalid or not found in the request.")


class Desk:
    def __init__(self, world: World) -> None:
        self.world = world
        self.account = world.accounts[Vendor.TIKTOK]

    @property
    def quota(self) -> Quota:
        return replace(RELAXED, **self.world.objects(Vendor.TIKTOK, "settings").get("quota", {}))

    def guarded(self, handler: Handler, scope: str, allowance: str, window: str) -> Handler:
        """The handler behind the checks; `allowance` names a field of `Quota`, `window` the calls that share it."""

        async def answer(request: Request) -> Response:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            state, scopes = self.world.tokens.check(Vendor.TIKTOK, token)
            if state is not TokenState.VALID:
                return expired()
            if scope not in scopes.split("+"):
                return refused(401, "scope_not_authorized", f"The user did not authorize the scope {scope}.")
            if not self.allowed(window, getattr(self.quota, allowance), MINUTE):
                return throttled()
            return await handler(request)

        return answer

    def allowed(self, window: str, most: int, span: timedelta) -> bool:
        """Counts one call in a sliding window; False when it is full."""
        kept = self.world.objects(Vendor.TIKTOK, "window").setdefault(window, {"at": deque()})["at"]
        now = self.world.clock.now()
        while kept and now - kept[0] >= span:
            kept.popleft()
        if len(kept) >= most:
            return False
        kept.append(now)
        return True


def _log_id() -> str:
    return f"sandbox{next(_log_ids):012d}"
