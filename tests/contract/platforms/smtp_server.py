"""A mail server that misbehaves in one stated way, and counts the messages that it really took."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum


class MailFault(StrEnum):
    HANG_UP_AT_ONCE = "hang_up_at_once"
    NO_BANNER = "no_banner"
    """Connects and says nothing."""
    GARBAGE_BANNER = "garbage_banner"
    BUSY_BANNER = "busy_banner"
    """421 before anything."""
    HELLO_REFUSED = "hello_refused"
    LOGIN_REFUSED = "login_refused"
    """535."""
    LOGIN_BUSY = "login_busy"
    """454."""
    SENDER_BUSY = "sender_busy"
    SENDER_REFUSED = "sender_refused"
    RECIPIENT_BUSY = "recipient_busy"
    RECIPIENT_REFUSED = "recipient_refused"
    DATA_BUSY = "data_busy"
    HANG_UP_BEFORE_DATA = "hang_up_before_data"
    HANG_UP_IN_DATA = "hang_up_in_data"
    """Reads half of the message and goes."""
    HANG_UP_AFTER_DATA = "hang_up_after_data"
    """Takes the message and goes without a word."""
    SILENT_AFTER_DATA = "silent_after_data"
    """Takes the message and says nothing."""
    GARBAGE_AFTER_DATA = "garbage_after_data"
    """Takes the message and answers nonsense."""
    BUSY_AFTER_DATA = "busy_after_data"
    """451: does not take it."""
    REFUSED_AFTER_DATA = "refused_after_data"
    """554: does not take it."""
    CLOSING_AFTER_DATA = "closing_after_data"
    """421 instead of an answer to the message, and the end."""


class MisbehavingServer:
    """Plain SMTP on loopback. The fault strikes the first `times` occasions, afterwards everything works."""

    def __init__(self, fault: MailFault, times: int) -> None:
        self.taken: Counter[str] = Counter()
        self._fault = fault
        self._left = times
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)  # closing it does not wake `accept`
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            connection.settimeout(None)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _strikes(self, *faults: MailFault) -> bool:
        with self._lock:
            if self._fault in faults and self._left > 0:
                self._left -= 1
                return True
        return False

    def _talk(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")

        def say(text: str) -> None:
            connection.sendall(f"{text}\r\n".encode())

        for fault, action in self._greetings(say).items():
            if self._strikes(fault):
                action()
                return
        say("220 ready")
        recipient = ""
        while line := lines.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    say("554 no" if self._strikes(MailFault.HELLO_REFUSED) else "250-ready\r\n250 AUTH PLAIN LOGIN")
                case "AUTH":
                    refused = self._strikes(MailFault.LOGIN_REFUSED)
                    busy = self._strikes(MailFault.LOGIN_BUSY)
                    say("535 5.7.8 no" if refused else "454 4.7.0 later" if busy else "235 2.7.0 ok")
                case "MAIL":
                    busy, refused = self._strikes(MailFault.SENDER_BUSY), self._strikes(MailFault.SENDER_REFUSED)
                    say("451 4.3.0 busy" if busy else "550 5.1.8 no" if refused else "250 2.1.0 ok")
                case "RCPT":
                    recipient = rest.partition("<")[2].rstrip(">")
                    busy, refused = self._strikes(MailFault.RECIPIENT_BUSY), self._strikes(MailFault.RECIPIENT_REFUSED)
                    say("450 4.2.1 greylisted" if busy else "550 5.1.1 unknown" if refused else "250 2.1.5 ok")
                case "DATA":
                    if self._strikes(MailFault.HANG_UP_BEFORE_DATA):
                        return
                    if self._strikes(MailFault.DATA_BUSY):
                        say("451 4.3.0 busy")
                        continue
                    say("354 go on")
                    if self._strikes(MailFault.HANG_UP_IN_DATA):
                        lines.readline()
                        return
                    while lines.readline().rstrip(b"\r\n") != b".":
                        pass
                    if not self._answer_data(say, recipient):
                        return
                case "QUIT":
                    say("221 bye")
                    return
                case _:
                    say("250 ok")

    def _greetings(self, say: Callable[[str], None]) -> dict[MailFault, Callable[[], None]]:
        return {
            MailFault.HANG_UP_AT_ONCE: lambda: None,
            MailFault.NO_BANNER: lambda: time.sleep(1.5),
            MailFault.GARBAGE_BANNER: lambda: say("<html>hello</html>"),
            MailFault.BUSY_BANNER: lambda: say("421 4.3.2 later"),
        }

    def _answer_data(self, say: Callable[[str], None], recipient: str) -> bool:
        """Answers a whole message; False when the connection ends with it."""
        for fault, words in (
            (MailFault.BUSY_AFTER_DATA, "451 4.3.0 busy"),
            (MailFault.REFUSED_AFTER_DATA, "554 5.7.1 no"),
        ):
            if self._strikes(fault):
                say(words)
                return True
        if self._strikes(MailFault.CLOSING_AFTER_DATA):
            say("421 4.3.2 closing")
            return False
        self.taken[recipient] += 1
        if self._strikes(MailFault.HANG_UP_AFTER_DATA):
            return False
        if self._strikes(MailFault.SILENT_AFTER_DATA):
            time.sleep(1.5)
            return False
        say("hello?" if self._strikes(MailFault.GARBAGE_AFTER_DATA) else "250 2.0.0 taken")
        return True


@contextmanager
def misbehaving(fault: MailFault, times: int = 1) -> Iterator[MisbehavingServer]:
    server = MisbehavingServer(fault, times)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(timeout=5)
