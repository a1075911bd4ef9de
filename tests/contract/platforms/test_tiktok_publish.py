"""TikTok: what is published, resumed, refused and found again, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from connectors.circuits import breaker
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.tiktok_desk import DOCUMENTED
from connectors.social.tiktok.limits import CHUNKS, chunk_plan, utf16_units
from models.domain.connection import ConnectedAccount, Vendor
from models.domain.publishing import Media, MediaKind, OutgoingPost, Presence
from models.errors import AuthExpired, OutcomeUnknown, QuotaExhausted, RateLimited, Rejected, Transient
from models.ports import Connector
from tests.contract.platforms.kit import Killed, MemoryPhases, connect, image, sign_in, video

TIKTOK = Vendor.TIKTOK
_numbers = count(1)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[TIKTOK]) as running:
        yield running


@pytest.fixture(scope="module")
def account(sandbox: RunningSandbox) -> ConnectedAccount:
    return sign_in(sandbox, TIKTOK)


@pytest.fixture
def tiktok(sandbox: RunningSandbox, account: ConnectedAccount) -> Iterator[Connector]:
    yield connect(sandbox, TIKTOK, account)
    breaker.cache_clear()
    sandbox.world.faults.clear()
    for kind in ("settings", "window"):
        sandbox.world.objects(TIKTOK, kind).clear()


@pytest.fixture(scope="module")
def media_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which TikTok downloads from it."""
    folder = tmp_path_factory.mktemp("pulled")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def draft(*media: Media, text: str = "", title: str = "", **options: str) -> OutgoingPost:
    number = next(_numbers)
    return OutgoingPost(
        f"key-{number}",
        TIKTOK,
        "-000sampleBrandOpenId",
        text or f"Clip {number} #repair",
        title,
        media=media,
        options=options,
    )


def clip(folder: Path, size: int = 60_000) -> Media:
    return video(folder / f"{next(_numbers)}.mp4", size=size)


def large(folder: Path, size: int = 34_000_000) -> Media:
    """A sparse file that is uploaded in three chunks, the last one larger."""
    small = clip(folder)
    with open(small.path, "r+b") as handle:
        handle.truncate(size)
    return replace(small, size=size)


def ledger(sandbox: RunningSandbox) -> int:
    return len(sandbox.world.ledger.of(TIKTOK, "publish"))


def published(sandbox: RunningSandbox, post_id: str) -> int:
    return sum(entry.subject_id == post_id for entry in sandbox.world.ledger.of(TIKTOK, "publish"))


