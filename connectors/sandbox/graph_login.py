"""Meta's login in the sandbox: dialog, code → short token → long-lived token → the pages' own tokens.

As the real one, it gives no refresh token: a long-lived token (60 days) is exchanged for a fresh one while it is valid.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.consent import allowed
from connectors.sandbox.graph import USER_KINDS, Call, Graph, cursor
from connectors.sandbox.graph_errors import GraphError
from connectors.sandbox.tokens import TokenState, challenge_of
from models.domain.connection import Vendor

SHORT = timedelta(hours=1)
LONG = timedelta(days=60)
CATEGORY = {"id": "2201", "name": "Product/Service"}


def login_routes(graph: Graph, pages: Callable[[Call, set[str]], list[dict[str, Any]]]) -> list[Route]:
    """The routes of the login. `pages` gives the rows of `/me/accounts` for a user's token and wanted fields."""
    world, vendor = graph.world, graph.vendor

    async def dialog(request: Request) -> Response:
        asked = request.query_params
        if not asked.get("redirect_uri") or not asked.get("client_id"):
            return GraphError("The parameter app_id is required", 101).response()
        return allowed(world, vendor, asked, scopes=tuple(asked.get("scope", "").replace(" ", ",").split(",")))

    async def token(request: Request) -> Response:
        form = dict(await request.form()) if request.method == "POST" else {}
        asked = {**request.query_params, **{name: str(value) for name, value in form.items()}}
        try:
            return JSONResponse(_exchanged(graph, asked))
        except GraphError as error:
            return error.response()

    async def debug(request: Request) -> Response:
        asked = request.query_params.get("input_token", "")
        given = request.query_params.get("access_token", "") or request.headers.get("authorization", "")[7:]
        client, _, secret = given.partition("|")
        known = world.objects(vendor, "app").get(client)
        if not client or (known is not None and known["secret"] != secret):
            return GraphError("Invalid OAuth access token signature.", 190, status=401).response()
        for kind in ("page", *USER_KINDS):
            state, subject = world.tokens.check(vendor, asked, kind)
            if state is TokenState.UNKNOWN:
                continue
            seconds = {"page": 0, "short": SHORT.total_seconds(), "long": LONG.total_seconds()}[kind]
            issued = int(asked.split(".")[3])
            data: dict[str, Any] = {
                "app_id": client,
                "type": "PAGE" if kind == "page" else "USER",
                "application": "Sandbox app",
                "data_access_expires_at": issued + int(timedelta(days=90).total_seconds()),
                "expires_at": issued + int(seconds) if seconds else 0,
                "is_valid": state is TokenState.VALID,
                "issued_at": issued,
                "scopes": list(world.objects(vendor, "scopes").get(subject, {}).get("granted", ())),
                "user_id": world.accounts[vendor].user_id,
            }
            return JSONResponse({"data": data})
        return JSONResponse({"data": {"is_valid": False, "scopes": [], "error": {"code": 190, "message": "Malformed"}}})

    async def accounts(call: Call) -> Any:
        if call.kind not in USER_KINDS:
            raise GraphError("(#100) Tried accessing nonexisting field (accounts) on node type (Page)", 100)
        check_proof(graph, call)
        wanted = {name.split("{")[0] for name in call.names("fields")} or {
            "id",
            "name",
            "access_token",
            "category",
            "tasks",
        }
        rows = pages(call, wanted)
        return {"data": rows, "paging": {"cursors": {"before": cursor(0), "after": cursor(len(rows))}}}

    get = ["GET"]
    return [
        Route("/dialog/oauth", dialog, methods=get),
        Route("/{version}/dialog/oauth", dialog, methods=get),
        Route("/oauth/access_token", token, methods=["GET", "POST"]),
        Route("/{version}/oauth/access_token", token, methods=["GET", "POST"]),
        Route("/{version}/debug_token", debug, methods=get),
        Route("/{version}/me/accounts", graph.endpoint(accounts), methods=get),
    ]


def page_token(graph: Graph, call: Call, page_id: str) -> str:
    """A page's token: without end from a long-lived user token, an hour from a short one."""
    return graph.world.tokens.issue(graph.vendor, "page", page_id, None if call.kind == "long" else SHORT)


def check_proof(graph: Graph, call: Call) -> None:
    """Refuses a wrong `appsecret_proof` (HMAC-SHA256 of the token with the app's secret) where one is given."""
    proof = call.values.get("appsecret_proof")
    secrets = [app["secret"] for app in graph.world.objects(graph.vendor, "app").values()]
    if proof is None or not secrets:
        return
    good = {hmac.new(secret.encode(), call.token.encode(), hashlib.sha256).hexdigest() for secret in secrets}
    if proof not in good:
        raise GraphError("Invalid appsecret_proof provided in the API argument", 100, kind="GraphMethodException")


def _exchanged(graph: Graph, asked: dict[str, str]) -> dict[str, Any]:
    world, vendor = graph.world, graph.vendor
    client, secret = asked.get("client_id", ""), asked.get("client_secret", "")
    if not client or not secret:
        raise GraphError("Missing client_id or client_secret parameter.", 101)
    kept = world.objects(vendor, "app").setdefault(client, {"secret": secret})
    if kept["secret"] != secret:
        raise GraphError("Error validating client secret.", 1)
    if asked.get("grant_type") == "fb_exchange_token":
        return {"access_token": _lengthened(graph, asked.get("fb_exchange_token", "")), "token_type": "bearer",
                "expires_in": int(LONG.total_seconds())}  # fmt: skip
    grant = world.tokens.redeem(asked.get("code", ""), redirect_uri=asked.get("redirect_uri", ""))
    if grant is None or grant.vendor is not vendor or grant.client_id != client:
        raise GraphError("This authorization code has been used.", 100, 36009)
    if grant.challenge and grant.challenge != challenge_of(asked.get("code_verifier", "")):
        raise GraphError("Invalid code verifier. Code verifier does not match.", 100, 36008)
    user = world.accounts[vendor].user_id
    world.objects(vendor, "scopes")[user] = {"granted": grant.scopes}
    short = world.tokens.issue(vendor, "short", user, SHORT)
    return {"access_token": short, "token_type": "bearer", "expires_in": int(SHORT.total_seconds())}


def _lengthened(graph: Graph, token: str) -> str:
    vendor: Vendor = graph.vendor
    for kind in USER_KINDS:
        state, subject = graph.world.tokens.check(vendor, token, kind)
        if state is TokenState.VALID:
            return graph.world.tokens.issue(vendor, "long", subject, LONG)
        if state is TokenState.EXPIRED:
            raise GraphError("Error validating access token: Session has expired.", 190, 463)
        if state is TokenState.REVOKED:
            raise GraphError("Error validating access token: The user has not authorized application.", 190, 458)
    raise GraphError("Invalid OAuth access token - Cannot parse access token", 190)
