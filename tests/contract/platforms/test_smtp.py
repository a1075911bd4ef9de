"""SMTP against a real server on loopback: per-recipient answers, broken connections, resuming with the rest only."""

from __future__ import annotations

import email
import email.policy
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.credentials import CredentialHolder
from connectors.email.smtp.connector import SmtpConnector, connector
from connectors.email.smtp.message import message_id, message_of, root_id
from connectors.email.smtp.session import Server, Session, _stuffed
from connectors.endpoints import endpoints
from connectors.factory import make_authorizer
from connectors.sandbox.smtp import PASSWORD, USERNAME, running_smtp
from connectors.sandbox.world import World
from models.domain.connection import Credential, Vendor
from models.domain.content import ObservationState
from models.domain.publishing import OutgoingPost, Presence
from models.errors import AuthExpired, InvalidInput, OutcomeUnknown, Rejected, Transient
from models.ports import Stream
from tests.contract.platforms.kit import Killed, MemoryPhases

V = Vendor.SMTP
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
PEOPLE = ("ada@example.org", "bob@example.org", "cem@example.org")
TEXT = "Bring your zip, keep your jacket.\n\n.A line that begins with a dot.\nGrüße aus der Werkstatt"


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[World, str, int]]:
    world = World()
    with running_smtp(world) as (host, port):
        yield world, host, port


@pytest.fixture(autouse=True)
def _nothing_left(running: tuple[World, str, int]) -> Iterator[None]:
    yield
    for kind in ("refuse", "drop"):
        running[0].objects(V, kind).clear()


def credential(host: str, port: int, password: str = PASSWORD) -> Credential:
    return Credential(password, extra={"host": host, "port": str(port), "user": USERNAME})


def sender(running: tuple[World, str, int], **options: Any) -> SmtpConnector:
    _, host, port = running
    chosen = {"timeout": httpx.Timeout(2.0), "sleep": lambda _seconds: None, **options}
    where = endpoints(V, sandbox_url="http://127.0.0.1:1")
    return connector(USERNAME, USERNAME, CredentialHolder(credential(host, port)), where, **chosen)


def mail(key: str, people: tuple[str, ...] = PEOPLE, **options: str) -> OutgoingPost:
    chosen = {
        "recipients": ", ".join(people), "from_email": "hello@sample-brand.example", "from_name": "Sample Bränd",
        "unsubscribe_url": "https://sample-brand.example/leave?id={id}", "unsubscribe_mailto": "leave@sample-brand.example",
        "preheader": "Saturday", **options,
    }  # fmt: skip
    return OutgoingPost((key * 64)[:64], V, USERNAME, TEXT, f"Reparatur für alle ({key})", options=chosen)


def got(world: World, post: OutgoingPost) -> list[str]:
    """Who has the post according to the server, in order."""
    return [
        entry.detail["recipient"] for entry in world.ledger.of(V, "send") if entry.subject_id.startswith(f"<{root_id(post)}")
    ]  # fmt: skip


def test_everyone_gets_one_message_of_their_own(running: tuple[World, str, int]) -> None:
    world, post, phases = running[0], mail("everyone"), MemoryPhases()
    connector = sender(running)
    done = connector.publish(post, phases)
    assert (done.post_id, got(world, post), phases.sent) == (root_id(post), list(PEOPLE), 1)
    assert connector.find_published(post, phases, since=datetime.now(UTC)).presence is Presence.FOUND
    assert set(phases.kept["recipients"].values()) == {"accepted 250 2.0.0"}
    assert not any("@" in text for mark in phases.kept["recipients"].items() for text in mark), "no address is kept"
    assert connector.quota() == {"last mail": "3 of 3 accepted"}
    assert world.ledger.duplicates() == {}
    connector.publish(post, phases)
    assert got(world, post) == list(PEOPLE), "a second call sends to nobody"


