"""TikTok: what is read, what is missing and why, signing in, and every recorded answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.answers import Answer
from connectors.credentials import CredentialHolder
from connectors.endpoints import endpoints
from connectors.factory import make_authorizer
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from connectors.social.tiktok.authorizer import code_challenge
from connectors.social.tiktok.connector import ACCOUNT_FIELDS, VIDEO_FIELDS, TikTokConnector, connector
from connectors.social.tiktok.errors import UNAUDITED, classify
from connectors.social.tiktok.publication import read_status
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.domain.content import ContentRecord, Observation, ObservationState, Record, Rejection
from models.domain.publishing import Media, MediaKind, OutgoingPost
from models.errors import (
    AuthExpired,
    InvalidInput,
    OutcomeUnknown,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Transient,
    VendorError,
)
from models.metrics.registry import registry
from models.ports import Stream
from tests.contract.platforms.kit import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT,
    VERIFIER,
    MemoryPhases,
    connect,
    sign_in,
    video,
)

TIKTOK = Vendor.TIKTOK
NOW = datetime(2026, 11, 20, 9, 30, 15, 400_000, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[4] / "shared" / "payloads" / "tiktok"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(World(clock=Clock(NOW), posts={TIKTOK: 230}), vendors=[TIKTOK]) as running:
        yield running


def read(sandbox: RunningSandbox, stream: Stream, since: datetime, until: datetime = NOW) -> list[Record]:
    return list(connect(sandbox, TIKTOK).collect(stream, since=since, until=until))


def observations(records: list[Record]) -> list[Observation]:
    return [record for record in records if isinstance(record, Observation)]


def test_every_video_and_total_is_what_the_sandbox_holds(sandbox: RunningSandbox) -> None:
    records = read(sandbox, Stream.POSTS, NOW - timedelta(days=400))
    history = {post.id: post for post in sandbox.world.history(TIKTOK)}
    contents = {record.entity_id: record for record in records if isinstance(record, ContentRecord)}
    assert set(contents) == set(history)
    for post_id, content in contents.items():
        post = history[post_id]
        assert (content.body, content.content_type, content.title) == (post.text, "video", None)
        assert content.published_at == post.published_at.replace(microsecond=0)
        assert content.payload["share_url"] == content.url
    told = observations(records)
    assert len(told) == 4 * len(history)
    for observation in told:
        assert observation.period_start == contents[observation.entity_id].published_at
        assert observation.period_end == observation.observed_at == NOW
        assert observation.value == int(sandbox.world.readings(history[observation.entity_id])[observation.metric])


def test_posts_of_one_moment_are_not_lost_between_pages() -> None:
    """The cursor is an instant: 50 videos of five instants lie across three pages."""
    world = World(clock=Clock(NOW), posts={TIKTOK: 0})
    with running_sandbox(world, vendors=[TIKTOK]) as sandbox:
        for step in range(5):
            for number in range(10):
                world.publish(TIKTOK, kind="video", text=f"{step}/{number}")
            world.advance(timedelta(minutes=1))
        until = world.clock.now()
        records = read(sandbox, Stream.POSTS, NOW - timedelta(days=1), until)
        assert sum(isinstance(record, ContentRecord) for record in records) == 50


def test_windows_meet_without_gap_or_overlap(sandbox: RunningSandbox) -> None:
    middle = sandbox.world.history(TIKTOK)[-40].published_at.replace(microsecond=700_000)
    sandbox.world.publish(TIKTOK, kind="video", text="now")
    whole = {r.entity_id for r in read(sandbox, Stream.POSTS, NOW - timedelta(days=60)) if isinstance(r, ContentRecord)}
    first = {
        r.entity_id
        for r in read(sandbox, Stream.POSTS, NOW - timedelta(days=60), middle)
        if isinstance(r, ContentRecord)
    }
    second = {r.entity_id for r in read(sandbox, Stream.POSTS, middle) if isinstance(r, ContentRecord)}
    assert first | second == whole
    assert len(second) >= 39
    sandbox.world.advance(timedelta(hours=1))
    later = read(sandbox, Stream.POSTS, NOW, sandbox.world.clock.now())
    assert [record.body for record in later if isinstance(record, ContentRecord)] == ["now"]


def test_a_second_reading_asks_only_for_its_window(sandbox: RunningSandbox) -> None:
    asked: list[str] = []

    class Watched(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path.removeprefix("/tiktok"))
            return super().handle_request(request)

    since = NOW - timedelta(days=7)
    records = list(connect(sandbox, TIKTOK, transport=Watched()).collect(Stream.POSTS, since=since, until=NOW))
    assert {record.entity_id for record in records} == {p.id for p in sandbox.world.between(TIKTOK, since, NOW)}
    assert asked == ["/v2/video/list/"]


def test_a_deleted_video_is_no_longer_told(sandbox: RunningSandbox) -> None:
    last = sandbox.world.history(TIKTOK)[-1]
    sandbox.world.delete(TIKTOK, last.id)
    assert last.id not in {r.entity_id for r in read(sandbox, Stream.POSTS, NOW - timedelta(days=30))}


def test_publish_then_measure_over_simulated_time(tmp_path: Path) -> None:
    with running_sandbox(vendors=[TIKTOK]) as sandbox:
        tiktok = connect(sandbox, TIKTOK)
        post = OutgoingPost("k", TIKTOK, "-000sampleBrandOpenId", "Mending #repair", media=(video(tmp_path / "a.mp4"),))
        result = tiktok.publish(post, MemoryPhases())
        values: list[float | None] = []
        for days in (1, 6, 21):
            sandbox.world.advance(timedelta(days=days))
            until = sandbox.world.clock.now()
            found = observations(list(tiktok.collect(Stream.POSTS, since=until - timedelta(days=30), until=until)))
            values += [o.value for o in found if o.entity_id == result.post_id and o.metric == "views"]
        kept = sandbox.world.post(TIKTOK, result.post_id)
        assert kept is not None
        assert values[-1] == int(sandbox.world.readings(kept)["views"])
        assert values == sorted(values, key=lambda value: value or 0)
        assert values[0]


def test_followers_now_and_no_audience(sandbox: RunningSandbox) -> None:
    told = observations(read(sandbox, Stream.ACCOUNT, NOW - timedelta(days=1)))
    assert [(o.metric, o.value, o.period_start, o.period_end) for o in told] == [
        ("followers", sandbox.world.followers(TIKTOK), None, NOW)
    ]
    tiktok = connect(sandbox, TIKTOK)
    assert Stream.AUDIENCE not in tiktok.streams
    with pytest.raises(InvalidInput, match="no audience"):
        tiktok.collect(Stream.AUDIENCE, since=NOW, until=NOW)


def test_a_missing_scope_costs_its_stream_only(sandbox: RunningSandbox) -> None:
    scopes = "user.info.basic+video.list"
    token = sandbox.world.tokens.issue(TIKTOK, "access", scopes, timedelta(hours=1))
    account = ConnectedAccount("-000sampleBrandOpenId", "Sample Brand", Credential(token))
    tiktok = connect(sandbox, TIKTOK, account)
    with pytest.raises(PermissionMissing, match=r"user\.info\.stats"):
        list(tiktok.collect(Stream.ACCOUNT, since=NOW, until=NOW))
    assert list(tiktok.collect(Stream.POSTS, since=NOW - timedelta(days=9), until=NOW))


def test_fields_that_vanish_are_no_zeros(sandbox: RunningSandbox) -> None:
    for kind in (FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS):
        sandbox.world.faults.add(Fault(kind, TIKTOK, path="video/list"))
        records = read(sandbox, Stream.POSTS, NOW - timedelta(days=9))
        assert {o.state for o in observations(records)} == {ObservationState.UNAVAILABLE}
        assert sum(isinstance(record, ContentRecord) for record in records) > 5


def test_a_list_that_does_not_go_on_is_an_error_and_no_endless_loop() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        row = {"id": "1", "create_time": int(NOW.timestamp())}
        return ok({"videos": [row], "cursor": 1, "has_more": True})

    tiktok = offline(answer)
    with pytest.raises(Transient, match="does not go on"):
        list(tiktok.collect(Stream.POSTS, since=NOW - timedelta(days=9), until=NOW))


def test_a_row_without_a_time_is_a_rejection() -> None:
    tiktok = offline(lambda request: ok({"videos": [{"id": "1"}, {"create_time": 1}], "has_more": False}))
    records = list(tiktok.collect(Stream.POSTS, since=NOW - timedelta(days=9), until=NOW))
    assert [record.column for record in records if isinstance(record, Rejection)] == ["create_time", "id"]


def test_the_tables_agree_with_the_registry() -> None:
    rows = {(f.metric, f.field) for f in registry().fields if f.platform == "tiktok"}
    assert {*VIDEO_FIELDS.items(), *ACCOUNT_FIELDS.items()} <= rows


def test_signing_in_and_renewing(sandbox: RunningSandbox) -> None:
    authorizer = make_authorizer(TIKTOK, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url)
    query = httpx.URL(authorizer.authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER)).params
    assert (query["client_key"], query["code_challenge"]) == (CLIENT_ID, hashlib.sha256(VERIFIER.encode()).hexdigest())
    assert "client_id" not in query
    account = sign_in(sandbox, TIKTOK)
    assert (account.account_id, account.name) == ("-000sampleBrandOpenId", "Sample Brand (synthetic)")
    credential = account.credential
    assert credential.scopes == authorizer.scopes
    renewed = authorizer.refresh(credential)
    assert renewed.access_token != credential.access_token
    assert renewed.refresh_token != credential.refresh_token
    sandbox.world.advance(timedelta(days=366))
    with pytest.raises(AuthExpired, match="sign in again"):
        authorizer.refresh(renewed)
    with pytest.raises(AuthExpired, match="expired"):
        authorizer.exchange("never-given", redirect_uri=REDIRECT, verifier=VERIFIER)


def test_a_code_is_worth_nothing_without_its_verifier(sandbox: RunningSandbox) -> None:
    authorizer = make_authorizer(TIKTOK, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url)
    url = authorizer.authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER)
    code = httpx.URL(httpx.get(url, trust_env=False).headers["location"]).params["code"]
    with pytest.raises(AuthExpired, match="verifier"):
        authorizer.exchange(code, redirect_uri=REDIRECT, verifier="another" * 9)


def test_an_empty_refresh_token_never_overwrites_a_good_one() -> None:
    body = {"access_token": "new", "expires_in": 86400, "refresh_token": "", "scope": ""}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=body))
    authorizer = make_authorizer(
        TIKTOK, client_id="k", client_secret="s", sandbox_url="http://127.0.0.1:9", transport=transport
    )
    renewed = authorizer.refresh(Credential("old", "good", scopes=("video.list",)))
    assert (renewed.access_token, renewed.refresh_token, renewed.scopes) == ("new", "good", ("video.list",))


def recorded(name: str) -> Any:
    if not SHARED.is_dir():
        pytest.skip("../shared is absent")
    return json.loads((SHARED / name).read_text(encoding="utf-8"))


def test_recorded_refusal() -> None:
    refusal = classify(answer_of(403, recorded("error_403_unaudited.json")))
    assert refusal is not None
    assert (refusal.kind, refusal.code) == (Rejected, UNAUDITED)


@pytest.mark.parametrize(
    ("info", "privacy", "announced"),
    [
        ("creator_info_query.json", "PUBLIC_TO_EVERYONE", (False, False, True)),
        ("creator_info_private_only.json", "SELF_ONLY", (True, True, True)),
    ],
)
def test_recorded_publication(tmp_path: Path, info: str, privacy: str, announced: tuple[bool, bool, bool]) -> None:
    """The recorded answers in the order of a publication: what is announced follows the creator's info."""
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("creator_info/query/"):
            return httpx.Response(200, json=recorded(info))
        if path.endswith("video/init/"):
            bodies.append(json.loads(request.content))
            return httpx.Response(200, json=recorded("publish_video_init.json"))
        if request.method == "PUT":
            assert str(request.url) == recorded("publish_video_init.json")["data"]["upload_url"]
            assert "authorization" not in request.headers
            return httpx.Response(201)
        if path.endswith("status/fetch/"):
            return httpx.Response(200, json=recorded("status_publish_complete.json"))
        return ok({"videos": []})

    media = video(tmp_path / "a.mp4")
    post = OutgoingPost("k", TIKTOK, "1", "Text", media=(media,), options={"privacy": privacy})
    result = offline(answer).publish(post, MemoryPhases())
    assert result.post_id == "7400000000000000001"
    given = bodies[0]["post_info"]
    assert given["privacy_level"] == privacy
    assert (given["disable_comment"], given["disable_duet"], given["disable_stitch"]) == announced
    assert bodies[0]["source_info"] == {
        "source": "FILE_UPLOAD", "video_size": media.size, "chunk_size": media.size, "total_chunk_count": 1,
    }  # fmt: skip


