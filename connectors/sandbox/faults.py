"""Faults that the sandbox injects on request: what networks, servers and vendors do on bad days.

A fault matches requests by vendor, method and path, is skipped `skip` times, strikes `times` times and is then spent.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class FaultKind(StrEnum):
    DROP_REQUEST = "drop_request"
    """The connection ends; nothing was done."""
    DROP_ANSWER = "drop_answer"
    """Everything was done; the connection ends without an answer."""
    DELAY_BEFORE = "delay_before"
    """Nothing is done for `seconds`; then it is, whether or not the client still waits for the answer."""
    DELAY_AFTER = "delay_after"
    """Done at once, answered after `seconds`."""
    ERROR_500_BEFORE = "error_500_before"
    ERROR_500_AFTER = "error_500_after"
    ERROR_502_HTML = "error_502_html"
    """A proxy's HTML page instead of the service, nothing done."""
    ERROR_503 = "error_503"
    """Nothing done; `Retry-After: 1`."""
    THROTTLED = "throttled"
    """The vendor's own answer to too many calls, nothing done."""
    TOKEN_EXPIRED = "token_expired"
    """The vendor's own answer to an expired token, nothing done."""
    TRUNCATED_BODY = "truncated_body"
    """Done; the answer breaks off in the middle."""
    MALFORMED_JSON = "malformed_json"
    """Done; the body is cut to half and says it is whole."""
    EMPTY_BODY = "empty_body"
    """Done; status as it should be, no body."""
    HTML_200 = "html_200"
    """Nothing done; a captive portal's page with status 200."""
    EXTRA_FIELDS = "extra_fields"
    """Done; every JSON object of the answer carries fields that no document mentions."""
    MISSING_FIELDS = "missing_fields"
    """Done; the metric fields are gone from the answer's JSON."""
    NULL_FIELDS = "null_fields"
    """Done; numbers of the answer's JSON are null."""


METRIC_WORDS = re.compile(r"(?i)(count|views|likes|impressions|reach|shares|comments|clicks|opens|saved|value)")


@dataclass
class Fault:
    kind: FaultKind
    vendor: str | None = None
    """A `Vendor`, or the name of a maker of media; None for all."""
    method: str | None = None
    path: str = ""
    """A regular expression searched in the path below the vendor's prefix."""
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    struck: int = 0

    def matches(self, vendor: str, method: str, path: str) -> bool:
        return (
            self.struck < self.times
            and self.vendor in (None, vendor)
            and self.method in (None, method)
            and re.search(self.path, path) is not None
        )


class Faults:
    """The faults that are set, in order; safe to change from another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._set.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._set.clear()

    def strike(self, vendor: str, method: str, path: str) -> Fault | None:
        """The first fault that matches the request, counted as having struck."""
        with self._lock:
            for fault in self._set:
                if fault.matches(vendor, method, path):
                    if fault.skip > 0:
                        fault.skip -= 1
                        continue
                    fault.struck += 1
                    return fault
        return None


def cut_connection(send: Send) -> None:
    """Ends the TCP connection under an ASGI answer. Works with uvicorn, whose `send` belongs to the request's cycle."""
    cycle: Any = send.__self__  # type: ignore[attr-defined]
    cycle.transport.abort()


class Captured:
    """An answer held back while it is decided what the client gets to see."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def pass_on(self, send: Send, *, body: bytes | None = None, length: int | None = None) -> None:
        shown = self.body if body is None else body
        kept = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        kept.append((b"content-length", str(len(shown) if length is None else length).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": kept})
        await send({"type": "http.response.body", "body": shown, "more_body": length is not None})


async def inject(
    fault: Fault,
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    throttled: Response,
    expired: Response,
    wire: Send,
) -> None:
    """Answers one request the way the fault says.

    `throttled` and `expired` are the vendor's own refusals; `wire` is the server's own `send`, which has the connection.
    """
    instead = {
        FaultKind.ERROR_500_BEFORE: Response("Internal Server Error", 500, media_type="text/plain"),
        FaultKind.ERROR_502_HTML: Response("<html><h1>502 Bad Gateway</h1></html>", 502, media_type="text/html"),
        FaultKind.ERROR_503: Response("busy", 503, headers={"Retry-After": "1"}, media_type="text/plain"),
        FaultKind.HTML_200: Response("<html>Please sign in to the network</html>", 200, media_type="text/html"),
        FaultKind.THROTTLED: throttled,
        FaultKind.TOKEN_EXPIRED: expired,
    }
    if fault.kind in instead:
        await instead[fault.kind](scope, receive, send)
        return
    if fault.kind is FaultKind.DROP_REQUEST:
        cut_connection(wire)
        return
    if fault.kind is FaultKind.DELAY_BEFORE:
        body = await _whole(receive)
        await asyncio.sleep(fault.seconds)
        await app(scope, _replaying(body), send)
        return
    answer = Captured()
    await app(scope, receive, answer)
    match fault.kind:
        case FaultKind.DROP_ANSWER:
            cut_connection(wire)
        case FaultKind.DELAY_AFTER:
            await asyncio.sleep(fault.seconds)
            await answer.pass_on(send)
        case FaultKind.ERROR_500_AFTER:
            await Response("Internal Server Error", 500, media_type="text/plain")(scope, receive, send)
        case FaultKind.TRUNCATED_BODY:
            await answer.pass_on(send, body=answer.body[: len(answer.body) // 2], length=len(answer.body) + 64)
            cut_connection(wire)
        case FaultKind.MALFORMED_JSON:
            await answer.pass_on(send, body=answer.body[: len(answer.body) // 2] + b"\xff{")
        case FaultKind.EMPTY_BODY:
            await answer.pass_on(send, body=b"")
        case FaultKind.EXTRA_FIELDS | FaultKind.MISSING_FIELDS | FaultKind.NULL_FIELDS:
            await answer.pass_on(send, body=drifted(answer.body, fault.kind))
        case _:
            raise ValueError(f"no such fault: {fault.kind}")


async def _whole(receive: Receive) -> bytes:
    """The request's body, read to its end before the client can go away."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replaying(body: bytes) -> Receive:
    """A `receive` that gives a body that was read before."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def drifted(body: bytes, kind: FaultKind) -> bytes:
    """A JSON body after a schema drift; other bodies as they are."""
    try:
        document = json.loads(body)
    except ValueError:
        return body
    return json.dumps(_drift(document, kind)).encode()


def _drift(value: Any, kind: FaultKind) -> Any:
    if isinstance(value, list):
        return [_drift(item, kind) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: _drift(item, kind) for name, item in value.items()}
    metric = [n for n, v in found.items() if METRIC_WORDS.search(n) and isinstance(v, int | float | str) and n != "id"]
    if kind is FaultKind.EXTRA_FIELDS:
        found["x_new_field"] = {"nested": [1, "two", None]}
    elif kind is FaultKind.MISSING_FIELDS:
        for name in metric:
            del found[name]
    else:
        found.update(dict.fromkeys(metric))
    return found
