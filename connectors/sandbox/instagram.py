"""Instagram professional accounts in the sandbox (Graph API v25.0 with Facebook Login)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.routing import Route

from connectors.sandbox import instagram_publishing, instagram_reading
from connectors.sandbox.graph import Call, Graph
from connectors.sandbox.graph_errors import GraphError, expired, gone, throttle
from connectors.sandbox.graph_fields import parse_fields, shown
from connectors.sandbox.graph_login import check_proof, login_routes, page_token
from connectors.sandbox.server import SandboxVendor
from connectors.sandbox.world import ACCOUNTS, World
from models.domain.connection import Vendor

APP_RATE_CODE = 4
BUSINESS_CODE = 80_002

Edge = Callable[[Graph, Call], Awaitable[Any]]


def vendor(world: World) -> SandboxVendor:
    graph = Graph(world, Vendor.INSTAGRAM, business="instagram", limit_code=BUSINESS_CODE)
    account = world.accounts[Vendor.INSTAGRAM]
    page = ACCOUNTS[Vendor.FACEBOOK]
    edges: dict[tuple[str, str], Edge] = {
        ("POST", "media"): instagram_publishing.container,
        ("POST", "media_publish"): instagram_publishing.media_publish,
        ("GET", "content_publishing_limit"): instagram_publishing.publishing_limit,
        ("GET", "media"): instagram_reading.media,
        ("GET", "insights"): instagram_reading.account_insights,
    }

    def accounts(call: Call, wanted: set[str]) -> list[dict[str, Any]]:
        row: dict[str, Any] = {"name": page.name, "id": page.id}
        if "access_token" in wanted:
            row["access_token"] = page_token(graph, call, page.id)
        if "instagram_business_account" in wanted:
            row["instagram_business_account"] = {"id": account.id, "username": account.handle, "name": account.name}
        return [row]

    async def edge(call: Call) -> Any:
        check_proof(graph, call)
        node, name = call.request.path_params["node"], call.request.path_params["edge"]
        if name == "insights" and node != account.id:
            return instagram_reading.media_insights(graph, call, node)
        handler = edges.get((call.request.method, name))
        if handler is None or node != account.id:
            raise gone(node)
        return await handler(graph, call)

    def read_node(call: Call, node: str) -> dict[str, Any]:
        fields = parse_fields(call.values.get("fields", "id"))
        instagram_reading.check_fields(graph, fields)
        if node == account.id:
            return shown(fields, instagram_reading.user_fields(graph), "IGUser")
        if node == page.id:
            return shown(fields, {
                "id": lambda _: page.id, "name": lambda _: page.name,
                "instagram_business_account": lambda _: {"id": account.id},
            }, "Page")  # fmt: skip
        if node == "me":
            return {"id": call.subject, "name": "Sandbox person"}
        for known, label in (
            (instagram_reading.media_fields(graph, node), "IGMedia"),
            (instagram_publishing.container_fields(graph, node), "IGContainer"),
        ):
            if known is not None:
                return shown(fields, known, label)
        raise gone(node)

    async def node(call: Call) -> Any:
        check_proof(graph, call)
        return read_node(call, call.request.path_params["node"])

    async def several(call: Call) -> Any:
        check_proof(graph, call)
        wanted = call.names("ids")
        if not 0 < len(wanted) <= 50:
            raise GraphError("(#100) Too many IDs. Maximum: 50.", 100)
        return {one: read_node(call, one) for one in wanted}

    return SandboxVendor(
        Vendor.INSTAGRAM,
        [
            *login_routes(graph, accounts),
            Route("/{version}/", graph.endpoint(several), methods=["GET"]),
            Route("/{version}/{node}", graph.endpoint(node), methods=["GET"]),
            Route("/{version}/{node}/{edge}", graph.endpoint(edge), methods=["GET", "POST"]),
        ],
        throttled=lambda: throttle(APP_RATE_CODE),
        expired=expired,
    )
