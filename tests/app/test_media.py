"""Images and videos of drafts: added, described, ordered, removed, and what a platform will refuse of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from app.components.media import facts
from app.components.refusals import media_refusals
from models.domain.approval import DraftStatus
from models.domain.assets import Asset, DraftMedia
from models.domain.publishing import MediaKind
from models.domain.social import Platform
from models.domain.workspace import SYSTEM
from models.services import approvals, assets, drafts
from tests.app.home import ADMIN, EDITOR, VIEWER, WORKSPACE, Home
from tests.app.outgoing import PICTURE_DRAFT, picture
from tests.app.test_views import labels, now, words

SignedIn = Callable[..., AppTest]
FIRST = "draft-00-instagram"
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


def media_of(home: Home, draft_id: str) -> list[tuple[str, str]]:
    with home.store() as store, store.unit_of_work() as uow:
        return [(m.asset.name, m.alt_text) for m in assets.media_of(uow, SYSTEM, draft_id)]


def upload(app: AppTest, key: str, name: str, content: bytes) -> AppTest:
    return app.file_uploader(key=key).set_value((name, content, "image/jpeg")).run()


def test_an_editor_adds_a_picture_with_its_words(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, "calendar", entry="entry-00")
    assert "Instagram will refuse it as it is: A post needs 1 to 10 images or videos" in words(app)
    upload(app, f"media-file-{FIRST}-1", "../oak.jpg", picture(1080, 1080))
    app.text_input(key=f"media-alt-{FIRST}-1").set_value("Steam rises from an oak plank")
    app.button(key=f"media-add-{FIRST}-1").click().run()
    assert not app.exception
    assert media_of(home, FIRST) == [("oak.jpg", "Steam rises from an oak plank")]
    assert len(list((home.path / "assets" / WORKSPACE).glob("*.jpg"))) == 3
    assert "Instagram will refuse" not in words(signed_in(EDITOR, "approvals", draft=FIRST))


def test_words_order_and_removal(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, "approvals", draft=PICTURE_DRAFT)
    (first, _), (second, _) = media_of(home, PICTURE_DRAFT)
    next(b for b in app.button if b.label == "Earlier" and not b.disabled).click().run()
    assert [name for name, _ in media_of(home, PICTURE_DRAFT)] == [second, first]
    app = signed_in(EDITOR, "approvals", draft=PICTURE_DRAFT)
    next(t for t in app.text_input if t.label == "Alternative text").set_value("A wide wall").run()
    next(b for b in app.button if b.label == "Save text" and not b.disabled).click().run()
    assert media_of(home, PICTURE_DRAFT)[0] == (second, "A wide wall")
    next(b for b in app.button if b.label == "Remove").click().run()
    assert [name for name, _ in media_of(home, PICTURE_DRAFT)] == [first]


def test_a_changed_picture_revokes_an_approval_after_a_warning(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        version = drafts.get_draft(uow, SYSTEM, PICTURE_DRAFT).version.number
        approvals.approve(uow, SYSTEM, PICTURE_DRAFT, version=version, now=now())
    app = signed_in(EDITOR, "calendar", entry="entry-02")
    assert "Changing its media revokes the approval" in words(app)
    next(b for b in app.button if b.label == "Remove").click().run()
    with home.store() as store, store.unit_of_work() as uow:
        assert drafts.get_draft(uow, SYSTEM, PICTURE_DRAFT).status is DraftStatus.IN_REVIEW


def test_a_file_that_is_no_picture_is_refused_in_one_sentence(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, "calendar", entry="entry-00")
    upload(app, f"media-file-{FIRST}-1", "page.jpg", b"<html>" + bytes(50))
    app.button(key=f"media-add-{FIRST}-1").click().run()
    assert not app.exception
    assert "is no JPEG" in app.error[0].value.replace("\\", "")
    assert media_of(home, FIRST) == []


def test_a_damaged_picture_does_not_break_the_page(signed_in: SignedIn, home: Home) -> None:
    for path in (home.path / "assets" / WORKSPACE).glob("*.jpg"):
        path.write_bytes(path.read_bytes()[:300])
    app = signed_in(VIEWER, "approvals", draft=PICTURE_DRAFT)
    assert not app.exception
    for path in (home.path / "assets" / WORKSPACE).glob("*.jpg"):
        path.unlink()
    app = signed_in(VIEWER, "approvals", draft=PICTURE_DRAFT)
    assert not app.exception
    assert "no longer in the store" in words(app)


def test_viewers_see_pictures_and_change_none(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "approvals", draft=PICTURE_DRAFT)
    assert len(app.get("image")) == 2
    assert not app.file_uploader
    assert not {"Remove", "Save text", "Earlier"} & labels(app)


def test_what_the_platform_refuses_of_the_files_is_said_before_the_approval(signed_in: SignedIn) -> None:
    text = words(signed_in(ADMIN, "approvals", draft=PICTURE_DRAFT))
    assert "Instagram will refuse it as it is: Item 2 has the aspect ratio 3.33" in text


def shown(kind: MediaKind, content_type: str, **facts_: object) -> DraftMedia:
    asset = Asset("a" * 64, WORKSPACE, kind, content_type, 1_000, "file", MOMENT)
    return DraftMedia(replace(asset, **facts_))  # type: ignore[arg-type]


JPEG = shown(MediaKind.IMAGE, "image/jpeg", width=1080, height=1080)
MP4 = shown(MediaKind.VIDEO, "video/mp4", width=1080, height=1920, duration_seconds=20.0, size=900_000)


@pytest.mark.parametrize(
    ("platform", "media", "refused"),
    [
        (Platform.INSTAGRAM, [], "1 to 10 images"),
        (Platform.INSTAGRAM, [JPEG], None),
        (Platform.TIKTOK, [], "no posts of text alone"),
        (Platform.TIKTOK, [MP4], None),
        (Platform.YOUTUBE, [], "video"),
        (Platform.YOUTUBE, [MP4], None),
        (Platform.X, [], None),
        (Platform.X, [JPEG, MP4], "not a mixture"),
        (Platform.LINKEDIN, [JPEG], None),
        (Platform.LINKEDIN, [shown(MediaKind.VIDEO, "video/webm")], "webm"),
        (Platform.FACEBOOK, [MP4, JPEG], "video stands alone"),
        (Platform.EMAIL, [], None),
        (Platform.EMAIL, [JPEG], "without the files"),
        (Platform.WEB, [JPEG], None),
    ],
)
def test_refusals_come_from_each_platforms_own_limits(
    platform: Platform, media: list[DraftMedia], refused: str | None
) -> None:
    found = media_refusals(platform, "Title: A keel\n\nText." if platform is Platform.YOUTUBE else "Text.", media)
    assert (refused is None and found == []) or (refused is not None and any(refused in f for f in found)), found


def test_a_file_in_words() -> None:
    assert facts(MP4.asset) == "Video · 1,080 × 1,920 px · 20 s · 900 kB"
    assert facts(replace(JPEG.asset, size=640, width=None)) == "Image · 640 bytes"
