"""Media files: what they are by their bytes, where platforms download them, and what they mean for an approval."""

from __future__ import annotations

import hashlib
import io
import os
import struct
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from connectors.assets import AssetStore, serve_assets
from connectors.movie import Movie, read_movie
from models.domain.approval import DraftStatus, content_hash
from models.domain.assets import Asset, DraftMedia
from models.domain.publishing import MediaKind, OutboxStatus
from models.domain.workspace import SYSTEM
from models.errors import Conflict, InvalidInput, NotFound
from models.services import approvals, assets, delivery, drafts, outbox
from models.store.database import Store
from tests.integration.publishing.platform import Server, SimClock, SimConnector, connect


def picture(kind: str, size: tuple[int, int] = (40, 30), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (9, 9, 9)).save(out, kind, **options)
    return out.getvalue()


def box(kind: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">I4s", 8 + len(inside), kind) + inside


def movie(
    *, brand: bytes = b"isom", seconds: float = 12.5, size: tuple[int, int] = (1080, 1920), rotated: bool = False,
    version: int = 0, moov_last: bool = True, fragmented: bool = False,
) -> bytes:  # fmt: skip
    """An MP4 with an audio and a video track, laid out as ISO/IEC 14496-12 says."""
    scale, length = 600, 0 if fragmented else int(seconds * 600)
    times = struct.pack(">QQIQ", 0, 0, scale, length) if version else struct.pack(">IIII", 0, 0, scale, length)
    mvhd = box(b"mvhd", bytes([version, 0, 0, 0]), times, b"\0" * 80)
    matrix = (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30) if rotated else (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)

    def track(handler: bytes, width: int, height: int) -> bytes:
        head = struct.pack(">QQIIQ", 0, 0, 1, 0, 0) if version else struct.pack(">IIIII", 0, 0, 1, 0, 0)
        sides = struct.pack(">9i", *matrix) + struct.pack(">II", width << 16, height << 16)
        tkhd = box(b"tkhd", bytes([version, 0, 0, 3]), head, b"\0" * 16, sides)
        return box(b"trak", tkhd, box(b"mdia", box(b"hdlr", b"\0" * 8, handler, b"\0" * 13)))

    mvex = box(b"mvex", box(b"mehd", b"\0" * 4, struct.pack(">I", int(seconds * 600)))) if fragmented else b""
    moov = box(b"moov", mvhd, track(b"soun", 0, 0), track(b"vide", *size), mvex)
    mdat = struct.pack(">I4sQ", 1, b"mdat", 16 + 5000) + b"\0" * 5000
    ftyp = box(b"ftyp", brand, b"\0\0\2\0", brand)
    return ftyp + (mdat + moov if moov_last else moov + mdat)


@pytest.fixture
def files(tmp_path: Path) -> AssetStore:
    return AssetStore(tmp_path / "assets")


