"""The sandbox's TikTok: one creator, signed in with PKCE in hexadecimal."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.consent import allowed
from connectors.sandbox.server import SandboxVendor
from connectors.sandbox.tiktok_desk import Desk, expired, throttled
from connectors.sandbox.tiktok_publish import PublishDesk
from connectors.sandbox.tiktok_videos import VideoDesk
from connectors.sandbox.tokens import TokenState, challenge_of
from connectors.sandbox.world import World
from models.domain.connection import Vendor

ACCESS_LIFE = timedelta(hours=24)
REFRESH_LIFE = timedelta(days=365)


def vendor(world: World) -> SandboxVendor:
    """TikTok over a world."""
    desk = Desk(world)
    publications = PublishDesk(desk)
    routes = [*_sign_in_routes(world), *publications.routes(), *VideoDesk(desk, publications).routes()]
    return SandboxVendor(Vendor.TIKTOK, routes, throttled, expired)


def _sign_in_routes(world: World) -> list[Route]:
    async def authorize(request: Request) -> Response:
        """Answers as if the person had pressed Allow."""
        query = request.query_params
        wanted = ("client_key", "redirect_uri", "scope", "code_challenge")
        if query.get("response_type") != "code" or not all(query.get(name) for name in wanted):
            return Response(f"The request needs response_type=code, {', '.join(wanted)}", 400)
        scope = query["scope"]
        return allowed(
            world, Vendor.TIKTOK, query, scopes=tuple(scope.split(",")), client="client_key", added={"scopes": scope}
        )

    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if not form.get("client_key") or not form.get("client_secret"):
            return _refused("invalid_client", "Client key or secret is incorrect.", 401)
        match form.get("grant_type"):
            case "authorization_code":
                grant = world.tokens.redeem(form.get("code", ""), redirect_uri=form.get("redirect_uri", ""))
                if grant is None:
                    return _refused("invalid_grant", "Authorization code is expired.")
                if challenge_of(form.get("code_verifier", ""), hexadecimal=True) != grant.challenge:
                    return _refused("invalid_grant", "Code verifier or code challenge is invalid.")
                return _granted(world, "+".join(grant.scopes))
            case "refresh_token":
                state, scopes = world.tokens.check(Vendor.TIKTOK, form.get("refresh_token", ""), "refresh")
                if state is not TokenState.VALID:
                    return _refused("invalid_grant", "Refresh token is invalid or expired.")
                return _granted(world, scopes)
        return _refused("unsupported_grant_type", "The grant type is not supported.", 400)

    return [
        Route("/v2/auth/authorize/", authorize, methods=["GET"]),
        Route("/v2/oauth/token/", token, methods=["POST"]),
    ]


def _granted(world: World, scopes: str) -> Response:
    """Both tokens anew; a refresh token that was given before stays valid."""
    return JSONResponse({
        "access_token": world.tokens.issue(Vendor.TIKTOK, "access", scopes, ACCESS_LIFE),
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "open_id": world.accounts[Vendor.TIKTOK].id,
        "refresh_token": world.tokens.issue(Vendor.TIKTOK, "refresh", scopes, REFRESH_LIFE),
        "refresh_expires_in": int(REFRESH_LIFE.total_seconds()),
        "scope": scopes.replace("+", ","),
        "token_type": "Bearer",
    })  # fmt: skip


def _refused(code: str, description: str, status: int = 200) -> Response:
    """An OAuth refusal: flat, and with HTTP 200 for a grant that is no longer good."""
    return JSONResponse({"error": code, "error_description": description, "log_id": "sandbox"}, status)