def test_chunks_keep_to_the_rule() -> None:
    for size in (1, 4_999_999, 5_000_000, 19_999_999, 20_000_000, 64_000_001, 999_999_999, 4_000_000_000):
        chunk_size, number = chunk_plan(size)
        assert number == max(1, size // chunk_size)
        assert 1 <= number <= CHUNKS.max_count
        if number == 1:
            assert chunk_size == size <= CHUNKS.max_bytes
        else:
            assert CHUNKS.min_bytes <= chunk_size <= CHUNKS.max_bytes
            assert size - chunk_size * (number - 1) <= CHUNKS.last_bytes


def test_a_video_arrives_whole_and_gets_its_public_number(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path
) -> None:
    post = draft(clip(tmp_path), text="Zip repair in 20 s (really) 🧵 #repair")
    result = tiktok.publish(post, MemoryPhases())
    kept = sandbox.world.post(TIKTOK, result.post_id)
    assert kept is not None
    assert (kept.text, kept.media, kept.kind) == (post.text, (post.media[0].sha256,), "video")
    assert result.url == f"https://www.tiktok.com/@samplebrand/video/{result.post_id}"
    assert result.published_at == kept.published_at.replace(microsecond=0)


def test_a_large_video_goes_in_chunks(sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path) -> None:
    post = draft(large(tmp_path))
    phases = MemoryPhases()
    result = tiktok.publish(post, phases)
    publication = sandbox.world.objects(TIKTOK, "publication")[phases.kept["announced"]["publish_id"]]
    assert (publication["count"], publication["received"]) == (3, 34_000_000)
    assert (published(sandbox, result.post_id), phases.sent) == (1, 1)


def test_an_upload_goes_on_at_the_chunk_it_stopped_at(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path
) -> None:
    post, phases = draft(large(tmp_path)), MemoryPhases()
    sandbox.world.faults.add(Fault(FaultKind.ERROR_500_BEFORE, TIKTOK, "PUT", skip=1, times=4))
    with pytest.raises(Transient):
        tiktok.publish(post, phases)
    publish_id = phases.kept["announced"]["publish_id"]
    assert sandbox.world.objects(TIKTOK, "publication")[publish_id]["received"] == 10_000_000
    result = tiktok.publish(post, phases)
    assert phases.kept["announced"]["publish_id"] == publish_id
    assert published(sandbox, result.post_id) == 1


def test_a_chunk_whose_answer_was_lost_is_not_sent_into_the_next(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path
) -> None:
    """The repeated range is refused with 416; TikTok's count of bytes says where to go on."""
    sandbox.world.faults.add(Fault(FaultKind.DROP_ANSWER, TIKTOK, "PUT"))
    post = draft(large(tmp_path))
    result = tiktok.publish(post, MemoryPhases())
    assert published(sandbox, result.post_id) == 1


@pytest.mark.parametrize("phase", ["announced", "sending"])
def test_a_killed_publication_goes_on_where_it_was(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path, phase: str
) -> None:
    post, phases, before = draft(clip(tmp_path)), MemoryPhases(kill_after=phase), ledger(sandbox)
    with pytest.raises(Killed):
        tiktok.publish(post, phases)
    assert ledger(sandbox) == before
    announced = len(sandbox.world.objects(TIKTOK, "publication"))
    result = tiktok.publish(post, phases)
    assert phases.skipped
    assert len(sandbox.world.objects(TIKTOK, "publication")) == announced
    assert (published(sandbox, result.post_id), ledger(sandbox)) == (1, before + 1)


def test_a_publication_that_went_through_is_not_repeated(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path
) -> None:
    """Killed between the last chunk and the answer's storing: the publish id tells that it is out."""
    post, phases = draft(clip(tmp_path)), MemoryPhases()
    first = tiktok.publish(post, phases)
    again = tiktok.publish(post, phases)
    assert again.post_id == first.post_id
    assert (phases.sent, published(sandbox, first.post_id)) == (1, 1)


def test_an_address_that_ran_out_is_asked_for_anew(sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path) -> None:
    post, phases = draft(clip(tmp_path)), MemoryPhases(kill_after="announced")
    with pytest.raises(Killed):
        tiktok.publish(post, phases)
    old = phases.kept["announced"]["publish_id"]
    sandbox.world.advance(timedelta(hours=2))
    result = tiktok.publish(post, phases)
    assert phases.kept["announced"]["publish_id"] != old
    assert published(sandbox, result.post_id) == 1
    phases.kept["announced"]["publish_id"] = "v_pub_file~forgotten"
    finding = tiktok.find_published(post, phases, since=sandbox.world.clock.now() - timedelta(minutes=5))
    assert finding.published is not None
    assert finding.published.post_id == result.post_id


@pytest.mark.parametrize("kind", [FaultKind.DROP_ANSWER, FaultKind.ERROR_500_AFTER, FaultKind.DROP_REQUEST])
def test_an_unknown_outcome_is_resolved_by_the_publish_id(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path, kind: FaultKind
) -> None:
    post, phases, before = draft(clip(tmp_path)), MemoryPhases(), ledger(sandbox)
    sandbox.world.faults.add(Fault(kind, TIKTOK, "PUT"))
    with pytest.raises(OutcomeUnknown, match=post.key):
        tiktok.publish(post, phases)
    finding = tiktok.find_published(post, phases, since=sandbox.world.clock.now())
    if kind is FaultKind.DROP_REQUEST:
        assert (finding.presence, ledger(sandbox)) == (Presence.ABSENT, before)
        assert published(sandbox, tiktok.publish(post, phases).post_id) == 1
    else:
        assert finding.presence is Presence.FOUND
        assert finding.published is not None
        assert published(sandbox, finding.published.post_id) == 1
    assert ledger(sandbox) == before + 1


def test_hours_of_moderation_are_an_unknown_outcome_until_they_end(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path
) -> None:
    post, phases = draft(clip(tmp_path)), MemoryPhases()
    sandbox.world.objects(TIKTOK, "settings")["moderation"] = {"hold": True}
    begin = sandbox.world.clock.now()
    with pytest.raises(OutcomeUnknown, match="moderating"):
        tiktok.publish(post, phases)
    assert tiktok.find_published(post, phases, since=begin).presence is Presence.UNCERTAIN
    del sandbox.world.objects(TIKTOK, "settings")["moderation"]
    finding = tiktok.find_published(post, phases, since=begin)
    assert finding.presence is Presence.FOUND
    assert phases.sent == 1


def test_a_status_that_cannot_be_read_after_the_last_chunk_proves_nothing(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path
) -> None:
    post, phases = draft(clip(tmp_path)), MemoryPhases()
    sandbox.world.faults.add(Fault(FaultKind.ERROR_503, TIKTOK, path="status/fetch", times=8))
    with pytest.raises(OutcomeUnknown, match="could not be asked"):
        tiktok.publish(post, phases)
    assert tiktok.find_published(post, phases, since=sandbox.world.clock.now()).presence is Presence.UNCERTAIN


def test_a_private_post_keeps_its_publish_id(sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path) -> None:
    post, phases = draft(clip(tmp_path), privacy="SELF_ONLY"), MemoryPhases()
    result = tiktok.publish(post, phases)
    assert result.post_id == phases.kept["announced"]["publish_id"]
    assert result.url is None
    assert sandbox.world.ledger.of(TIKTOK, "publish")[-1].fingerprint
    phases.kept.clear()
    assert tiktok.find_published(post, phases, since=sandbox.world.clock.now()).presence is Presence.UNCERTAIN


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("file_format_check_failed", Rejected),
        ("duration_check_failed", Rejected),
        ("internal", Transient),
        ("auth_removed", AuthExpired),
        ("a_reason_of_next_year", Rejected),
    ],
)
def test_a_failed_publication_is_proof_of_nothing_published(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path, reason: str, kind: type[Exception]
) -> None:
    post, phases, before = draft(clip(tmp_path)), MemoryPhases(), ledger(sandbox)
    sandbox.world.objects(TIKTOK, "settings")["failure"] = {"reason": reason}
    with pytest.raises(kind, match=reason):
        tiktok.publish(post, phases)
    assert ledger(sandbox) == before
    assert tiktok.find_published(post, phases, since=sandbox.world.clock.now()).presence is Presence.ABSENT
    assert published(sandbox, tiktok.publish(post, phases).post_id) == 1


