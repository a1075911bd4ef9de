"""What Meta's two vendors share in the sandbox: errors, tokens, call counters, paging and the shape of a call.

Facts: Graph API guides (error handling, rate limiting, paging) as of v25.0.
"""

from __future__ import annotations

import base64
import json
from bisect import bisect_left
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox.clock import Clock
from connectors.sandbox.graph_errors import GraphError
from connectors.sandbox.tokens import TokenState
from connectors.sandbox.world import Post, World
from models.domain.connection import Vendor
from models.metrics.registry import registry

PAGE_MAX = 100
PAGE_DEFAULT = 25
ALLOWANCE = 4_800 * 900
"""Calls per rolling 24 hours of a page with 900 engaged users (4,800 × users, Graph API rate limiting)."""
REGAIN_MINUTES = 5
USER_KINDS = ("short", "long")


@dataclass
class Call:
    """One authorised call. `kind` is that of its token; `subject` is the page (page tokens) or the user."""

    request: Request
    values: dict[str, str]
    files: dict[str, bytes]
    kind: str
    subject: str
    token: str = field(repr=False)

    def need(self, name: str) -> str:
        try:
            return self.values[name]
        except KeyError:
            raise GraphError(f"(#100) The parameter {name} is required.", 100) from None

    def flag(self, name: str, default: bool) -> bool:
        text = self.values.get(name)
        return default if text is None else text.lower() in ("true", "1")

    def moment(self, name: str) -> datetime | None:
        """A time given in epoch seconds or as ISO 8601."""
        text = self.values.get(name)
        if not text:
            return None
        try:
            if text.isdigit():
                return datetime.fromtimestamp(int(text), UTC)
            found = datetime.fromisoformat(text)
        except (ValueError, OverflowError):
            raise GraphError(f"(#100) Param {name} must be a valid time.", 100) from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def names(self, name: str) -> list[str]:
        """A list given with commas or, as the official client does, in JSON."""
        text = self.values.get(name, "")
        if text.startswith("["):
            try:
                return [str(item) for item in json.loads(text)]
            except ValueError:
                raise GraphError(f"(#100) Param {name} must be an array.", 100) from None
        return [item.strip() for item in text.split(",") if item.strip()]


Handler = Callable[[Call], Awaitable[Any]]


