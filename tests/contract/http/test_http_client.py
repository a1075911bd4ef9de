"""The HTTP client against a real server that fails in every way the sandbox can: what is repeated, what never is."""

from __future__ import annotations

import logging
import sys
import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors import http as client_module
from connectors.answers import Answer, Limit, Refusal, epoch_reset, retry_after
from connectors.circuits import BREAK_AFTER, breaker
from connectors.http import Effect, VendorClient
from connectors.redaction import redact
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, SandboxVendor, running_sandbox
from connectors.sandbox.world import World
from models.domain.connection import Vendor
from models.errors import AuthExpired, OutcomeUnknown, RateLimited, Rejected, Transient, VendorError

HARMLESS = {FaultKind.EXTRA_FIELDS, FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS}
PROVEN = {FaultKind.THROTTLED, FaultKind.TOKEN_EXPIRED}
"""Refusals that say by themselves that nothing was done."""


@dataclass
class Served:
    sandbox: RunningSandbox
    done: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.sandbox.url}/x"

    def client(self, **options: object) -> VendorClient:
        chosen: dict[str, object] = {
            "classify": lambda answer: None, "authorize": _token("good"), "timeout": httpx.Timeout(1.0),
            "sleep": lambda seconds: None, **options,
        }  # fmt: skip
        return VendorClient(Vendor.X, "me", **chosen)  # type: ignore[arg-type]