@pytest.mark.parametrize(
    ("content", "kind", "content_type", "size", "seconds"),
    [
        (picture("JPEG"), MediaKind.IMAGE, "image/jpeg", (40, 30), None),
        (picture("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"), MediaKind.IMAGE, "image/jpeg", (30, 40), None),
        (picture("PNG"), MediaKind.IMAGE, "image/png", (40, 30), None),
        (picture("WEBP"), MediaKind.IMAGE, "image/webp", (40, 30), None),
        (picture("GIF"), MediaKind.GIF, "image/gif", (40, 30), None),
        (movie(), MediaKind.VIDEO, "video/mp4", (1080, 1920), 12.5),
        (movie(brand=b"qt  ", moov_last=False), MediaKind.VIDEO, "video/quicktime", (1080, 1920), 12.5),
        (movie(version=1, rotated=True), MediaKind.VIDEO, "video/mp4", (1920, 1080), 12.5),
        (movie(fragmented=True), MediaKind.VIDEO, "video/mp4", (1080, 1920), 12.5),
        (movie()[:3000], MediaKind.VIDEO, "video/mp4", (None, None), None),
        (b"%PDF-1.7\n...", MediaKind.DOCUMENT, "application/pdf", (None, None), None),
    ],
    ids=["jpeg", "jpeg-turned", "png", "webp", "gif", "mp4", "mov", "mp4-v1-rotated", "mp4-fragmented", "mp4-cut", "pdf"],
)  # fmt: skip
def test_a_file_is_what_its_bytes_say(
    files: AssetStore, now, content: bytes, kind, content_type: str, size, seconds
) -> None:
    made = files.add("natgeo", io.BytesIO(content), name="any.txt", now=now)
    assert (made.kind, made.content_type, made.size) == (kind, content_type, len(content))
    assert ((made.width, made.height), made.duration_seconds) == (size, seconds)
    assert made.id == hashlib.sha256(content).hexdigest()
    assert files.path(made).read_bytes() == content
    assert files.add("natgeo", io.BytesIO(content), name="again", now=now).id == made.id
    assert len(list(files.path(made).parent.iterdir())) == 1
    assert files.url(made) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"MZ\x90\0 program", "is no JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no JPEG"),
        (box(b"ftyp", b"heic", b"\0" * 8), "is no JPEG"),
        (b"\x89PNG\r\n\x1a\n" + b"broken" * 9, "cannot be read as a picture"),
        (picture("JPEG")[:20], "cannot be read as a picture"),
    ],
)
def test_what_no_platform_takes_is_refused_and_leaves_nothing(
    files: AssetStore, tmp_path: Path, now, content: bytes, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        files.add("natgeo", io.BytesIO(content), name="photo.jpg", now=now)
    assert [path for path in (tmp_path / "assets").rglob("*") if path.is_file()] == []
    with pytest.raises(InvalidInput, match="no workspace id"):
        files.add("../up", io.BytesIO(content), name="photo.jpg", now=now)


def test_a_movie_with_lies_in_its_boxes_says_nothing(tmp_path: Path) -> None:
    whole = movie(moov_last=False)
    path = tmp_path / "m.mp4"
    at = whole.index(b"moov") - 4
    for changed in range(at, at + 300):
        path.write_bytes(whole[:changed] + b"\xff" + whole[changed + 1 :])
        found = read_movie(path)
        assert found is None or isinstance(found, Movie)
    for size in (0, 7, 9, 30):
        path.write_bytes(whole[:size])
        assert read_movie(path) is None


def test_platforms_download_from_an_address_that_cannot_be_guessed(files: AssetStore, now) -> None:
    content = os.urandom(300_000)
    made = files.add("natgeo", io.BytesIO(movie() + content), name="clip.mp4", now=now)
    with serve_assets(files) as served:
        url = served.url(made)
        assert url is not None
        answer = httpx.get(url, trust_env=False)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")
        assert hashlib.sha256(answer.content).hexdigest() == made.id
        part = httpx.get(url, headers={"Range": "bytes=10-19"}, trust_env=False)
        assert (part.status_code, part.content) == (206, answer.content[10:20])
        token, workspace, name = urlsplit(url).path.split("/")[2:]
        assert len(token) == 24
        for wrong in (
            f"/media/{'A' * 24}/{workspace}/{name}",
            f"/media/{token}/other/{name}",
            f"/media/{token}/{workspace}/{'0' * 64}.mp4",
            f"/media/{token}/{workspace}/..%2f..%2faddress.key",
            f"/media/ä/{workspace}/{name}",
            "/media/",
            "/",
        ):
            assert httpx.get(served.base_url + wrong, trust_env=False).status_code == 404, wrong
        port = urlsplit(url).port
        with pytest.raises(InvalidInput, match="is in use"), serve_assets(files, port=port or 0):
            pass
    with serve_assets(files) as again:
        assert urlsplit(str(again.url(made))).path == urlsplit(url).path
    files.remove_workspace("natgeo")
    assert not files.path(made).exists()


@pytest.fixture
def two(store: Store, brand, files: AssetStore, now) -> list[Asset]:
    """Two pictures in the workspace."""
    with store.unit_of_work() as uow:
        made = [files.add("natgeo", io.BytesIO(picture("PNG", (n, n))), name=f"{n}.png", now=now) for n in (50, 60)]
        return [assets.save_asset(uow, brand.editor, asset) for asset in made]


def test_media_are_attached_described_ordered_and_taken_out(store: Store, brand, two, now) -> None:
    first, second = two
    with store.unit_of_work() as uow:
        assert sorted(a.id for a in assets.list_assets(uow, brand.viewer, "natgeo")) == sorted([first.id, second.id])
        renamed = assets.save_asset(uow, brand.editor, replace(first, name="other"))
        assert renamed == first
        assets.attach_media(uow, brand.editor, brand.draft_id, first.id, alt_text=" A lion ", now=now)
        assets.attach_media(uow, brand.editor, brand.draft_id, second.id, now=now)
        assets.attach_media(uow, brand.editor, brand.draft_id, second.id, alt_text="A zebra", now=now)
        shown = assets.media_of(uow, brand.viewer, brand.draft_id)
        assert shown == [DraftMedia(first, "A lion"), DraftMedia(second, "A zebra")]
        assets.reorder_media(uow, brand.editor, brand.draft_id, [second.id, first.id], now=now)
        assert assets.media_of(uow, brand.viewer, brand.draft_id) == shown[::-1]
        with pytest.raises(Conflict, match="changed meanwhile"):
            assets.reorder_media(uow, brand.editor, brand.draft_id, [second.id], now=now)
        assert assets.detach_media(uow, brand.editor, brand.draft_id, second.id, now=now) == [shown[0]]
        for call in (assets.detach_media, assets.attach_media):
            with pytest.raises(NotFound):
                call(uow, brand.editor, brand.draft_id, "none" if call is assets.attach_media else second.id, now=now)


def test_changed_media_end_an_approval_and_nobody_approves_what_they_have_not_seen(
    store: Store, brand, two, now
) -> None:
    connect(store, "natgeo", "page", now)
    with store.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        assets.attach_media(uow, brand.editor, brand.draft_id, two[0].id, now=now)
        draft = drafts.get_draft(uow, brand.viewer, brand.draft_id)
        assert (draft.status, draft.version.number, draft.version.text) == (DraftStatus.IN_REVIEW, 2, "First words")
        assert [i.status for i in outbox.list_outbox(uow, SYSTEM, "natgeo")] == [OutboxStatus.CANCELLED]
        with pytest.raises(Conflict, match="Version 2 was saved"):
            approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        approval = approvals.approve(uow, brand.admin, brand.draft_id, version=2, now=now)
        same = assets.attach_media(uow, brand.editor, brand.draft_id, two[0].id, now=now)
        assert len(same) == 1
        assert drafts.get_draft(uow, brand.viewer, brand.draft_id).status is DraftStatus.APPROVED
        draft = drafts.get_draft(uow, brand.viewer, brand.draft_id)
        assert approval.content_hash == content_hash(draft, brand.entry.fact_ids, same)
        uow.assets.set_media("natgeo", brand.draft_id, [])  # behind the services' back
        uow.commit()
        assert approvals.approved_version(uow, brand.viewer, brand.draft_id) is None


def test_the_hash_covers_files_order_and_words_and_is_as_before_without_media(store: Store, brand, two) -> None:
    with store.unit_of_work() as uow:
        draft = drafts.get_draft(uow, brand.viewer, brand.draft_id)
    a, b = two
    given = [
        (),
        (DraftMedia(a),),
        (DraftMedia(a, "x"),),
        (DraftMedia(a), DraftMedia(b)),
        (DraftMedia(b), DraftMedia(a)),
    ]
    hashes = [content_hash(draft, ("f1",), media) for media in given]
    assert len(set(hashes)) == 5
    bound = (
        '{"evidence": ["f1"], "platform": "facebook", "slot_at": "2026-11-26T09:00:00+00:00", "text": "First words", '
        '"variants": [["A", "opening", "First words"], ["B", "opening", "Or: First words"]]}'
    )
    assert hashes[0] == hashlib.sha256(bound.encode()).hexdigest()


def test_a_post_carries_its_files_and_one_that_is_gone_is_a_problem(
    store: Store, brand, two, files: AssetStore, now
) -> None:
    connect(store, "natgeo", "page", now)
    clock = SimClock(brand.entry.slot_at)
    with store.unit_of_work() as uow:
        assets.attach_media(uow, brand.editor, brand.draft_id, two[0].id, alt_text="A lion", now=now)
        approvals.approve(uow, brand.admin, brand.draft_id, version=2, now=now)
        item = outbox.claim_next(uow, SYSTEM, worker="w", now=clock())
        assert item is not None
        with serve_assets(files) as served:
            [media] = outbox.outgoing(uow, SYSTEM, item.key, files=served).media
        assert (media.kind, media.width, media.alt_text, media.sha256) == (MediaKind.IMAGE, 50, "A lion", two[0].id)
        assert Path(media.path).read_bytes() == picture("PNG", (50, 50))
        assert str(media.url).startswith("http://127.0.0.1:")
    files.remove_workspace("natgeo")
    failed = delivery.deliver(
        store.unit_of_work, item, SimConnector(Server(clock)), now=clock, worker="w",
        post_of=lambda uow, item: outbox.outgoing(uow, SYSTEM, item.key, files=files),
    )  # fmt: skip
    assert (failed.status, "is gone: add it again" in failed.message) == (OutboxStatus.FAILED, True)


def test_media_of_a_rejected_draft_and_too_many_are_refused(store: Store, brand, two, now, monkeypatch) -> None:
    with store.unit_of_work() as uow:
        for number in range(assets.MOST_MEDIA):
            asset = replace(two[0], id=f"{number:064}")
            assets.save_asset(uow, SYSTEM, asset)
            uow.assets.set_media("natgeo", brand.draft_id, [*uow.assets.of_draft(brand.draft_id), DraftMedia(asset)])
        uow.commit()
        with pytest.raises(InvalidInput, match="no platform takes more"):
            assets.attach_media(uow, brand.editor, brand.draft_id, two[0].id, now=now)
        approvals.reject(uow, brand.admin, brand.draft_id, version=1, note="Off brand", now=now)
        with pytest.raises(Conflict, match="rejected and cannot be edited"):
            assets.attach_media(uow, brand.editor, brand.draft_id, two[0].id, now=now)