def test_headers_and_bodies_arrive_as_they_were_made(running: tuple[World, str, int]) -> None:
    world, post = running[0], mail("headers")
    sender(running).publish(post, MemoryPhases())
    mails = [m for m in world.objects(V, "mail").values() if root_id(post) in m["raw"]]
    messages = [email.message_from_bytes(m["raw"].encode(), policy=email.policy.default) for m in mails]
    first = messages[0]
    assert isinstance(first, EmailMessage)
    assert (first["Subject"], first["From"].addresses[0].display_name, str(first["To"])) == (
        post.title, "Sample Bränd", PEOPLE[0],
    )  # fmt: skip
    assert first["Message-ID"] == message_id(post, PEOPLE[0])
    assert post.key[:32] in first["Message-ID"]
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = [message["List-Unsubscribe"].split(",")[0] for message in messages]
    assert all(one.startswith("<https://sample-brand.example/leave?id=") for one in leave)
    assert len(set(leave)) == len(PEOPLE), "each recipient leaves by an address of their own (RFC 8058)"
    assert "<mailto:leave@sample-brand.example" in first["List-Unsubscribe"]
    assert first.get_content_type() == "multipart/alternative"
    plain, html = first.get_body(("plain",)), first.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().split() == TEXT.split()
    assert "Saturday" in html.get_content()


@pytest.mark.parametrize(("answer", "code"), [("550 5.1.1 No such user", "550 5.1.1"), ("554 Rejected", "554")])
def test_refused_recipient_costs_only_itself(running: tuple[World, str, int], answer: str, code: str) -> None:
    world, post, phases = running[0], mail(f"refused-{code[:3]}"), MemoryPhases()
    world.objects(V, "refuse")[PEOPLE[1]] = {"answer": answer, "times": 9}
    connector = sender(running)
    connector.publish(post, phases)
    assert got(world, post) == [PEOPLE[0], PEOPLE[2]]
    assert connector.quota()["last mail"] == f"2 of 3 accepted, 1 refused ({code})"
    told = {r.metric: r for r in connector.report(post, phases, sent_at=datetime.now(UTC), until=datetime.now(UTC))}
    assert (told["emails_sent"].value, told["bounces"].value) == (3, 1)
    assert told["opens"].state is ObservationState.UNSUPPORTED


def test_all_refused_is_rejected(running: tuple[World, str, int]) -> None:
    for address in PEOPLE:
        running[0].objects(V, "refuse")[address] = {"answer": "550 5.7.1 Blocked", "times": 1}
    post = mail("all-refused")
    with pytest.raises(Rejected, match=r"0 of 3 accepted, 3 refused \(550 5\.7\.1\)"):
        sender(running).publish(post, MemoryPhases())
    assert got(running[0], post) == []


def test_put_off_recipient_is_tried_again_and_nobody_else(running: tuple[World, str, int]) -> None:
    world, post, phases = running[0], mail("greylist"), MemoryPhases()
    world.objects(V, "refuse")[PEOPLE[0]] = {"answer": "451 4.7.1 Greylisted", "times": 1}
    connector = sender(running)
    with pytest.raises(Transient, match=r"2 of 3 accepted, 1 put off \(451 4\.7\.1\)") as caught:
        connector.publish(post, phases)
    assert caught.value.until is not None
    finding = connector.find_published(post, phases, since=datetime.now(UTC))
    assert (finding.presence, "1 were never handed over" in finding.evidence) == (Presence.ABSENT, True)
    connector.publish(post, phases)
    assert got(world, post) == [PEOPLE[1], PEOPLE[2], PEOPLE[0]]


def test_recipient_put_off_for_ever_is_given_up_after_three_rounds(running: tuple[World, str, int]) -> None:
    post, phases = mail("for-ever"), MemoryPhases()
    running[0].objects(V, "refuse")[PEOPLE[0]] = {"answer": "452 4.2.2 Full", "times": 99}
    for _ in range(2):
        with pytest.raises(Transient):
            sender(running).publish(post, phases)
    assert sender(running).publish(post, phases).post_id == root_id(post)
    assert got(running[0], post) == list(PEOPLE[1:])


