"""The sandbox's LinkedIn: one organization page, one member who administers it."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.consent import allowed
from connectors.sandbox.linkedin_assets import AssetDesk
from connectors.sandbox.linkedin_desk import Desk, error, expired, page_of, throttled
from connectors.sandbox.linkedin_posts import PostDesk
from connectors.sandbox.linkedin_statistics import StatisticsDesk
from connectors.sandbox.server import SandboxVendor
from connectors.sandbox.tokens import TokenState
from connectors.sandbox.world import World
from models.domain.connection import Vendor

ACCESS_DAYS = timedelta(days=60)
REFRESH_DAYS = timedelta(days=365)


def vendor(world: World) -> SandboxVendor:
    """LinkedIn over a world."""
    desk = Desk(world)
    assets = AssetDesk(desk)
    routes = [
        *_sign_in_routes(world),
        *_organization_routes(desk),
        *assets.routes(),
        *PostDesk(desk, assets).routes(),
        *StatisticsDesk(desk).routes(),
    ]
    return SandboxVendor(Vendor.LINKEDIN, routes, throttled, expired)


def _organization_routes(desk: Desk) -> list[Route]:
    async def roles(request: Request) -> Response:
        role = {
            "role": "ADMINISTRATOR", "organization": desk.urn, "state": "APPROVED",
            "roleAssignee": f"urn:li:person:{desk.account.user_id}",
        }  # fmt: skip
        page = page_of(request, [role])
        if isinstance(page, Response):
            return page
        return JSONResponse({"paging": page[1], "elements": page[0]})

    async def organization(request: Request) -> Response:
        if request.path_params["number"] != desk.account.id:
            return error(404, "NOT_FOUND", "No such organization")
        return JSONResponse({
            "id": int(desk.account.id), "localizedName": desk.account.name, "vanityName": desk.account.handle,
            "primaryOrganizationType": "NONE", "organizationType": "PRIVATELY_HELD",
        })  # fmt: skip

    return [
        Route("/rest/organizationAcls", desk.guarded(roles), methods=["GET"]),
        Route("/rest/organizations/{number}", desk.guarded(organization), methods=["GET"]),
    ]


def _sign_in_routes(world: World) -> list[Route]:
    async def authorize(request: Request) -> Response:
        """Answers as if the member had pressed Allow."""
        query = request.query_params
        if query.get("response_type") != "code" or not query.get("client_id") or not query.get("redirect_uri"):
            return Response("The authorization request lacks response_type, client_id or redirect_uri", 400)
        return allowed(world, Vendor.LINKEDIN, query, scopes=tuple(query.get("scope", "").split()))

    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if not form.get("client_id") or not form.get("client_secret"):
            return _oauth_error(401, "invalid_client", "Client authentication failed")
        match form.get("grant_type"):
            case "authorization_code":
                grant = world.tokens.redeem(form.get("code", ""), redirect_uri=form.get("redirect_uri", ""))
                if grant is None:
                    said = "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired."
                    return _oauth_error(400, "invalid_request", said)
                refresh = world.tokens.issue(Vendor.LINKEDIN, "refresh", "+".join(grant.scopes), REFRESH_DAYS)
                return _granted(world, refresh, grant.scopes)
            case "refresh_token":
                refresh = form.get("refresh_token", "")
                state, scopes = world.tokens.check(Vendor.LINKEDIN, refresh, "refresh")
                if state is not TokenState.VALID:
                    said = "The provided authorization grant or refresh token is invalid, expired or revoked."
                    return _oauth_error(400, "invalid_grant", said)
                return _granted(world, refresh, tuple(scopes.split("+")))
        return _oauth_error(400, "unsupported_grant_type", "No such grant type")

    return [
        Route("/oauth/v2/authorization", authorize, methods=["GET"]),
        Route("/oauth/v2/accessToken", token, methods=["POST"]),
    ]


def _granted(world: World, refresh: str, scopes: tuple[str, ...]) -> Response:
    """A new access token beside the same refresh token, with the rest of that one's life."""
    issued, seconds = (int(part) for part in refresh.split(".")[3:5])
    left = issued + seconds - int(world.clock.now().timestamp())
    subject = world.accounts[Vendor.LINKEDIN].user_id
    return JSONResponse({
        "access_token": world.tokens.issue(Vendor.LINKEDIN, "access", subject, ACCESS_DAYS),
        "expires_in": int(ACCESS_DAYS.total_seconds()),
        "refresh_token": refresh,
        "refresh_token_expires_in": left,
        "scope": ",".join(scopes),
    })  # fmt: skip


def _oauth_error(status: int, code: str, description: str) -> Response:
    return JSONResponse({"error": code, "error_description": description}, status)
