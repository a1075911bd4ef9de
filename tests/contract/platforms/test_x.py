"""X end to end against the sandbox: publish, find, resume, refusals, sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import httpx
import pytest

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.factory import make_authorizer
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from connectors.social.x import connector as x_module
from connectors.social.x.connector import XConnector
from models.domain.connection import Credential, Vendor
from models.domain.publishing import Media, MediaKind, OutgoingPost, Presence
from models.errors import AuthExpired, OutcomeUnknown, PermissionMissing, QuotaExhausted, RateLimited, Rejected
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

START = datetime(2026, 9, 1, 10, 0, 5, tzinfo=UTC)
HIDDEN = "https://sample-brand.com/a?b=1&c=2"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(World(clock=Clock(START), posts={Vendor.X: 12}), vendors=[Vendor.X]) as running:
        yield running


@pytest.fixture
def x(sandbox: RunningSandbox) -> XConnector:
    return cast(XConnector, connect(sandbox, Vendor.X))


def post(text: str, *media: Media, link: str | None = None) -> OutgoingPost:
    return OutgoingPost("k-1", Vendor.X, "1500000000000000001", text, link=link, media=media)


def published(sandbox: RunningSandbox) -> int:
    return len(sandbox.world.ledger.of(Vendor.X, "publish"))


@pytest.mark.parametrize(
    "text",
    [
        "A & B <c> &amp; “d”",
        f"Link first {HIDDEN} then sample-brand.de/x and more #Tag",
        "e\u0301 ﬁ  two  spaces\nand\n\nlines 👨‍👩‍👧‍👦",
    ],
)
def test_what_x_alters_is_found_again(x: XConnector, sandbox: RunningSandbox, text: str) -> None:
    began = sandbox.world.clock.now()
    made = x.publish(post(text), MemoryPhases())
    found = x.find_published(post(text), MemoryPhases(), since=began)
    assert found.presence is Presence.FOUND
    assert found.published is not None
    assert found.published.post_id == made.post_id
    assert found.published.published_at == began
    assert published(sandbox) == 1
    assert x.find_published(post(text + " no"), MemoryPhases(), since=began).presence is Presence.ABSENT


def test_a_link_goes_to_the_end_of_the_text(x: XConnector, sandbox: RunningSandbox) -> None:
    made = x.publish(post("Read this", link=HIDDEN), MemoryPhases())
    stored = sandbox.world.post(Vendor.X, made.post_id)
    assert stored is not None
    assert stored.text == f"Read this {HIDDEN}"


def test_pictures_and_films_arrive_whole(x: XConnector, sandbox: RunningSandbox, tmp_path: Path) -> None:
    pictures = (image(tmp_path / "a.jpg", alt_text="A wall"), image(tmp_path / "b.jpg", 320, 200))
    film = video(tmp_path / "c.mp4", size=9 * 1024 * 1024)
    before = x.client.calls
    first = x.publish(post("Two pictures", *pictures), MemoryPhases())
    assert x.client.calls - before == 4  # two uploads, one description, one post
    second = x.publish(post("A film", film), MemoryPhases())
    # initialize, three parts of up to 4 MiB, finalize, two looks, the post
    assert x.client.calls - before - 4 == 8
    stored = [sandbox.world.post(Vendor.X, made.post_id) for made in (first, second)]
    assert [s.media for s in stored if s] == [tuple(p.sha256 for p in pictures), (film.sha256,)]
    assert [m["alt_text"] for m in sandbox.world.objects(Vendor.X, "media").values() if "alt_text" in m] == ["A wall"]
    found = x.find_published(post("A film", film), MemoryPhases(), since=START)
    assert found.presence is Presence.FOUND
    assert x.find_published(post("A film"), MemoryPhases(), since=START).presence is Presence.ABSENT


@pytest.mark.parametrize("phase", ["upload-0", "media-0", "sending", "post"])
def test_a_killed_publication_is_taken_up_where_it_was(
    x: XConnector, sandbox: RunningSandbox, tmp_path: Path, phase: str
) -> None:
    film, phases = video(tmp_path / "a.mp4"), MemoryPhases(kill_after=phase)
    with pytest.raises(Killed):
        x.publish(post("A film", film), phases)
    finished = set(phases.kept)
    if phase == "sending":
        assert x.find_published(post("A film", film), phases, since=START).presence is Presence.ABSENT
    made = x.publish(post("A film", film), phases)
    assert published(sandbox) == 1
    assert finished >= set(phases.skipped)
    assert phase == "sending" or phase in phases.skipped
    assert len(sandbox.world.objects(Vendor.X, "media")) == 1
    assert phases.sent == (2 if phase == "sending" else 1)
    assert sandbox.world.between(Vendor.X, START)[0].id == made.post_id


def test_an_upload_that_x_forgot_is_made_anew(x: XConnector, sandbox: RunningSandbox, tmp_path: Path) -> None:
    picture, phases = image(tmp_path / "a.jpg"), MemoryPhases(kill_after="media-0")
    with pytest.raises(Killed):
        x.publish(post("A picture", picture), phases)
    sandbox.world.advance(timedelta(hours=25))
    made = x.publish(post("A picture", picture), phases)
    assert phases.sent == 2
    assert published(sandbox) == 1
    stored = sandbox.world.post(Vendor.X, made.post_id)
    assert stored is not None
    assert stored.media == (picture.sha256,)


@pytest.mark.parametrize(
    ("kind", "presence"),
    [
        (FaultKind.DROP_ANSWER, Presence.FOUND),
        (FaultKind.ERROR_500_AFTER, Presence.FOUND),
        (FaultKind.TRUNCATED_BODY, Presence.FOUND),
        (FaultKind.MALFORMED_JSON, Presence.FOUND),
        (FaultKind.EMPTY_BODY, Presence.FOUND),
        (FaultKind.DROP_REQUEST, Presence.ABSENT),
        (FaultKind.HTML_200, Presence.ABSENT),
        (FaultKind.ERROR_503, Presence.ABSENT),
    ],
)
def test_an_unclear_answer_is_cleared_up_by_reading(
    x: XConnector, sandbox: RunningSandbox, kind: FaultKind, presence: Presence
) -> None:
    sandbox.world.faults.add(Fault(kind, vendor=Vendor.X, method="POST", path="/2/tweets"))
    with pytest.raises(OutcomeUnknown):
        x.publish(post("Unclear"), MemoryPhases())
    found = x.find_published(post("Unclear"), MemoryPhases(), since=START)
    assert found.presence is presence
    assert published(sandbox) == (1 if presence is Presence.FOUND else 0)


def test_a_duplicate_is_the_post_that_is_there(x: XConnector, sandbox: RunningSandbox) -> None:
    made = x.publish(post("Said once"), MemoryPhases())
    again = x.publish(post("Said once"), MemoryPhases())
    assert again.post_id == made.post_id
    assert sandbox.world.ledger.duplicates() == {}


def test_a_duplicate_that_is_nowhere_is_refused() -> None:
    """X's recorded refusal, and a timeline without the post."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            said = {"detail": "You are not allowed to create a Tweet with duplicate content.", "type": "about:blank"}
            return httpx.Response(403, json={**said, "title": "Forbidden", "status": 403})
        return httpx.Response(200, json={"meta": {"result_count": 0}})

    where = Endpoints(Vendor.X, {"api": "http://x.invalid"}, sandbox=True)
    holder = CredentialHolder(Credential("t"))
    x = x_module.connector("1", "@a", holder, where, transport=httpx.MockTransport(answer))
    with pytest.raises(Rejected, match="none of the account's 300 newest posts") as refused:
        x.publish(post("Gone"), MemoryPhases())
    assert refused.value.code == "duplicate"


