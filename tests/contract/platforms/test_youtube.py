"""YouTube end to end against the sandbox: publish, find, faults at the dangerous call, sign-in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.factory import make_authorizer
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.social.youtube.connector import YouTubeConnector
from connectors.social.youtube.publish import request_body
from connectors.social.youtube.upload import open_session
from models.domain.connection import ConnectedAccount, Vendor
from models.domain.publishing import Media, OutgoingPost, Presence
from models.errors import AuthExpired, OutcomeUnknown, QuotaExhausted, Rejected, Transient
from tests.contract.platforms.kit import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT,
    VERIFIER,
    Killed,
    MemoryPhases,
    connect,
    image,
    sign_in,
    video,
)

UNIT = 256 * 1024
SIZE = 2 * UNIT + 1_000
LAST_PART = r"upload/youtube/v3/videos"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[Vendor.YOUTUBE]) as running:
        yield running


@pytest.fixture(scope="module")
def account(sandbox: RunningSandbox) -> ConnectedAccount:
    return sign_in(sandbox, Vendor.YOUTUBE)


@pytest.fixture(autouse=True)
def _calm(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.world.faults.clear()


@pytest.fixture
def channel(sandbox: RunningSandbox, account: ConnectedAccount) -> YouTubeConnector:
    """A connector whose parts are 256 KiB, so that small files have several."""
    return parts_of(connect(sandbox, Vendor.YOUTUBE, account))


@pytest.fixture
def make_post(tmp_path: Path, account: ConnectedAccount, request: pytest.FixtureRequest) -> Callable[..., OutgoingPost]:
    def make(*more: Media, title: str = "", **changes: Any) -> OutgoingPost:
        name = f"{request.node.name}{title}"
        clip = video(tmp_path / f"{hashlib.sha256(name.encode()).hexdigest()}.mp4", size=SIZE)
        assert clip.size == SIZE
        base: dict[str, Any] = {
            "key": f"k-{name}", "vendor": Vendor.YOUTUBE, "account_id": account.account_id,
            "title": title or f"Video {name}"[:100], "text": "How to patch a mat: clean & glue.\n\nIt's “easy”. #repair",
            "media": (clip, *more),
        }  # fmt: skip
        return OutgoingPost(**{**base, **changes})

    return make


def parts_of(connector: Any, chunk: int = UNIT) -> YouTubeConnector:
    assert isinstance(connector, YouTubeConnector)
    connector.chunk = chunk
    return connector


def published_in(sandbox: RunningSandbox, title: str) -> int:
    """How many videos of this title truly went out, by the ledger."""
    ids = {post.id for post in sandbox.world.history(Vendor.YOUTUBE) if post.title == title}
    return sum(entry.subject_id in ids for entry in sandbox.world.ledger.of(Vendor.YOUTUBE, "publish"))


def now(sandbox: RunningSandbox) -> datetime:
    return sandbox.world.clock.now()


def test_publishes_a_video_with_a_thumbnail_and_finds_it(sandbox, channel, make_post, tmp_path) -> None:
    begun = now(sandbox)
    post = make_post(
        image(tmp_path / "thumb.jpg", 1280, 720), options={"tags": "gear repair, mats", "category_id": "26"}
    )
    phases = MemoryPhases()
    assert channel.validate(post) == []
    published = channel.publish(post, phases)
    kept = sandbox.world.post(Vendor.YOUTUBE, published.post_id)
    assert kept is not None
    assert (kept.title, kept.text, kept.media) == (post.title, post.text, (post.media[0].sha256,))
    assert kept.extra["tags"] == "gear repair,mats"
    assert kept.extra["thumbnail"] == post.media[1].sha256
    assert published.url == f"https://www.youtube.com/watch?v={published.post_id}"
    assert published.published_at is not None
    assert abs(published.published_at - begun) < timedelta(minutes=1)
    assert list(phases.kept) == ["session", "video", "thumbnail"]
    assert phases.sent == 1
    for known in (phases, MemoryPhases()):
        finding = channel.find_published(post, known, since=begun)
        assert (finding.presence, finding.published.post_id) == (Presence.FOUND, published.post_id)
    assert published_in(sandbox, post.title) == 1


@pytest.mark.parametrize("phase", ["session", "video", "thumbnail", "sending"])
def test_goes_on_after_a_kill_at_each_boundary(sandbox, channel, make_post, tmp_path, phase) -> None:
    begun = now(sandbox)
    post = make_post(image(tmp_path / "thumb.jpg", 1280, 720))
    phases = MemoryPhases(kill_after=phase)
    with pytest.raises(Killed):
        channel.publish(post, phases)
    if phase == "sending":
        finding = channel.find_published(post, phases, since=begun)
        assert finding.presence is Presence.ABSENT
        assert f"{2 * UNIT:,} of {SIZE:,} bytes" in finding.evidence
    published = channel.publish(post, phases)
    assert "session" in phases.skipped or "video" in phases.skipped
    assert sandbox.world.post(Vendor.YOUTUBE, published.post_id) is not None
    assert published_in(sandbox, post.title) == 1


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.DROP_ANSWER,
        FaultKind.ERROR_500_AFTER,
        FaultKind.TRUNCATED_BODY,
        FaultKind.MALFORMED_JSON,
        FaultKind.EMPTY_BODY,
    ],
)
def test_an_unclear_answer_to_the_last_part_is_unknown_and_found_by_the_session(
    sandbox, channel, make_post, kind
) -> None:
    begun = now(sandbox)
    post = make_post()
    sandbox.world.faults.add(Fault(kind, Vendor.YOUTUBE, "PUT", LAST_PART, skip=2))
    phases = MemoryPhases()
    with pytest.raises(OutcomeUnknown, match=re.escape(post.key)):
        channel.publish(post, phases)
    assert phases.sent == 1
    finding = channel.find_published(post, phases, since=begun)
    assert finding.presence is Presence.FOUND
    assert "upload session is finished" in finding.evidence
    again = channel.publish(post, phases)
    assert again.post_id == finding.published.post_id
    assert phases.sent == 1, "the finished session is adopted without another last part"
    assert published_in(sandbox, post.title) == 1


@pytest.mark.parametrize(
    "kind", [FaultKind.DROP_REQUEST, FaultKind.ERROR_500_BEFORE, FaultKind.ERROR_502_HTML, FaultKind.HTML_200]
)
def test_a_last_part_that_never_arrived_is_absent_and_sent_again(sandbox, channel, make_post, kind) -> None:
    begun = now(sandbox)
    post = make_post()
    sandbox.world.faults.add(Fault(kind, Vendor.YOUTUBE, "PUT", LAST_PART, skip=2))
    phases = MemoryPhases()
    with pytest.raises(OutcomeUnknown):
        channel.publish(post, phases)
    assert channel.find_published(post, phases, since=begun).presence is Presence.ABSENT
    channel.publish(post, phases)
    assert published_in(sandbox, post.title) == 1


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize(
    "kind", [FaultKind.DROP_REQUEST, FaultKind.DROP_ANSWER, FaultKind.ERROR_503, FaultKind.TOKEN_EXPIRED]
)
def test_an_interrupted_part_is_taken_up_where_the_session_stands(sandbox, channel, make_post, kind, skip) -> None:
    post = make_post()
    sandbox.world.faults.add(Fault(kind, Vendor.YOUTUBE, "PUT", LAST_PART, skip=skip))
    published = channel.publish(post, MemoryPhases())
    kept = sandbox.world.post(Vendor.YOUTUBE, published.post_id)
    assert kept is not None
    assert kept.media == (post.media[0].sha256,), "every byte arrived once and in order"
    assert published_in(sandbox, post.title) == 1


def test_a_lost_session_is_begun_anew_only_when_the_channel_does_not_have_the_video(
    sandbox, channel, make_post
) -> None:
    post = make_post()
    phases = MemoryPhases(kill_after="session")
    with pytest.raises(Killed):
        channel.publish(post, phases)
    sandbox.world.objects(Vendor.YOUTUBE, "sessions").clear()
    first = channel.publish(post, phases)
    assert published_in(sandbox, post.title) == 1

    del phases.kept["video"]
    sandbox.world.objects(Vendor.YOUTUBE, "sessions").clear()
    again = channel.publish(post, phases)
    assert again.post_id == first.post_id
    assert published_in(sandbox, post.title) == 1


def test_two_videos_of_the_same_text_are_uncertain(sandbox, channel, make_post, tmp_path) -> None:
    begun = now(sandbox)
    post = make_post()
    channel.publish(post, MemoryPhases())
    other = video(tmp_path / "another file of the same length and the same text.mp4", size=SIZE)
    channel.publish(make_post(media=(other,)), MemoryPhases())
    assert channel.find_published(post, MemoryPhases(), since=begun).presence is Presence.UNCERTAIN
    assert (
        channel.find_published(make_post(title="Never sent"), MemoryPhases(), since=begun).presence is Presence.ABSENT
    )


def test_a_channel_that_cannot_be_read_is_uncertain(sandbox, channel, make_post) -> None:
    sandbox.world.faults.add(Fault(FaultKind.ERROR_503, Vendor.YOUTUBE, "GET", "playlistItems", times=20))
    finding = channel.find_published(make_post(), MemoryPhases(), since=now(sandbox))
    assert finding.presence is Presence.UNCERTAIN
    assert "503" in finding.evidence


def test_the_same_file_under_the_same_title_is_rejected_as_a_duplicate(sandbox, channel, make_post) -> None:
    post = make_post()
    channel.publish(post, MemoryPhases())
    phases = MemoryPhases()
    with pytest.raises(Rejected, match="duplicate") as refused:
        channel.publish(post, phases)
    assert refused.value.code == "duplicate"
    finding = channel.find_published(post, phases, since=now(sandbox))
    assert finding.presence is Presence.UNCERTAIN
    assert published_in(sandbox, post.title) == 1


def test_a_file_that_is_no_video_fails_in_processing(sandbox, channel, make_post, tmp_path) -> None:
    clip = video(tmp_path / "text.mp4", size=SIZE)
    Path(clip.path).write_bytes(b"no video at all ".ljust(SIZE, b"."))
    with pytest.raises(Rejected, match="invalidFile"):
        channel.publish(make_post(media=(clip,)), MemoryPhases())


def test_a_refused_thumbnail_costs_only_the_thumbnail(sandbox, channel, make_post, tmp_path) -> None:
    sandbox.world.faults.add(Fault(FaultKind.TOKEN_EXPIRED, Vendor.YOUTUBE, "POST", "thumbnails", times=5))
    phases = MemoryPhases()
    published = channel.publish(make_post(image(tmp_path / "t.jpg", 1280, 720)), phases)
    assert sandbox.world.post(Vendor.YOUTUBE, published.post_id) is not None
    assert phases.kept["thumbnail"] == {"outcome": "refused"}


def test_a_publishing_time_keeps_the_video_private_until_then(sandbox, channel, make_post) -> None:
    at = (now(sandbox) + timedelta(days=1)).replace(microsecond=0)
    published = channel.publish(make_post(options={"publish_at": at.isoformat()}), MemoryPhases())
    kept = sandbox.world.post(Vendor.YOUTUBE, published.post_id)
    assert kept is not None
    assert kept.extra["privacy"] == "private"
    assert datetime.fromisoformat(kept.extra["publish_at"]) == at
    assert published.published_at == at


def test_a_used_up_quota_says_when_it_comes_back(sandbox, account, make_post) -> None:
    channel = parts_of(connect(sandbox, Vendor.YOUTUBE, account))
    days = sandbox.world.objects(Vendor.YOUTUBE, "quota")
    before = {day: dict(used) for day, used in days.items()}
    try:
        for used in days.values():
            used["inserts"] = 100
        with pytest.raises(QuotaExhausted) as spent:
            channel.publish(make_post(), MemoryPhases())
        until = spent.value.until
        assert until is not None
        assert timedelta(0) < until - datetime.now(UTC) <= timedelta(hours=25)
        assert (until + timedelta(seconds=30)).astimezone(UTC).hour in (7, 8), "midnight Pacific"
        assert "rateLimitExceeded" in channel.quota()
        for used in days.values():
            used["units"] = 10_000
        with pytest.raises(QuotaExhausted, match="quota"):
            channel._channel.profile()
    finally:
        days.clear()
        days.update(before)


def test_the_channels_upload_cap_is_a_400_and_waits_a_day(sandbox, channel, make_post) -> None:
    uploaded = sandbox.world.objects(Vendor.YOUTUBE, "uploaded")
    filler = {f"filler{n}": {"at": now(sandbox)} for n in range(100)}
    uploaded.update(filler)
    try:
        with pytest.raises(QuotaExhausted) as capped:
            channel.publish(make_post(), MemoryPhases())
    finally:
        for name in filler:
            del uploaded[name]
    assert capped.value.code == "uploadLimitExceeded"
    assert capped.value.until is not None
    assert timedelta(hours=23) < capped.value.until - datetime.now(UTC) < timedelta(hours=25)


def test_an_expired_token_is_renewed_and_a_throttled_call_repeated(sandbox, channel) -> None:
    sandbox.world.faults.add(Fault(FaultKind.TOKEN_EXPIRED, Vendor.YOUTUBE, "GET", "channels"))
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, Vendor.YOUTUBE, "GET", "channels"))
    assert channel._channel.profile()["id"] == sandbox.world.accounts[Vendor.YOUTUBE].id


def test_the_sign_in_goes_full_circle(sandbox, account) -> None:
    authorizer = make_authorizer(
        Vendor.YOUTUBE, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url
    )
    assert account.account_id == sandbox.world.accounts[Vendor.YOUTUBE].id
    assert account.kind == "channel"
    first = account.credential
    assert set(first.scopes) == set(authorizer.scopes)
    renewed = authorizer.refresh(first)
    assert renewed.access_token != first.access_token
    assert renewed.refresh_token == first.refresh_token, "Google sends the refresh token only once"
    assert renewed.scopes == first.scopes
    assert authorizer.accounts(renewed)[0].account_id == account.account_id
    sandbox.world.tokens.revoked.add(first.refresh_token)
    try:
        with pytest.raises(AuthExpired, match="reconnect"):
            authorizer.refresh(first)
    finally:
        sandbox.world.tokens.revoked.clear()
    url = httpx.URL(authorizer.authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER))
    assert url.params["access_type"] == "offline"
    code = httpx.URL(httpx.get(url, trust_env=False).headers["location"]).params["code"]
    with pytest.raises(AuthExpired):
        authorizer.exchange(code, redirect_uri=REDIRECT, verifier="another-verifier-that-is-long-enough-0123456789")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": "a < b"}, "invalidTitle"),
        ({"title": "t" * 101}, "invalidTitle"),
        ({"text": "x > y"}, "invalidDescription"),
        ({"text": "é" * 2_501}, "invalidDescription"),
        ({"options": {"tags": "t" * 501}}, "invalidTags"),
        ({"options": {"publish_at": "2020-01-01T00:00:00+00:00"}}, "invalidPublishAt"),
    ],
)
def test_what_validate_finds_the_interface_refuses_for_the_same_reason(channel, make_post, changes, reason) -> None:
    post = make_post(**{"title": "Fine", **changes})
    assert len(channel.validate(post)) == 1
    with pytest.raises(Rejected) as refused:
        open_session(channel._channel, "videos", post.media[0], request_body(post), part="snippet,status")
    assert refused.value.code == reason
    phases = MemoryPhases()
    with pytest.raises(Rejected):
        channel.publish(post, phases)
    assert (phases.kept, phases.sent) == ({}, 0), "nothing was begun"


class LosingSessions(MemoryPhases):
    """The session ends just before the last part, once."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def sending(self) -> None:
        super().sending()
        if self.sent == 1:
            self._sandbox.world.objects(Vendor.YOUTUBE, "sessions").clear()


