"""Calls of TikTok's interface: the envelope `{"data", "error"}`, and chunks put to upload addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.answers import Answer
from connectors.http import Effect, VendorClient


class Api:
    """`base` is the address below which the endpoints stand."""

    def __init__(self, client: VendorClient, base: str) -> None:
        self.client = client
        self._base = base

    def get(self, path: str, fields: tuple[str, ...]) -> dict[str, Any]:
        """The `data` of a read."""
        return self._data("GET", path, Effect.READ, None, params={"fields": ",".join(fields)})

    def post(
        self,
        path: str,
        body: dict[str, Any],
        *,
        effect: Effect = Effect.READ,
        post: str | None = None,
        fields: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        """The `data` of a call; TikTok reads with POST too."""
        query = {"params": {"fields": ",".join(fields)}} if fields else {}
        return self._data("POST", path, effect, post, json=body, **query)

    def put(self, url: str, content: bytes, headers: dict[str, str], *, effect: Effect, post: str) -> Answer:
        """One chunk; the address itself is the proof of permission."""
        return self.client.call(
            "PUT", url, effect=effect, post=post, authorized=False, content=content, headers=headers
        )

    def _data(self, method: str, path: str, effect: Effect, post: str | None, **request: Any) -> dict[str, Any]:
        document = self.client.json(method, f"{self._base}{path}", effect=effect, post=post, **request)
        data = document.get("data") if isinstance(document, dict) else None
        if isinstance(data, dict):
            return data
        raise self.client.unreadable(effect, "the answer holds no data", post)


def moment(seconds: object) -> datetime | None:
    """Seconds since 1970 as an instant; None for anything else."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return datetime.fromtimestamp(seconds, UTC)


def milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
