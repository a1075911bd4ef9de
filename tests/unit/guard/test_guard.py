"""The transport: names that change their mind, redirects inward, ports, proxies, and TLS names over pinned addresses."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors import guard
from connectors.competitors.fetching import WebFetcher
from connectors.guard import LOCAL, GuardedTransport, Policy
from models.errors import ImportRefused
from tests.unit.guard import servers

PUBLIC_IP = "93.184.215.14"


class Names:
    """A name service that gives each answer once and then repeats the last."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every address that a socket is opened to; the one public address leads to this machine."""
    found: list[str] = []
    real = httpcore.SyncBackend.connect_tcp

    def connect(self: httpcore.SyncBackend, host: str, port: int, *rest: Any, **more: Any) -> httpcore.NetworkStream:
        found.append(host)
        return real(self, "127.0.0.1" if host == PUBLIC_IP else host, port, *rest, **more)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return found


def answering(**paths: bytes) -> Callable[[socket.socket, bytes], None]:
    def behave(connection: socket.socket, head: bytes) -> None:
        connection.sendall(paths.get(servers.path_of(head).strip("/") or "home", servers.reply("404 Not Found")))

    return behave


def test_the_checked_address_is_the_one_dialled(dialled: list[str]) -> None:
    """The name turns to loopback after the first look-up; the only look-up was the checked one."""
    names = Names([PUBLIC_IP], ["127.0.0.1"])
    with servers.serving(answering(home=servers.reply("200 OK", b"hello"))) as (port, heard):
        fetched = WebFetcher(Policy(frozenset({port})), resolver=names).get(f"http://rebind.example:{port}/")
    assert fetched.content == b"hello"
    assert (names.asked, dialled) == (["rebind.example"], [PUBLIC_IP])
    assert f"host: rebind.example:{port}" in heard[0].decode().lower()


def test_a_redirect_is_resolved_and_checked_anew(dialled: list[str]) -> None:
    names = Names([PUBLIC_IP], ["127.0.0.1"])
    with (
        servers.serving(lambda c, h: c.sendall(servers.reply("302 Found", b"", "Location: /secret"))) as (port, heard),
        pytest.raises(ImportRefused, match="private or reserved"),
    ):
        WebFetcher(Policy(frozenset({port})), resolver=names).get(f"http://rebind.example:{port}/")
    assert (len(names.asked), dialled, len(heard)) == (2, [PUBLIC_IP], 1)


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], [PUBLIC_IP, "10.0.0.1"], ["::1"], ["fe80::1%2"], ["169.254.169.254"], []]
)
def test_a_name_with_one_private_address_is_never_dialled(found: list[str], dialled: list[str]) -> None:
    with pytest.raises(ImportRefused):
        WebFetcher(resolver=Names(found)).get("http://two-faced.example/")
    assert dialled == []


def test_a_policy_for_loopback_does_not_open_other_private_addresses(dialled: list[str]) -> None:
    for found in (["10.0.0.1"], ["127.0.0.1", "10.0.0.1"], ["169.254.169.254"]):
        with pytest.raises(ImportRefused, match="private or reserved"):
            WebFetcher(LOCAL, resolver=Names(found)).get("http://inside.example/")
    assert dialled == []


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1/", "http://[::1]/", "http://2130706433/", "http://169.254.169.254/latest/meta-data/",
     "http://10.0.0.1/", "//192.168.1.1/x", "file:///etc/passwd", "ftp://a.example/", "gopher://a.example/_x",
     "http://user:pass@a.example/", "http://a.example:22/", "http://localhost/", "http://\\\\a/", "http://[bad/"],
)  # fmt: skip
def test_redirects_out_of_the_public_web(location: str, dialled: list[str]) -> None:
    names = Names([PUBLIC_IP])
    answer = servers.reply("301 Moved Permanently", b"", f"Location: {location}")
    with (
        servers.serving(lambda c, h: c.sendall(answer)) as (port, heard),
        pytest.raises(ImportRefused),
    ):
        WebFetcher(Policy(frozenset({port})), resolver=names).get(f"http://site.example:{port}/")
    assert (dialled, len(heard)) == ([PUBLIC_IP], 1)


