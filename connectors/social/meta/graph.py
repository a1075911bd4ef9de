"""Calls of the Graph API for one account: nodes, edges, many nodes at once, pages of rows."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, Effect, VendorClient
from connectors.social.meta.errors import TOO_MUCH_DATA, classify
from connectors.social.meta.usage import read_limits
from models.errors import OutcomeUnknown, Rejected, Transient

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
        return self._object(
            self.client.json("GET", f"{self._base}/{path}", effect=Effect.READ, params=parameters), Effect.READ, None
        )

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
        raise self.unreadable(effect, key, "the answer named no id")

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
                return page_of(self.get(path, **asked))
            except Rejected as refused:
                if refused.code != TOO_MUCH_DATA or self._limit == 1:
                    raise
                self._limit = max(1, self._limit // 2)

    def pages(self, path: str, **parameters: str) -> Iterator[list[dict[str, Any]]]:
        """All pages of an edge; a page may be empty without being the last."""
        following: dict[str, str] | None = {}
        while following is not None:
            page = self.page(path, following, **parameters)
            yield page.rows
            following = page.following

    def _authorize(self, request: httpx.Request) -> None:
        request.headers["Authorization"] = f"Bearer {self._holder.token()}"
        if proof := self._holder.credential.extra.get("appsecret_proof"):
            request.url = request.url.copy_merge_params({"appsecret_proof": proof})

    def _object(self, answer: Any, effect: Effect, key: str | None) -> dict[str, Any]:
        if not isinstance(answer, dict):
            raise self.unreadable(effect, key, "the answer was no JSON object")
        return answer

    def unreadable(self, effect: Effect, key: str | None, cause: str) -> OutcomeUnknown | Transient:
        """The error for an answer without what it must hold: unknown after a commit, else as if it had not come."""
        if effect is Effect.COMMIT:
            next_step = "the account is read to find out; it is not sent again blindly"
            return OutcomeUnknown(
                self.client.vendor.label, account=self.client.account, cause=cause, next_step=next_step, post=key
            )
        return Transient(
            self.client.vendor.label, account=self.client.account, cause=cause, next_step="it is tried again", post=key
        )


def page_of(document: Mapping[str, Any]) -> Page:
    """The rows and what follows. Only the parameters of `paging.next` are used, never its address nor its token."""
    data, paging = document.get("data"), document.get("paging")
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
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


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same to a reader: without differences of spacing and Unicode form."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