def test_a_file_that_is_no_video_is_refused(sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path) -> None:
    false = clip(tmp_path)
    Path(false.path).write_bytes(b"x" * false.size)
    with pytest.raises(Rejected, match="cannot read the file"):
        tiktok.publish(draft(false), MemoryPhases())


def test_photos_and_pulled_videos_are_downloaded(
    sandbox: RunningSandbox, tiktok: Connector, media_url: tuple[Path, str]
) -> None:
    folder, base = media_url
    photos = tuple(image(folder / f"p{n}.jpg", 700 + n, 700, url=f"{base}/p{n}.jpg") for n in range(3))
    post = draft(*photos, text="Three steps", title="Waxing a jacket")
    begin = sandbox.world.clock.now()
    result = tiktok.publish(post, MemoryPhases())
    kept = sandbox.world.post(TIKTOK, result.post_id)
    assert kept is not None
    assert (kept.kind, kept.title, kept.text) == ("photo", "Waxing a jacket", "Three steps")
    assert kept.media == tuple(photo.sha256 for photo in photos)
    finding = tiktok.find_published(post, MemoryPhases(), since=begin)
    assert finding.published is not None
    assert finding.published.post_id == result.post_id
    pulled = video(folder / "v.mp4", url=f"{base}/v.mp4")
    result = tiktok.publish(draft(pulled, source="pull"), MemoryPhases())
    kept = sandbox.world.post(TIKTOK, result.post_id)
    assert kept is not None
    assert kept.media == (pulled.sha256,)


