"""Facebook Pages in the sandbox (Graph API v25.0): publishing, listings with nested insights, page insights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.routing import Route

from connectors.sandbox import facebook_publishing, facebook_reading
from connectors.sandbox.graph import Call, Graph
from connectors.sandbox.graph_errors import GraphError, expired, gone, throttle
from connectors.sandbox.graph_fields import parse_fields, shown
from connectors.sandbox.graph_login import CATEGORY, check_proof, login_routes, page_token
from connectors.sandbox.server import SandboxVendor
from connectors.sandbox.world import World
from models.domain.connection import Vendor

PAGE_RATE_CODE = 32
BUSINESS_CODE = 80_001
TASKS = ["ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE", "CREATE_CONTENT", "MANAGE"]

Edge = Callable[[Graph, Call], Awaitable[Any]]


def vendor(world: World) -> SandboxVendor:
    graph = Graph(world, Vendor.FACEBOOK, business="pages", limit_code=BUSINESS_CODE)
    edges: dict[tuple[str, str], Edge] = {
        ("POST", "feed"): facebook_publishing.feed,
        ("POST", "photos"): facebook_publishing.photos,
        ("POST", "videos"): facebook_publishing.videos,
        ("GET", "published_posts"): facebook_reading.posts,
        ("GET", "posts"): facebook_reading.posts,
        ("GET", "feed"): facebook_reading.posts,
        ("GET", "insights"): facebook_reading.page_insights,
    }

    def accounts(call: Call, wanted: set[str]) -> list[dict[str, Any]]:
        page = world.accounts[Vendor.FACEBOOK]
        row = {
            "access_token": page_token(graph, call, page.id) if "access_token" in wanted else None,
            "category": CATEGORY["name"],
            "category_list": [CATEGORY],
            "name": page.name,
            "id": page.id,
            "tasks": TASKS,
        }
        return [{name: value for name, value in row.items() if name in wanted | {"id"} and value is not None}]

    async def edge(call: Call) -> Any:
        check_proof(graph, call)
        node, name = call.request.path_params["node"], call.request.path_params["edge"]
        if call.kind != "page":
            raise GraphError("(#210) A page access token is required to request this resource.", 210)
        if node == "me":
            node = call.subject
        if name == "insights" and node != world.accounts[Vendor.FACEBOOK].id:
            return facebook_reading.post_insights(graph, call, node)
        handler = edges.get((call.request.method, name))
        if handler is None or node != world.accounts[Vendor.FACEBOOK].id:
            raise gone(node)
        return await handler(graph, call)

    def read_node(call: Call, node: str) -> dict[str, Any]:
        account = world.accounts[Vendor.FACEBOOK]
        fields = parse_fields(call.values.get("fields", "id"))
        facebook_reading.check_fields(graph, fields)
        if node in (account.id, "me") and call.kind == "page":
            return shown(fields, facebook_reading.page_fields(graph), "Page")
        if node == "me":
            return {"id": call.subject, "name": "Sandbox person"}
        for known, label in (
            (facebook_reading.post_fields(graph, node), "PagePost"),
            (facebook_publishing.video_fields(graph, node), "Video"),
            (facebook_publishing.photo_fields(graph, node), "Photo"),
        ):
            if known is not None:
                return shown(fields, known, label)
        raise gone(node)

    async def node(call: Call) -> Any:
        check_proof(graph, call)
        wanted: str = call.request.path_params["node"]
        if call.request.method == "DELETE":
            if not world.delete(Vendor.FACEBOOK, wanted):
                raise gone(wanted)
            return {"success": True}
        return read_node(call, wanted)

    async def several(call: Call) -> Any:
        check_proof(graph, call)
        call.need("ids")
        return {wanted: read_node(call, wanted) for wanted in call.names("ids")}

    return SandboxVendor(
        Vendor.FACEBOOK,
        [
            *login_routes(graph, accounts),
            Route("/{version}/", graph.endpoint(several), methods=["GET"]),
            Route("/{version}/{node}", graph.endpoint(node), methods=["GET", "DELETE"]),
            Route("/{version}/{node}/{edge}", graph.endpoint(edge), methods=["GET", "POST"]),
        ],
        throttled=lambda: throttle(PAGE_RATE_CODE),
        expired=expired,
    )
