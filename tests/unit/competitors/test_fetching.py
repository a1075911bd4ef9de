"""Fetching: what is refused before a byte is sent, and bounds on what is answered. Servers run on loopback only."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpcore
import pytest

from connectors.competitors import fetching
from connectors.competitors.fetching import fetch
from models.errors import ImportRefused


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/feed":
            self._send(200, b"<rss/>")
        elif self.path == "/moved":
            self._send(302, b"", location="/feed")
        elif self.path == "/loop":
            self._send(302, b"", location="/loop")
        elif self.path == "/inward":
            self._send(302, b"", location="http://10.0.0.1/feed")
        elif self.path == "/file":
            self._send(302, b"", location="file:///etc/passwd")
        elif self.path == "/large":
            self._send(200, b"x" * (fetching.MAX_BYTES + 1))
        else:
            self._send(404, b"no")

    def _send(self, status: int, body: bytes, location: str | None = None) -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()
    thread.join()


def test_a_document_is_fetched_and_redirects_followed(server: str) -> None:
    assert fetch(f"{server}/feed", allow_loopback=True).content == b"<rss/>"
    assert fetch(f"{server}/moved", allow_loopback=True).url == f"{server}/feed"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/missing", "answered 404"),
        ("/loop", "redirects in a circle"),
        ("/inward", "private or reserved"),
        ("/file", "only http and https|could not be fetched"),
        ("/large", "larger than 5 MiB"),
    ],
)
def test_bad_answers_are_one_sentence(server: str, path: str, words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        fetch(f"{server}{path}", allow_loopback=True)


def test_loopback_is_refused_unless_asked_for(server: str) -> None:
    with pytest.raises(ImportRefused, match="private or reserved"):
        fetch(f"{server}/feed")


@pytest.mark.parametrize(
    "url", ["ftp://a.example/feed", "file:///etc/passwd", "gopher://a.example/", "http://user:secret@a.example/"]
)
def test_other_schemes_and_credentials_are_refused(url: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        fetch(url)
    assert "secret" not in str(refused.value)


def test_no_address_of_the_block_list_is_fetched(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (shared_data / "ssrf" / "urls.jsonl").read_text(encoding="utf-8").splitlines()
    blocked = [row["url"] for row in map(json.loads, lines) if row["expected"] == "block"]

    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("a connection was about to be made")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", no_socket)
    monkeypatch.setattr(socket, "getaddrinfo", no_socket)
    for url in blocked:
        with pytest.raises(ImportRefused):
            fetch(url)
    assert len(blocked) > 100