def _token(token: str) -> Callable[[httpx.Request], None]:
    def authorize(request: httpx.Request) -> None:
        request.headers["Authorization"] = f"Bearer {token}"

    return authorize


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A vendor of one thing that can be done, under the X prefix of a sandbox."""
    done: list[str] = []

    async def act(request: Request) -> Response:
        if request.headers.get("authorization") == "Bearer old":
            return JSONResponse({"error": "expired"}, 401)
        done.append(request.query_params.get("tag", request.method))
        return JSONResponse({"id": "1", "like_count": 3})

    async def big(request: Request) -> Response:
        return Response(b"x" * (client_module.MAX_BYTES + 1))

    async def away(request: Request) -> Response:
        return RedirectResponse("http://127.0.0.1:1/elsewhere?access_token=s3cr3t")

    def vendor(world: World) -> SandboxVendor:
        routes = [
            Route("/act", act, methods=["GET", "POST"]),
            Route("/big", big),
            Route("/away", away, methods=["GET", "POST"]),
        ]
        return SandboxVendor(
            Vendor.X, routes,
            throttled=lambda: Response("slow down", 429, headers={"Retry-After": "2"}),
            expired=lambda: JSONResponse({"error": "expired"}, 401),
        )  # fmt: skip

    replaced = sys.modules.get("connectors.sandbox.x")
    module = types.ModuleType("connectors.sandbox.x")
    module.vendor = vendor  # type: ignore[attr-defined]
    sys.modules["connectors.sandbox.x"] = module
    try:
        with running_sandbox(vendors=[Vendor.X]) as sandbox:
            yield Served(sandbox, done)
    finally:
        if replaced is None:
            del sys.modules["connectors.sandbox.x"]
        else:
            sys.modules["connectors.sandbox.x"] = replaced


@pytest.fixture(autouse=True)
def _fresh(served: Served) -> None:
    served.done.clear()
    served.sandbox.world.faults.clear()
    breaker.cache_clear()


@pytest.mark.parametrize("kind", list(FaultKind))
def test_a_read_survives_one_fault_of_every_kind(served: Served, kind: FaultKind) -> None:
    served.sandbox.world.faults.add(Fault(kind, seconds=1.5))
    client = served.client(renew=lambda: True)
    assert client.json("GET", f"{served.url}/act", effect=Effect.READ).get("id") == "1"
    assert client.calls == (1 if kind in HARMLESS else 2)


@pytest.mark.parametrize("kind", list(FaultKind))
def test_a_commit_happens_at_most_once_and_is_unknown_unless_proven(served: Served, kind: FaultKind) -> None:
    served.sandbox.world.faults.add(Fault(kind, seconds=1.5))
    client = served.client(renew=lambda: True)
    url = f"{served.url}/act?tag={kind.value}"
    if kind in HARMLESS | PROVEN:
        assert client.json("POST", url, effect=Effect.COMMIT, post="p-1")["id"] == "1"
        assert served.done.count(kind.value) == 1
        return
    with pytest.raises(OutcomeUnknown) as told:
        client.json("POST", url, effect=Effect.COMMIT, post="p-1")
    assert client.calls == 1
    assert served.done.count(kind.value) <= 1
    assert (told.value.vendor, told.value.account, told.value.post) == ("X", "me", "p-1")
    assert "not sent again" in told.value.next_step


def test_a_refused_connection_proves_that_nothing_happened(served: Served) -> None:
    waits: list[float] = []
    client = served.client(sleep=waits.append)
    with pytest.raises(Transient, match="no connection"):
        client.call("POST", "http://127.0.0.1:1/act", effect=Effect.COMMIT)
    assert client.calls == client_module.ATTEMPTS
    assert len(waits) == client_module.ATTEMPTS - 1


def test_a_limit_is_waited_for_as_long_as_told_and_not_longer_than_patience(served: Served) -> None:
    waits: list[float] = []
    served.sandbox.world.faults.add(Fault(FaultKind.THROTTLED))
    served.client(sleep=waits.append).call("POST", f"{served.url}/act", effect=Effect.COMMIT)
    assert 1.5 <= waits[0] <= 3
    served.sandbox.world.faults.add(Fault(FaultKind.THROTTLED))
    with pytest.raises(RateLimited) as told:
        served.client(patience=1.0).call("POST", f"{served.url}/act", effect=Effect.COMMIT)
    assert told.value.until is not None
    assert 0 < (told.value.until - datetime.now(UTC)).total_seconds() < 3


def test_a_storm_of_limits_ends_with_the_limit(served: Served) -> None:
    served.sandbox.world.faults.add(Fault(FaultKind.THROTTLED, times=50))
    client = served.client()
    with pytest.raises(RateLimited):
        client.call("POST", f"{served.url}/act", effect=Effect.COMMIT)
    assert client.calls == client_module.ATTEMPTS
    assert served.done == []


def test_an_expired_token_is_renewed_once_and_only_once(served: Served) -> None:
    tokens = ["old", "good"]

    def authorize(request: httpx.Request) -> None:
        request.headers["Authorization"] = f"Bearer {tokens[0]}"

    def renew() -> bool:
        del tokens[0]
        return True

    client = served.client(authorize=authorize, renew=renew)
    client.call("POST", f"{served.url}/act", effect=Effect.COMMIT)
    assert served.done == ["POST"]
    tokens[:] = ["old", "old", "good"]
    with pytest.raises(AuthExpired):
        served.client(authorize=authorize, renew=renew).call("POST", f"{served.url}/act", effect=Effect.COMMIT)


def test_an_allowance_that_is_used_up_is_not_asked_for(served: Served) -> None:
    reset = datetime.now(UTC) + timedelta(hours=1)
    client = served.client(read_limits=lambda answer: [Limit("posts", 0, 100, reset)])
    client.call("GET", f"{served.url}/act", effect=Effect.READ)
    with pytest.raises(RateLimited) as told:
        client.call("GET", f"{served.url}/act", effect=Effect.READ)
    assert told.value.until == reset
    assert client.calls == 1
    assert client.quota() == {"posts": f"0 of 100 left until {reset:%H:%M} UTC"}


def test_the_circuit_opens_after_failures_in_a_row_and_the_call_that_trips_it_keeps_its_own_error(
    served: Served,
) -> None:
    served.sandbox.world.faults.add(Fault(FaultKind.DROP_ANSWER, times=100))
    client = served.client(attempts=1)
    for _ in range(BREAK_AFTER):
        with pytest.raises(OutcomeUnknown):
            client.call("POST", f"{served.url}/act", effect=Effect.COMMIT)
    happened = len(served.done)
    with pytest.raises(Transient, match="left alone"):
        client.call("POST", f"{served.url}/act", effect=Effect.COMMIT)
    assert len(served.done) == happened == BREAK_AFTER


def test_a_classifier_sees_every_answer_and_its_word_counts(served: Served) -> None:
    def refuse(answer: Answer) -> Refusal | None:
        return Refusal(Rejected, "the text is too long", "shorten it", code="e7", existing_id="p9")

    with pytest.raises(Rejected) as told:
        served.client(classify=refuse).call("POST", f"{served.url}/act", effect=Effect.COMMIT, post="p-2")
    assert str(told.value) == "X account me, post p-2: the text is too long; shorten it."
    assert (told.value.code, told.value.existing_id) == ("e7", "p9")


def test_an_endless_body_and_a_redirect_are_refused(served: Served) -> None:
    with pytest.raises(Transient, match="larger than 32 MiB"):
        served.client(attempts=1).call("GET", f"{served.url}/big", effect=Effect.READ)
    with pytest.raises(VendorError) as told:
        served.client(attempts=1).call("GET", f"{served.url}/away", effect=Effect.READ)
    assert "s3cr3t" not in str(told.value)


def test_a_redirected_commit_is_of_unknown_outcome(served: Served) -> None:
    """Many servers answer a form that they have taken with an address to go on to."""
    with pytest.raises(OutcomeUnknown, match="HTTP 307") as told:
        served.client().call("POST", f"{served.url}/away", effect=Effect.COMMIT)
    assert "s3cr3t" not in str(told.value)


def test_a_token_that_a_refusal_repeats_is_not_in_the_error(served: Served) -> None:
    def refuse(answer: Answer) -> Refusal | None:
        return Refusal(Rejected, f"Malformed access token {held}; the secret was {form}" + "x" * 9_000, "reconnect")

    held, form = "EAAB-held-by-the-account", "the-apps-own-words"
    client = served.client(classify=refuse, authorize=_token(held))
    with pytest.raises(Rejected) as told:
        client.call("POST", f"{served.url}/act", effect=Effect.STAGE, data={"client_secret": form})
    assert held not in str(told.value)
    assert form not in str(told.value)
    assert len(str(told.value)) < 700


def test_a_renewal_may_call_the_vendor_while_another_call_waits_for_it(served: Served) -> None:
    """A renewal goes to the same host on some platforms, so a call that waits for one must not hold the host's circuit."""
    finished: list[bool] = []

    def authorize(request: httpx.Request) -> None:
        other = threading.Thread(
            target=lambda: served.client().call("GET", f"{served.url}/act", effect=Effect.READ), daemon=True
        )
        other.start()
        other.join(5)
        finished.append(not other.is_alive())

    served.client(authorize=authorize).call("GET", f"{served.url}/act", effect=Effect.READ)
    assert finished == [True]


