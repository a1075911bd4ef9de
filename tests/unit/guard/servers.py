"""Loopback servers that misbehave, and an internet of made-up addresses that leads to them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behaviour = Callable[[socket.socket, bytes], None]


@contextmanager
def serving(behave: Behaviour) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads one request head a connection and hands the socket over; gives its port and what it heard."""
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            head = b""
            try:
                while b"\r\n\r\n" not in head:
                    if not (part := connection.recv(65_536)):
                        return
                    head += part
                heard.append(head)
                behave(connection, head)
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1], heard
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def path_of(head: bytes) -> str:
    return head.split(b" ", 2)[1].decode()


def reply(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