def test_a_pulled_post_whose_answer_was_lost_is_found_by_the_list_or_left_to_a_person(
    sandbox: RunningSandbox, tiktok: Connector, media_url: tuple[Path, str]
) -> None:
    folder, base = media_url
    for kind, presence in ((FaultKind.DROP_ANSWER, Presence.FOUND), (FaultKind.DROP_REQUEST, Presence.UNCERTAIN)):
        post = draft(image(folder / f"{kind}.jpg", url=f"{base}/{kind}.jpg"))
        phases, begin = MemoryPhases(), sandbox.world.clock.now()
        sandbox.world.faults.add(Fault(kind, TIKTOK, path="content/init"))
        with pytest.raises(OutcomeUnknown):
            tiktok.publish(post, phases)
        sandbox.world.advance(tiktok.visibility_lag)
        assert tiktok.find_published(post, phases, since=begin).presence is presence


def test_a_missing_or_foreign_file_is_not_downloaded(
    sandbox: RunningSandbox, tiktok: Connector, media_url: tuple[Path, str]
) -> None:
    folder, base = media_url
    before = ledger(sandbox)
    missing = image(folder / "gone.jpg", url=f"{base}/never-there.jpg")
    with pytest.raises(Transient, match="photo_pull_failed"):
        tiktok.publish(draft(missing), MemoryPhases())
    foreign = replace(missing, url="https://unverified.example/a.jpg")
    with pytest.raises(Rejected, match="verify the domain"):
        tiktok.publish(draft(foreign), MemoryPhases())
    assert ledger(sandbox) == before


def test_the_creators_settings_are_asked_every_time(sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path) -> None:
    settings = sandbox.world.objects(TIKTOK, "settings")
    settings["creator"] = {"privacy_level_options": ["SELF_ONLY"], "max_video_post_duration_sec": 60}
    with pytest.raises(Rejected, match="offers the privacy SELF_ONLY"):
        tiktok.publish(draft(clip(tmp_path)), MemoryPhases())
    with pytest.raises(Rejected, match="lasts 61 s and the account may post 60 s"):
        tiktok.publish(draft(replace(clip(tmp_path), duration_seconds=61.0), privacy="SELF_ONLY"), MemoryPhases())
    assert tiktok.publish(draft(clip(tmp_path), privacy="SELF_ONLY"), MemoryPhases()).post_id


def test_an_unaudited_app_posts_privately_only_and_validation_says_so_from_then_on(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path
) -> None:
    sandbox.world.objects(TIKTOK, "settings")["unaudited"] = {}
    post = draft(clip(tmp_path))
    assert tiktok.validate(post) == []
    with pytest.raises(Rejected, match="not audited"):
        tiktok.publish(post, MemoryPhases())
    assert [problem.field for problem in tiktok.validate(post)] == ["privacy"]
    assert tiktok.publish(draft(clip(tmp_path), privacy="SELF_ONLY"), MemoryPhases()).post_id


