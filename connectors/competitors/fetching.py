"""Fetching one public document over HTTP: bounded in time and bytes, and never from a private address.

Every address a host name resolves to must be public, again after each redirect. (The name is resolved once more when
connecting; a guard that pins the address belongs to the shared HTTP client.)
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass

import httpx

from models.errors import ImportRefused

MAX_BYTES = 5 * 1024 * 1024
MAX_SECONDS = 60.0
MAX_REDIRECTS = 5
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
_ACCEPT = "application/feed+json, application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"

# IPv4-compatible, IPv4-translated, and the two NAT64 prefixes: the last 32 bits are an IPv4 address.
_CARRIES_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/96")))


@dataclass(frozen=True)
class Fetched:
    """A document and the address it finally came from."""

    url: str
    content: bytes


def fetch(url: str, *, allow_loopback: bool = False) -> Fetched:
    """The document at an http(s) address. Raises `ImportRefused` with one sentence for whatever goes wrong."""
    deadline = time.monotonic() + MAX_SECONDS
    current = _parsed(url)
    try:
        with httpx.Client(timeout=_TIMEOUT, headers={"Accept": _ACCEPT, "User-Agent": "fabric/0.1"}) as client:
            for _ in range(MAX_REDIRECTS + 1):
                _check(current, allow_loopback=allow_loopback)
                with client.stream("GET", current) as response:
                    if response.is_redirect and response.next_request is not None:
                        current = _parsed(str(response.next_request.url))
                        continue
                    if response.status_code != 200:
                        raise ImportRefused(
                            f"{url} answered {response.status_code} {response.reason_phrase}: check the address."
                        )
                    return Fetched(str(current), _bounded(response, url, deadline))
    except httpx.TimeoutException:
        raise ImportRefused(f"{url} did not answer in time: try again later.") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise ImportRefused(f"{url} could not be fetched ({error}): check the address and the network.") from error
    raise ImportRefused(f"{url} redirects more than {MAX_REDIRECTS} times: give the feed's final address.")


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise ImportRefused(f"{url} is not a valid address: check it.") from None
    if parsed.scheme not in ("http", "https"):
        raise ImportRefused(f"{url} cannot be fetched: only http and https addresses are.")
    if parsed.userinfo:
        raise ImportRefused("An address with a user name or password in it cannot be fetched: use a public address.")
    if not parsed.host:
        raise ImportRefused(f"{url} names no host: check the address.")
    return parsed


def _check(url: httpx.URL, *, allow_loopback: bool) -> None:
    """Refuses a host of which any address is not public."""
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ImportRefused(f"{url} could not be fetched: no host named {url.host!r} was found.") from None
    for *_, address in found:
        if not is_public(str(address[0]), allow_loopback=allow_loopback):
            raise ImportRefused(
                f"{url} was not fetched: {url.host!r} is a private or reserved address, and feeds are read from public "
                "addresses only."
            )


def is_public(text: str, *, allow_loopback: bool = False) -> bool:
    """Whether an IP address may be fetched from. An IPv4 address inside an IPv6 one counts as that IPv4 address."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and int(address) > 1 and any(address in network for network in _CARRIES_IPV4):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner), allow_loopback=allow_loopback)
    if address.is_loopback:
        return allow_loopback
    return address.is_global and not address.is_multicast


def _bounded(response: httpx.Response, url: str, deadline: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise ImportRefused(f"{url} is larger than {MAX_BYTES // 1024 // 1024} MiB, which no feed needs to be.")
        if time.monotonic() > deadline:
            raise ImportRefused(f"{url} took longer than {MAX_SECONDS:.0f} seconds: try again later.")
    return bytes(content)