def test_an_account_keeps_to_its_own_pace_without_waiting_for_ever(served: Served) -> None:
    waits: list[float] = []
    client = served.client(rates=((2, 3_600.0),), sleep=waits.append, patience=5.0)
    for _ in range(2):
        client.call("GET", f"{served.url}/act", effect=Effect.READ)
    with pytest.raises(RateLimited, match="own pace") as told:
        client.call("GET", f"{served.url}/act", effect=Effect.READ)
    assert client.calls == 2
    assert sum(waits) == 5.0
    assert told.value.until is not None


@pytest.mark.parametrize("url", ["http://[::1", "/relative", "ftp://127.0.0.1/act"])
def test_an_address_that_cannot_be_called_proves_that_nothing_happened(served: Served, url: str) -> None:
    with pytest.raises(Transient):
        served.client(attempts=1).call("POST", url, effect=Effect.COMMIT)


def test_each_call_is_a_span_without_its_query(served: Served) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    replaced, client_module._tracer = client_module._tracer, trace.get_tracer("test", tracer_provider=provider)
    try:
        served.client().call("GET", f"{served.url}/act", effect=Effect.READ, params={"access_token": "s3cr3t"})
    finally:
        client_module._tracer = replaced
    (span,) = exporter.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["url.path"] == "/x/act"
    assert span.attributes["http.response.status_code"] == 200
    assert "s3cr3t" not in span.to_json()


SECRET_QUERY = {
    "access_token": "s3cr3t-token",
    "input_token": "s3cr3t-input",
    "upload_id": "s3cr3t-id",
    "sig": "s3cr3t",
}


def test_log_lines_hold_no_secret(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        served.client().call("GET", f"{served.url}/act", effect=Effect.READ, params=SECRET_QUERY)
        with pytest.raises(VendorError):
            served.client(attempts=1).call("GET", f"{served.url}/away", effect=Effect.READ)
    assert any("HTTP Request" in record.getMessage() for record in caplog.records)
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "https://h/p?access_token=s3cr3tvalue&x=1",
        '{"refresh_token": "s3cr3tvalue"}',
        "Authorization: Bearer s3cr3tvalue",
        "authorization: Basic s3cr3tvalue==",
        "api-key: s3cr3tvalue",
        "key SG.s3cr3tvalue.s3cr3tvalue",
        "https://h/debug_token?input_token=s3cr3tvalue",
        "https://h/videos?upload_id=s3cr3tvalue",
    ],
)
def test_redaction_takes_out_tokens(text: str) -> None:
    assert "s3cr3tvalue" not in redact(text)


def test_a_reset_is_read_by_the_servers_clock(served: Served) -> None:
    """A server whose clock is an hour ahead means its own hour."""
    ahead = datetime.now(UTC) + timedelta(hours=1)
    headers = httpx.Headers({"retry-after": (ahead + timedelta(seconds=30)).strftime("%a, %d %b %Y %H:%M:%S GMT")})
    until = retry_after(Answer(429, headers, b"", ahead, "https://h"))
    assert until is not None
    assert 25 < (until - datetime.now(UTC)).total_seconds() < 35


@pytest.mark.parametrize("text", ["9" * 12, "9" * 30, "soon"])
def test_a_reset_that_is_no_time_is_none(text: str) -> None:
    headers = httpx.Headers({"retry-after": text, "x-reset": text})
    answer = Answer(429, headers, b"", datetime.now(UTC), "https://h")
    assert retry_after(answer) is None
    assert epoch_reset(answer, "x-reset") is None