class Graph:
    """Authorises, counts and answers the calls of one vendor. `business` is its name in the usage header."""

    def __init__(self, world: World, vendor: Vendor, *, business: str, limit_code: int) -> None:
        self.world = world
        self.vendor = vendor
        self._business = business
        self._limit_code = limit_code
        self._calls: list[float] = []

    def endpoint(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                call = await self._authorised(request)
                headers = self._counted()
                result = await handler(call)
            except GraphError as error:
                return error.response(self.usage())
            return JSONResponse(result, headers=headers)

        return answer

    def usage(self) -> dict[str, str]:
        """The two usage headers: percent of the allowances, minutes until calls are taken again."""
        percent = min(100, 100 * len(self._calls) // self._allowance())
        regain = REGAIN_MINUTES if percent >= 100 else 0
        shares = {"call_count": percent, "total_cputime": percent, "total_time": percent}
        entry = {"type": self._business, **shares, "estimated_time_to_regain_access": regain}
        account = self.world.accounts[self.vendor].id
        return {
            "x-app-usage": json.dumps(shares),
            "x-business-use-case-usage": json.dumps({account: [entry]}),
            "facebook-api-version": "v25.0",
        }

    def retired(self) -> set[str]:
        """Insights names that are refused today: ended ones of the metric registry and those a test has ended."""
        today = self.world.clock.now().date()
        mine = [row for row in registry().fields if row.platform == self.vendor.platform.value]
        live = {row.field for row in mine if row.valid_to is None or row.valid_to > today}
        ended = {row.field for row in mine if row.valid_to is not None and row.valid_to <= today} - live
        return ended | set(self.world.objects(self.vendor, "retired"))

    def _allowance(self) -> int:
        chosen = self.world.objects(self.vendor, "allowance").get("calls", {})
        return int(chosen.get("value", ALLOWANCE))

    def _counted(self) -> dict[str, str]:
        now = self.world.clock.now().timestamp()
        del self._calls[: bisect_left(self._calls, now - 86_400)]
        if len(self._calls) >= self._allowance():
            raise GraphError(
                f"(#{self._limit_code}) There have been too many calls to this {self._business} account. Wait a bit and try again.",
                self._limit_code,
                2446079,
            )
        self._calls.append(now)
        return self.usage()

    async def _authorised(self, request: Request) -> Call:
        values, files = await _values(request)
        token = values.pop("access_token", "") or _bearer(request)
        if not token:
            raise GraphError("An access token is required to request this resource.", 104, status=400)
        for kind in ("page", *USER_KINDS):
            state, subject = self.world.tokens.check(self.vendor, token, kind)
            if state is TokenState.VALID:
                return Call(request, values, files, kind, subject, token)
            if state is TokenState.EXPIRED:
                raise GraphError(
                    "Error validating access token: Session has expired.", 190, 463, status=401
                )  # fmt: skip
            if state is TokenState.REVOKED:
                raise GraphError(
                    "Error validating access token: The user has not authorized application.", 190, 458, status=401
                )
        raise GraphError("Invalid OAuth access token - Cannot parse access token", 190, status=401)

    def page_of_posts(self, call: Call) -> tuple[list[Post], dict[str, Any]]:
        """One page of the account's posts, newest first, and its `paging`.

        Rows are counted before deleted ones are left out, so a page may be empty and still have a next one.
        """
        posts = self.world.history(self.vendor)
        since, until = call.moment("since"), call.moment("until")
        now = self.world.clock.now()
        last = bisect_left(posts, min(until or now, now) + timedelta(microseconds=1), key=lambda p: p.published_at)
        first = 0 if since is None else bisect_left(posts, since, key=lambda p: p.published_at)
        if after := call.values.get("after"):
            last = min(last, cursor_number(after))
        limit = page_limit(call)
        start = max(first, last - limit)
        shown = [post for post in reversed(posts[start:last]) if not post.deleted]
        if last <= first:
            return [], {}
        paging: dict[str, Any] = {"cursors": {"before": cursor(last), "after": cursor(start)}}
        if start > first:
            paging["next"] = next_address(call, cursor(start))
        return shown, paging


def page_limit(call: Call) -> int:
    text = call.values.get("limit", str(PAGE_DEFAULT))
    if not text.isdigit():
        raise GraphError("(#100) Param limit must be an integer.", 100)
    return min(PAGE_MAX, max(1, int(text)))


def cursor(number: int) -> str:
    return base64.urlsafe_b64encode(f"c{number}".encode()).decode()


def cursor_number(text: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(text.encode())[1:])
    except (ValueError, IndexError):
        raise GraphError("(#100) Invalid cursors values supplied.", 100) from None


def next_address(call: Call, after: str) -> str:
    """The address of the next page, which carries the token as the real one does."""
    values = {**call.values, "access_token": call.token, "after": after}
    return f"{call.request.url.replace(query='')}?{urlencode(values)}"


def told(moment: datetime) -> str:
    """An instant as the Graph API writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def still_kept(clock: Clock, made_at: datetime, hours: float) -> bool:
    """Whether something made then is still kept."""
    return clock.now() - made_at < timedelta(hours=hours)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else ""


async def _values(request: Request) -> tuple[dict[str, str], dict[str, bytes]]:
    """Query and body parameters as text, and the uploaded files."""
    values = dict(request.query_params)
    files: dict[str, bytes] = {}
    if request.method == "POST":
        if request.headers.get("content-type", "").startswith("application/json"):
            try:
                body = await request.json()
            except ValueError:
                raise GraphError("(#100) The body must be JSON.", 100) from None
            values |= {name: item if isinstance(item, str) else json.dumps(item) for name, item in body.items()}
        else:
            async with request.form(max_part_size=64 * 1024 * 1024) as form:
                for name, item in form.multi_items():
                    if isinstance(item, UploadFile):
                        files[name] = await item.read()
                    else:
                        values[name] = item
    return values, files
