"""Reading one YouTube channel: pages of the Data API, its list of uploads, videos by 50 ids."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx

from connectors.answers import Answer, Refusal
from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, Effect, VendorClient
from connectors.paging import Trail
from connectors.social.youtube.errors import classify
from models.domain.connection import Vendor
from models.errors import QuotaExhausted, Rejected, Transient

PAGE = 50
"""Items of a page and ids of a call: the most the Data API takes (discovery document, maxResults)."""


class Channel:
    """The calls of one channel. `uploader` never repeats a call by itself: after an interruption the session is asked first."""

    def __init__(
        self,
        account_id: str,
        holder: CredentialHolder,
        where: Endpoints,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.id = account_id
        self.where = where
        self.sleep = sleep
        self.spent: dict[str, str] = {}
        self._uploads: str | None = None

        def client(attempts: int) -> VendorClient:
            return VendorClient(
                Vendor.YOUTUBE, account_id, classify=self._judge, authorize=holder.bear, renew=holder.renew,
                transport=transport, timeout=timeout, sleep=sleep, attempts=attempts,
            )  # fmt: skip

        self.client = client(4)
        self.uploader = client(1)

    def read(self, interface: str, path: str, kind: str, **params: str) -> dict[str, Any]:
        """One answer of the given `kind`. Raises `VendorError`; `Transient` for an answer of another form."""
        document = self.client.json("GET", f"{self.where[interface]}/{path}", effect=Effect.READ, params=params)
        try:
            return page(document, kind)
        except ValueError as problem:
            raise self.client.error(
                Transient, f"{path} answered in an unknown form ({problem})", "it is tried again"
            ) from None

    def profile(self) -> dict[str, Any]:
        """The channel's own row, with its numbers and lists. Raises `Rejected` when it is gone."""
        found = items(
            self.read(
                "api", "channels", "youtube#channelListResponse", part="snippet,contentDetails,statistics", id=self.id
            )
        )
        if not found:
            raise self.client.error(Rejected, "the channel does not exist any more", "disconnect it or reconnect")
        return found[0]

    def uploads(self) -> Iterator[list[dict[str, Any]]]:
        """Pages of the list of uploads, newest first; nothing for a channel that never uploaded."""
        if self._uploads is None:
            self._uploads = self._uploads_id()
        params = {"part": "snippet,contentDetails", "playlistId": self._uploads, "maxResults": str(PAGE)}
        token: str | None = None
        trail = Trail(self.client)
        while True:
            try:
                listed = self.read(
                    "api", "playlistItems", "youtube#playlistItemListResponse",
                    **params, **({"pageToken": token} if token else {}),
                )  # fmt: skip
            except Rejected as refused:
                if refused.code == "playlistNotFound":
                    return
                raise
            yield items(listed)
            token = listed.get("nextPageToken") or None
            if token is None:
                return
            trail.step(token)

    def videos(self, ids: Sequence[str], parts: str) -> list[dict[str, Any]]:
        """The rows of up to 50 videos; those that are gone are left out."""
        if not ids:
            return []
        return items(self.read("api", "videos", "youtube#videoListResponse", part=parts, id=",".join(ids)))

    def _uploads_id(self) -> str:
        try:
            return str(self.profile()["contentDetails"]["relatedPlaylists"]["uploads"])
        except (KeyError, TypeError):
            raise self.client.error(
                Transient, "the channel's list of uploads could not be read", "it is tried again"
            ) from None

    def _judge(self, answer: Answer) -> Refusal | None:
        """Classifies, and keeps what was said about used-up allowances: YouTube has no headers for them."""
        refusal = classify(answer)
        if refusal is not None and refusal.kind is QuotaExhausted and refusal.until is not None:
            self.spent[refusal.code or "quota"] = f"used up until {refusal.until:%Y-%m-%d %H:%M} UTC"
        return refusal


def page(document: object, kind: str) -> dict[str, Any]:
    """The answer, if it is of the kind. Raises `ValueError` naming what it is instead."""
    if not isinstance(document, dict):
        raise ValueError(f"{type(document).__name__} instead of {kind}")
    if document.get("kind") != kind:
        raise ValueError(f"{document.get('kind') or 'no kind'} instead of {kind}")
    return document


def items(listed: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a page; a page without any has no `items`."""
    found = listed.get("items")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