def test_recorded_private_creator_refuses_a_public_post() -> None:
    tiktok = offline(lambda request: httpx.Response(200, json=recorded("creator_info_private_only.json")))
    post = OutgoingPost("k", TIKTOK, "1", "Text", media=(Media(MediaKind.VIDEO, "a", "video/mp4", 9, "h"),))
    with pytest.raises(Rejected, match="SELF_ONLY"):
        tiktok.publish(post, MemoryPhases())


def test_recorded_statuses() -> None:
    uploading = read_status(recorded("status_processing_upload.json")["data"])
    assert (uploading.state, uploading.uploaded, uploading.post_id) == ("PROCESSING_UPLOAD", 5_000_000, None)
    complete = read_status(recorded("status_publish_complete.json")["data"])
    assert (complete.state, complete.post_id) == ("PUBLISH_COMPLETE", "7400000000000000001")


def test_recorded_user_has_an_account_and_no_follower_count() -> None:
    """The recording was made without the scope for statistics: the count is unavailable, not zero."""
    answer = httpx.Response(200, json=recorded("user_info.json"))
    transport = httpx.MockTransport(lambda request: answer)
    authorizer = make_authorizer(
        TIKTOK, client_id="k", client_secret="s", sandbox_url="http://127.0.0.1:9", transport=transport
    )
    found = authorizer.accounts(Credential("t"))
    assert [(account.account_id, account.name) for account in found] == [("fake-open-id-0000000001", "Sample Studio")]
    told = list(offline(lambda request: answer).collect(Stream.ACCOUNT, since=NOW, until=NOW))
    assert [(o.metric, o.value, o.state) for o in told if isinstance(o, Observation)] == [
        ("followers", None, ObservationState.UNAVAILABLE)
    ]


