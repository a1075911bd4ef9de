"""LinkedIn: what is read, what is missing and why, and every recorded answer, against the sandbox and the recordings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from connectors.answers import Answer
from connectors.factory import make_authorizer
from connectors.sandbox import audience
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from connectors.social.linkedin.api import HEADERS, PAGE
from connectors.social.linkedin.authorizer import organization_name
from connectors.social.linkedin.connector import LinkedInConnector
from connectors.social.linkedin.errors import classify
from connectors.social.linkedin.statistics import DAY_FIELDS, POST_FIELDS
from models.domain.connection import ConnectedAccount, Vendor
from models.domain.content import ContentRecord, Observation, ObservationState, Record, Rejection
from models.errors import AuthExpired, PermissionMissing, QuotaExhausted, RateLimited, Rejected, Transient, VendorError
from models.metrics.registry import registry
from models.ports import Stream
from tests.contract.platforms.kit import CLIENT_ID, CLIENT_SECRET, REDIRECT, VERIFIER, connect, sign_in

LINKEDIN = Vendor.LINKEDIN
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[4] / "shared" / "payloads" / "linkedin"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(World(clock=Clock(NOW), posts={LINKEDIN: 230}), vendors=[LINKEDIN]) as running:
        yield running


def read(sandbox: RunningSandbox, stream: Stream, since: datetime, until: datetime = NOW) -> list[Record]:
    return list(connect(sandbox, LINKEDIN).collect(stream, since=since, until=until))


def observations(records: list[Record]) -> list[Observation]:
    return [record for record in records if isinstance(record, Observation)]


def test_every_post_and_number_is_what_the_sandbox_holds(sandbox: RunningSandbox) -> None:
    since = NOW - timedelta(days=400)
    records = read(sandbox, Stream.POSTS, since)
    world = sandbox.world
    history = {post.id: post for post in world.history(LINKEDIN)}
    contents = {record.entity_id: record for record in records if isinstance(record, ContentRecord)}
    assert set(contents) == set(history)
    assert len(history) > 2 * PAGE
    for post_id, content in contents.items():
        post = history[post_id]
        assert (content.body, content.content_type) == (post.text, post.kind)
        assert content.published_at is not None
        assert abs(content.published_at - post.published_at) < timedelta(milliseconds=1)
        assert content.payload["id"] == post_id
    told = observations(records)
    assert len(told) == 6 * len(history)
    fresh = {post.id for post in history.values() if NOW - post.published_at <= timedelta(hours=20)}
    for observation in told:
        assert observation.period_start == contents[observation.entity_id].published_at
        assert observation.period_end == observation.observed_at == NOW
        if observation.entity_id in fresh:
            assert observation.state is ObservationState.DELAYED
        else:
            assert observation.value == int(world.readings(history[observation.entity_id])[observation.metric])


def test_a_published_video_is_measured_under_its_other_kind_of_urn(sandbox: RunningSandbox) -> None:
    sandbox.world.publish(LINKEDIN, kind="video", text="Video", post_id="urn:li:ugcPost:7123")
    sandbox.world.advance(timedelta(days=10))
    until = sandbox.world.clock.now()
    values = {o.metric: o.value for o in observations(read(sandbox, Stream.POSTS, until - timedelta(days=30), until))
              if o.entity_id == "urn:li:ugcPost:7123"}  # fmt: skip
    post = sandbox.world.post(LINKEDIN, "urn:li:ugcPost:7123")
    assert post is not None
    assert values == {name: int(value) for name, value in sandbox.world.readings(post).items()}
    assert values["impressions"]


def test_a_second_reading_asks_only_for_its_window(sandbox: RunningSandbox) -> None:
    asked: list[httpx.URL] = []

    class Watched(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request.url)
            return super().handle_request(request)

    since = NOW - timedelta(days=7)
    records = list(connect(sandbox, LINKEDIN, transport=Watched()).collect(Stream.POSTS, since=since, until=NOW))
    expected = {post.id for post in sandbox.world.between(LINKEDIN, since, NOW)}
    assert {record.entity_id for record in records} == expected
    assert Counter(url.path.rpartition("/")[2] for url in asked) == {
        "posts": 1,
        "organizationalEntityShareStatistics": 1,
    }


def test_a_year_old_post_has_content_and_no_numbers(sandbox: RunningSandbox) -> None:
    sandbox.world.publish(LINKEDIN, kind="text", text="Long ago")
    sandbox.world.advance(timedelta(days=380))
    until = sandbox.world.clock.now()
    records = read(sandbox, Stream.POSTS, until - timedelta(days=381), until)
    assert [r.body for r in records if isinstance(r, ContentRecord)] == ["Long ago"]
    assert {o.state for o in observations(records)} == {ObservationState.UNAVAILABLE}


def test_the_account_by_day(sandbox: RunningSandbox) -> None:
    since = NOW - timedelta(days=30)
    told = observations(read(sandbox, Stream.ACCOUNT, since))
    followers = [o for o in told if o.metric == "followers"]
    assert [(o.value, o.period_start, o.period_end) for o in followers] == [
        (sandbox.world.followers(LINKEDIN), None, NOW)
    ]
    names = {"account_impressions": "impressions", "account_reach": "reach", "account_clicks": "link_clicks",
             "followers_gained": "followers_gained"}  # fmt: skip
    days = [o for o in told if o.metric in names]
    assert len(days) == 4 * 30
    for o in days:
        assert o.period_start is not None
        assert o.period_end - o.period_start == timedelta(days=1)
        if o.period_end + timedelta(hours=20) > NOW:
            assert o.state is ObservationState.DELAYED
        else:
            assert o.value == int(sandbox.world.account_day(LINKEDIN, o.period_start)[names[o.metric]])
    assert sum(o.state is ObservationState.DELAYED for o in days) == 4


def test_backfill_asks_for_twelve_months_at_most(sandbox: RunningSandbox) -> None:
    days = observations(read(sandbox, Stream.ACCOUNT, NOW - timedelta(days=2_000)))
    first = min(o.period_start for o in days if o.period_start is not None)
    assert first == datetime(2025, 11, 21, tzinfo=UTC)


def test_the_audience_by_segment(sandbox: RunningSandbox) -> None:
    told = {o.entity_id: o.value for o in observations(read(sandbox, Stream.AUDIENCE, NOW - timedelta(days=1)))}
    total = sandbox.world.followers(LINKEDIN)
    for country, share in audience.SEGMENTS["country"].items():
        assert told[f"country={country}"] == int(total * share)
    assert told["seniority=manager"] == int(total * 0.14)
    assert told["region=urn:li:geo:106967730"] == int(total * audience.SEGMENTS["city"]["Berlin"])


def test_a_refused_statistic_costs_only_itself(sandbox: RunningSandbox) -> None:
    refused = sandbox.world.objects(LINKEDIN, "refused")
    refused["organizationalEntityFollowerStatistics"] = {}
    since = NOW - timedelta(days=10)
    states = {
        o.metric: o.state
        for o in observations(read(sandbox, Stream.ACCOUNT, since))
        if o.period_end <= NOW - timedelta(days=2)
    }
    assert states["followers_gained"] is ObservationState.UNAVAILABLE
    assert states["account_impressions"] is ObservationState.OBSERVED
    refused["organizationalEntityShareStatistics"] = {}
    posts = read(sandbox, Stream.POSTS, since)
    assert sum(isinstance(record, ContentRecord) for record in posts) > 5
    assert {o.state for o in observations(posts)} == {ObservationState.UNAVAILABLE}
    refused["networkSizes"] = {}
    with pytest.raises(PermissionMissing, match="administrator"):
        read(sandbox, Stream.ACCOUNT, since)


def test_fields_that_vanish_are_no_zeros(sandbox: RunningSandbox) -> None:
    since = NOW - timedelta(days=10)
    for kind in (FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS):
        sandbox.world.faults.add(Fault(kind, LINKEDIN, path="Statistics"))
        records = read(sandbox, Stream.POSTS, since)
        assert {o.value for o in observations(records)} == {None}
        assert sum(isinstance(record, ContentRecord) for record in records) > 5


def test_the_sandboxs_day_limit_ends_at_midnight_utc(sandbox: RunningSandbox) -> None:
    linkedin = connect(sandbox, LINKEDIN)
    calls = sandbox.world.objects(LINKEDIN, "calls")[NOW.date().isoformat()]["count"]
    sandbox.world.objects(LINKEDIN, "settings")["quota"] = {"calls_per_day": calls + 1}
    with pytest.raises(QuotaExhausted) as caught:
        list(linkedin.collect(Stream.POSTS, since=NOW - timedelta(days=100), until=NOW))
    assert caught.value.until is not None
    left = (caught.value.until - datetime.now(UTC)).total_seconds()
    assert abs(left - timedelta(hours=14, minutes=30).total_seconds()) < 60
    sandbox.world.advance(timedelta(hours=15))
    assert list(linkedin.collect(Stream.AUDIENCE, since=NOW, until=NOW))


def test_the_tables_agree_with_the_registry() -> None:
    rows = {(f.metric, f.field) for f in registry().fields if f.platform == "linkedin"}
    assert {*POST_FIELDS.items(), *DAY_FIELDS.items()} <= rows


def test_signing_in_and_renewing() -> None:
    with running_sandbox(World(clock=Clock(NOW)), vendors=[LINKEDIN]) as sandbox:
        account = sign_in(sandbox, LINKEDIN)
        assert (account.account_id, account.name) == ("90000001", "Sample Brand (synthetic)")
        credential = account.credential
        assert credential.scopes == ("w_organization_social", "r_organization_social", "rw_organization_admin")
        authorizer = make_authorizer(
            LINKEDIN, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url
        )
        sandbox.world.advance(timedelta(days=59))
        renewed = authorizer.refresh(credential)
        assert renewed.access_token != credential.access_token
        assert renewed.refresh_token == credential.refresh_token
        assert renewed.refresh_expires_at is not None
        left = renewed.refresh_expires_at - datetime.now(UTC)
        assert timedelta(days=305, hours=23) < left < timedelta(days=306, minutes=1)
        sandbox.world.advance(timedelta(days=307))
        with pytest.raises(AuthExpired, match="sign in again"):
            authorizer.refresh(renewed)
        with pytest.raises(AuthExpired):
            authorizer.exchange("never-given", redirect_uri=REDIRECT, verifier=VERIFIER)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 400, "VERSION_MISSING"),
        ({"Linkedin-Version": "202410"}, 426, "NONEXISTENT_VERSION"),
        (HEADERS, 401, "INVALID_ACCESS_TOKEN"),
    ],
)
def test_the_sandbox_insists_on_its_headers(
    sandbox: RunningSandbox, headers: dict[str, str], status: int, code: str
) -> None:
    answer = httpx.get(f"{sandbox.url}/linkedin/rest/organizationAcls", headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def recorded(name: str) -> bytes:
    if not SHARED.is_dir():
        pytest.skip("../shared is absent")
    return (SHARED / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("error_401_revoked.json", AuthExpired, "revoked by the user"),
        ("error_403_access_denied.json", PermissionMissing, "GET /me"),
        ("error_409_conflict.json", Rejected, "Retry the request"),
        ("error_422_duplicate.json", Rejected, "urn:li:share:7429862475279511552"),
        ("error_422_schema.json", Rejected, "/commentary"),
        ("error_429_day_limit.json", QuotaExhausted, "APPLICATION DAY limit"),
    ],
)
def test_recorded_refusals(name: str, kind: type[VendorError], words: str) -> None:
    content = recorded(name)
    refusal = classify(answer_of(json.loads(content)["status"], content))
    assert refusal is not None
    assert refusal.kind is kind
    assert words in refusal.cause
    if kind is QuotaExhausted:
        assert refusal.until is not None
    if "duplicate" in name:
        assert refusal.existing_id == "urn:li:share:7429862475279511552"


def test_recorded_answers_become_records() -> None:
    """An organization without a single reader: zeros that LinkedIn says are observed zeros, empty facets no rows."""
    share = "urn:li:share:1"
    posts = {
        "elements": [
            {"id": share, "publishedAt": 1_790_000_000_000, "commentary": "a \\(b\\)"},
            {"id": "urn:li:share:2"},
        ]
    }
    lifetime = json.loads(recorded("share_statistics_lifetime_elements.json"))
    lifetime["elements"][0]["share"] = share

    def answer(request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.path)
        body: dict[str, Any] = posts
        if "networkSizes" in path:
            body = json.loads(recorded("network_size.json"))
        elif "FollowerStatistics" in path:
            body = json.loads(recorded("follower_statistics_elements.json"))
        elif "ShareStatistics" in path:
            body = lifetime
        return httpx.Response(200, json=body)

    with running_sandbox(vendors=[LINKEDIN]) as running:
        account = ConnectedAccount("90362860", "Testing Company", sign_in(running, LINKEDIN).credential)
        linkedin = connect(running, LINKEDIN, account, transport=httpx.MockTransport(answer))
        assert isinstance(linkedin, LinkedInConnector)
        since = datetime(2026, 1, 1, tzinfo=UTC)
        records = list(linkedin.collect(Stream.POSTS, since=since, until=NOW))
        assert [r.body for r in records if isinstance(r, ContentRecord)] == ["a (b)"]
        assert [(r.column, r.source_file) for r in records if isinstance(r, Rejection)] == [
            ("publishedAt", "LinkedIn posts")
        ]
        assert {o.metric: o.value for o in observations(records)} == dict.fromkeys(POST_FIELDS, 0.0)
        account_rows = observations(list(linkedin.collect(Stream.ACCOUNT, since=NOW - timedelta(days=5), until=NOW)))
        assert [o.value for o in account_rows if o.metric == "followers"] == [0.0]
        assert {o.value for o in account_rows if o.metric != "followers"} == {None}
        assert list(linkedin.collect(Stream.AUDIENCE, since=since, until=NOW)) == []
    assert organization_name(json.loads(recorded("organization_lookup.json")), "90362860") == "Testing Company"


def test_every_recording_is_used() -> None:
    if not SHARED.is_dir():
        pytest.skip("../shared is absent")
    text = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in sorted(SHARED.iterdir()) if path.name not in text] == []


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"elements": [{"share!": {"status": 429, "message": "Resource level throttle MEMBER DAY limit"}}]}, QuotaExhausted),
        (200, {"elements": [{"share!": {"status": 403, "code": "ACCESS_DENIED"}}]}, PermissionMissing),
        (200, {"elements": [{"share": {"status": 1}}], "text": 'so!"'}, None),
        (429, {"status": 429, "message": "throttle"}, RateLimited),
        (426, {"status": 426, "code": "NONEXISTENT_VERSION", "message": "not active"}, Rejected),
        (400, {"status": 400, "code": "VERSION_MISSING"}, Rejected),
        (400, {"status": 400, "code": "MEDIA_ASSET_PROCESSING_FAILED", "message": "m"}, Rejected),
        (401, {"status": 401, "serviceErrorCode": 65600, "message": "Invalid access token"}, AuthExpired),
        (400, {"error": "invalid_grant", "error_description": "revoked"}, AuthExpired),
        (401, {"error": "invalid_client"}, Rejected),
        (500, {"status": 500, "message": "Internal Server Error"}, None),
        (502, "<html>", None),
    ],
)  # fmt: skip
def test_refusals_by_the_vendors_code(status: int, body: object, kind: type[VendorError] | None) -> None:
    refusal = classify(answer_of(status, json.dumps(body).encode()))
    assert (refusal.kind if refusal else None) is kind


def test_a_server_that_keeps_failing_is_transient(sandbox: RunningSandbox) -> None:
    linkedin = connect(sandbox, LINKEDIN)
    sandbox.world.faults.add(Fault(FaultKind.ERROR_502_HTML, LINKEDIN, times=4))
    with pytest.raises(Transient, match="502"):
        list(linkedin.collect(Stream.POSTS, since=NOW, until=NOW))


def answer_of(status: int, content: bytes) -> Answer:
    return Answer(status, httpx.Headers(), content, NOW, "https://api.linkedin.com/rest/x")
