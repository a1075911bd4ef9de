"""Receives the answer of a vendor's sign-in page on this machine, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

from models.errors import FabricError, InvalidInput

PATH = "/callback"
_PAGE = b"<!doctype html><title>FABRIC</title><p>Signed in. You can close this page and go back to FABRIC.</p>"


class Callback:
    """Waits at `redirect_uri` for one answer that carries the expected `state`; others are refused and ignored."""

    def __init__(self, port: int, state: str) -> None:
        self._state = state
        self._came = threading.Event()
        self._answer: dict[str, str] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the name that http.server calls
                parts = urlsplit(self.path)
                given = dict(parse_qsl(parts.query))
                if parts.path != PATH or given.get("state") != outer._state:
                    self.send_error(400, "Not the answer that is waited for")
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(_PAGE)
                outer._answer = given
                outer._came.set()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is logged: the address holds the code."""

        try:
            self._server = HTTPServer(("127.0.0.1", port), Handler)
        except OSError:
            raise InvalidInput(f"Port {port} is in use: name another one with --port.") from None

    @property
    def redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def wait(self, seconds: float) -> str:
        """The authorization code. Raises `FabricError` when the person refused or did not answer in time."""
        if not self._came.wait(seconds):
            raise FabricError(f"Nobody signed in within {seconds:.0f} seconds: run the command again.")
        if "code" not in self._answer:
            reason = self._answer.get("error_description") or self._answer.get("error") or "no code was given"
            raise FabricError(f"The sign-in was refused ({reason[:200]}): run the command again and press Allow.")
        return self._answer["code"]


@contextmanager
def callback_server(state: str, port: int = 0) -> Iterator[Callback]:
    """Listens on loopback, on a free port unless the vendor's app names one."""
    callback = Callback(port, state)
    thread = threading.Thread(target=callback._server.serve_forever, name="oauth-callback", daemon=True)
    thread.start()
    try:
        yield callback
    finally:
        callback._server.shutdown()
        callback._server.server_close()
        thread.join(timeout=5)