def test_circles_and_long_chains_end(dialled: list[str]) -> None:
    def chain(connection: socket.socket, head: bytes) -> None:
        number = int(servers.path_of(head).strip("/") or 0)
        connection.sendall(servers.reply("302 Found", b"", f"Location: /{number + 1}"))

    with (
        servers.serving(chain) as (port, heard),
        pytest.raises(ImportRefused, match="redirects more than 5 times"),
    ):
        WebFetcher(Policy(frozenset({port})), resolver=Names([PUBLIC_IP])).get(f"http://site.example:{port}/")
    assert len(heard) == 6
    with (
        servers.serving(lambda c, h: c.sendall(servers.reply("302 Found", b"", "Location: /"))) as (port, heard),
        pytest.raises(ImportRefused, match="in a circle"),
    ):
        WebFetcher(Policy(frozenset({port})), resolver=Names([PUBLIC_IP])).get(f"http://site.example:{port}/")
    assert len(heard) == 1


def test_only_permanent_redirects_are_remembered(dialled: list[str]) -> None:
    site = answering(
        a=servers.reply("301 Moved Permanently", b"", "Location: /b"),
        b=servers.reply("308 Permanent Redirect", b"", "Location: /c"),
        c=servers.reply("302 Found", b"", "Location: /d"), d=servers.reply("200 OK", b"end"),
    )  # fmt: skip
    with servers.serving(site) as (port, _):
        base = f"http://site.example:{port}"
        fetched = WebFetcher(Policy(frozenset({port})), resolver=Names([PUBLIC_IP])).get(f"{base}/a")
        later = WebFetcher(Policy(frozenset({port})), resolver=Names([PUBLIC_IP])).get(f"{base}/c")
    assert (fetched.url, fetched.moved_to) == (f"{base}/d", f"{base}/c")
    assert (later.url, later.moved_to) == (f"{base}/d", None)


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_other_ports_are_refused(port: int, dialled: list[str]) -> None:
    with pytest.raises(ImportRefused, match="ports 80 and 443 only"):
        WebFetcher(resolver=Names([PUBLIC_IP])).get(f"http://site.example:{port}/")
    assert dialled == []


def test_the_transport_guards_httpx_itself(dialled: list[str]) -> None:
    """Also where a caller lets httpx follow redirects."""
    answer = servers.reply("302 Found", b"", "Location: http://169.254.169.254/")
    with servers.serving(lambda c, h: c.sendall(answer)) as (port, _):
        transport = GuardedTransport(
            Policy(frozenset({port})), deadline=time.monotonic() + 5, resolver=Names([PUBLIC_IP])
        )
        with httpx.Client(transport=transport, follow_redirects=True) as client, pytest.raises(ImportRefused):
            client.get(f"http://site.example:{port}/")
    assert dialled == [PUBLIC_IP]


def test_proxies_of_the_environment_are_not_used(dialled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with servers.serving(answering(home=servers.reply("200 OK", b"direct"))) as (port, _):
        policy = Policy(frozenset({port}))
        assert WebFetcher(policy, resolver=Names([PUBLIC_IP])).get(f"http://site.example:{port}/").content == b"direct"


def test_a_name_service_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "CONNECT_SECONDS", 0.05)

    def silent(host: str, port: int) -> Sequence[str]:
        time.sleep(2.0)
        return [PUBLIC_IP]

    with pytest.raises(ImportRefused, match="did not answer in time"):
        WebFetcher(resolver=silent).get("http://slow-names.example/")


def test_tls_proves_the_name_and_not_the_address(
    tmp_path: Path, dialled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, server_side = _certificate(tmp_path, "secure.example")
    asked: list[str | None] = []
    server_side.sni_callback = lambda _socket, name, _context: asked.append(name)

    def behave(connection: socket.socket) -> None:
        with server_side.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(65_536)
            wrapped.sendall(servers.reply("200 OK", b"secret"))

    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(guard, "_tls", lambda: trusting)
    with _accepting(behave) as port:
        fetcher = WebFetcher(Policy(frozenset({port})), resolver=Names([PUBLIC_IP]))
        assert fetcher.get(f"https://secure.example:{port}/").content == b"secret"
        with pytest.raises(ImportRefused, match="could not be fetched"):
            fetcher.get(f"https://other.example:{port}/")
    assert asked == ["secure.example", "other.example"]
    assert set(dialled) == {PUBLIC_IP}


def _certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "site.pem", folder / "site.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return certificate, context


@contextmanager
def _accepting(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that hands over raw connections, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    behave(listening.accept()[0])
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
