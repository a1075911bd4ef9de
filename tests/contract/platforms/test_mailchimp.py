"""Mailchimp against the sandbox: publish → find → measure, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from jsonschema import Draft7Validator

from connectors.answers import Answer
from connectors.email.body import html_of, text_of
from connectors.email.mailchimp.connector import metrics_of
from connectors.email.mailchimp.errors import classify
from connectors.email.stages import Scheduled
from connectors.readings import kept
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.ledger import fingerprint
from connectors.sandbox.mail_audience import RECIPIENTS
from connectors.sandbox.mail_campaigns import KEYS
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from models.domain.connection import Credential, Vendor
from models.domain.content import ObservationState
from models.domain.publishing import Presence
from models.errors import (
    AuthExpired,
    InvalidInput,
    OutcomeUnknown,
    PermissionMissing,
    RateLimited,
    Rejected,
    Transient,
)
from models.ports import Stream
from tests.contract.platforms.kit import Killed, MemoryPhases
from tests.contract.platforms.mail_kit import (
    SHARED,
    TEXT,
    mail_account,
    mail_connector,
    newsletter,
    payloads,
    posts_of,
    sends,
    truth,
)

V = Vendor.MAILCHIMP


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[V]) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults_left(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.world.faults.clear()


def test_publish_find_measure(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    post, phases = newsletter(V, "measure"), MemoryPhases()
    began = sandbox.world.clock.now()
    done = connector.publish(post, phases)
    assert (phases.sent, sends(sandbox, V, done.post_id)) == (1, 1)
    assert done.url is not None
    entry = sandbox.world.ledger.of(V, "send")[-1]
    assert entry.fingerprint == fingerprint(f"{post.title}\n{post.text}")

    finding = connector.find_published(post, MemoryPhases(), since=began - timedelta(minutes=1))
    assert finding.presence is Presence.FOUND
    assert finding.published is not None
    assert finding.published.post_id == done.post_id

    early = sandbox.world.advance(timedelta(minutes=30))
    _, first = posts_of(connector, early)
    now = sandbox.world.advance(timedelta(days=2))
    contents, observed = posts_of(connector, now)
    numbers = truth(sandbox, V).numbers(truth(sandbox, V).get(done.post_id))
    told = {metric: reading.value for (entity, metric), reading in observed.items() if entity == done.post_id}
    assert told == {
        "emails_sent": RECIPIENTS, "emails_delivered": None,
        "bounces": numbers.hard_bounces + numbers.soft_bounces, "opens": numbers.opens,
        "machine_opens": numbers.opens - numbers.human_opens, "clicks": numbers.clicks_total,
        "unique_clicks": numbers.unique_clicks, "unsubscribes": numbers.unsubscribes,
        "spam_complaints": numbers.complaints,
    }  # fmt: skip
    assert observed[(done.post_id, "emails_delivered")].state is ObservationState.UNSUPPORTED
    before = first[(done.post_id, "opens")].value
    assert before is not None
    assert 0 < before < told["opens"], "machines open first, people over the next days"
    content = contents[done.post_id]
    assert (content.title, text_of(html_of(TEXT)), content.body) == (post.title, TEXT, TEXT)
    assert content.published_at == done.published_at
    reading = observed[(done.post_id, "opens")]
    assert (reading.period_start, reading.period_end, reading.observed_at) == (done.published_at, now, now)


def test_window_is_half_open_and_pages_are_followed(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.email.mailchimp.connector.PAGE", 4)
    connector = mail_connector(sandbox, V)
    now = sandbox.world.clock.now()
    history = [c for c in truth(sandbox, V).sent() if c.at and c.at < now]
    contents, _ = posts_of(connector, now, days=400)
    assert set(contents) == {c.id for c in history}
    assert len(history) > 20
    edge = history[5].at
    assert edge is not None
    inside = connector.collect(Stream.POSTS, since=edge, until=edge + timedelta(days=1))
    assert history[5].id in {record.entity_id for record in inside}
    outside = connector.collect(Stream.POSTS, since=edge - timedelta(days=1), until=edge)
    assert history[5].id not in {record.entity_id for record in outside}


@pytest.mark.parametrize(("kill", "made", "sent"), [("campaign", 1, 1), ("content", 1, 1), ("sending", 1, 1)])
def test_resume_after_a_kill(sandbox: RunningSandbox, kill: str, made: int, sent: int) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases(kill_after=kill)
    post = newsletter(V, f"kill-{kill}")
    with pytest.raises(Killed):
        connector.publish(post, phases)
    assert sends(sandbox, V, phases.kept["campaign"]["id"]) == 0
    if kill == "sending":
        finding = connector.find_published(post, phases, since=sandbox.world.clock.now() - timedelta(hours=1))
        assert finding.presence is Presence.ABSENT
    done = connector.publish(post, phases)
    assert done.post_id == phases.kept["campaign"]["id"]
    assert sends(sandbox, V, done.post_id) == sent
    named = [c for c in truth_of(sandbox) if c["settings"]["title"].endswith(f"[{post.key[:16]}]")]
    assert len(named) == made


def truth_of(sandbox: RunningSandbox) -> list[dict]:
    found = httpx.get(
        f"{sandbox.url}/mailchimp/3.0/campaigns?count=1000", auth=("any", KEYS[V]), trust_env=False
    ).json()
    return found["campaigns"]


@pytest.mark.parametrize("kind", [FaultKind.DROP_ANSWER, FaultKind.ERROR_500_AFTER])
def test_lost_answer_to_send_is_unknown_then_found(sandbox: RunningSandbox, kind: FaultKind) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = newsletter(V, f"lost-{kind.value}"[:16])
    sandbox.world.faults.add(Fault(kind, vendor=V, method="POST", path="actions/send"))
    with pytest.raises(OutcomeUnknown) as caught:
        connector.publish(post, phases)
    assert post.key in str(caught.value)
    finding = connector.find_published(post, phases, since=sandbox.world.clock.now() - timedelta(hours=1))
    assert finding.presence is Presence.FOUND
    again = connector.publish(post, phases)
    assert again.post_id == phases.kept["campaign"]["id"]
    assert (phases.sent, sends(sandbox, V, again.post_id)) == (1, 1)


def test_portal_page_instead_of_send_is_unknown_then_absent(sandbox: RunningSandbox) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = newsletter(V, "portal")
    sandbox.world.faults.add(Fault(FaultKind.HTML_200, vendor=V, method="POST", path="actions/send"))
    with pytest.raises(OutcomeUnknown):
        connector.publish(post, phases)
    finding = connector.find_published(post, phases, since=sandbox.world.clock.now() - timedelta(hours=1))
    assert finding.presence is Presence.ABSENT
    assert sends(sandbox, V, phases.kept["campaign"]["id"]) == 0


def test_two_workers_with_one_draft_send_once(sandbox: RunningSandbox) -> None:
    post, phases = newsletter(V, "two-workers"), MemoryPhases(kill_after="sending")
    with pytest.raises(Killed):
        mail_connector(sandbox, V).publish(post, phases)
    other = MemoryPhases()
    other.kept = dict(phases.kept)
    other.sending = lambda: mail_connector(sandbox, V).publish(post, phases)  # type: ignore[method-assign]
    late = mail_connector(sandbox, V).publish(post, other)
    assert sends(sandbox, V, late.post_id) == 1, "the refused second send adopts what the first has sent"


def test_draft_removed_at_the_service_is_made_anew(sandbox: RunningSandbox) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases(kill_after="content")
    post = newsletter(V, "removed")
    with pytest.raises(Killed):
        connector.publish(post, phases)
    old = phases.kept["campaign"]["id"]
    httpx.delete(f"{sandbox.url}/mailchimp/3.0/campaigns/{old}", auth=("any", KEYS[V]), trust_env=False)
    done = connector.publish(post, phases)
    assert done.post_id != old
    assert (sends(sandbox, V, done.post_id), phases.kept["content"]["id"]) == (1, done.post_id)


def test_a_campaign_that_is_gone_may_have_been_sent_before(sandbox: RunningSandbox) -> None:
    """Its absence was once proof enough to send the mail to everyone again."""
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = newsletter(V, "sent-and-removed")
    done = connector.publish(post, phases)
    httpx.delete(f"{sandbox.url}/mailchimp/3.0/campaigns/{done.post_id}", auth=("any", KEYS[V]), trust_env=False)
    since = sandbox.world.clock.now() - timedelta(hours=1)
    phases.kept["campaign"]["id"] = "gone"
    assert connector.find_published(post, phases, since=since).presence is Presence.UNCERTAIN


def test_what_is_kept_of_a_report_opens_nothing() -> None:
    row = {"id": "1", "emails_sent": 3, "share_report": {"share_url": "https://r.example", "share_password": "s3cr3t"}}
    assert kept({**row, "_links": [{"href": "https://us1.api.mailchimp.com"}]}) == {"id": "1", "emails_sent": 3}


def test_schedule_and_cancel(sandbox: RunningSandbox) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    post = newsletter(V, "schedule")
    now = sandbox.world.clock.now()
    quarter = (now + timedelta(hours=3)).replace(minute=30, second=0, microsecond=0)
    with pytest.raises(Rejected, match="quarter-hour"):
        connector.schedule(post, MemoryPhases(), quarter + timedelta(minutes=7))
    assert connector.schedule(post, phases, quarter) == Scheduled(phases.kept["campaign"]["id"], quarter)
    assert connector.schedule(post, phases, quarter).at == quarter, "a second call leaves the schedule as it is"
    assert connector.find_published(post, phases, since=now).presence is Presence.UNCERTAIN
    with pytest.raises(Rejected, match="already scheduled"):
        connector.publish(post, phases)
    campaign = phases.kept["campaign"]["id"]
    connector.cancel(campaign)
    assert connector.find_published(post, phases, since=now).presence is Presence.ABSENT
    connector.schedule(post, phases, quarter)
    sandbox.world.advance(timedelta(hours=4))
    assert connector.find_published(post, phases, since=now).presence is Presence.FOUND
    with pytest.raises(Rejected, match="cannot be called back"):
        connector.cancel(campaign)
    assert sends(sandbox, V, campaign) == 1


def test_checklist_stops_what_is_not_ready(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    connector, phases = mail_connector(sandbox, V), MemoryPhases()
    monkeypatch.setattr(type(connector), "validate", lambda self, post: [])
    post = newsletter(V, "unready", options={"from_name": ""})
    with pytest.raises(Rejected, match="From Name"):
        connector.publish(post, phases)
    assert (phases.sent, sends(sandbox, V, phases.kept["campaign"]["id"])) == (0, 0)


def test_limits_and_missing_parts_are_told_before_sending() -> None:
    with running_sandbox(vendors=[V]) as running:
        connector = mail_connector(running, V)
        good = newsletter(V, "valid")
        assert connector.validate(good) == []
        wrong = {
            "title": replace(good, title="x" * 151),
            "list_id": newsletter(V, "valid", options={"list_id": None}),
            "from_name": newsletter(V, "valid", options={"from_name": None}),
            "reply_to": newsletter(V, "valid", options={"reply_to": None, "from_email": None}),
            "from_email": newsletter(V, "valid", options={"from_email": "no address"}),
            "html": newsletter(V, "valid", options={"html": "x" * 1024 * 1024}),
            "text": replace(good, text=" "),
        }
        for field, post in wrong.items():
            assert {problem.field for problem in connector.validate(post)} == {field}, field
        assert connector.validate(replace(good, title=""))
        with pytest.raises(Rejected, match="151 of 150"):
            connector.publish(wrong["title"], MemoryPhases())
        assert running.world.objects(V, "campaign") == {}


def test_key_proves_the_account_and_knows_its_data_centre(sandbox: RunningSandbox) -> None:
    account = mail_account(sandbox, V)
    assert (account.credential.extra["dc"], account.name) == ("us1", "Sample Brand (synthetic)")
    with pytest.raises(InvalidInput, match="data centre"):
        mail_account(sandbox, V, "0123456789abcdef")
    with pytest.raises(AuthExpired):
        mail_account(sandbox, V, "0" * 32 + "-us1")


def test_revoked_key_asks_to_reconnect() -> None:
    with running_sandbox(vendors=[V]) as running:
        connector = mail_connector(running, V)
        running.world.tokens.revoked.add(KEYS[V])
        with pytest.raises(AuthExpired, match="connect the account again"):
            posts_of(connector, running.world.clock.now())


def test_too_many_calls_are_waited_for_then_told(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, vendor=V, times=2))
    assert posts_of(connector, sandbox.world.clock.now())[0]
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, vendor=V, times=9))
    with pytest.raises(RateLimited, match="10 simultaneous"):
        posts_of(connector, sandbox.world.clock.now())


def test_bare_403_is_overload_and_not_a_missing_right(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    sandbox.world.objects(V, "load")["bare_403"] = {"left": 2}
    contents, _ = posts_of(connector, sandbox.world.clock.now())
    assert contents


def test_missing_numbers_are_states_and_never_zero(sandbox: RunningSandbox) -> None:
    connector = mail_connector(sandbox, V)
    until = sandbox.world.clock.now()
    for kind in (FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS):
        sandbox.world.faults.add(Fault(kind, vendor=V, path="/reports"))
        contents, observed = posts_of(connector, until)
        assert contents
        opens = {reading.state for (_, metric), reading in observed.items() if metric == "opens"}
        sent = {reading.state for (_, metric), reading in observed.items() if metric == "emails_sent"}
        assert (opens, sent) == ({ObservationState.UNAVAILABLE}, {ObservationState.OBSERVED}), kind
    without_proxy = metrics_of({"opens": {"unique_opens": 7}})
    assert (without_proxy["opens"], without_proxy["machine_opens"], without_proxy["clicks"]) == (7, None, None)


def test_campaign_survives_a_restart_of_the_sandbox(tmp_path: object) -> None:
    journal = tmp_path / "journal.jsonl"  # type: ignore[operator]
    post, phases = newsletter(V, "restart"), MemoryPhases()
    with running_sandbox(World(journal=journal), vendors=[V]) as running:
        mail_connector(running, V).publish(post, phases)
    with running_sandbox(World(journal=journal), vendors=[V]) as running:
        connector = mail_connector(running, V)
        since = running.world.clock.now() - timedelta(hours=1)
        assert connector.find_published(post, phases, since=since).presence is Presence.FOUND


def test_recorded_errors_parse() -> None:
    expected = {
        "error_400_member_compliance.json": (Rejected, "[address] is in a compliance state"),
        "error_401_api_key_invalid.json": (AuthExpired, "did not include an API key"),
    }
    files = payloads(V)
    assert {file.name for file in files} == set(expected)
    for file in files:
        kind, words = expected[file.name]
        content = file.read_bytes()
        refusal = classify(_answer(json.loads(content)["status"], content))
        assert refusal is not None
        assert refusal.kind is kind
        assert words in refusal.cause
        assert "@" not in refusal.cause


def test_bare_answers_by_status() -> None:
    told = classify(_answer(403, b"Forbidden"))
    assert told is not None
    assert told.kind is Transient
    denied = classify(_answer(403, b'{"title": "Forbidden", "detail": "No."}'))
    assert denied is not None
    assert denied.kind is PermissionMissing
    assert classify(_answer(502, b"<html>")) is None, "left to the client, which takes it as transient"


def test_answers_of_the_sandbox_follow_the_vendors_schemas(sandbox: RunningSandbox) -> None:
    folder = SHARED / "specs" / "mailchimp"
    if not folder.is_dir():
        pytest.skip("../shared is absent")
    get = httpx.Client(base_url=f"{sandbox.url}/mailchimp/3.0", auth=("any", KEYS[V]), trust_env=False).get
    reports = get("/reports?count=5").json()["reports"]
    campaigns = get("/campaigns?count=5").json()["campaigns"]
    assert reports
    assert campaigns
    _validate(folder / "reports.schema.json", reports)
    _validate(folder / "campaigns.schema.json", campaigns)
    broken = {**reports[0], "emails_sent": "many"}
    with pytest.raises(AssertionError):
        _validate(folder / "reports.schema.json", [broken])


def _validate(schema: object, rows: list[dict]) -> None:
    validator = Draft7Validator(json.loads(schema.read_text()))  # type: ignore[attr-defined]
    for row in rows:
        assert [error.message for error in validator.iter_errors(row)] == []


def _answer(status: int, content: bytes) -> Answer:
    return Answer(status, httpx.Headers(), content, datetime.now(UTC), "https://us1.api.mailchimp.com/3.0/x")


def test_renewing_a_key_is_refused() -> None:
    with running_sandbox(vendors=[V]) as running:
        from connectors.factory import make_authorizer

        authorizer = make_authorizer(V, sandbox_url=running.url)
        with pytest.raises(AuthExpired, match="cannot be renewed"):
            authorizer.refresh(Credential("x"))
        with pytest.raises(InvalidInput, match="no sign-in page"):
            authorizer.authorize_url(redirect_uri="http://x", state="s", verifier="v")