def test_every_recording_is_used() -> None:
    if not SHARED.is_dir():
        pytest.skip("../shared is absent")
    text = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in sorted(SHARED.iterdir()) if path.name not in text] == []


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"data": {}, "error": {"code": "ok", "message": ""}}, None),
        (200, {"data": {}, "error": {"code": "access_token_invalid", "message": "m"}}, AuthExpired),
        (200, {"error": "invalid_grant", "error_description": "Refresh token is invalid or expired."}, AuthExpired),
        (401, {"error": "invalid_client", "error_description": "d"}, Rejected),
        (401, {"error": {"code": "scope_not_authorized", "message": "m"}}, PermissionMissing),
        (429, {"error": {"code": "rate_limit_exceeded", "message": "m"}}, RateLimited),
        (403, {"error": {"code": "spam_risk_too_many_posts", "message": "m"}}, QuotaExhausted),
        (403, {"error": {"code": "spam_risk_user_banned_from_posting"}}, PermissionMissing),
        (403, {"error": {"code": "reached_active_user_cap"}}, QuotaExhausted),
        (403, {"error": {"code": "url_ownership_unverified"}}, Rejected),
        (400, {"error": {"code": "invalid_param"}}, Rejected),
        (500, {"error": {"code": "internal_error"}}, Transient),
        (200, {"error": {"code": "internal_error"}}, Transient),
        (503, {"error": {"code": "something_new"}}, Transient),
        (401, {"error": {"code": "something_new"}}, AuthExpired),
        (429, {"error": {"code": "something_new"}}, RateLimited),
        (400, {"error": {"code": "something_new"}}, Rejected),
        (206, None, None),
    ],
)
def test_refusals_by_the_vendors_code(status: int, body: object, kind: type[VendorError] | None) -> None:
    refusal = classify(answer_of(status, body))
    assert (refusal.kind if refusal else None) is kind