def test_tiktoks_own_quotas(sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path) -> None:
    sandbox.world.objects(TIKTOK, "settings")["quota"] = {"inits": 2, "posts_per_day": 15}
    post = clip(tmp_path)
    for _ in range(2):
        tiktok.publish(draft(post), MemoryPhases())
    with pytest.raises(RateLimited, match="rate_limit_exceeded") as limited:
        tiktok.publish(draft(post), MemoryPhases())
    assert limited.value.until is not None
    sandbox.world.objects(TIKTOK, "settings")["quota"] = asdict(DOCUMENTED) | {"inits": 99}
    for _ in range(13):
        sandbox.world.advance(timedelta(minutes=1))
        tiktok.publish(draft(post), MemoryPhases())
    before = ledger(sandbox)
    with pytest.raises(QuotaExhausted, match="spam_risk_too_many_posts"):
        tiktok.publish(draft(post), MemoryPhases())
    assert ledger(sandbox) == before
    sandbox.world.advance(timedelta(days=1))


def test_a_short_burst_of_limits_is_waited_out(sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path) -> None:
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, TIKTOK, path="video/init", times=2))
    assert published(sandbox, tiktok.publish(draft(clip(tmp_path)), MemoryPhases()).post_id) == 1


def test_an_expired_token_is_renewed_and_a_lost_one_asks_for_a_person(sandbox: RunningSandbox, tmp_path: Path) -> None:
    signed = sign_in(sandbox, TIKTOK)
    sandbox.world.tokens.revoked.add(signed.credential.access_token)
    result = connect(sandbox, TIKTOK, signed).publish(draft(clip(tmp_path)), MemoryPhases())
    assert published(sandbox, result.post_id) == 1
    assert signed.credential.refresh_token is not None
    sandbox.world.tokens.revoked.add(signed.credential.refresh_token)
    with pytest.raises(AuthExpired, match="reconnect"):
        connect(sandbox, TIKTOK, signed).publish(draft(clip(tmp_path)), MemoryPhases())


def file(kind: MediaKind = MediaKind.VIDEO, content_type: str = "video/mp4", size: int = 9, **more: float) -> Media:
    return Media(kind, "a", content_type, size, "h", url="https://media.example/a", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("post", "field", "words"),
    [
        (draft(), "media", "text alone"),
        (draft(file(), file()), "media", "one video"),
        (draft(file(), file(MediaKind.IMAGE, "image/jpeg")), "media", "image, video"),
        (draft(*[file(MediaKind.IMAGE, "image/jpeg")] * 36), "media", "35 photos"),
        (draft(file(MediaKind.IMAGE, "image/png")), "media", "image/png"),
        (draft(file(content_type="video/avi")), "media", "video/avi"),
        (draft(file(size=4_000_000_001)), "media", "4,000,000,001"),
        (draft(file(duration_seconds=601)), "media", "601 s"),
        (draft(file(width=300, height=640)), "media", "300 × 640"),
        (draft(file(width=1080, height=5_000)), "media", "1080 × 5000"),
        (draft(replace(file(), url=None), source="pull"), "media", "no public address"),
        (draft(file(), text="😀" * 1_101), "text", "2,202 UTF-16 units"),
        (draft(file(MediaKind.IMAGE, "image/jpeg"), text="x" * 4_001), "text", "4,001"),
        (draft(file(MediaKind.IMAGE, "image/jpeg"), title="x" * 91), "title", "91"),
        (draft(file(), privacy="EVERYBODY"), "privacy", "EVERYBODY"),
    ],
)  # fmt: skip
def test_every_limit_is_told_before_anything_is_sent(
    sandbox: RunningSandbox, tiktok: Connector, post: OutgoingPost, field: str, words: str
) -> None:
    problems = tiktok.validate(post)
    assert [problem.field for problem in problems] == [field]
    assert words in problems[0].message
    announced = len(sandbox.world.objects(TIKTOK, "publication"))
    with pytest.raises(Rejected):
        tiktok.publish(post, MemoryPhases())
    assert len(sandbox.world.objects(TIKTOK, "publication")) == announced


def test_the_longest_caption_passes_the_platform_too(
    sandbox: RunningSandbox, tiktok: Connector, tmp_path: Path
) -> None:
    post = draft(clip(tmp_path), text="😀" * 1_100)
    assert utf16_units(post.text) == 2_200
    assert published(sandbox, tiktok.publish(post, MemoryPhases()).post_id) == 1
