"""Calls to X for one account. Each operation has an allowance of its own, so each has a client; they share connections."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

import httpx

from connectors.answers import Answer
from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, Effect, VendorClient
from connectors.social.x.errors import classify, read_limits
from connectors.social.x.limits import LOOKUP_RATE, POST_RATE, TIMELINE_RATE, Rate
from connectors.social.x.names import SPELLINGS, Spelling
from models.domain.connection import Vendor
from models.errors import Rejected, VendorError


class Allowance(StrEnum):
    """What X counts apart from each other."""

    POSTS = "posts"
    UPLOADS = "uploads"
    TIMELINE = "timeline"
    LOOKUP = "lookup"
    PROFILE = "profile"


_RATES: dict[Allowance, Rate] = {
    Allowance.POSTS: POST_RATE,
    Allowance.TIMELINE: TIMELINE_RATE,
    Allowance.LOOKUP: LOOKUP_RATE,
}


class XClient:
    """The account's calls. Against the sandbox no pace is kept: its clock, not this machine's, is what its limits follow."""

    def __init__(
        self,
        account: str,
        holder: CredentialHolder,
        where: Endpoints,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.sleep = sleep
        self._base = where["api"]
        self._spelling: Spelling | None = None

        shared = transport or httpx.HTTPTransport(trust_env=False)
        self._clients = {
            allowance: VendorClient(
                Vendor.X, account, classify=classify, authorize=holder.bear, renew=holder.renew,
                read_limits=partial(read_limits, name=allowance.value),
                rates=_paces(allowance) if not where.sandbox else (),
                transport=shared, timeout=timeout, sleep=sleep,
            )
            for allowance in Allowance
        }  # fmt: skip

    @property
    def calls(self) -> int:
        """HTTP requests made so far, repeated ones included."""
        return sum(client.calls for client in self._clients.values())

    def quota(self) -> dict[str, str]:
        return {name: said for client in self._clients.values() for name, said in client.quota().items()}

    def json(
        self, allowance: Allowance, method: str, path: str, *, effect: Effect, post: str | None = None, **request: Any
    ) -> dict[str, Any]:
        """The answer as a JSON object. Any other JSON is no answer of X: `Transient`, or `OutcomeUnknown` after a commit."""
        client = self._clients[allowance]
        found = client.json(method, self._base + path, effect=effect, post=post, **request)
        if not isinstance(found, dict):
            raise client.unreadable(effect, "the answer was not what X sends", post)
        return found

    def call(self, allowance: Allowance, method: str, path: str, *, effect: Effect, **request: Any) -> Answer:
        return self._clients[allowance].call(method, self._base + path, effect=effect, **request)

    def read_posts(
        self, allowance: Allowance, path: str, fields: Sequence[str], parameters: dict[str, str]
    ) -> dict[str, Any]:
        """A reading of posts with the named fields, asked for in the spelling that X accepts."""
        for spelling in (self._spelling,) if self._spelling else SPELLINGS:
            asked = {**parameters, spelling.fields: ",".join(fields)}
            try:
                found = self.json(allowance, "GET", path, effect=Effect.READ, params=asked)
            except Rejected as refused:
                if self._spelling or spelling is SPELLINGS[-1] or spelling.fields not in refused.cause:
                    raise
                continue
            self._spelling = spelling
            return found
        raise AssertionError("every spelling either answers or raises")

    def error(self, kind: type[VendorError], cause: str, next_step: str, **more: Any) -> VendorError:
        return self._clients[Allowance.POSTS].error(kind, cause, next_step, **more)

    def unreadable(self, effect: Effect, cause: str, post: str | None = None) -> VendorError:
        return self._clients[Allowance.POSTS].unreadable(effect, cause, post)


def _paces(allowance: Allowance) -> tuple[tuple[int, float], ...]:
    rate = _RATES.get(allowance)
    return ((rate.calls, float(rate.seconds)),) if rate else ()