@pytest.mark.parametrize(("when", "reached"), [("after", PEOPLE), ("before", (PEOPLE[0], PEOPLE[2]))])
def test_lost_connection_after_data_is_unknown_for_that_recipient_only(
    running: tuple[World, str, int], when: str, reached: tuple[str, ...]
) -> None:
    world, post, phases = running[0], mail(f"lost-{when}"), MemoryPhases()
    world.objects(V, "drop")[PEOPLE[1]] = {"when": when, "times": 1}
    connector = sender(running)
    with pytest.raises(OutcomeUnknown, match="2 of 3 accepted, 1 unknown") as caught:
        connector.publish(post, phases)
    assert root_id(post) in caught.value.next_step
    assert got(world, post) == list(reached), "the others got it all the same"
    finding = connector.find_published(post, phases, since=datetime.now(UTC))
    assert finding.presence is Presence.UNCERTAIN
    assert connector.publish(post, phases).post_id == root_id(post)
    assert got(world, post) == list(reached), "neither those done nor the unknown one is sent to again"


@pytest.mark.parametrize(
    ("kill_at", "presence", "lost"),
    [
        (0, None, 0),
        (1, None, 0),
        (2, Presence.UNCERTAIN, 0),
        (3, Presence.UNCERTAIN, 1),
        (4, Presence.UNCERTAIN, 1),
        (5, Presence.FOUND, 0),
    ],
    ids=["noted", "round noted", "intent committed", "second begun", "third begun", "all noted"],
)
def test_kill_at_every_step_never_sends_twice(
    running: tuple[World, str, int], kill_at: int, presence: Presence | None, lost: int
) -> None:
    """The process ends at the n-th commit of the phases; once the intent is committed, it is asked what happened first."""
    world, post = running[0], mail(f"kill-{kill_at}")
    phases = _DyingPhases(kill_at)
    with pytest.raises(Killed):
        sender(running).publish(post, phases)
    after = MemoryPhases()
    after.kept = dict(phases.kept)
    if presence is not None:
        assert sender(running).find_published(post, after, since=datetime.now(UTC)).presence is presence
    sender(running).publish(post, after)
    reached = got(world, post)
    assert len(reached) == len(set(reached)) == len(PEOPLE) - lost, "nobody gets it twice, one may stay unknown"
    assert sum(1 for mark in after.kept["recipients"].values() if mark == "begun") == lost


