"""Competitors' public Instagram content by business discovery: followers, media, likes and comments, no insights.

Only professional accounts can be discovered, and only by an own professional account (Instagram business discovery).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, Effect
from connectors.paging import Trail
from connectors.readings import Account
from connectors.social.instagram.rows import content_of, moment_of
from connectors.social.meta.graph import Graph
from connectors.social.meta.insights import number
from models.domain.content import Owner, Record
from models.domain.social import Platform
from models.errors import InvalidInput

_NAME = re.compile(r"[A-Za-z0-9._]{1,30}")
_MEDIA = "id,caption,like_count,comments_count,timestamp,permalink,media_type,media_product_type"
_PAGE = 50


class Discovery:
    """Reads competitors with an own account's credential."""

    def __init__(self, graph: Graph, account_id: str) -> None:
        self._graph = graph
        self._account = account_id

    def records(self, username: str, *, since: datetime, until: datetime) -> Iterator[Record]:
        """The competitor's followers now and its media of `[since, until)`, newest first.

        Raises `InvalidInput` for what is no user name and `Rejected` for a name without a professional account.
        """
        name = username.removeprefix("@")
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                f"{username!r} is not an Instagram user name: use letters, digits, dots and underscores."
            )
        trail = Trail(self._graph.client)
        after: str | None = ""
        rival: Account | None = None
        while after is not None:
            trail.step(after)
            found = self._page(name, after)
            if rival is None:
                rival = rival_of(found, until)
                yield rival.now("followers", number(found.get("followers_count")))
            rows, after = _media_of(found)
            for row in rows:
                published_at = moment_of(row)
                if published_at is not None and published_at < since.replace(microsecond=0):
                    return
                if row.get("id") and (published_at is None or published_at < until):
                    yield from media_records(row, rival)

    def _page(self, username: str, after: str) -> Mapping[str, Any]:
        cursor = f".after({after})" if after else ""
        wanted = f"id,username,name,followers_count,media_count,media{cursor}.limit({_PAGE}){{{_MEDIA}}}"
        answer = self._graph.get(self._account, fields=f"business_discovery.username({username}){{{wanted}}}")
        found = answer.get("business_discovery")
        if not isinstance(found, dict):
            raise self._graph.client.unreadable(Effect.READ, "the answer does not tell the competitor")
        return found


def rival_of(found: Mapping[str, Any], at: datetime) -> Account:
    """The discovered account; its id is its user name where the answer has none."""
    username = str(found.get("username") or "")
    return Account(
        Platform.INSTAGRAM, str(found.get("id") or username), str(found.get("name") or username), at, Owner.COMPETITOR
    )


def media_records(row: Mapping[str, Any], rival: Account) -> Iterator[Record]:
    """One media object with its likes and comments; hidden likes are unavailable, not zero."""
    content = content_of(row, rival)
    yield content
    for metric, name in (("reactions", "like_count"), ("comments", "comments_count")):
        yield rival.of_post(content.entity_id, metric, content.published_at, number(row.get(name)))


def discovery(
    account_id: str,
    holder: CredentialHolder,
    where: Endpoints,
    *,
    transport: httpx.BaseTransport | None = None,
    timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> Discovery:
    """Discovery by the own account `account_id`."""
    return Discovery(Graph(where, account_id, holder, transport=transport, timeout=timeout, sleep=sleep), account_id)


def _media_of(found: Mapping[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """The media of one page and the cursor behind it, None after the last."""
    media = found.get("media")
    data, paging = (media.get("data"), media.get("paging")) if isinstance(media, dict) else (None, None)
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    cursors = paging.get("cursors") if isinstance(paging, dict) else None
    after = cursors.get("after") if isinstance(cursors, dict) and rows else None
    return rows, after if isinstance(after, str) and re.fullmatch(r"[\w=+/-]+", after) else None