def test_the_challenge_is_hexadecimal() -> None:
    assert code_challenge("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_commit_without_data_is_unknown() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("creator_info/query/"):
            return ok({"privacy_level_options": ["PUBLIC_TO_EVERYONE"]})
        return httpx.Response(200, json={"error": {"code": "ok"}})

    photo = Media(MediaKind.IMAGE, "a", "image/jpeg", 9, "h", url="https://media.example/a.jpg")
    with pytest.raises(OutcomeUnknown):
        offline(answer).publish(OutgoingPost("k", TIKTOK, "1", "Text", media=(photo,)), MemoryPhases())


def test_an_upload_without_an_address_is_announced_again(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return ok({"privacy_level_options": ["PUBLIC_TO_EVERYONE"], "publish_id": "p"})

    phases, clip = MemoryPhases(), video(tmp_path / "v.mp4")
    with pytest.raises(Transient, match="upload_url"):
        offline(answer).publish(OutgoingPost("k", TIKTOK, "1", "Text", media=(clip,)), phases)
    assert (phases.sent, phases.kept) == (0, {})


def test_a_refused_question_about_a_publication_is_no_reason_to_publish_again(tmp_path: Path) -> None:
    """Only the vendor's word that it does not know the publication is one."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition("/v2")[2])
        return httpx.Response(404, text="<html>gateway</html>")

    phases = MemoryPhases()
    phases.finish("announced", publish_id="p", upload_url="http://127.0.0.1:9/u", privacy="PUBLIC_TO_EVERYONE")
    with pytest.raises(Rejected):
        offline(answer).publish(OutgoingPost("k", TIKTOK, "1", "T", media=(video(tmp_path / "v.mp4"),)), phases)
    assert asked == ["/post/publish/status/fetch/"]


def test_a_used_up_day_is_looked_at_often_enough_to_outlast_it() -> None:
    """The outbox tries eight times: waits of minutes would end within hours, and the post would fail."""
    for code in ("spam_risk_too_many_posts", "reached_active_user_cap"):
        refusal = classify(answer_of(403, {"data": {}, "error": {"code": code, "message": ""}}))
        assert refusal is not None
        assert refusal.until is not None
        assert 7 * (refusal.until - datetime.now(UTC)) > timedelta(days=1)


def offline(answer: Any) -> TikTokConnector:
    """A connector whose calls are answered by a function."""
    return connector(
        "1", "Sample Studio", CredentialHolder(Credential("t")), endpoints(TIKTOK, sandbox_url="http://127.0.0.1:9"),
        transport=httpx.MockTransport(answer), sleep=lambda seconds: None,
    )  # fmt: skip


def ok(data: dict[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"data": data, "error": {"code": "ok", "message": "", "log_id": "l"}})


def answer_of(status: int, body: object) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    return Answer(status, httpx.Headers(), content, NOW, "https://open.tiktokapis.com/v2/x")