class _DyingPhases(MemoryPhases):
    """Ends the process after the n-th commit; the intent counts as one."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left = steps

    def finish(self, phase: str, **values: str) -> None:
        self.kept[phase] = values
        self._step()

    def sending(self) -> None:
        self._step()

    def _step(self) -> None:
        if self.left == 0:
            raise Killed("step")
        self.left -= 1


def test_wrong_password_is_told_before_anything_is_sent(running: tuple[World, str, int]) -> None:
    _, host, port = running
    where = endpoints(V, sandbox_url="http://127.0.0.1:1")
    wrong = connector(USERNAME, USERNAME, CredentialHolder(credential(host, port, "no")), where)
    phases = MemoryPhases()
    with pytest.raises(AuthExpired, match="535"):
        wrong.publish(mail("password"), phases)
    assert (phases.sent, phases.kept) == (0, {})
    assert wrong.find_published(mail("password"), phases, since=datetime.now(UTC)).presence is Presence.ABSENT
    authorizer = make_authorizer(V, sandbox_url="http://127.0.0.1:1")
    assert authorizer.accounts(credential(host, port))[0].account_id == USERNAME
    with pytest.raises(AuthExpired):
        authorizer.accounts(credential(host, port, "no"))


def test_no_server_is_transient_and_sends_nothing(running: tuple[World, str, int]) -> None:
    where = endpoints(V, sandbox_url="http://127.0.0.1:1")
    nowhere = connector(USERNAME, USERNAME, CredentialHolder(credential("127.0.0.1", 9)), where)
    phases = MemoryPhases()
    with pytest.raises(Transient, match="no connection"):
        nowhere.publish(mail("nowhere"), phases)
    assert (phases.sent, phases.kept) == (0, {})


def test_sandbox_account_reaches_this_machine_only() -> None:
    where = endpoints(V, sandbox_url="http://127.0.0.1:1")
    with pytest.raises(InvalidInput, match="this machine only"):
        connector(USERNAME, USERNAME, CredentialHolder(credential("smtp.example.org", 587)), where)


def test_limits(running: tuple[World, str, int]) -> None:
    connector = sender(running)
    good = mail("valid")
    assert connector.validate(good) == []
    wrong = {
        "title": replace(good, title="Two\nlines"),
        "recipients": mail("valid", ("ada@example.org", "not an address")),
        "from_email": mail("valid", from_email=""),
        "unsubscribe_url": mail("valid", unsubscribe_url="http://plain.example"),
        "unsubscribe_mailto": mail("valid", unsubscribe_mailto="nobody"),
        "from_name": mail("valid", from_name="a\nBcc: b@c.example"),
    }
    for field, post in wrong.items():
        assert {problem.field for problem in connector.validate(post)} == {field}, field
    many = mail("valid", tuple(f"p{number}@example.org" for number in range(501)))
    assert [problem.field for problem in connector.validate(many)] == ["recipients"]
    assert connector.validate(mail("valid", unsubscribe_url="", unsubscribe_mailto=""))
    assert list(connector.collect(Stream.POSTS, since=datetime.now(UTC), until=datetime.now(UTC))) == []


def test_message_is_the_same_bytes_for_the_same_instant() -> None:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    post = mail("stable")
    one, two = (
        email.message_from_bytes(message_of(post, PEOPLE[0], moment)) for moment in (at, at + timedelta(hours=1))
    )
    assert one["Message-ID"] == two["Message-ID"]
    assert one["Date"] != two["Date"]


def test_dots_and_line_ends_are_as_the_protocol_wants() -> None:
    assert _stuffed(b"a\n.b\r\n..c\rd") == b"a\r\n..b\r\n...c\r\nd\r\n.\r\n"


def test_starttls_is_used_where_it_is_offered_and_the_certificate_is_checked(tmp_path: Path) -> None:
    server_side, client_side = _certificates(tmp_path)
    world = World()
    where = endpoints(V, sandbox_url="http://127.0.0.1:1")
    with running_smtp(world, tls=server_side) as (_, port):
        holder = CredentialHolder(credential("localhost", port))
        with pytest.raises(smtplib.SMTPException):
            _plain_login(port)
        distrustful = connector(USERNAME, USERNAME, holder, where)
        with pytest.raises(Rejected, match="certificate"):
            distrustful.publish(mail("tls-no"), MemoryPhases())
        trusting = connector(USERNAME, USERNAME, holder, where, context=client_side)
        trusting.publish(mail("tls-yes"), MemoryPhases())
    assert len(got(world, mail("tls-yes"))) == 3
    assert got(world, mail("tls-no")) == []


def test_password_is_not_sent_in_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch, running: Any) -> None:
    _, host, port = running
    monkeypatch.setattr("connectors.email.smtp.session.LOOPBACK", ())
    with pytest.raises(Rejected, match="no encryption"), Session(Server(host, port, "u", "p", 2.0), "u"):
        pass


def _plain_login(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=2) as plain:
        plain.login(USERNAME, PASSWORD)


def _certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for localhost of its own making, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, secret = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, secret)
    return server, ssl.create_default_context(cafile=str(certificate))
