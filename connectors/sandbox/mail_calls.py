"""What the sandbox's mail services share in reading a call: its JSON body, times, the campaign that its address names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from connectors.sandbox.mail_campaigns import Campaign, Campaigns

Handler = Callable[[Request], Awaitable[Response]]
CampaignHandler = Callable[[Request, Campaign], Awaitable[Response]]


def of_campaign(campaigns: Campaigns, missing: Callable[[], Response]) -> Callable[[CampaignHandler], Handler]:
    """Gives handlers the campaign of the address' `id`, and answers with `missing` where there is none."""

    def wrapped(handler: CampaignHandler) -> Handler:
        async def answer(request: Request) -> Response:
            campaign = campaigns.get(request.path_params["id"])
            return missing() if campaign is None else await handler(request, campaign)

        return answer

    return wrapped


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent, empty for anything else."""
    try:
        found = await request.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def moment(text: Any) -> datetime | None:
    """An ISO 8601 instant with its zone, None for anything else."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def to_milliseconds(at: datetime) -> str:
    """An instant as SendGrid and Brevo write it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
