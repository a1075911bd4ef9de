"""LinkedIn: what is published, resumed, refused and found again, against the sandbox."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import httpx
import pytest

from connectors.circuits import breaker
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.linkedin_text import visible, written
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.social.linkedin.littletext import RESERVED, escape, plain
from models.domain.connection import ConnectedAccount, Vendor
from models.domain.publishing import Media, MediaKind, OutgoingPost, Presence
from models.errors import AuthExpired, OutcomeUnknown, PermissionMissing, QuotaExhausted, Rejected, Transient
from models.ports import Connector
from tests.contract.platforms.kit import Killed, MemoryPhases, connect, image, sign_in, video

LINKEDIN = Vendor.LINKEDIN
_numbers = count(1)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[LINKEDIN]) as running:
        yield running


@pytest.fixture(scope="module")
def account(sandbox: RunningSandbox) -> ConnectedAccount:
    return sign_in(sandbox, LINKEDIN)


@pytest.fixture
def linkedin(sandbox: RunningSandbox, account: ConnectedAccount) -> Iterator[Connector]:
    yield connect(sandbox, LINKEDIN, account)
    breaker.cache_clear()
    sandbox.world.faults.clear()


def draft(text: str = "", *media: Media, **more: str | None) -> OutgoingPost:
    number = next(_numbers)
    return OutgoingPost(f"key-{number}", LINKEDIN, "90000001", text or f"Note {number} (draft)", media=media, **more)  # type: ignore[arg-type]


def published(sandbox: RunningSandbox, post_id: str) -> int:
    return sum(entry.subject_id == post_id for entry in sandbox.world.ledger.of(LINKEDIN, "publish"))


def ledger(sandbox: RunningSandbox) -> int:
    return len(sandbox.world.ledger.of(LINKEDIN, "publish"))


ALPHABET = [
    *RESERVED,
    "a",
    "Z",
    "é",
    "字",
    " ",
    "\n",
    "1",
    "#tag",
    "#a_b",
    "https://x.example/a_b?c=1#d",
    "C#",
    "😀",
    "\\",
]


def test_what_is_escaped_is_what_a_reader_sees() -> None:
    """3,000 texts of markup and words: the sandbox cuts at the first character that is not escaped."""
    state = 12345
    for _ in range(3_000):
        parts = []
        for _ in range(12):
            state = (state * 1103515245 + 12345) % 2**31
            parts.append(ALPHABET[(state >> 8) % len(ALPHABET)])
        text = "".join(parts)
        assert visible(escape(text)) == text
        assert plain(escape(text)) == text
        assert plain(written(text)) == text


def test_a_text_that_is_not_escaped_is_cut() -> None:
    assert visible("Three days (and nights) out") == "Three days "
    assert visible(escape("Three days (and nights) out")) == "Three days (and nights) out"


def test_hashtags_stay_hashtags() -> None:
    assert escape("Go #hiking in C# 2_0") == "Go #hiking in C\\# 2\\_0"
    assert escape("#two_words") == "{hashtag|\\#|two\\_words}"
    assert plain("{hashtag|\\#|hiking} with @[Ann \\(A\\)](urn:li:person:x1)") == "#hiking with Ann (A)"


def test_the_text_that_arrives_is_the_text_approved(sandbox: RunningSandbox, linkedin: Connector) -> None:
    post = draft("Save 20% (today) [only] <now> ~ *really* | see @us {here} #winter_sale #boots \\ done_")
    result = linkedin.publish(post, MemoryPhases())
    kept = sandbox.world.post(LINKEDIN, result.post_id)
    assert kept is not None
    assert kept.text == post.text
    assert result.url == f"https://www.linkedin.com/feed/update/{result.post_id}"
    assert abs((result.published_at - kept.published_at).total_seconds()) < 2


def test_a_link_becomes_an_article_and_beside_files_a_line(
    sandbox: RunningSandbox, linkedin: Connector, tmp_path: Path
) -> None:
    alone = linkedin.publish(draft("Read this", link="https://site.example/a_b"), MemoryPhases())
    beside = linkedin.publish(
        draft("Read that", image(tmp_path / "a.jpg"), link="https://site.example/a_b"), MemoryPhases()
    )
    first, second = (sandbox.world.post(LINKEDIN, found.post_id) for found in (alone, beside))
    assert first is not None
    assert (first.kind, first.link, first.text) == ("link", "https://site.example/a_b", "Read this")
    assert second is not None
    assert (second.kind, second.text) == ("photo", "Read that\n\nhttps://site.example/a_b")


@pytest.mark.parametrize("shape", ["one image", "four images", "video", "document"])
def test_files_arrive_whole_and_are_found_again(
    sandbox: RunningSandbox, linkedin: Connector, tmp_path: Path, shape: str
) -> None:
    match shape:
        case "one image":
            media: tuple[Media, ...] = (image(tmp_path / "a.jpg", alt_text="A hut"),)
        case "four images":
            media = tuple(image(tmp_path / f"{n}.jpg", 800 + n, 800) for n in range(4))
        case "video":
            media = (video(tmp_path / "a.mp4", size=9_000_000),)
        case _:
            path = tmp_path / "guide.pdf"
            path.write_bytes(b"%PDF-1.4 guide")
            media = (Media(MediaKind.DOCUMENT, str(path), "application/pdf", 14, sha256_of(path)),)
    post = draft(f"With {shape}", *media)
    before = sandbox.world.clock.now()
    result = linkedin.publish(post, MemoryPhases())
    kept = sandbox.world.post(LINKEDIN, result.post_id)
    assert kept is not None
    assert kept.media == tuple(item.sha256 for item in media)
    finding = linkedin.find_published(post, MemoryPhases(), since=before)
    assert finding.presence is Presence.FOUND
    assert finding.published is not None
    assert finding.published.post_id == result.post_id


@pytest.mark.parametrize("phase", ["upload-0", "asset-0", "sending"])
def test_a_killed_publication_goes_on_where_it_was(
    sandbox: RunningSandbox, linkedin: Connector, tmp_path: Path, phase: str
) -> None:
    post = draft(f"Killed after {phase}", video(tmp_path / "a.mp4", size=9_000_000))
    phases = MemoryPhases(kill_after=phase)
    before = ledger(sandbox)
    with pytest.raises(Killed):
        linkedin.publish(post, phases)
    assert ledger(sandbox) == before
    assets = len(sandbox.world.objects(LINKEDIN, "asset"))
    result = linkedin.publish(post, phases)
    assert phases.skipped
    assert len(sandbox.world.objects(LINKEDIN, "asset")) == assets
    assert (published(sandbox, result.post_id), ledger(sandbox)) == (1, before + 1)


def test_a_lost_asset_is_made_anew(sandbox: RunningSandbox, linkedin: Connector, tmp_path: Path) -> None:
    post = draft("Expired", image(tmp_path / "a.jpg"))
    phases = MemoryPhases(kill_after="sending")
    with pytest.raises(Killed):
        linkedin.publish(post, phases)
    lost = phases.kept["asset-0"]["id"]
    del sandbox.world.objects(LINKEDIN, "asset")[lost]
    result = linkedin.publish(post, phases)
    assert phases.kept["asset-0"]["id"] != lost
    assert published(sandbox, result.post_id) == 1


def test_a_video_that_failed_earlier_is_uploaded_anew(
    sandbox: RunningSandbox, linkedin: Connector, tmp_path: Path
) -> None:
    phases = MemoryPhases(kill_after="upload-0")
    post = draft("Broken on the way", video(tmp_path / "a.mp4", size=300_000))
    with pytest.raises(Killed):
        linkedin.publish(post, phases)
    lost = phases.kept["upload-0"]["id"]
    sandbox.world.objects(LINKEDIN, "asset")[lost]["size"] = 1
    result = linkedin.publish(post, phases)
    assert phases.kept["asset-0"]["id"] != lost
    assert published(sandbox, result.post_id) == 1


def test_a_file_that_is_not_ready_is_waited_for_by_the_next_attempt(
    sandbox: RunningSandbox, linkedin: Connector, tmp_path: Path
) -> None:
    post, phases = draft("Slow image", image(tmp_path / "a.jpg")), MemoryPhases(kill_after="sending")
    with pytest.raises(Killed):
        linkedin.publish(post, phases)
    asset = sandbox.world.objects(LINKEDIN, "asset")[phases.kept["asset-0"]["id"]]
    asset.update(status="PROCESSING", polls=0)
    before = ledger(sandbox)
    with pytest.raises(Transient, match="not ready"):
        linkedin.publish(post, phases)
    assert ledger(sandbox) == before
    asset.update(status="AVAILABLE")
    assert published(sandbox, linkedin.publish(post, phases).post_id) == 1


def test_a_video_that_cannot_be_processed_is_refused(
    sandbox: RunningSandbox, linkedin: Connector, tmp_path: Path
) -> None:
    whole = video(tmp_path / "a.mp4", size=300_000)
    before = ledger(sandbox)
    with pytest.raises(Rejected, match="could not process the video"):
        linkedin.publish(draft("Cut short", replace(whole, size=whole.size + 1)), MemoryPhases())
    assert ledger(sandbox) == before


@pytest.mark.parametrize(
    "kind", [FaultKind.DROP_ANSWER, FaultKind.ERROR_500_AFTER, FaultKind.DROP_REQUEST, FaultKind.HTML_200]
)
def test_an_unknown_outcome_is_resolved_by_reading(
    sandbox: RunningSandbox, linkedin: Connector, kind: FaultKind
) -> None:
    post = draft()
    phases = MemoryPhases()
    begin = sandbox.world.clock.now()
    before = ledger(sandbox)
    sandbox.world.faults.add(Fault(kind, LINKEDIN, "POST", "/rest/posts"))
    with pytest.raises(OutcomeUnknown, match=post.key):
        linkedin.publish(post, phases)
    finding = linkedin.find_published(post, phases, since=begin)
    if kind in (FaultKind.DROP_REQUEST, FaultKind.HTML_200):
        assert (finding.presence, ledger(sandbox)) == (Presence.ABSENT, before)
    else:
        assert finding.presence is Presence.FOUND
        assert finding.published is not None
        assert published(sandbox, finding.published.post_id) == 1
        assert ledger(sandbox) == before + 1


def test_an_unreadable_account_leaves_it_uncertain(sandbox: RunningSandbox, linkedin: Connector) -> None:
    sandbox.world.faults.add(Fault(FaultKind.ERROR_503, LINKEDIN, "GET", "/rest/posts", times=9))
    finding = linkedin.find_published(draft(), MemoryPhases(), since=sandbox.world.clock.now())
    assert finding.presence is Presence.UNCERTAIN
    assert "503" in finding.evidence


def test_two_equal_posts_leave_it_uncertain(sandbox: RunningSandbox, linkedin: Connector) -> None:
    begin = sandbox.world.clock.now()
    for _ in range(2):
        sandbox.world.publish(LINKEDIN, kind="text", text="Said twice")
    finding = linkedin.find_published(draft("Said twice"), MemoryPhases(), since=begin)
    assert finding.presence is Presence.UNCERTAIN


def test_a_duplicate_is_the_post_itself(sandbox: RunningSandbox, linkedin: Connector) -> None:
    post = draft()
    first = linkedin.publish(post, MemoryPhases())
    again = linkedin.publish(post, MemoryPhases())
    assert again.post_id == first.post_id
    assert published(sandbox, first.post_id) == 1


def test_a_conflict_is_tried_once_more() -> None:
    """The vendor's 409 proves that nothing happened, so the one call may be repeated, once."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        body = {"status": 409, "code": "CONFLICT", "message": "Retry the request."}
        return httpx.Response(409, json=body) if len(asked) <= conflicts else created

    created = httpx.Response(201, headers={"x-restli-id": "urn:li:share:7"})
    with running_sandbox(vendors=[LINKEDIN]) as running:
        signed = sign_in(running, LINKEDIN)
        linkedin = connect(running, LINKEDIN, signed, transport=httpx.MockTransport(answer))
        conflicts = 1
        assert linkedin.publish(draft(), MemoryPhases()).post_id == "urn:li:share:7"
        assert asked == ["POST", "POST"]
        asked.clear()
        conflicts = 9
        with pytest.raises(Rejected, match="another change"):
            linkedin.publish(draft(), MemoryPhases())
        assert asked == ["POST", "POST"]
        asked.clear()
        conflicts = 0
        created = httpx.Response(201)
        with pytest.raises(OutcomeUnknown, match="without the id"):
            linkedin.publish(draft(), MemoryPhases())


