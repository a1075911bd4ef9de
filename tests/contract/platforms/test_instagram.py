"""Instagram against the sandbox: containers, publishing, finding, resuming, refusals, sign-in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from connectors.credentials import CredentialHolder
from connectors.endpoints import endpoints
from connectors.factory import make_authorizer
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from connectors.social.instagram.connector import connector
from connectors.social.instagram.discovery import discovery
from models.domain.connection import Credential, Vendor
from models.domain.content import Observation
from models.domain.publishing import Media, MediaKind, OutgoingPost, Presence
from models.errors import AuthExpired, OutcomeUnknown, QuotaExhausted, RateLimited, Rejected, Transient
from models.ports import Stream
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

INSTAGRAM = Vendor.INSTAGRAM
ACCOUNT = "17841400000000001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(World(clock=Clock()), vendors=[INSTAGRAM]) as running:
        running.world.objects(INSTAGRAM, "quota")["total"] = {"value": 1_000}
        yield running


@pytest.fixture(autouse=True)
def _no_faults(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.world.faults.clear()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the test's output clean."""


class Files:
    """A folder served over loopback, where Instagram downloads media from."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address

    def image(self, name: str, width: int = 1080, height: int = 1080) -> Media:
        return image(self.folder / name, width, height, url=f"{self.address}/{name}", alt_text=f"Alt {name}")

    def video(self, name: str) -> Media:
        return video(self.folder / name, url=f"{self.address}/{name}")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    folder = tmp_path_factory.mktemp("assets")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield Files(folder, f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()
    thread.join()


def post_of(text: str, *media: Media) -> OutgoingPost:
    return OutgoingPost(f"key-{abs(hash(text)) % 10**8}", INSTAGRAM, ACCOUNT, text, media=media)


def published(sandbox: RunningSandbox) -> int:
    return len(sandbox.world.ledger.of(INSTAGRAM, "publish"))


def media_of(files: Files, kind: str) -> tuple[Media, ...]:
    match kind:
        case "photo":
            return (files.image("photo.jpg"),)
        case "reel":
            return (files.video("reel.mp4"),)
        case _:
            return (files.image("c1.jpg", 1080, 1350), files.video("c2.mp4"), files.image("c3.jpg", 1200, 700))


PHASES = [
    ("photo", "container"), ("photo", "sending"), ("reel", "container"), ("carousel", "item-0"), ("carousel", "item-2"),
    ("carousel", "container"), ("carousel", "sending"),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["photo", "reel", "carousel"])
def test_media_is_downloaded_published_and_found(sandbox: RunningSandbox, files: Files, kind: str) -> None:
    account, phases, since = connect(sandbox, INSTAGRAM), MemoryPhases(), sandbox.world.clock.now()
    post = post_of(f"A {kind} with “quotes” & 🎉\n\n#garden", *media_of(files, kind))
    done = account.publish(post, phases)
    made = sandbox.world.post(INSTAGRAM, done.post_id)
    assert made is not None
    assert (made.kind, made.media) == (kind, tuple(one.sha256 for one in post.media))
    assert done.url is not None
    assert done.url.startswith("https://www.instagram.com/")
    assert phases.sent == 1
    found = account.find_published(post, phases, since=since)
    assert (found.presence, found.published) == (Presence.FOUND, done)
    assert account.quota()["posts of 24 hours"].endswith("of 1,000 left")
    before = published(sandbox)
    assert account.publish(post, phases) == done, "a published container is not published again"
    assert published(sandbox) == before


@pytest.mark.parametrize(("kind", "phase"), PHASES)
def test_it_resumes_after_a_kill_with_the_containers_it_has(
    sandbox: RunningSandbox, files: Files, kind: str, phase: str
) -> None:
    account, phases, since = connect(sandbox, INSTAGRAM), MemoryPhases(phase), sandbox.world.clock.now()
    post, before = post_of(f"{kind} killed after {phase}", *media_of(files, kind)), published(sandbox)
    made = len(sandbox.world.objects(INSTAGRAM, "container"))
    with pytest.raises(Killed):
        account.publish(post, phases)
    assert published(sandbox) == before
    assert account.find_published(post, phases, since=since).presence is Presence.ABSENT
    account.publish(post, phases)
    assert published(sandbox) == before + 1
    wanted = len(post.media) + 1 if kind == "carousel" else 1
    assert len(sandbox.world.objects(INSTAGRAM, "container")) == made + wanted


@pytest.mark.parametrize("kind", ["photo", "carousel"])
def test_containers_that_expired_after_a_day_are_made_anew(sandbox: RunningSandbox, files: Files, kind: str) -> None:
    account, phases = connect(sandbox, INSTAGRAM), MemoryPhases("container")
    post, before = post_of(f"{kind} resumed a day later", *media_of(files, kind)), published(sandbox)
    with pytest.raises(Killed):
        account.publish(post, phases)
    first = dict(phases.kept)
    sandbox.world.advance(timedelta(hours=25))
    account.publish(post, phases)
    assert published(sandbox) == before + 1
    assert all(phases.kept[name]["id"] != kept["id"] for name, kept in first.items())


@pytest.mark.parametrize("kind", [FaultKind.DROP_ANSWER, FaultKind.ERROR_500_AFTER, FaultKind.MALFORMED_JSON,
                                  FaultKind.EMPTY_BODY, FaultKind.TRUNCATED_BODY])  # fmt: skip
def test_a_lost_answer_is_unknown_and_the_container_tells(
    sandbox: RunningSandbox, files: Files, kind: FaultKind
) -> None:
    account, phases, since = connect(sandbox, INSTAGRAM), MemoryPhases(), sandbox.world.clock.now()
    post, before = post_of(f"Answer lost by {kind}", files.image("lost.jpg")), published(sandbox)
    sandbox.world.faults.add(Fault(kind, INSTAGRAM, "POST", "/media_publish$"))
    with pytest.raises(OutcomeUnknown, match=post.key):
        account.publish(post, phases)
    found = account.find_published(post, phases, since=since)
    assert found.presence is Presence.FOUND
    assert "PUBLISHED" in found.evidence
    assert found.published == account.publish(post, phases)
    assert published(sandbox) == before + 1


def test_a_request_that_never_arrived_is_proven_absent_by_its_container(sandbox: RunningSandbox, files: Files) -> None:
    account, phases, since = connect(sandbox, INSTAGRAM), MemoryPhases(), sandbox.world.clock.now()
    post = post_of("Lost on the way", files.image("way.jpg"))
    sandbox.world.faults.add(Fault(FaultKind.DROP_REQUEST, INSTAGRAM, "POST", "/media_publish$"))
    with pytest.raises(OutcomeUnknown):
        account.publish(post, phases)
    found = account.find_published(post, phases, since=since)
    assert found.presence is Presence.ABSENT
    assert "FINISHED" in found.evidence
    sandbox.world.faults.add(Fault(FaultKind.ERROR_500_BEFORE, INSTAGRAM, "GET", "/media$", times=9))
    assert account.find_published(post, phases, since=since).presence is Presence.UNCERTAIN


def test_a_published_container_whose_media_is_not_listed_is_never_published_again(
    sandbox: RunningSandbox, files: Files
) -> None:
    account, phases, since = connect(sandbox, INSTAGRAM), MemoryPhases(), sandbox.world.clock.now()
    post = post_of("Published, then gone", files.image("gone.jpg"))
    sandbox.world.delete(INSTAGRAM, account.publish(post, phases).post_id)
    before = published(sandbox)
    assert account.find_published(post, phases, since=since).presence is Presence.UNCERTAIN
    with pytest.raises(OutcomeUnknown, match="says that it was published"):
        account.publish(post, phases)
    assert published(sandbox) == before


def test_a_passing_failure_to_prepare_is_tried_once_more(tmp_path: Path) -> None:
    """Instagram answers some containers with an error of its own that passes (2207053)."""
    made: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/media"):
            made.append(f"c{len(made) + 1}")
            return httpx.Response(200, json={"id": made[-1]})
        if path.endswith("/c1"):
            return httpx.Response(200, json={"id": "c1", "status_code": "ERROR", "status": "Error: 2207053 failed"})
        if path.endswith("/media_publish"):
            return httpx.Response(200, json={"id": "m1"})
        return httpx.Response(200, json={"id": "c2", "status_code": "FINISHED", "data": []})

    account = connector(
        ACCOUNT, "x", CredentialHolder(Credential("t")), endpoints(INSTAGRAM),
        transport=httpx.MockTransport(answer), sleep=lambda _: None,
    )  # fmt: skip
    photo = image(tmp_path / "p.jpg", url="https://assets.example/p.jpg")
    assert account.publish(post_of("Second try", photo), MemoryPhases()).post_id == "m1"
    assert made == ["c1", "c2"]


def test_a_published_reel_is_measured_two_days_later(sandbox: RunningSandbox, files: Files) -> None:
    account, since = connect(sandbox, INSTAGRAM), sandbox.world.clock.now()
    done = account.publish(post_of("Measured later", files.video("m.mp4")), MemoryPhases())
    sandbox.world.advance(timedelta(days=2))
    records = list(account.collect(Stream.POSTS, since=since, until=sandbox.world.clock.now()))
    seen = {row.metric: row.value for row in records if isinstance(row, Observation) and row.entity_id == done.post_id}
    made = sandbox.world.post(INSTAGRAM, done.post_id)
    assert made is not None
    truth = sandbox.world.readings(made)
    assert (seen["views"], seen["reach"], seen["saves"]) == (truth["views"], truth["reach"], truth["saves"])
    assert seen["views"] not in (None, 0)


def test_the_same_caption_published_by_hand_is_uncertain(sandbox: RunningSandbox, files: Files) -> None:
    account, phases, since = connect(sandbox, INSTAGRAM), MemoryPhases("container"), sandbox.world.clock.now()
    post = post_of("Someone was faster", files.image("hand.jpg"))
    with pytest.raises(Killed):
        account.publish(post, phases)
    sandbox.world.publish(INSTAGRAM, kind="photo", text=post.text)
    assert account.find_published(post, phases, since=since).presence is Presence.UNCERTAIN


def test_without_a_container_a_post_with_this_caption_is_not_ours(sandbox: RunningSandbox, files: Files) -> None:
    """The container is kept before anything is published, so what is there without one was published by a person."""
    account, since = connect(sandbox, INSTAGRAM), sandbox.world.clock.now()
    post = post_of("By a person", files.image("person.jpg"))
    assert account.find_published(post, MemoryPhases(), since=since).presence is Presence.ABSENT
    sandbox.world.publish(INSTAGRAM, kind="photo", text=post.text)
    assert account.find_published(post, MemoryPhases(), since=since).presence is Presence.UNCERTAIN


@pytest.mark.parametrize(
    "answer",
    [{}, {"business_discovery": None},
     {"business_discovery": {"username": "x", "media": {"data": [{"id": "1"}], "paging": {"cursors": {"after": "A"}}}}}],
)  # fmt: skip
def test_a_competitor_that_is_not_told_or_has_no_end_is_an_error(answer: dict[str, object]) -> None:
    reader = discovery(
        ACCOUNT, CredentialHolder(Credential("t")), endpoints(INSTAGRAM), sleep=lambda _: None,
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)),
    )  # fmt: skip
    until = datetime(2026, 11, 22, tzinfo=UTC)
    with pytest.raises(Transient):
        list(reader.records("rival", since=until - timedelta(days=30), until=until))


def _broken(files: Files, what: str) -> tuple[str, Media]:
    """A caption and a file that Instagram refuses."""
    good = files.image("good.jpg")
    address, folder = files.address, files.folder
    match what:
        case "too large":
            (folder / "large.jpg").write_bytes((folder / "good.jpg").read_bytes() + b"\0" * 8 * 1024 * 1024)
            return what, Media(MediaKind.IMAGE, "x", "image/jpeg", 1, "0" * 64, url=f"{address}/large.jpg")
        case "no JPEG":
            Image.new("RGB", (600, 600)).save(folder / "png.png")
            return what, Media(MediaKind.IMAGE, "x", "image/jpeg", 1, "0" * 64, url=f"{address}/png.png")
        case "too wide":
            return what, files.image("wide.jpg", 1200, 400)
        case "long caption":
            return "x" * 2_201, good
        case "tags":
            return " ".join(f"#tag{n}" for n in range(31)), good
        case "not there":
            return what, Media(MediaKind.IMAGE, "x", "image/jpeg", 1, "0" * 64, url=f"{address}/nothing.jpg")
        case _:
            (folder / "text.mp4").write_bytes(b"no film")
            return what, Media(MediaKind.VIDEO, "x", "video/mp4", 1, "0" * 64, url=f"{address}/text.mp4")


@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("too large", "36000/2207004", "larger than 8 MiB"),
        ("no JPEG", "36001/2207005", "use a JPEG"),
        ("too wide", "36003/2207009", "crop the image"),
        ("long caption", "36004/2207010", "shorten the text"),
        ("tags", "100/2207040", "name fewer"),
        ("not there", "9004/2207052", "opens for everyone"),
        ("no film", "2207026", "use an MP4"),
    ],
)
def test_what_instagram_refuses_is_rejected_in_words(
    sandbox: RunningSandbox, files: Files, what: str, code: str, words: str
) -> None:
    caption, media = _broken(files, what)
    phases = MemoryPhases()
    with pytest.raises(Rejected, match=words) as refused:
        connect(sandbox, INSTAGRAM).publish(post_of(caption, media), phases)
    assert refused.value.code == code
    assert phases.sent == 0


def test_the_daily_limit_is_read_and_believed(sandbox: RunningSandbox, files: Files) -> None:
    account, phases = connect(sandbox, INSTAGRAM), MemoryPhases()
    quota = sandbox.world.objects(INSTAGRAM, "quota")
    account.publish(post_of("The only one allowed", files.image("o.jpg")), MemoryPhases())
    quota["total"] = {"value": 1}
    try:
        with pytest.raises(QuotaExhausted, match="24 hours"):
            account.publish(post_of("One too many", files.image("q.jpg")), phases)
        assert phases.sent == 0
        answer = httpx.post(
            f"{sandbox.url}/instagram/v25.0/{ACCOUNT}/media_publish", trust_env=False,
            data={"creation_id": phases.kept["container"]["id"],
                  "access_token": sign_in(sandbox, INSTAGRAM).credential.access_token},
        )  # fmt: skip
        assert (answer.json()["error"]["code"], answer.json()["error"]["error_subcode"]) == (9, 2207042)
    finally:
        quota["total"] = {"value": 1_000}
    assert account.publish(post_of("One too many", files.image("q.jpg")), phases).post_id


def test_an_action_blocked_as_spam_is_no_rate_limit(sandbox: RunningSandbox, files: Files) -> None:
    account = connect(sandbox, INSTAGRAM)
    sandbox.world.objects(INSTAGRAM, "blocked")["now"] = {}
    try:
        with pytest.raises(Rejected, match="blocked the action as spam") as refused:
            account.publish(post_of("Spam", files.image("s.jpg")), MemoryPhases())
    finally:
        sandbox.world.objects(INSTAGRAM, "blocked").clear()
    assert refused.value.code == "4/2207051"


def test_too_many_calls_wait_or_say_until_when(sandbox: RunningSandbox, files: Files) -> None:
    account = connect(sandbox, INSTAGRAM)
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, INSTAGRAM, "POST", "/media_publish$"))
    assert account.publish(post_of("Throttled once", files.image("t.jpg")), MemoryPhases()).post_id
    sandbox.world.objects(INSTAGRAM, "allowance")["calls"] = {"value": 1}
    try:
        with pytest.raises(RateLimited) as limited:
            account.publish(post_of("Over the allowance", files.image("t.jpg")), MemoryPhases())
    finally:
        sandbox.world.objects(INSTAGRAM, "allowance").clear()
    assert limited.value.code == "80002/2446079"
    assert limited.value.until is not None


def test_an_expired_token_is_renewed_and_a_removed_app_says_reconnect(sandbox: RunningSandbox, files: Files) -> None:
    account = sign_in(sandbox, INSTAGRAM)
    sandbox.world.tokens.revoked.add(account.credential.access_token)
    assert (
        connect(sandbox, INSTAGRAM, account).publish(post_of("Renewed", files.image("r.jpg")), MemoryPhases()).post_id
    )
    assert account.credential.refresh_token is not None
    sandbox.world.tokens.revoked.add(account.credential.refresh_token)
    with pytest.raises(AuthExpired, match="reconnect"):
        connect(sandbox, INSTAGRAM, account).publish(post_of("Removed", files.image("r.jpg")), MemoryPhases())


def test_the_sign_in_circle_finds_the_account_behind_the_page(sandbox: RunningSandbox) -> None:
    authorizer = make_authorizer(INSTAGRAM, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url)
    url = authorizer.authorize_url(redirect_uri=REDIRECT, state="xyz", verifier=VERIFIER)
    back = httpx.URL(httpx.get(url, trust_env=False).headers["location"])
    person = authorizer.exchange(back.params["code"], redirect_uri=REDIRECT, verifier=VERIFIER)
    assert person.scopes == authorizer.scopes
    (account,) = authorizer.accounts(person)
    assert (account.account_id, account.kind) == (ACCOUNT, "instagram")
    renewed = authorizer.refresh(account.credential)
    assert renewed.access_token != account.credential.access_token
    assert renewed.extra["page_id"] == account.credential.extra["page_id"]


def test_limits_are_told_before_anything_is_sent(sandbox: RunningSandbox, files: Files) -> None:
    account = connect(sandbox, INSTAGRAM)
    good, clip = files.image("v.jpg"), files.video("v.mp4")

    def count(text: str, *media: Media, **options: str) -> int:
        return len(account.validate(OutgoingPost("k", INSTAGRAM, ACCOUNT, text, media=media, options=options)))

    odd = partial(replace, good)
    assert count("x" * 2_200, good) == 0
    assert count(" ".join(["#a"] * 30 + ["@b"] * 20), good) == 0
    found = {
        "no media": count("x"),
        "eleven": count("x", *[good] * 11),
        "long": count("x" * 2_201, good),
        "hashtags": count(" ".join(["#a"] * 31), good),
        "five hashtags": count(" ".join(["#a"] * 6), good, max_hashtags="5"),
        "mentions": count(" ".join(["@a"] * 21), good),
        "no address": count("x", odd(url=None)),
        "png": count("x", odd(content_type="image/png")),
        "large": count("x", odd(size=8 * 1024 * 1024)),
        "wide": count("x", odd(width=1920, height=1000)),
        "tall": count("x", odd(width=1080, height=1920)),
        "small": count("x", odd(width=319, height=319)),
        "gif": count("x", odd(kind=MediaKind.GIF)),
        "short film": count("x", replace(clip, duration_seconds=2.0)),
        "avi": count("x", replace(clip, content_type="video/avi")),
        "huge film": count("x", replace(clip, size=301 * 1024 * 1024)),
    }
    assert found == dict.fromkeys(found, 1)
    linked = OutgoingPost("k", INSTAGRAM, ACCOUNT, "x", link="https://a.example", media=(good,))
    assert [problem.field for problem in account.validate(linked)] == ["link"]
