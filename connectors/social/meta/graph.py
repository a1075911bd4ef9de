"""Calls of the Graph API for one account: nodes, edges, many nodes at once, pages of rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, Effect, VendorClient
from connectors.paging import Trail
from connectors.social.meta.errors import TOO_MUCH_DATA, classify
from connectors.social.meta.usage import read_limits
from models.errors import Rejected

PAGE_ROWS = 100
IDS_AT_ONCE = 50
"""Nodes of one `?ids=` call (Graph API, reading several objects)."""
_OWN_PARAMETERS = frozenset({"access_token", "appsecret_proof", "fields", "limit", "pretty"})


@dataclass(frozen=True)
class Page:
    """Rows of one page; `following` are the parameters of the next one, None after the last."""

    rows: list[dict[str, Any]]
    following: dict[str, str] | None


class Graph:
    """The Graph API for one account. The token goes in a header, so that no address carries it."""

    def __init__(
        self,
        where: Endpoints,
        account_id: str,
        holder: CredentialHolder,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.sleep = sleep
        self._base = where["api"]
        self._holder = holder
        self._limit = PAGE_ROWS
        self.client = VendorClient(
            where.vendor, account_id, classify=classify, authorize=self._authorize, renew=holder.renew,
            read_limits=read_limits, transport=transport, timeout=timeout, sleep=sleep,
        )  # fmt: skip

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """A node or edge, read."""
        answer = self.client.json("GET", f"{self._base}/{path}", effect=Effect.READ, params=parameters)
        return self._object(answer, Effect.READ, None)

    def post(self, path: str, effect: Effect, key: str, **request: Any) -> dict[str, Any]:
        """A call that stages or commits something for the post named `key`."""
        answer = self.client.json("POST", f"{self._base}/{path}", effect=effect, post=key, **request)
        return self._object(answer, effect, key)

    def new_id(self, path: str, effect: Effect, key: str, **request: Any) -> str:
        """Like `post`, for calls that answer with the `id` of what they made.

        An answer without one is `OutcomeUnknown` after a commit, `Transient` after staging.
        """
        made = self.post(path, effect, key, **request).get("id")
        if isinstance(made, str) and made:
            return made
        raise self.client.unreadable(effect, "the answer named no id", key)

    def rows(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """The rows of an edge that has one page only."""
        return self._page(self.get(path, **parameters)).rows

    def many(self, ids: Sequence[str], fields: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Nodes by id, read `IDS_AT_ONCE` at a time; those that the answer leaves out are left out here."""
        for start in range(0, len(ids), IDS_AT_ONCE):
            part = ids[start : start + IDS_AT_ONCE]
            found = self.get("", ids=",".join(part), fields=fields)
            yield from ((node, found[node]) for node in part if isinstance(found.get(node), dict))

    def page(self, path: str, following: Mapping[str, str], **parameters: str) -> Page:
        """One page of an edge. Where the answer would be too large, smaller pages are asked from then on."""
        while True:
            asked = {**parameters, **following, "limit": str(self._limit)}
            try:
                return self._page(self.get(path, **asked))
            except Rejected as refused:
                if refused.code != TOO_MUCH_DATA or self._limit == 1:
                    raise
                self._limit = max(1, self._limit // 2)

    def pages(self, path: str, **parameters: str) -> Iterator[list[dict[str, Any]]]:
        """All pages of an edge; a page may be empty without being the last."""
        return self.walk(lambda following: self.page(path, following, **parameters))

    def walk(self, read: Callable[[Mapping[str, str]], Page]) -> Iterator[list[dict[str, Any]]]:
        """The rows page by page; `read` gives the page at the parameters of the one before."""
        return walk(self.client, read)

    def _authorize(self, request: httpx.Request) -> None:
        self._holder.bear(request)
        if proof := self._holder.credential.extra.get("appsecret_proof"):
            request.url = request.url.copy_merge_params({"appsecret_proof": proof})

    def _object(self, answer: Any, effect: Effect, key: str | None) -> dict[str, Any]:
        if not isinstance(answer, dict):
            raise self.client.unreadable(effect, "the answer was no JSON object", key)
        return answer

    def _page(self, document: Mapping[str, Any]) -> Page:
        return read_page(self.client, document)


def walk(client: VendorClient, read: Callable[[Mapping[str, str]], Page]) -> Iterator[list[dict[str, Any]]]:
    """The rows of all pages. Raises `Transient` when the pages lead round in a circle."""
    trail = Trail(client)
    page = read({})
    while page.following is not None:
        yield page.rows
        trail.step(frozenset(page.following.items()))
        page = read(page.following)
    yield page.rows


def read_page(client: VendorClient, document: object) -> Page:
    """The page in an answer. Raises `Transient` for an answer that is none: it must not look like the end."""
    try:
        return page_of(document if isinstance(document, dict) else {})
    except ValueError as problem:
        raise client.unreadable(Effect.READ, f"the answer is no page ({problem})") from None


def page_of(document: Mapping[str, Any]) -> Page:
    """The rows and what follows. Only the parameters of `paging.next` are used, never its address nor its token.

    Raises `ValueError` for what has no list of rows.
    """
    data, paging = document.get("data"), document.get("paging")
    if not isinstance(data, list):
        raise ValueError("it has no data")
    rows = [row for row in data if isinstance(row, dict)]
    address = paging.get("next") if isinstance(paging, dict) else None
    if not isinstance(address, str):
        return Page(rows, None)
    asked = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    return Page(rows, {name: value for name, value in asked.items() if name not in _OWN_PARAMETERS})


def moment(text: object) -> datetime | None:
    """An instant as the Graph API writes it, e.g. `2021-07-04T19:50:58+0000`; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)
    except ValueError:
        return None


def epoch(at: datetime) -> str:
    return str(int(at.timestamp()))
