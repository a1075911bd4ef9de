"""SendGrid against the sandbox: publish → find → measure, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.answers import Answer
from connectors.email.sendgrid.connector import SendGridConnector, metrics_of, requested
from connectors.email.sendgrid.errors import classify, read_limits
from connectors.email.sendgrid.messages import Activity, activity_of
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.ledger import fingerprint
from connectors.sandbox.mail_audience import RECIPIENTS
from connectors.sandbox.mail_campaigns import KEYS
from connectors.sandbox.server import RunningSandbox, running_sandbox
from models.domain.connection import Vendor
from models.domain.content import Observation, ObservationState
from models.domain.publishing import OutgoingPost, Presence
from models.errors import AuthExpired, OutcomeUnknown, PermissionMissing, RateLimited, Rejected, Transient
from models.ports import Stream
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

V = Vendor.SENDGRID


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[V]) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults_left(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.world.faults.clear()
    sandbox.world.objects(V, "plan").clear()


def message(key: str, **changes: Any) -> OutgoingPost:
    """A post that goes to two named recipients by mail/send."""
    options = {"list_id": None, "recipients": "ada@example.org, bob@example.org", **changes.pop("options", {})}
    return newsletter(V, key, options=options, **changes)


def test_publish_find_measure(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    post, phases = newsletter(V, "measure"), MemoryPhases()
    began = sandbox.world.clock.now()
    done = connector.publish(post, phases)
    assert (phases.sent, sends(sandbox, V, done.post_id)) == (1, 1)
    assert sandbox.world.ledger.of(V, "send")[-1].fingerprint == fingerprint(f"{post.title}\n{post.text}")
    being_sent = connector.find_published(post, phases, since=began)
    assert (being_sent.presence, "sending" in being_sent.evidence) == (Presence.FOUND, True)

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
        "bounces": numbers.hard_bounces + numbers.soft_bounces, "opens": numbers.opens, "machine_opens": None,
        "clicks": numbers.clicks_total, "unique_clicks": numbers.unique_clicks, "unsubscribes": numbers.unsubscribes,
        "spam_complaints": numbers.complaints,
    }  # fmt: skip
    assert observed[(done.post_id, "machine_opens")].state is ObservationState.UNSUPPORTED
    assert (contents[done.post_id].title, contents[done.post_id].body) == (post.title, TEXT)


def test_pages_and_days(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIST_PAGE", "STATS_IDS", "STATS_PAGE"):
        monkeypatch.setattr(f"connectors.email.sendgrid.connector.{name}", 4)
    connector = mail_connector(sandbox, V)
    now = sandbox.world.clock.now()
    history = [c for c in truth(sandbox, V).sent() if c.at and c.at < now]
    contents, observed = posts_of(connector, now, days=400)
    assert set(contents) == {c.id for c in history}
    assert all(observed[(c.id, "opens")].value is not None for c in history)

    days = list(connector.collect(Stream.ACCOUNT, since=now - timedelta(days=30), until=now))
    assert all(isinstance(day, Observation) and day.metric == "emails_requested" for day in days)
    recent = [c for c in history if c.at and c.at.date() > (now - timedelta(days=31)).date()]
    assert sum(day.value for day in days if isinstance(day, Observation) and day.value) == RECIPIENTS * len(recent)
    quiet = [day for day in days if isinstance(day, Observation) and day.value == 0]
    assert all(isinstance(day, Observation) and day.period_end <= now for day in days), "whole days only"
    assert quiet, "a day on which nothing was sent is told as zero by the vendor and kept as zero"


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


@pytest.mark.parametrize(
    "kind",
    [FaultKind.DROP_ANSWER, FaultKind.ERROR_500_AFTER, FaultKind.EMPTY_BODY, FaultKind.MALFORMED_JSON],
)
def test_lost_answer_to_send_is_unknown_then_found(sandbox: RunningSandbox, kind: FaultKind) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = newsletter(V, f"lost-{kind.value}"[:16])
    sandbox.world.faults.add(Fault(kind, vendor=V, method="PUT", path="schedule"))
    with pytest.raises(OutcomeUnknown):
        connector.publish(post, phases)
    since = sandbox.world.clock.now() - timedelta(hours=1)
    assert connector.find_published(post, phases, since=since).presence is Presence.FOUND
    assert connector.publish(post, phases).post_id == phases.kept["campaign"]["id"]
    assert (phases.sent, sends(sandbox, V, phases.kept["campaign"]["id"])) == (1, 1)


def test_schedule_and_cancel(sandbox: RunningSandbox) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = newsletter(V, "schedule")
    now = sandbox.world.clock.now()
    at = (now + timedelta(days=5)).replace(microsecond=0)
    scheduled = connector.schedule(post, phases, at)
    assert connector.schedule(post, phases, at) == scheduled
    assert connector.find_published(post, phases, since=now).presence is Presence.UNCERTAIN
    connector.cancel(scheduled.campaign_id)
    assert connector.find_published(post, phases, since=now).presence is Presence.ABSENT
    connector.schedule(post, phases, at)
    sandbox.world.advance(timedelta(days=6))
    assert connector.find_published(post, phases, since=now).presence is Presence.FOUND
    with pytest.raises(Rejected, match="cannot be called back"):
        connector.cancel(scheduled.campaign_id)
    assert sends(sandbox, V, scheduled.campaign_id) == 1


def test_sender_is_looked_up_by_address_and_must_be_verified(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    by_id = connector.publish(newsletter(V, "by-id", options={"sender_id": "4711"}), MemoryPhases())
    assert sends(sandbox, V, by_id.post_id) == 1
    with pytest.raises(Rejected, match="verified senders"):
        connector.publish(newsletter(V, "stranger", options={"from_email": "a@elsewhere.example"}), MemoryPhases())


def test_message_to_named_recipients(sandbox: RunningSandbox) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = message("named")
    done = connector.publish(post, phases)
    assert done.post_id == "batch:" + phases.kept["batch"]["id"]
    entry = sandbox.world.ledger.of(V, "send")[-1]
    assert (entry.detail["recipients"], entry.fingerprint) == ("2", fingerprint(f"{post.title}\n{post.text}"))
    assert connector.find_published(post, phases, since=sandbox.world.clock.now()).presence is Presence.FOUND


def test_unknown_message_is_found_by_activity_or_stays_uncertain(sandbox: RunningSandbox) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post, since = message("named-lost"), sandbox.world.clock.now()
    assert connector.find_published(post, phases, since=since).presence is Presence.ABSENT
    before = sends(sandbox, V)
    sandbox.world.faults.add(Fault(FaultKind.DROP_ANSWER, vendor=V, path="mail/send"))
    with pytest.raises(OutcomeUnknown):
        connector.publish(post, phases)
    assert sends(sandbox, V) == before + 1
    sandbox.world.objects(V, "plan")["plan"] = {"activity": 0}
    assert connector.find_published(post, phases, since=since).presence is Presence.UNCERTAIN
    sandbox.world.objects(V, "plan").clear()
    finding = connector.find_published(post, phases, since=since)
    assert finding.presence is Presence.FOUND
    other, kept = message("named-gone"), MemoryPhases()
    sandbox.world.faults.add(Fault(FaultKind.DROP_REQUEST, vendor=V, path="mail/send"))
    with pytest.raises(OutcomeUnknown):
        connector.publish(other, kept)
    assert connector.find_published(other, kept, since=since).presence is Presence.UNCERTAIN


def test_waiting_batch_is_stopped(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    at = sandbox.world.clock.now() + timedelta(hours=5)
    with pytest.raises(Rejected, match="72 hours"):
        connector.schedule(message("too-far"), MemoryPhases(), at + timedelta(days=4))
    before = sends(sandbox, V)
    first = connector.schedule(message("stopped"), MemoryPhases(), at)
    connector.schedule(message("kept"), MemoryPhases(), at)
    connector.cancel(first.campaign_id)
    sandbox.world.advance(timedelta(hours=6))
    assert connector.find_published(message("kept"), MemoryPhases(), since=at).presence is Presence.FOUND
    assert sends(sandbox, V) == before + 1


def test_limits(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    good = newsletter(V, "valid")
    assert connector.validate(good) == []
    assert connector.validate(message("valid")) == []
    many = ",".join(f"p{number}@example.org" for number in range(1_001))
    lists = ",".join(f"list-{number}" for number in range(51))
    wrong = {
        "title": replace(good, title="x" * 999),
        "sender_id": newsletter(V, "valid", options={"sender_id": "four"}),
        "suppression_group_id": newsletter(V, "valid", options={"suppression_group_id": None}),
        "list_id": newsletter(V, "valid", options={"list_id": lists}),
        "recipients": message("valid", options={"recipients": many}),
        "from_email": message("valid", options={"from_email": "nobody"}),
    }
    for field, post in wrong.items():
        assert {problem.field for problem in connector.validate(post)} == {field}, field
    assert [p.field for p in connector.validate(message("v", options={"recipients": "a@b.example, nobody"}))] == [
        "recipients"
    ]


def test_wrong_and_revoked_keys(sandbox: RunningSandbox) -> None:
    with pytest.raises(AuthExpired, match="authorization required"):
        mail_account(sandbox, V, "SG.other.other")
    connector = mail_connector(sandbox, V)
    sandbox.world.tokens.revoked.add(KEYS[V])
    try:
        with pytest.raises(AuthExpired, match="connect the account again"):
            connector.publish(newsletter(V, "revoked"), MemoryPhases())
    finally:
        sandbox.world.tokens.revoked.discard(KEYS[V])


def test_used_up_allowance_is_waited_for_until_the_headers_reset(sandbox: RunningSandbox) -> None:
    slept: list[float] = []
    connector = mail_connector(sandbox, V, sleep=slept.append)
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, vendor=V, times=9))
    with pytest.raises(RateLimited) as caught:
        posts_of(connector, sandbox.world.clock.now())
    assert caught.value.until is not None
    assert slept
    assert all(0 <= wait <= 61 for wait in slept), "the reset is within the minute on the server's clock"
    assert connector.quota()["calls"].startswith("0 of 600 left")


def test_missing_numbers_are_states_and_never_zero(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    for kind in (FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS):
        sandbox.world.faults.add(Fault(kind, vendor=V, path="stats/singlesends"))
        contents, observed = posts_of(connector, sandbox.world.clock.now())
        assert contents
        assert {r.state for (_, m), r in observed.items() if m == "opens"} == {ObservationState.UNAVAILABLE}
        assert {r.state for (_, m), r in observed.items() if m == "bounces"} == {ObservationState.OBSERVED}


REFUSED = {
    "email_activity__get_v3_messages_400": (400, Rejected),
    "email_activity__get_v3_messages_429": (429, RateLimited),
    "email_activity__get_v3_messages_msg_id_400": (400, Rejected),
    "email_activity__get_v3_messages_msg_id_404": (404, Rejected),
    "email_activity__get_v3_messages_msg_id_429": (429, RateLimited),
    "error_429": (429, RateLimited),
    "mail_send_400": (400, Rejected),
    "mail_send_401": (401, AuthExpired),
    "mail_send_403": (403, PermissionMissing),
    "mail_send_404": (404, Rejected),
    "mail_send_405": (405, Rejected),
    "mail_send_413": (413, Rejected),
    "mail_send_500": (500, Transient),
    "suppressions__delete_v3_suppression_bounces_401": (401, AuthExpired),
}


def test_every_recorded_answer_parses_to_its_record_or_error(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    assert isinstance(connector, SendGridConnector)
    read = _readers(connector)
    files = {file.stem: file for file in payloads(V)}
    assert set(files) == {*REFUSED, *read}
    for name, (status, kind) in REFUSED.items():
        content = files[name].read_bytes()
        refusal = classify(_answer(status, content))
        assert refusal is not None, name
        assert refusal.kind is kind, name
        assert json.loads(content)["errors"][0]["message"].rstrip(".") in refusal.cause
    for name, check in read.items():
        content = files[name].read_bytes()
        status = 201 if "_201" in name else 200
        assert classify(_answer(status, content)) is None, name
        check(json.loads(content))


def _readers(connector: SendGridConnector) -> dict[str, Callable[[Any], None]]:
    """What each recorded answer without an error must turn into."""

    def activity(document: dict[str, Any]) -> None:
        rows = [activity_of(row) for row in document["messages"]]
        assert rows[1] == Activity(
            "321befe", "something profound", "delivered", 500, 200, datetime(2017, 10, 13, 18, 56, 21, tzinfo=UTC)
        )
        assert [row.status for row in rows] == ["processed", "delivered", "not_delivered"]

    def one_message(document: dict[str, Any]) -> None:
        found = activity_of(document)
        assert (found.status, found.opens, found.clicks) == ("delivered", None, None)

    def categories(document: dict[str, Any]) -> None:
        assert document["categories"] == ["equipment", "shoes", "sports"]

    def single_send(document: dict[str, Any]) -> None:
        state = connector._state(document)
        assert (state.id, state.stage.value) == (document["id"], "sending"), "scheduled without a time: it is under way"

    def search(document: dict[str, Any]) -> None:
        state = connector._state(document["result"][0])
        assert (state.stage.value, state.at) == ("sent", datetime(2471, 5, 31, 15, 46, 18, 797_000, tzinfo=UTC))

    def schedule(document: dict[str, Any]) -> None:
        assert document["status"] == "scheduled"

    def days(document: list[dict[str, Any]]) -> None:
        assert [requested(day) for day in document] == [0, 0, 0]

    def bounces(document: list[dict[str, Any]]) -> None:
        assert {row["status"] for row in document} == {"5.1.1"}

    def suppressed(document: dict[str, Any]) -> None:
        assert len(document["recipient_emails"]) == 2

    return {
        "email_activity__get_v3_messages_200": activity,
        "email_activity__get_v3_messages_msg_id_200": one_message,
        "mc_singlesends__get_v3_marketing_singlesends_categories_200": categories,
        "mc_singlesends__get_v3_marketing_singlesends_id_200": single_send,
        "mc_singlesends__post_v3_marketing_singlesends_201": single_send,
        "mc_singlesends__post_v3_marketing_singlesends_search_200": search,
        "mc_singlesends__put_v3_marketing_singlesends_id_schedule_201": schedule,
        "stats__get_v3_stats_200": days,
        "suppressions__get_v3_suppression_bounces_200": bounces,
        "suppressions__post_v3_asm_suppressions_global_201": suppressed,
    }


def test_errors_name_their_field_and_hide_addresses() -> None:
    body = {"errors": [{"message": "x@y.example is no verified sender.", "field": "from", "help": "…"}]}
    refusal = classify(_answer(400, json.dumps(body).encode()))
    assert refusal is not None
    assert refusal.cause == "from: [address] is no verified sender"
    credit = {"errors": [{"message": "Maximum credits exceeded", "field": None}]}
    exhausted = classify(_answer(401, json.dumps(credit).encode()))
    assert exhausted is not None
    assert exhausted.kind.__name__ == "QuotaExhausted"


def test_limit_headers_are_epoch_seconds_of_the_server() -> None:
    server = datetime.now(UTC) + timedelta(days=300)
    headers = {
        "x-ratelimit-limit": "500", "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int((server + timedelta(seconds=30)).timestamp())),
    }  # fmt: skip
    limit = read_limits(Answer(200, httpx.Headers(headers), b"", server, "x"))[0]
    assert limit.reset_at is not None
    assert timedelta(seconds=28) < limit.reset_at - datetime.now(UTC) < timedelta(seconds=31)


def test_metrics_are_read_by_name() -> None:
    assert metrics_of({})["opens"] is None
    assert metrics_of({"unique_opens": 0})["opens"] == 0


def _answer(status: int, content: bytes) -> Answer:
    return Answer(status, httpx.Headers(), content, datetime.now(UTC), "https://api.sendgrid.com/v3/x")
