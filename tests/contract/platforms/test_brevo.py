"""Brevo against the sandbox: publish → find → measure, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.answers import Answer
from connectors.email.brevo.errors import classify, read_limits
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.ledger import fingerprint
from connectors.sandbox.mail_audience import RECIPIENTS
from connectors.sandbox.mail_campaigns import KEYS
from connectors.sandbox.server import RunningSandbox, running_sandbox
from models.domain.connection import Vendor
from models.domain.content import ObservationState
from models.domain.publishing import Presence
from models.errors import AuthExpired, OutcomeUnknown, QuotaExhausted, RateLimited, Rejected
from tests.contract.platforms.kit import Killed, MemoryPhases
from tests.contract.platforms.mail_kit import (
    TEXT,
    mail_account,
    mail_connector,
    newsletter,
    payloads,
    posts_of,
    sends,
    truth,
)

V = Vendor.BREVO


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[V]) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults_left(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.world.faults.clear()
    sandbox.world.objects(V, "plan").clear()


def test_publish_find_measure(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    post, phases = newsletter(V, "measure"), MemoryPhases()
    began = sandbox.world.clock.now()
    done = connector.publish(post, phases)
    assert (phases.sent, sends(sandbox, V, done.post_id)) == (1, 1)
    assert sandbox.world.ledger.of(V, "send")[-1].fingerprint == fingerprint(f"{post.title}\n{post.text}")
    queued = connector.find_published(post, phases, since=began)
    assert (queued.presence, "sending" in queued.evidence) == (Presence.FOUND, True)

    now = sandbox.world.advance(timedelta(days=2))
    finding = connector.find_published(post, MemoryPhases(), since=began - timedelta(minutes=1))
    assert finding.presence is Presence.FOUND
    assert finding.published is not None
    assert finding.published.post_id == done.post_id
    contents, observed = posts_of(connector, now)
    numbers = truth(sandbox, V).numbers(truth(sandbox, V).get(done.post_id))
    told = {metric: reading.value for (entity, metric), reading in observed.items() if entity == done.post_id}
    assert told == {
        "emails_sent": RECIPIENTS, "emails_delivered": numbers.delivered,
        "bounces": numbers.hard_bounces + numbers.soft_bounces, "opens": numbers.opens,
        "machine_opens": numbers.automatic, "clicks": None, "unique_clicks": numbers.unique_clicks,
        "unsubscribes": numbers.unsubscribes, "spam_complaints": numbers.complaints,
    }  # fmt: skip
    assert observed[(done.post_id, "clicks")].state is ObservationState.UNSUPPORTED
    assert (contents[done.post_id].title, contents[done.post_id].body) == (post.title, TEXT)
    assert "calls" in connector.quota()


def test_pages_and_window(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.email.brevo.connector.PAGE", 4)
    monkeypatch.setattr("connectors.email.brevo.connector.LONGEST_WINDOW", timedelta(days=50))
    connector = mail_connector(sandbox, V)
    now = sandbox.world.clock.now()
    history = [c for c in truth(sandbox, V).sent() if c.at and c.at < now]
    contents, observed = posts_of(connector, now, days=400)
    assert set(contents) == {c.id for c in history}
    old = history[-1]
    assert old.at is not None
    sandbox.world.advance(timedelta(days=15))
    later = sandbox.world.clock.now()
    assert later - old.at > timedelta(days=183), "its statistics are gone from the list"
    contents, observed = posts_of(connector, later, days=400)
    numbers = truth(sandbox, V).numbers(old)
    assert observed[(old.id, "opens")].value == numbers.opens


@pytest.mark.parametrize("kill", ["campaign", "content", "sending"])
def test_resume_after_a_kill(sandbox: RunningSandbox, kill: str) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases(kill_after=kill)
    post = newsletter(V, f"kill-{kill}")
    with pytest.raises(Killed):
        connector.publish(post, phases)
    since = sandbox.world.clock.now() - timedelta(hours=1)
    assert connector.find_published(post, phases, since=since).presence is Presence.ABSENT
    done = connector.publish(post, phases)
    assert done.post_id == phases.kept["campaign"]["id"]
    assert sends(sandbox, V, done.post_id) == 1


@pytest.mark.parametrize("kind", [FaultKind.DROP_ANSWER, FaultKind.ERROR_500_AFTER])
def test_lost_answer_to_send_is_unknown_then_found(sandbox: RunningSandbox, kind: FaultKind) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = newsletter(V, f"lost-{kind.value}"[:16])
    sandbox.world.faults.add(Fault(kind, vendor=V, method="POST", path="sendNow"))
    with pytest.raises(OutcomeUnknown):
        connector.publish(post, phases)
    since = sandbox.world.clock.now() - timedelta(hours=1)
    assert connector.find_published(post, phases, since=since).presence is Presence.FOUND
    assert connector.publish(post, phases).post_id == phases.kept["campaign"]["id"]
    assert (phases.sent, sends(sandbox, V, phases.kept["campaign"]["id"])) == (1, 1)


def test_portal_page_instead_of_send_is_unknown_then_absent(sandbox: RunningSandbox) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = newsletter(V, "portal")
    sandbox.world.faults.add(Fault(FaultKind.HTML_200, vendor=V, method="POST", path="sendNow"))
    with pytest.raises(OutcomeUnknown):
        connector.publish(post, phases)
    since = sandbox.world.clock.now() - timedelta(hours=1)
    assert connector.find_published(post, phases, since=since).presence is Presence.ABSENT


def test_missing_credits_are_an_exhausted_quota(sandbox: RunningSandbox) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    sandbox.world.objects(V, "plan")["plan"] = {"credits": RECIPIENTS - 1}
    with pytest.raises(QuotaExhausted, match="not_enough_credits") as caught:
        connector.publish(newsletter(V, "credits"), phases)
    assert caught.value.code == "not_enough_credits"
    assert sends(sandbox, V, phases.kept["campaign"]["id"]) == 0


def test_schedule_and_cancel(sandbox: RunningSandbox) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = newsletter(V, "schedule")
    now = sandbox.world.clock.now()
    at = (now + timedelta(hours=3)).replace(microsecond=0)
    scheduled = connector.schedule(post, phases, at)
    assert connector.schedule(post, phases, at) == scheduled
    assert phases.sent == 1
    assert connector.find_published(post, phases, since=now).presence is Presence.UNCERTAIN
    connector.cancel(scheduled.campaign_id)
    assert connector.find_published(post, phases, since=now).presence is Presence.ABSENT
    with pytest.raises(Rejected, match="paused, cancelled or archived"):
        connector.publish(post, phases)
    other, kept = newsletter(V, "sched-two"), MemoryPhases()
    running = connector.schedule(other, kept, at)
    sandbox.world.advance(timedelta(hours=4))
    assert connector.find_published(other, kept, since=now).presence is Presence.FOUND
    assert (sends(sandbox, V, running.campaign_id), sends(sandbox, V, scheduled.campaign_id)) == (1, 0)
    with pytest.raises(Rejected, match="cannot be called back"):
        connector.cancel(running.campaign_id)


def test_hourly_allowance_is_told_and_kept_to() -> None:
    with running_sandbox(vendors=[V]) as running:
        connector = mail_connector(running, V)
        running.world.objects(V, "plan")["plan"] = {"calls": 3}
        now = running.world.clock.now()
        posts_of(connector, now)
        posts_of(connector, now)
        calls = connector.client.calls
        with pytest.raises(RateLimited, match="used up") as caught:
            posts_of(connector, now)
        assert connector.client.calls == calls, "the header said that nothing is left: no call is wasted"
        assert caught.value.until is not None
        assert timedelta(minutes=30) < caught.value.until - datetime.now(UTC) <= timedelta(hours=1)
        fresh = mail_connector_without_memory(running)
        with pytest.raises(RateLimited, match="too many calls"):
            posts_of(fresh, now)


def mail_connector_without_memory(running: RunningSandbox):  # type: ignore[no-untyped-def]
    """A connector that has not yet heard what is left (its account is proven while the plan is large)."""
    running.world.objects(V, "plan").clear()
    connector = mail_connector(running, V)
    running.world.objects(V, "plan")["plan"] = {"calls": 3}
    return connector


def test_wrong_and_revoked_keys(sandbox: RunningSandbox) -> None:
    with pytest.raises(AuthExpired, match="Key not found"):
        mail_account(sandbox, V, "xkeysib-other")
    connector = mail_connector(sandbox, V)
    sandbox.world.tokens.revoked.add(KEYS[V])
    try:
        with pytest.raises(AuthExpired, match="connect the account again"):
            connector.publish(newsletter(V, "revoked"), MemoryPhases())
    finally:
        sandbox.world.tokens.revoked.discard(KEYS[V])


def test_limits(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    good = newsletter(V, "valid")
    assert connector.validate(good) == []
    wrong = {
        "title": replace(good, title="x" * 999),
        "list_id": newsletter(V, "valid", options={"list_id": "two"}),
        "from_email": newsletter(V, "valid", options={"from_email": None}),
        "html": newsletter(V, "valid", options={"html": "ä" * 524_288}),
    }
    for field, post in wrong.items():
        assert {problem.field for problem in connector.validate(post)} == {field}, field


def test_unverified_sender_is_the_services_own_refusal(sandbox: RunningSandbox) -> None:
    post = newsletter(V, "sender", options={"from_email": "someone@elsewhere.example"})
    with pytest.raises(Rejected, match="Sender is invalid"):
        mail_connector(sandbox, V).publish(post, MemoryPhases())


def test_missing_numbers_are_states_and_never_zero(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    for kind in (FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS):
        sandbox.world.faults.add(Fault(kind, vendor=V, path="emailCampaigns"))
        contents, observed = posts_of(connector, sandbox.world.clock.now())
        assert contents
        assert {r.state for (_, m), r in observed.items() if m == "opens"} == {ObservationState.UNAVAILABLE}
        assert {r.state for (_, m), r in observed.items() if m == "emails_sent"} == {ObservationState.OBSERVED}


def test_recorded_error_parses() -> None:
    files = payloads(V)
    assert [file.name for file in files] == ["error_shape.json"]
    content = files[0].read_bytes()
    refusal = classify(_answer(400, content))
    assert refusal is not None
    assert refusal.kind is Rejected
    assert refusal.code == json.loads(content)["code"] == "invalid_parameter"


def test_limit_headers_count_seconds_left() -> None:
    headers = {"x-sib-ratelimit-limit": "100", "x-sib-ratelimit-remaining": "7", "x-sib-ratelimit-reset": "600"}
    limit = read_limits(_answer(200, b"{}", headers))[0]
    assert (limit.remaining, limit.total) == (7, 100)
    assert limit.reset_at is not None
    assert timedelta(seconds=590) < limit.reset_at - datetime.now(UTC) <= timedelta(seconds=600)
    assert read_limits(_answer(200, b"{}")) == ()


def _answer(status: int, content: bytes, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, httpx.Headers(headers), content, datetime.now(UTC), "https://api.brevo.com/v3/emailCampaigns")