def test_a_session_that_ends_before_the_last_part_is_begun_anew(sandbox, channel, make_post) -> None:
    post = make_post()
    phases = LosingSessions(sandbox)
    published = channel.publish(post, phases)
    assert phases.sent == 2
    assert sandbox.world.post(Vendor.YOUTUBE, published.post_id) is not None
    assert published_in(sandbox, post.title) == 1


class NamesNoVideo(httpx.HTTPTransport):
    """Says of every upload that all its bytes are there, and never names a video."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        found = re.fullmatch(r"bytes .*/(\d+)", request.headers.get("content-range", ""))
        if found is None:
            return super().handle_request(request)
        return httpx.Response(308, headers={"Range": f"bytes=0-{int(found[1]) - 1}"}, request=request)


def test_every_byte_and_no_video_is_unknown(sandbox, account, make_post) -> None:
    channel = parts_of(connect(sandbox, Vendor.YOUTUBE, account, transport=NamesNoVideo()))
    post, phases = make_post(), MemoryPhases()
    with pytest.raises(OutcomeUnknown, match="every byte"):
        channel.publish(post, phases)
    assert phases.sent == 1
    finding = channel.find_published(post, phases, since=now(sandbox))
    assert finding.presence is Presence.UNCERTAIN


class LosesEverySession(httpx.HTTPTransport):
    """Takes parts, and knows no session any more when its last part comes."""

    def __init__(self) -> None:
        super().__init__()
        self.uploads = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        part = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers.get("content-range", ""))
        if part is None:
            self.uploads += request.method == "POST" and "uploadType" in request.url.params
            return super().handle_request(request)
        if int(part[2]) + 1 == int(part[3]):
            return httpx.Response(404, request=request)
        return httpx.Response(308, headers={"Range": f"bytes=0-{part[2]}"}, request=request)


def test_sessions_that_are_lost_again_and_again_end_the_attempt(sandbox, account, make_post) -> None:
    transport = LosesEverySession()
    channel = parts_of(connect(sandbox, Vendor.YOUTUBE, account, transport=transport))
    with pytest.raises(Transient, match="again and again"):
        channel.publish(make_post(), MemoryPhases())
    assert transport.uploads < 8


class LosesTheSession(NamesNoVideo):
    """Takes every byte and then does not know the session any more, or fails when it is asked."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self._status = status
        self.uploads = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("content-range", "").startswith("bytes */"):
            return httpx.Response(self._status, request=request)
        self.uploads += request.method == "POST" and "uploadType" in request.url.params
        return super().handle_request(request)


@pytest.mark.parametrize("status", [404, 503])
def test_what_was_sent_whole_and_cannot_be_asked_for_is_unknown_and_not_sent_again(
    sandbox, account, make_post, status
) -> None:
    """The list of uploads may lag behind, so its silence just now is no proof."""
    transport = LosesTheSession(status)
    channel, phases = parts_of(connect(sandbox, Vendor.YOUTUBE, account, transport=transport)), MemoryPhases()
    with pytest.raises(OutcomeUnknown):
        channel.publish(make_post(), phases)
    assert (transport.uploads, phases.sent) == (1, 1)


def test_a_file_that_is_gone_is_told_before_anything_is_announced(sandbox, channel, make_post) -> None:
    post, phases = make_post(), MemoryPhases(kill_after="session")
    with pytest.raises(Killed):
        channel.publish(post, phases)
    Path(post.media[0].path).write_bytes(b"short")
    with pytest.raises(Rejected, match="shorter") as refused:
        channel.publish(post, phases)
    assert refused.value.post == post.key
    assert phases.sent == 0
