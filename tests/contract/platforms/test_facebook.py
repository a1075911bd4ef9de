"""Facebook Pages against the sandbox: publish, find, resume, refuse, sign in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connectors.credentials import CredentialHolder
from connectors.endpoints import endpoints
from connectors.factory import make_authorizer
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from connectors.social.facebook.connector import connector
from models.domain.connection import Credential, Vendor
from models.domain.content import Observation
from models.domain.publishing import Media, MediaKind, OutgoingPost, Presence
from models.errors import AuthExpired, InvalidInput, OutcomeUnknown, RateLimited, Rejected
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

FACEBOOK = Vendor.FACEBOOK
PAGE = "104500000000001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(World(clock=Clock()), vendors=[FACEBOOK]) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.world.faults.clear()


def post_of(text: str, *media: Media, link: str | None = None) -> OutgoingPost:
    return OutgoingPost(f"key-{abs(hash(text)) % 10**8}", FACEBOOK, PAGE, text, link=link, media=media)


def published(sandbox: RunningSandbox) -> int:
    return len(sandbox.world.ledger.of(FACEBOOK, "publish"))


def test_text_and_link_posts_go_out_and_are_found(sandbox: RunningSandbox) -> None:
    page, phases = connect(sandbox, FACEBOOK), MemoryPhases()
    since = sandbox.world.clock.now()
    text = post_of("A text of two  lines\nwith “quotes” & <tags> 🎉")
    done = page.publish(text, phases)
    assert phases.sent == 1
    assert sandbox.world.post(FACEBOOK, done.post_id) is not None
    assert done.url == f"https://www.facebook.com/{done.post_id.replace('_', '/posts/')}"
    found = page.find_published(text, phases, since=since)
    assert found.presence is Presence.FOUND
    assert found.published == done

    link = post_of("See our journal", link="https://sample-brand.example/journal?a=1&b=2")
    made = sandbox.world.post(FACEBOOK, page.publish(link, MemoryPhases()).post_id)
    assert made is not None
    assert (made.kind, made.link) == ("link", link.link)
    assert page.find_published(link, MemoryPhases(), since=since).presence is Presence.FOUND
    other = page.find_published(post_of("Never sent"), MemoryPhases(), since=since)
    assert other.presence is Presence.ABSENT


def test_one_and_several_photos_are_staged_then_posted_once(sandbox: RunningSandbox, tmp_path: Path) -> None:
    page = connect(sandbox, FACEBOOK)
    photos = [image(tmp_path / f"{n}.jpg", 600 + n, 600, alt_text=f"Photo {n}") for n in range(3)]
    since = sandbox.world.clock.now()
    for media in (photos[:1], photos):
        post = post_of(f"{len(media)} photos", *media)
        made = sandbox.world.post(FACEBOOK, page.publish(post, MemoryPhases()).post_id)
        assert made is not None
        assert made.media == tuple(one.sha256 for one in media)
        assert page.find_published(post, MemoryPhases(), since=since).presence is Presence.FOUND
    one_less = post_of("3 photos", *photos[:2])
    assert page.find_published(one_less, MemoryPhases(), since=since).presence is Presence.ABSENT


@pytest.mark.parametrize("phase", ["photo-0", "photo-1", "sending"])
def test_photos_resume_after_a_kill_without_staging_again(sandbox: RunningSandbox, tmp_path: Path, phase: str) -> None:
    page = connect(sandbox, FACEBOOK)
    post = post_of(f"Killed after {phase}", image(tmp_path / "a.jpg"), image(tmp_path / "b.jpg", 700, 500))
    phases, before = MemoryPhases(phase), published(sandbox)
    staged = len(sandbox.world.objects(FACEBOOK, "photo"))
    with pytest.raises(Killed):
        page.publish(post, phases)
    assert published(sandbox) == before
    page.publish(post, phases)
    assert published(sandbox) == before + 1
    assert len(sandbox.world.objects(FACEBOOK, "photo")) == staged + 2


def test_photos_that_expired_meanwhile_are_staged_anew(sandbox: RunningSandbox, tmp_path: Path) -> None:
    page = connect(sandbox, FACEBOOK)
    post = post_of("Resumed two days later", image(tmp_path / "a.jpg"))
    phases = MemoryPhases("photo-0")
    with pytest.raises(Killed):
        page.publish(post, phases)
    first = phases.kept["photo-0"]["id"]
    sandbox.world.advance(timedelta(days=2))
    page.publish(post, phases)
    assert phases.kept["photo-0"]["id"] != first


@pytest.mark.parametrize("phase", [None, "video", "sending"])
def test_a_video_is_uploaded_in_parts_and_processed(sandbox: RunningSandbox, tmp_path: Path, phase: str | None) -> None:
    page = connect(sandbox, FACEBOOK)
    clip = video(tmp_path / "clip.mp4", size=2_500_000)
    post, phases, since = post_of(f"Video, killed after {phase}", clip), MemoryPhases(phase), sandbox.world.clock.now()
    if phase:
        with pytest.raises(Killed):
            page.publish(post, phases)
        assert page.find_published(post, phases, since=since).presence is Presence.ABSENT
    done = page.publish(post, phases)
    made = sandbox.world.post(FACEBOOK, done.post_id)
    assert made is not None
    assert made.media == (clip.sha256,)
    assert len([v for v in sandbox.world.objects(FACEBOOK, "video").values() if v.get("post_id") == done.post_id]) == 1
    found = page.find_published(post, phases, since=since)
    assert found.published is not None
    assert found.published.post_id == done.post_id
    before = published(sandbox)
    assert page.publish(post, phases).post_id == done.post_id, "a finished video is not published again"
    assert published(sandbox) == before


def test_a_part_whose_answer_got_lost_is_not_sent_twice(sandbox: RunningSandbox, tmp_path: Path) -> None:
    page = connect(sandbox, FACEBOOK)
    clip = video(tmp_path / "clip.mp4", size=2_500_000)
    sandbox.world.faults.add(Fault(FaultKind.DROP_ANSWER, FACEBOOK, "POST", "/videos$", skip=1))
    sandbox.world.faults.add(Fault(FaultKind.ERROR_500_AFTER, FACEBOOK, "POST", "/videos$", skip=3))
    made = sandbox.world.post(FACEBOOK, page.publish(post_of("Parts got lost", clip), MemoryPhases()).post_id)
    assert made is not None
    assert made.media == (clip.sha256,)


def test_links_without_text_are_told_apart_by_their_address(sandbox: RunningSandbox) -> None:
    page, since = connect(sandbox, FACEBOOK), sandbox.world.clock.now()
    one, other = post_of("", link="https://one.example/a/"), post_of("", link="https://other.example/b")
    page.publish(one, MemoryPhases())
    assert page.find_published(one, MemoryPhases(), since=since).presence is Presence.FOUND
    assert page.find_published(other, MemoryPhases(), since=since).presence is Presence.ABSENT


def test_a_file_that_is_no_video_is_rejected_after_processing(sandbox: RunningSandbox, tmp_path: Path) -> None:
    page = connect(sandbox, FACEBOOK)
    (tmp_path / "x.mp4").write_bytes(b"not a film" * 99)
    broken = Media(MediaKind.VIDEO, str(tmp_path / "x.mp4"), "video/mp4", 990, "0" * 64)
    post, phases = post_of("A broken video", broken), MemoryPhases()
    with pytest.raises(Rejected, match="could not be processed"):
        page.publish(post, phases)
    assert page.find_published(post, phases, since=sandbox.world.epoch).presence is Presence.ABSENT


@pytest.mark.parametrize("kind", [FaultKind.DROP_ANSWER, FaultKind.ERROR_500_AFTER, FaultKind.MALFORMED_JSON,
                                  FaultKind.EMPTY_BODY, FaultKind.TRUNCATED_BODY])  # fmt: skip
@pytest.mark.parametrize("with_video", [False, True])
def test_a_lost_answer_is_unknown_and_the_post_is_found(
    sandbox: RunningSandbox, tmp_path: Path, kind: FaultKind, with_video: bool
) -> None:
    page, phases = connect(sandbox, FACEBOOK), MemoryPhases()
    media = (video(tmp_path / "v.mp4"),) if with_video else ()
    post, since = post_of(f"Answer lost by {kind} {with_video}", *media), sandbox.world.clock.now()
    path, skip = ("/videos$", 2) if with_video else ("/feed$", 0)
    sandbox.world.faults.add(Fault(kind, FACEBOOK, "POST", path, skip=skip))
    before = published(sandbox)
    with pytest.raises(OutcomeUnknown, match=post.key):
        page.publish(post, phases)
    assert page.find_published(post, phases, since=since).presence is Presence.FOUND
    assert published(sandbox) == before + 1


def test_a_request_that_never_arrived_is_proven_absent(sandbox: RunningSandbox) -> None:
    page, phases = connect(sandbox, FACEBOOK), MemoryPhases()
    post, since = post_of("Lost on the way"), sandbox.world.clock.now()
    sandbox.world.faults.add(Fault(FaultKind.DROP_REQUEST, FACEBOOK, "POST", "/feed$"))
    with pytest.raises(OutcomeUnknown):
        page.publish(post, phases)
    assert page.find_published(post, phases, since=since).presence is Presence.ABSENT


def test_an_unreadable_page_and_two_equal_posts_are_uncertain(sandbox: RunningSandbox) -> None:
    page = connect(sandbox, FACEBOOK)
    since = sandbox.world.clock.now()
    post = post_of("Twice on the page")
    page.publish(post, MemoryPhases())
    page.publish(post_of("Something between"), MemoryPhases())
    page.publish(post, MemoryPhases())
    assert "2 posts" in page.find_published(post, MemoryPhases(), since=since).evidence
    sandbox.world.faults.add(Fault(FaultKind.ERROR_500_BEFORE, FACEBOOK, "GET", "published_posts", times=9))
    assert page.find_published(post, MemoryPhases(), since=since).presence is Presence.UNCERTAIN


def test_a_portal_page_in_place_of_the_answer_is_unknown_and_absent(sandbox: RunningSandbox) -> None:
    page, phases = connect(sandbox, FACEBOOK), MemoryPhases()
    post, since = post_of("Behind a portal"), sandbox.world.clock.now()
    sandbox.world.faults.add(Fault(FaultKind.HTML_200, FACEBOOK, "POST", "/feed$"))
    with pytest.raises(OutcomeUnknown):
        page.publish(post, phases)
    assert page.find_published(post, phases, since=since).presence is Presence.ABSENT


def test_a_published_post_is_measured_two_days_later(sandbox: RunningSandbox, tmp_path: Path) -> None:
    page = connect(sandbox, FACEBOOK)
    since = sandbox.world.clock.now()
    done = page.publish(post_of("Measured later", image(tmp_path / "m.jpg")), MemoryPhases())
    sandbox.world.advance(timedelta(days=2))
    until = sandbox.world.clock.now()
    records = list(page.collect(Stream.POSTS, since=since, until=until))
    seen = {row.metric: row.value for row in records if isinstance(row, Observation) and row.entity_id == done.post_id}
    made = sandbox.world.post(FACEBOOK, done.post_id)
    assert made is not None
    truth = sandbox.world.readings(made)
    assert {name: seen[name] for name in ("views", "reach", "clicks", "comments", "reactions")} == {
        name: truth[name] for name in ("views", "reach", "clicks", "comments", "reactions")
    }
    assert seen["views"] not in (None, 0)


def test_a_duplicate_that_facebook_refuses_is_the_post_that_is_there(sandbox: RunningSandbox) -> None:
    """It may be live from an attempt whose answer was lost: to call it failed would have a person post it again."""
    page = connect(sandbox, FACEBOOK)
    first = page.publish(post_of("Said once"), MemoryPhases())
    before = published(sandbox)
    assert page.publish(post_of("Said once"), MemoryPhases()).post_id == first.post_id
    assert published(sandbox) == before


def test_a_post_without_text_is_told_from_no_other(sandbox: RunningSandbox, tmp_path: Path) -> None:
    """Another photo without a caption in the same minutes is not proof that ours went out."""
    page, since = connect(sandbox, FACEBOOK), sandbox.world.clock.now()
    page.publish(post_of("", image(tmp_path / "theirs.jpg", 640, 640)), MemoryPhases())
    ours = post_of("", image(tmp_path / "ours.jpg", 700, 700))
    assert page.find_published(ours, MemoryPhases(), since=since).presence is Presence.UNCERTAIN


def test_posts_before_the_window_do_not_count_though_the_page_lists_them() -> None:
    row = {"id": "1_9", "message": "Every Monday", "created_time": "2026-11-02T08:00:00+0000"}
    page = connector(
        "1", "Page", CredentialHolder(Credential("t")), endpoints(FACEBOOK),
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"data": [row]})),
    )  # fmt: skip
    post = OutgoingPost("key-1", FACEBOOK, "1", "Every Monday")
    for since, presence in ((datetime(2026, 11, 9, tzinfo=UTC), Presence.ABSENT),
                            (datetime(2026, 11, 2, 8, 1, tzinfo=UTC), Presence.FOUND)):  # fmt: skip
        assert page.find_published(post, MemoryPhases(), since=since).presence is presence


def test_too_many_calls_wait_or_say_until_when(sandbox: RunningSandbox) -> None:
    page = connect(sandbox, FACEBOOK)
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, FACEBOOK, "POST", "/feed$"))
    assert page.publish(post_of("Throttled once"), MemoryPhases()).post_id
    sandbox.world.objects(FACEBOOK, "allowance")["calls"] = {"value": 1}
    try:
        with pytest.raises(RateLimited) as limited:
            page.publish(post_of("Over the allowance"), MemoryPhases())
    finally:
        sandbox.world.objects(FACEBOOK, "allowance").clear()
    assert limited.value.until is not None
    assert limited.value.code == "80001/2446079"
    assert page.quota()["percent of the pages calls"].startswith("0 of 100 left until")


def test_an_expired_token_is_renewed_and_the_call_repeated(sandbox: RunningSandbox) -> None:
    account = sign_in(sandbox, FACEBOOK)
    sandbox.world.tokens.revoked.add(account.credential.access_token)
    page = connect(sandbox, FACEBOOK, account)
    assert page.publish(post_of("With a renewed token"), MemoryPhases()).post_id


def test_a_revoked_app_says_reconnect(sandbox: RunningSandbox) -> None:
    account = sign_in(sandbox, FACEBOOK)
    assert account.credential.refresh_token is not None
    sandbox.world.tokens.revoked |= {account.credential.access_token, account.credential.refresh_token}
    with pytest.raises(AuthExpired, match="reconnect the account"):
        connect(sandbox, FACEBOOK, account).publish(post_of("Not allowed any more"), MemoryPhases())


def test_the_sign_in_circle_gives_a_page_token_without_end(sandbox: RunningSandbox) -> None:
    authorizer = make_authorizer(FACEBOOK, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url)
    url = authorizer.authorize_url(redirect_uri=REDIRECT, state="xyz", verifier=VERIFIER)
    back = httpx.URL(httpx.get(url, trust_env=False).headers["location"])
    person = authorizer.exchange(back.params["code"], redirect_uri=REDIRECT, verifier=VERIFIER)
    assert person.scopes == authorizer.scopes
    assert person.expires_at is not None
    (account,) = authorizer.accounts(person)
    assert (account.account_id, account.kind, account.credential.expires_at) == (PAGE, "page", None)
    assert account.credential.refresh_token == person.access_token
    renewed = authorizer.refresh(account.credential)
    assert renewed.access_token != account.credential.access_token
    assert renewed.refresh_token not in (None, account.credential.refresh_token)
    assert renewed.refresh_expires_at is not None
    assert [a.account_id for a in authorizer.accounts(renewed)] == [PAGE], (
        "a page's credential leads back to the person's"
    )
    with pytest.raises(Rejected):
        authorizer.exchange(back.params["code"], redirect_uri=REDIRECT, verifier=VERIFIER)
    with pytest.raises(AuthExpired):
        authorizer.refresh(Credential("no-such-token"))
    with pytest.raises(InvalidInput, match="id of your app"):
        make_authorizer(FACEBOOK).authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER)


def test_a_long_lived_token_that_ran_out_cannot_be_renewed() -> None:
    with running_sandbox(World(clock=Clock()), vendors=[FACEBOOK]) as sandbox:
        account = sign_in(sandbox, FACEBOOK)
        sandbox.world.advance(timedelta(days=61))
        authorizer = make_authorizer(
            FACEBOOK, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url
        )
        assert not CredentialHolder(account.credential, authorizer.refresh).renew()


def test_a_wrong_app_secret_proof_is_refused(sandbox: RunningSandbox) -> None:
    account = sign_in(sandbox, FACEBOOK)
    answer = httpx.get(
        f"{sandbox.url}/facebook/v25.0/{PAGE}",
        params={"access_token": account.credential.access_token, "appsecret_proof": "0" * 64}, trust_env=False,
    )  # fmt: skip
    assert answer.json()["error"]["message"].startswith("Invalid appsecret_proof")


def test_limits_are_told_before_anything_is_sent(sandbox: RunningSandbox, tmp_path: Path) -> None:
    page = connect(sandbox, FACEBOOK)
    photo, clip = image(tmp_path / "p.jpg"), video(tmp_path / "v.mp4")
    large = Media(MediaKind.IMAGE, photo.path, "image/webp", 5_000_000, "0" * 64)
    problems = {
        "empty": page.validate(post_of(" ")),
        "long": page.validate(post_of("x" * 63_207)),
        "own link": page.validate(post_of("x", link="https://www.facebook.com/a")),
        "both": page.validate(post_of("x", photo, link="https://a.example")),
        "gif": page.validate(post_of("x", Media(MediaKind.GIF, "a", "image/gif", 1, "0" * 64))),
        "mixed": page.validate(post_of("x", photo, clip)),
        "many": page.validate(post_of("x", *[photo] * 11)),
        "large": page.validate(post_of("x", large)),
        "film": page.validate(post_of("x", Media(MediaKind.VIDEO, "a", "video/avi", 11 * 1024**3, "0" * 64))),
    }
    counts = {name: len(found) for name, found in problems.items()}
    assert counts == {
        "empty": 1,
        "long": 1,
        "own link": 1,
        "both": 1,
        "gif": 1,
        "mixed": 1,
        "many": 1,
        "large": 2,
        "film": 2,
    }
    assert page.validate(post_of("x" * 63_206, *[photo] * 10)) == []
    answer = page.validate(post_of("x" * 63_207))[0]
    with pytest.raises(Rejected, match="63206"):
        page.publish(post_of("x" * 63_207), MemoryPhases())
    assert answer.field == "text"
