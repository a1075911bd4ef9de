"""YouTube's part of the sandbox: sign-in, the channel's interfaces, quotas by Pacific day.

Facts: Google's discovery documents for shapes, recorded answers for errors, developers.google.com/youtube/v3/determine_quota_cost
for the three daily allowances (100 inserts, 100 searches, 10,000 units for all the rest; a refused call costs too).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox import youtube_analytics, youtube_data, youtube_feed, youtube_uploads
from connectors.sandbox.consent import allowed
from connectors.sandbox.server import SandboxVendor
from connectors.sandbox.tokens import TokenState, challenge_of
from connectors.sandbox.world import World
from connectors.sandbox.youtube_answers import Refused, refusal
from models.domain.connection import Vendor

ACCESS_LIFETIME = timedelta(seconds=3599)
PACIFIC = ZoneInfo("America/Los_Angeles")
ALLOWANCES = {"inserts": 100, "searches": 100, "units": 10_000}

Handler = Callable[[World, Request], Awaitable[Response]]


@dataclass(frozen=True)
class Call:
    """One interface: where, what it does, and what it takes from which allowance (None: none of the Data API's)."""

    paths: tuple[str, ...]
    method: str
    handler: Handler
    allowance: str | None = None
    cost: int = 0


UPLOADS = ("/resumable/upload/youtube/v3", "/upload/youtube/v3")
CALLS = (
    Call(("/youtube/v3/channels",), "GET", youtube_data.channels, "units", 1),
    Call(("/youtube/v3/playlistItems",), "GET", youtube_data.playlist_items, "units", 1),
    Call(("/youtube/v3/videos",), "GET", youtube_data.videos, "units", 1),
    Call(("/youtube/v3/videos",), "DELETE", youtube_data.delete_video, "units", 50),
    Call(("/youtube/v3/search",), "GET", youtube_data.search, "searches", 1),
    Call(tuple(f"{base}/videos" for base in UPLOADS), "POST", youtube_uploads.open_video, "inserts", 1),
    Call(tuple(f"{base}/videos" for base in UPLOADS), "PUT", youtube_uploads.take_video),
    Call(tuple(f"{base}/thumbnails/set" for base in UPLOADS), "POST", youtube_uploads.open_thumbnail, "units", 50),
    Call(tuple(f"{base}/thumbnails/set" for base in UPLOADS), "PUT", youtube_uploads.take_thumbnail),
    Call(("/v2/reports",), "GET", youtube_analytics.report),
)


def vendor(world: World) -> SandboxVendor:
    """YouTube over a world."""
    routes = [Route(path, _guarded(world, call), methods=[call.method]) for call in CALLS for path in call.paths]
    return SandboxVendor(
        Vendor.YOUTUBE,
        [
            Route("/o/oauth2/v2/auth", _plain(world, _authorize), methods=["GET"]),
            Route("/token", _plain(world, _token), methods=["POST"]),
            Route("/feeds/videos.xml", _plain(world, youtube_feed.feed), methods=["GET"]),
            *routes,
        ],
        throttled=lambda: refusal(403, "rateLimitExceeded", "Rate Limit Exceeded", domain="usageLimits"),
        expired=_unauthenticated,
    )


def _plain(world: World, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return await handler(world, request)

    return answer


def _guarded(world: World, call: Call) -> Callable[[Request], Awaitable[Response]]:
    """Checks the token and the day's allowance before a handler answers."""

    async def answer(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        state, _ = world.tokens.check(Vendor.YOUTUBE, token)
        if state is not TokenState.VALID:
            return _unauthenticated()
        if call.allowance is not None and (spent := _spend(world, call.allowance, call.cost)) is not None:
            return spent
        try:
            return await call.handler(world, request)
        except Refused as refused:
            return refused.answer

    return answer


def _spend(world: World, allowance: str, cost: int) -> Response | None:
    """Takes the cost from today's allowance; the refusal when it is used up."""
    day = world.clock.now().astimezone(PACIFIC).date().isoformat()
    used = world.objects(Vendor.YOUTUBE, "quota").setdefault(day, dict.fromkeys(ALLOWANCES, 0))
    if used[allowance] + cost <= ALLOWANCES[allowance]:
        used[allowance] += cost
        return None
    if allowance == "inserts":
        return refusal(
            429,
            "rateLimitExceeded",
            "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service "
            "'youtube.googleapis.com' for consumer 'project_number:100000000001'.",
            domain="global",
            status="RESOURCE_EXHAUSTED",
        )
    return refusal(
        403,
        "quotaExceeded",
        "The request cannot be completed because you have exceeded your "
        '<a href="/youtube/v3/getting-started#quota">quota</a>.',
        domain="youtube.quota",
    )


def _unauthenticated() -> Response:
    return refusal(
        401,
        "authError",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential.",
        domain="global",
        status="UNAUTHENTICATED",
        said="Invalid Credentials",
    )


async def _authorize(world: World, request: Request) -> Response:
    """Sends the person straight back, as if they had pressed Allow."""
    asked = request.query_params
    missing = [name for name in ("client_id", "redirect_uri", "response_type", "scope") if not asked.get(name)]
    if missing:
        return JSONResponse({"error": "invalid_request", "error_description": f"Missing {missing[0]}"}, 400)
    scope = asked["scope"]
    return allowed(world, Vendor.YOUTUBE, asked, scopes=tuple(scope.split()), added={"scope": scope})


async def _token(world: World, request: Request) -> Response:
    form = {name: str(value) for name, value in (await request.form()).items()}
    account = world.accounts[Vendor.YOUTUBE]
    if not form.get("client_id") or not form.get("client_secret"):
        return JSONResponse({"error": "invalid_client", "error_description": "The OAuth client was not found."}, 401)
    answer: dict[str, object] = {
        "access_token": world.tokens.issue(Vendor.YOUTUBE, "access", account.id, ACCESS_LIFETIME),
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
        "token_type": "Bearer",
    }
    if form.get("grant_type") == "authorization_code":
        grant = world.tokens.redeem(form.get("code", ""), redirect_uri=form.get("redirect_uri", ""))
        proved = grant is not None and grant.challenge in ("", challenge_of(form.get("code_verifier", "")))
        if grant is None or not proved or grant.client_id != form["client_id"]:
            return JSONResponse({"error": "invalid_grant", "error_description": "Malformed auth code."}, 400)
        refresh = world.tokens.issue(Vendor.YOUTUBE, "refresh", account.id, None)
        return JSONResponse({**answer, "refresh_token": refresh, "scope": " ".join(grant.scopes)})
    if form.get("grant_type") == "refresh_token":
        state, _ = world.tokens.check(Vendor.YOUTUBE, form.get("refresh_token", ""), "refresh")
        if state is TokenState.VALID:
            return JSONResponse(answer)
        return JSONResponse({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)
    return JSONResponse({"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}, 400)