def test_a_link_that_linkedin_shows_otherwise_does_not_prove_absence(
    sandbox: RunningSandbox, linkedin: Connector
) -> None:
    """Before, another address of the article alone made the post count as absent, and it was sent again."""
    begin = sandbox.world.clock.now()
    sandbox.world.publish(LINKEDIN, kind="link", text="Shown otherwise", link="https://a.example/x?utm_source=linkedin")
    post = draft("Shown otherwise", link="https://a.example/x")
    assert linkedin.find_published(post, MemoryPhases(), since=begin).presence is Presence.FOUND


def test_a_made_post_is_no_refusal_whatever_else_its_answer_says() -> None:
    """A decorated part that failed belongs to reads: taken for a limit, it would have the post made twice."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        body = {"author!": {"status": 429, "message": "Resource level throttle"}}
        return httpx.Response(201, headers={"x-restli-id": "urn:li:share:8"}, json=body)

    with running_sandbox(vendors=[LINKEDIN]) as running:
        linkedin = connect(running, LINKEDIN, sign_in(running, LINKEDIN), transport=httpx.MockTransport(answer))
        assert linkedin.publish(draft(), MemoryPhases()).post_id == "urn:li:share:8"
    assert asked == ["POST"]


def test_the_day_limit_says_when_it_ends(sandbox: RunningSandbox, linkedin: Connector) -> None:
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, LINKEDIN, "POST", "/rest/posts"))
    before = ledger(sandbox)
    with pytest.raises(QuotaExhausted) as caught:
        linkedin.publish(draft(), MemoryPhases())
    now = sandbox.world.clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert caught.value.until is not None
    assert abs((caught.value.until - midnight).total_seconds()) < 5
    assert ledger(sandbox) == before


def test_an_expired_token_is_renewed_and_a_revoked_one_asks_for_a_person(sandbox: RunningSandbox) -> None:
    signed = sign_in(sandbox, LINKEDIN)
    linkedin = connect(sandbox, LINKEDIN, signed)
    sandbox.world.tokens.revoked.add(signed.credential.access_token)
    assert published(sandbox, linkedin.publish(draft(), MemoryPhases()).post_id) == 1
    assert signed.credential.refresh_token is not None
    sandbox.world.tokens.revoked |= {signed.credential.access_token, signed.credential.refresh_token}
    with pytest.raises(AuthExpired, match="reconnect"):
        connect(sandbox, LINKEDIN, signed).publish(draft(), MemoryPhases())


def test_a_foreign_page_is_refused(sandbox: RunningSandbox, account: ConnectedAccount) -> None:
    foreign = ConnectedAccount("123", "Someone else", account.credential)
    with pytest.raises(PermissionMissing, match="administrator"):
        connect(sandbox, LINKEDIN, foreign).publish(draft(), MemoryPhases())


LONG = "x" * 3_001


@pytest.mark.parametrize(
    ("post", "field", "words"),
    [
        (OutgoingPost("k", LINKEDIN, "1", LONG), "text", "3,001 characters"),
        (OutgoingPost("k", LINKEDIN, "1", "  "), "text", "empty"),
        (OutgoingPost("k", LINKEDIN, "1", "a", title="t" * 401, link="https://a.example"), "title", "401"),
        (draft("a", *[Media(MediaKind.IMAGE, "a", "image/png", 9, "h")] * 21), "media", "20 images"),
        (draft("a", Media(MediaKind.IMAGE, "a", "image/webp", 9, "h")), "media", "image/webp"),
        (draft("a", Media(MediaKind.IMAGE, "a", "image/png", 9, "h", 9_000, 9_000)), "media", "81,000,000 pixels"),
        (draft("a", Media(MediaKind.VIDEO, "a", "video/mp4", 74_999, "h")), "media", "74,999 bytes"),
        (draft("a", Media(MediaKind.VIDEO, "a", "video/mp4", 600_000_000, "h")), "media", "600,000,000 bytes"),
        (draft("a", Media(MediaKind.VIDEO, "a", "video/mp4", 90_000, "h", duration_seconds=2)), "media", "lasts 2 s"),
        (draft("a", Media(MediaKind.VIDEO, "a", "video/mp4", 90_000, "h", 1_000, 3_000)), "media", "1000:3000"),
        (draft("a", Media(MediaKind.DOCUMENT, "a", "text/plain", 9, "h")), "media", "text/plain"),
        (
            draft("a", Media(MediaKind.IMAGE, "a", "image/png", 9, "h"), Media(MediaKind.VIDEO, "b", "video/mp4", 90_000, "h")),
            "media", "mixture",
        ),
        (draft("a", *[Media(MediaKind.VIDEO, "b", "video/mp4", 90_000, "h")] * 2), "media", "one video"),
    ],
)  # fmt: skip
def test_every_limit_is_told_before_anything_is_sent(
    linkedin: Connector, sandbox: RunningSandbox, post: OutgoingPost, field: str, words: str
) -> None:
    problems = linkedin.validate(post)
    assert [problem.field for problem in problems] == [field]
    assert words in problems[0].message
    before = ledger(sandbox)
    with pytest.raises(Rejected):
        linkedin.publish(post, MemoryPhases())
    assert ledger(sandbox) == before


def test_the_longest_text_passes(linkedin: Connector, sandbox: RunningSandbox) -> None:
    post = draft("(" * 3_000)
    assert linkedin.validate(post) == []
    kept = sandbox.world.post(LINKEDIN, linkedin.publish(post, MemoryPhases()).post_id)
    assert kept is not None
    assert len(kept.text) == 3_000


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
