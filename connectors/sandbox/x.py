"""X in the sandbox: sign-in, token check, rate limits, and the routes of `x_posts` and `x_media`.

Settings a test may put into `world.objects(Vendor.X, "settings")`: `spec` {"version": "2.166" or "2.167"}, `limits`
{"posts": calls in 15 minutes, …}, `cap` {"posts": posts left today}, `fields` {"refused": […], "retired": […]}.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import parse_qs, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox import x_media, x_posts
from connectors.sandbox import x_speech as said
from connectors.sandbox.consent import allowed
from connectors.sandbox.server import SandboxVendor
from connectors.sandbox.tokens import TokenState, challenge_of
from connectors.sandbox.world import World
from models.domain.connection import Vendor

ACCESS_LIFETIME = timedelta(hours=2)
CODE_LIFETIME = timedelta(seconds=30)
Handler = Callable[[World, Request], Awaitable[Response]]


def vendor(world: World) -> SandboxVendor:
    """X's part of the sandbox over a world."""
    guard = _Guard(world)
    table: tuple[tuple[str, str, Handler, str, tuple[str, ...]], ...] = (
        ("POST", "/2/tweets", x_posts.create, "posts", ("tweet.write",)),
        ("GET", "/2/tweets", x_posts.lookup, "lookup", ("tweet.read",)),
        ("DELETE", "/2/tweets/{id}", x_posts.delete, "posts", ("tweet.write",)),
        ("GET", "/2/users/me", x_posts.profile, "profile", ("users.read",)),
        ("GET", "/2/users/{id}/tweets", x_posts.timeline, "timeline", ("tweet.read",)),
        ("POST", "/2/media/upload", x_media.one_shot, "uploads", ("media.write",)),
        ("GET", "/2/media/upload", x_media.status, "uploads", ("media.write",)),
        ("POST", "/2/media/upload/initialize", x_media.initialize, "uploads", ("media.write",)),
        ("POST", "/2/media/upload/{id}/append", x_media.append, "uploads", ("media.write",)),
        ("POST", "/2/media/upload/{id}/finalize", x_media.finalize, "uploads", ("media.write",)),
        ("POST", "/2/media/metadata", x_media.describe, "uploads", ("media.write",)),
    )
    routes = [
        Route(path, guard.wrap(handler, allowance, scopes), methods=[method])
        for method, path, handler, allowance, scopes in table
    ]
    routes += [
        Route("/i/oauth2/authorize", _authorize(world), methods=["GET"]),
        Route("/2/oauth2/token", _token(world), methods=["POST"]),
    ]
    return SandboxVendor(
        Vendor.X, routes, expired=said.unauthorized,
        throttled=lambda: said.throttled(said.LIMITS["posts"], int(world.clock.now().timestamp()) + 2),
    )  # fmt: skip


class _Guard:
    """Token, scope and rate limit, in that order, before a handler; limit headers on every answer after it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._used: dict[tuple[str, int], int] = {}

    def wrap(
        self, handler: Handler, allowance: str, scopes: tuple[str, ...]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            token = request.headers.get("authorization", "").removeprefix("Bearer ")
            state, _ = self._world.tokens.check(Vendor.X, token)
            if state is not TokenState.VALID:
                return said.unauthorized()
            granted = self._world.objects(Vendor.X, "granted").get(token, {}).get("scopes")
            if granted is not None and (absent := [scope for scope in scopes if scope not in granted]):
                return said.forbidden(f"Your token lacks the scope {absent[0]}; it is not permitted to do this.")
            now = int(self._world.clock.now().timestamp())
            limit = said.setting(self._world, "limits").get(allowance, said.LIMITS[allowance])
            window = (allowance, now // said.WINDOW_SECONDS)
            reset = (window[1] + 1) * said.WINDOW_SECONDS
            if self._used.get(window, 0) >= limit:
                return said.throttled(limit, reset)
            self._used[window] = used = self._used.get(window, 0) + 1
            answer = await handler(self._world, request)
            answer.headers["x-rate-limit-limit"] = str(limit)
            answer.headers["x-rate-limit-remaining"] = str(limit - used)
            answer.headers["x-rate-limit-reset"] = str(reset)
            return answer

        return guarded


def _authorize(world: World) -> Callable[[Request], Awaitable[Response]]:
    """The consent page, answered at once as if the person pressed “Authorize app”."""

    async def authorize(request: Request) -> Response:
        query = request.query_params
        needed = ("client_id", "redirect_uri", "state", "code_challenge", "scope")
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            return Response("Something went wrong: response_type or code_challenge_method", 400)
        if absent := [name for name in needed if not query.get(name)]:
            return Response(f"Something went wrong: {absent[0]}", 400)
        return allowed(world, Vendor.X, query, scopes=tuple(query["scope"].split()))

    return authorize


def _token(world: World) -> Callable[[Request], Awaitable[Response]]:
    async def token(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        client_id = _client_of(request) or form.get("client_id")
        if not client_id:
            return _refused("invalid_request", "Missing valid authorization header", 401)
        match form.get("grant_type"):
            case "authorization_code":
                return _exchange(world, form, client_id)
            case "refresh_token":
                return _refresh(world, form)
            case _:
                return _refused("unsupported_grant_type", "Unsupported grant type.")

    return token


def _exchange(world: World, form: dict[str, str], client_id: str) -> Response:
    grant = world.tokens.redeem(
        form.get("code", ""), redirect_uri=form.get("redirect_uri", ""), lifetime=CODE_LIFETIME
    )  # fmt: skip
    if grant is None or grant.client_id != client_id:
        return _refused("invalid_request", "Value passed for the authorization code was invalid.")
    if challenge_of(form.get("code_verifier", "")) != grant.challenge:
        return _refused("invalid_request", "Value passed for the code verifier did not match the code challenge.")
    return _issued(world, grant.scopes)


def _refresh(world: World, form: dict[str, str]) -> Response:
    """A refresh token works once."""
    old = form.get("refresh_token", "")
    state, _ = world.tokens.check(Vendor.X, old, "refresh")
    if state is not TokenState.VALID:
        return _refused("invalid_request", "Value passed for the token was invalid.")
    world.tokens.revoked.add(old)
    kept = world.objects(Vendor.X, "granted").get(old, {}).get("scopes")
    return _issued(world, tuple(kept or ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")))


def _issued(world: World, scopes: tuple[str, ...]) -> Response:
    account = world.accounts[Vendor.X].id
    access = world.tokens.issue(Vendor.X, "access", account, ACCESS_LIFETIME)
    granted = world.objects(Vendor.X, "granted")
    granted[access] = {"scopes": scopes}
    body = {
        "token_type": "bearer", "expires_in": int(ACCESS_LIFETIME.total_seconds()), "access_token": access,
        "scope": " ".join(scopes),
    }  # fmt: skip
    if "offline.access" in scopes:
        refresh = world.tokens.issue(Vendor.X, "refresh", account, None)
        granted[refresh] = {"scopes": scopes}
        body["refresh_token"] = refresh
    return JSONResponse(body)


def _client_of(request: Request) -> str:
    """The client id of HTTP Basic, empty without it."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return unquote(base64.b64decode(value).decode().partition(":")[0])
    except ValueError:
        return ""


def _refused(error: str, description: str, status: int = 400) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
