"""Fetching one public document over HTTP: from public hosts only, bounded in bytes, ratio and time.

Redirects are followed here and not by httpx, so that each is judged like a first address and remembered by its kind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urljoin

import httpx

from connectors.addresses import WebAddress, parse_address
from connectors.decoding import ACCEPT_ENCODING, Bounds, read_bounded
from connectors.guard import CONNECT_SECONDS, LOCAL, PUBLIC, READ_SECONDS, GuardedTransport, Policy, Resolver, resolve
from models.errors import ImportRefused

MAX_BYTES = 5 * 1024 * 1024
MAX_REDIRECTS = 5
AGENT = "fabric"
"""The product token that robots.txt is asked about."""
USER_AGENT = f"{AGENT}/0.1"
_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)
_TIMEOUT = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
_ACCEPT = "application/feed+json, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True)
class Fetched:
    """An answer: the address it finally came from, its status, decoded body and headers (names in lower case).

    `moved_to` is where permanent redirects alone led (301, 308), to be asked for directly from now on.
    """

    url: str
    content: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    moved_to: str | None = None


class Fetcher(Protocol):
    """What the collector needs of the web."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, bounds: Bounds | None = None) -> Fetched:
        """The answer, whatever its status. Raises `ImportRefused` when there is none that may be read."""
        ...


class WebFetcher:
    """Fetches over guarded connections. `resolver` is the name service; `bounds` hold for what gives none itself."""

    def __init__(
        self, policy: Policy = PUBLIC, *, bounds: Bounds | None = None, resolver: Resolver = resolve,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._policy = policy
        self._bounds = bounds or Bounds(MAX_BYTES)
        self._resolver = resolver
        self._clock = clock

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, bounds: Bounds | None = None) -> Fetched:
        """The answer, whatever its status; the body only where there is one to read. Raises `ImportRefused`."""
        limits = bounds or self._bounds
        deadline = self._clock() + limits.seconds
        current = parse_address(url)
        seen: set[str] = set()
        moved_to: str | None = None
        permanent = True
        sent = {"Accept": _ACCEPT, "User-Agent": USER_AGENT, "Accept-Encoding": ACCEPT_ENCODING, **(headers or {})}
        transport = GuardedTransport(self._policy, deadline=deadline, resolver=self._resolver)
        try:
            with httpx.Client(transport=transport, timeout=_TIMEOUT, headers=sent, trust_env=False) as client:
                while len(seen) <= MAX_REDIRECTS:
                    seen.add(_key(current))
                    with client.stream("GET", str(current), follow_redirects=False) as answer:
                        if answer.status_code not in _REDIRECTS or "location" not in answer.headers:
                            return _read(url, current, answer, limits, deadline, moved_to)
                        permanent = permanent and answer.status_code in _PERMANENT
                        current = _next(url, current, answer.headers["location"])
                    if _key(current) in seen:
                        raise ImportRefused(f"{url} redirects in a circle: give the final address.")
                    moved_to = str(current) if permanent else moved_to
        except httpx.TimeoutException:
            raise ImportRefused(f"{url} did not answer in time: try again later.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ImportRefused(f"{url} could not be fetched ({error}): check the address and the network.") from error
        raise ImportRefused(f"{url} redirects more than {MAX_REDIRECTS} times: give the final address.")


def fetch(url: str, *, allow_loopback: bool = False) -> Fetched:
    """The document at an http(s) address. Raises `ImportRefused` with one sentence for whatever goes wrong."""
    fetched = WebFetcher(LOCAL if allow_loopback else PUBLIC).get(url)
    if fetched.status != 200:
        raise ImportRefused(f"{url} answered {fetched.status} {_phrase(fetched.status)}: check the address.")
    return fetched


def _read(
    url: str, current: WebAddress, answer: httpx.Response, limits: Bounds, deadline: float, moved_to: str | None
) -> Fetched:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    content = b""
    if answer.status_code == 200:
        content = read_bounded(url, answer.iter_raw(), headers.get("content-encoding", ""), limits, deadline)
    return Fetched(str(current), content, answer.status_code, headers, moved_to)


def _next(url: str, current: WebAddress, location: str) -> WebAddress:
    try:
        return parse_address(urljoin(str(current), location.strip()))
    except ImportRefused as refused:
        raise ImportRefused(f"{url} redirects to an address that is not followed: {refused}") from None
    except ValueError:
        raise ImportRefused(f"{url} redirects to what is no web address: check it.") from None


def _key(address: WebAddress) -> str:
    return str(address).partition("#")[0]


def _phrase(status: int) -> str:
    return httpx.codes.get_reason_phrase(status) or "without a reason"