def test_two_equal_posts_leave_it_open(x: XConnector, sandbox: RunningSandbox) -> None:
    for _ in range(2):
        sandbox.world.publish(Vendor.X, kind="text", text="Twice")
    found = x.find_published(post("Twice"), MemoryPhases(), since=START)
    assert found.presence is Presence.UNCERTAIN
    assert "2 posts" in found.evidence


def test_a_timeline_that_cannot_be_read_leaves_it_open(x: XConnector, sandbox: RunningSandbox) -> None:
    sandbox.world.faults.add(Fault(FaultKind.ERROR_500_BEFORE, vendor=Vendor.X, path="/2/users/.*/tweets", times=4))
    found = x.find_published(post("Any"), MemoryPhases(), since=START)
    assert found.presence is Presence.UNCERTAIN
    assert "HTTP 500" in found.evidence


def test_a_film_x_cannot_read_is_rejected_before_sending(
    x: XConnector, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no film at all" * 10)
    film = Media(MediaKind.VIDEO, str(tmp_path / "a.mp4"), "video/mp4", 140, "0" * 64)
    phases = MemoryPhases()
    with pytest.raises(Rejected, match="could not process"):
        x.publish(post("A film", film), phases)
    assert phases.sent == 0
    assert published(sandbox) == 0


def test_too_many_posts_say_when_to_come_back_and_reading_goes_on(x: XConnector, sandbox: RunningSandbox) -> None:
    sandbox.world.objects(Vendor.X, "settings")["limits"] = {"posts": 1}
    x.publish(post("One"), MemoryPhases())
    with pytest.raises(RateLimited) as limited:
        x.publish(post("Two"), MemoryPhases())
    assert limited.value.until is not None
    # The sandbox stands at 10:00:05 of its own day; the window ends at 10:15:00.
    assert timedelta(minutes=14) < limited.value.until - datetime.now(UTC) < timedelta(minutes=15)
    assert x.find_published(post("Two"), MemoryPhases(), since=START).presence is Presence.ABSENT
    assert x.quota()["posts"].startswith("0 of 1 left until ")
    assert x.quota()["timeline"].startswith("899 of 900 left")


def test_a_used_up_plan_is_told_apart_from_too_many_calls(x: XConnector, sandbox: RunningSandbox) -> None:
    sandbox.world.objects(Vendor.X, "settings")["cap"] = {"posts": 0}
    with pytest.raises(QuotaExhausted) as used_up:
        x.publish(post("One"), MemoryPhases())
    assert used_up.value.until is not None
    left = used_up.value.until - datetime.now(UTC)
    assert timedelta(hours=13, minutes=59) < left <= timedelta(hours=14)


def test_an_expired_token_is_renewed_on_the_way(x: XConnector, sandbox: RunningSandbox) -> None:
    sandbox.world.advance(timedelta(hours=2, minutes=1))
    assert x.publish(post("After two hours"), MemoryPhases()).post_id
    assert published(sandbox) == 1


def test_sign_in_goes_full_circle_and_refresh_tokens_work_once(sandbox: RunningSandbox) -> None:
    account = sign_in(sandbox, Vendor.X)
    assert (account.account_id, account.name) == ("1500000000000000001", "@samplebrand")
    old = account.credential
    authorizer = make_authorizer(
        Vendor.X, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url
    )  # fmt: skip
    assert old.scopes == authorizer.scopes
    assert old.expires_at is not None
    assert timedelta(0) < old.expires_at - datetime.now(UTC) <= timedelta(hours=2)
    new = authorizer.refresh(old)
    assert new.refresh_token not in (None, old.refresh_token)
    assert authorizer.accounts(new)[0].account_id == account.account_id
    with pytest.raises(AuthExpired, match="connect the account again"):
        authorizer.refresh(old)
    with pytest.raises(AuthExpired, match="without permission to stay signed in"):
        authorizer.refresh(Credential("only an access token"))


def _code(sandbox: RunningSandbox, scope: str | None = None) -> str:
    authorizer = make_authorizer(Vendor.X, client_id="public-client", sandbox_url=sandbox.url)
    url = httpx.URL(authorizer.authorize_url(redirect_uri=REDIRECT, state="s", verifier=VERIFIER))
    assert url.params["code_challenge_method"] == "S256"
    if scope is not None:
        url = url.copy_set_param("scope", scope)
    return httpx.URL(httpx.get(url, trust_env=False).headers["location"]).params["code"]


def test_a_code_is_for_one_client_one_verifier_once_and_thirty_seconds(sandbox: RunningSandbox) -> None:
    public = make_authorizer(Vendor.X, client_id="public-client", sandbox_url=sandbox.url)
    code = _code(sandbox)
    assert public.exchange(code, redirect_uri=REDIRECT, verifier=VERIFIER).access_token
    with pytest.raises(AuthExpired, match="authorization code was invalid"):
        public.exchange(code, redirect_uri=REDIRECT, verifier=VERIFIER)
    with pytest.raises(AuthExpired, match="code verifier"):
        public.exchange(_code(sandbox), redirect_uri=REDIRECT, verifier=VERIFIER[::-1])
    late = _code(sandbox)
    sandbox.world.advance(timedelta(seconds=31))
    with pytest.raises(AuthExpired, match="authorization code was invalid"):
        public.exchange(late, redirect_uri=REDIRECT, verifier=VERIFIER)


def test_a_missing_scope_is_named(sandbox: RunningSandbox) -> None:
    public = make_authorizer(Vendor.X, client_id="public-client", sandbox_url=sandbox.url)
    code = _code(sandbox, "tweet.read users.read")
    credential = public.exchange(code, redirect_uri=REDIRECT, verifier=VERIFIER)
    assert credential.refresh_token is None
    x = connect(sandbox, Vendor.X, public.accounts(credential)[0])
    with pytest.raises(PermissionMissing, match=r"tweet\.write"):
        x.publish(post("Not allowed"), MemoryPhases())
    assert published(sandbox) == 0
    assert list(x.collect(Stream.ACCOUNT, since=START, until=START))
