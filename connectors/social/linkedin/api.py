"""Calls of LinkedIn's versioned REST interface: headers, addresses, the one retry of a conflict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connectors.answers import Answer
from connectors.http import Effect, VendorClient
from connectors.paging import Trail
from connectors.social.linkedin.errors import CONFLICT
from models.errors import Rejected

VERSION = "202609"
"""The monthly release that is spoken; each is kept for a year at least, then every call is refused with 426."""
HEADERS = {"Linkedin-Version": VERSION, "X-Restli-Protocol-Version": "2.0.0"}
FINDER = {"X-RestLi-Method": "FINDER"}
PAGE = 90
"""Elements a page, and posts in one `List(…)`: 90 encoded URNs stay below LinkedIn's 4 KB of query string
(learn.microsoft.com, shared/references/migrations/query-tunneling-migration)."""


class Api:
    """`base` is the address below which the resources stand."""

    def __init__(self, client: VendorClient, base: str) -> None:
        self.client = client
        self._base = base

    def get(self, path: str, query: str = "", *, post: str | None = None) -> dict[str, Any]:
        """A resource, or what a finder finds. `query` is already encoded as Rest.li writes it."""
        url = f"{self._base}{path}" + (f"?{query}" if query else "")
        return self._object("GET", url, Effect.READ, post, headers=FINDER if query.startswith("q=") else None)

    def stage(self, path: str, body: dict[str, Any], *, post: str | None) -> dict[str, Any]:
        """An action that prepares an upload."""
        return self._object("POST", f"{self._base}{path}", Effect.STAGE, post, json=body)

    def finish(self, path: str, body: dict[str, Any], *, post: str | None) -> None:
        """An action whose answer holds nothing."""
        self._call("POST", f"{self._base}{path}", Effect.STAGE, post, json=body)

    def put(self, url: str, content: bytes, *, post: str | None, authorized: bool) -> Answer:
        """Uploads bytes to an address that LinkedIn gave."""
        return self._call("PUT", url, Effect.STAGE, post, content=content, authorized=authorized)

    def commit(self, path: str, body: dict[str, Any], *, post: str) -> Answer:
        """The call that makes a post public."""
        return self._call("POST", f"{self._base}{path}", Effect.COMMIT, post, json=body)

    def elements(self, path: str, query: str) -> Iterator[list[dict[str, Any]]]:
        """The pages of a finder, by `start` and `count`, until one has no successor."""
        start, trail = 0, Trail(self.client)
        while True:
            page = self.get(path, f"{query}&start={start}&count={PAGE}")
            found = self.rows(page)
            if not found:
                return
            yield found
            if len(found) < PAGE and not _goes_on(page):
                return
            trail.step(json.dumps(found, sort_keys=True))
            start += len(found)

    def rows(self, page: dict[str, Any]) -> list[dict[str, Any]]:
        """What a finder found. Raises `Transient` for an answer without a list: it must not look like nothing."""
        if not isinstance(page.get("elements"), list):
            raise self.client.unreadable(Effect.READ, "the answer has no list of elements")
        return rows(page)

    def _object(self, method: str, url: str, effect: Effect, post: str | None, **request: Any) -> dict[str, Any]:
        found = self._once_more(lambda: self.client.json(method, url, effect=effect, post=post, **request))
        if not isinstance(found, dict):
            raise self.client.unreadable(effect, "the answer was no JSON object", post)
        return found

    def _call(self, method: str, url: str, effect: Effect, post: str | None, **request: Any) -> Answer:
        answer: Answer = self._once_more(lambda: self.client.call(method, url, effect=effect, post=post, **request))
        return answer

    def _once_more(self, call: Any) -> Any:
        """Repeats a call that LinkedIn refused with 409 and the words “Retry the request”, once."""
        try:
            return call()
        except Rejected as refused:
            if refused.code != CONFLICT:
                raise
        return call()


def rows(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects under `elements`."""
    found = page.get("elements")
    return [element for element in found if isinstance(element, dict)] if isinstance(found, list) else []


def _goes_on(page: dict[str, Any]) -> bool:
    """Whether a page names a next one."""
    paging = page.get("paging")
    links = paging.get("links") if isinstance(paging, dict) else None
    return isinstance(links, list) and any(isinstance(link, dict) and link.get("rel") == "next" for link in links)


def encoded(urn: str) -> str:
    """A URN as it stands in a path or a query."""
    return quote(urn, safe="")


def organization(account_id: str) -> str:
    return f"urn:li:organization:{account_id}"


def moment(value: object) -> datetime | None:
    """Milliseconds since 1970 as an instant; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return datetime.fromtimestamp(value / 1000, UTC)


def milliseconds(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
