"""The pages on which a person allows an app, answered at once as if they had pressed Allow."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from connectors.sandbox.world import World
from models.domain.connection import Vendor


def allowed(
    world: World, vendor: Vendor, asked: Mapping[str, str], *, scopes: tuple[str, ...], client: str = "client_id",
    added: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    """Back to the app's address with a code, the app's `state`, and what more the vendor has `added`."""
    code = world.tokens.code(
        vendor, client_id=asked[client], redirect_uri=asked["redirect_uri"],
        challenge=asked.get("code_challenge", ""), scopes=scopes,
    )  # fmt: skip
    given = urlencode({"code": code, "state": asked.get("state", ""), **(added or {})})
    return RedirectResponse(f"{asked['redirect_uri']}?{given}", 302)
