"""The transport for foreign addresses: it connects to public hosts only, whatever a name resolves to.

A name is resolved once per connection, every address found is checked, and the connection goes to one of the checked
addresses, so a name server that answers differently the second time gains nothing. TLS still verifies the name, and the
Host header carries it. Each request makes a connection of its own, so every redirect is resolved and checked anew.
Proxies of the environment are not used: they would resolve names by themselves.

Maintained libraries were looked at. `httpx-secure` 2.0 protects only `AsyncClient`, through private parts of httpx, and
the connectors are synchronous. `drawbridge` 0.1 (alpha) puts the address into the URL, reads through httpx's own decoder
(one 64 KiB chunk may become 64 MiB before its bound is asked), has no bound on ratio or total time, and hands decimal and
octal hosts to the system's resolver. `advocate` needs requests and rests since 2020. What remains to be written is small:
httpcore's network backend is a documented interface.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from connectors.addresses import WebAddress, is_ip, is_local_name, is_loopback, is_public, parse_address
from models.errors import ImportRefused

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0

Resolver = Callable[[str, int], Sequence[str]]
"""The IP addresses of a name. Raises `OSError` when there are none."""


@dataclass(frozen=True)
class Policy:
    """What a guarded connection may reach. `loopback` opens this machine, on every port: for the sandbox and tests."""

    ports: frozenset[int] = field(default=frozenset({80, 443}))
    loopback: bool = False

    def check(self, address: WebAddress) -> None:
        """Refuses what the text alone shows to be no public site. Raises `ImportRefused`."""
        inside = is_loopback(address.host) if address.is_ip else address.host == "localhost"
        if self.loopback and inside:
            return
        if not is_public(address.host) if address.is_ip else is_local_name(address.host):
            raise _private(address.host)
        if address.port not in self.ports:
            raise ImportRefused(
                f"{address} was not fetched: public pages are read from ports {_listed(self.ports)} only."
            )

    def check_found(self, host: str, port: int, found: Sequence[str]) -> None:
        """Refuses a host of which any address found is not public. Raises `ImportRefused`."""
        if self.loopback and all(is_loopback(ip) for ip in found):
            return
        if port not in self.ports or not all(is_public(ip) for ip in found):
            raise _private(host)


PUBLIC = Policy()
LOCAL = Policy(loopback=True)


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name by the system's resolver, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedTransport(httpx.BaseTransport):
    """Sends each request over a new connection to a checked address, and ends at `deadline` (`time.monotonic`) at latest.

    Raises `ImportRefused` for what the policy forbids and httpx's own errors for what the network does.
    """

    def __init__(self, policy: Policy = PUBLIC, *, deadline: float, resolver: Resolver = resolve) -> None:
        self._policy = policy
        self._backend = _PinnedBackend(policy, resolver, deadline)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        address = parse_address(str(request.url))
        self._policy.check(address)
        host = f"[{address.host}]" if ":" in address.host else address.host
        origin = httpcore.Origin(address.scheme.encode(), host.encode(), address.port)
        connection = httpcore.HTTPConnection(
            origin,
            ssl_context=_tls() if address.scheme == "https" else None,
            keepalive_expiry=0.0,
            network_backend=self._backend,
        )
        url = httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=request.url.raw_path)
        plain = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        try:
            with _translated():
                answer = connection.handle_request(plain)
        except BaseException:
            connection.close()
            raise
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, connection), extensions=answer.extensions
        )


class _Body(httpx.SyncByteStream):
    """The body as it comes off the wire; closing it ends the connection."""

    def __init__(self, answer: httpcore.Response, connection: httpcore.HTTPConnection) -> None:
        self._answer = answer
        self._connection = connection

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


class _PinnedBackend(httpcore.NetworkBackend):
    """Resolves, checks, and connects to the very address that was checked."""

    def __init__(self, policy: Policy, resolver: Resolver, deadline: float) -> None:
        self._policy = policy
        self._resolver = resolver
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        name = host.strip("[]")
        found = [name] if is_ip(name) else self._resolved(name, port)
        self._policy.check_found(name, port, found)
        failure: Exception = httpcore.ConnectError(f"no host named {name!r} was found")
        for ip in found:
            try:
                wait = min(timeout or CONNECT_SECONDS, _left(self._deadline))
                stream = self._sockets.connect_tcp(ip, port, wait, local_address, socket_options)
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _resolved(self, name: str, port: int) -> Sequence[str]:
        """The name's addresses. A resolver cannot be interrupted, so it is waited for from outside."""
        found: list[Sequence[str]] = []

        def look_up() -> None:
            try:
                found.append(self._resolver(name, port))
            except (OSError, UnicodeError):
                found.append(())

        thread = threading.Thread(target=look_up, name="resolver", daemon=True)
        thread.start()
        thread.join(min(2 * CONNECT_SECONDS, _left(self._deadline)))
        if not found:
            raise httpcore.ConnectTimeout(f"the name {name!r} could not be looked up in time")
        if not found[0]:
            raise ImportRefused(f"{name!r} could not be fetched: no host of that name was found; check the address.")
        return found[0]


class _TimedStream(httpcore.NetworkStream):
    """A connection that no slow sender can keep open beyond the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, min(timeout or READ_SECONDS, _left(self._deadline)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, min(timeout or READ_SECONDS, _left(self._deadline)))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wait = min(timeout or CONNECT_SECONDS, _left(self._deadline))
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, wait), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for this document is used up")
    return left


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


@contextmanager
def _translated() -> Iterator[None]:
    """httpcore's errors as httpx's."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.TimeoutException(str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise httpx.TransportError(str(error) or type(error).__name__) from error


def _private(host: str) -> ImportRefused:
    return ImportRefused(
        f"{host!r} was not fetched: it is a private or reserved address, and only public ones are read."
    )


def _listed(ports: frozenset[int]) -> str:
    return " and ".join(map(str, sorted(ports)))
