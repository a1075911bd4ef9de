"""The images and videos of a draft: shown, added, described, ordered and removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

import streamlit as st

from app.charts.template import label
from app.components import numbers
from app.components.frame import perform
from app.components.making import making
from app.components.refusals import media_refusals
from app.components.text import base_name, plain
from app.context import now
from app.session import Visit
from connectors.assets import AssetStore
from models.domain.approval import Draft, DraftStatus
from models.domain.assets import Asset, DraftMedia
from models.domain.publishing import MediaKind
from models.errors import Forbidden
from models.services import assets

EXTENSIONS = ("jpg", "jpeg", "png", "webp", "gif", "mp4", "mov", "webm", "pdf")
MOST_MEGABYTES = 200
_SHOWN_PIXELS = 50_000_000
_SHOWN_VIDEO_BYTES = 64 * 1024**2
_ALT_TEXT = 2_000
REVOKES = "This draft is approved. Changing its media revokes the approval and sends it back to review."


def read_media(visit: Visit, draft: Draft) -> list[DraftMedia]:
    with visit.context.store.unit_of_work() as uow:
        return assets.media_of(uow, visit.principal, draft.id)


def media_preview(visit: Visit, shown: Sequence[DraftMedia]) -> None:
    """The files below the text of a preview, in their order."""
    if not shown:
        return
    with st.container(horizontal=True, vertical_alignment="top"):
        for media in shown:
            with st.container(width=220, gap="xxsmall"):
                _picture(visit, media, width=220)
                st.caption(plain(media.alt_text) or ":gray[No alternative text]")


def media_warnings(draft: Draft, shown: Sequence[DraftMedia]) -> None:
    """What the platform will refuse about the files, before anybody approves the draft."""
    for message in media_refusals(draft.platform, draft.version.text, shown):
        st.warning(f"{label(draft.platform)} will refuse it as it is: {plain(message)}", icon=":material/perm_media:")


def media_editor(visit: Visit, draft: Draft, shown: Sequence[DraftMedia]) -> None:
    """Files with their alternative text, order and removal, and a place to add one."""
    if draft.status is DraftStatus.REJECTED:
        st.caption("A rejected draft cannot be edited.")
        return
    if draft.status is DraftStatus.APPROVED:
        st.warning(REVOKES, icon=":material/lock_open:")
    for position, media in enumerate(shown):
        _row(visit, draft, shown, position, media)
    _adding(visit, draft)
    if visit.may_edit:
        making(visit, draft, shown)


def _row(visit: Visit, draft: Draft, shown: Sequence[DraftMedia], position: int, media: DraftMedia) -> None:
    key = f"{draft.id}-{draft.version.number}-{media.asset.id[:12]}"
    with st.container(border=True, key=f"media-{key}"):
        left, right = st.columns([1, 3], vertical_alignment="top")
        with left:
            _picture(visit, media, width=140)
        with right:
            st.markdown(f"**{position + 1}.** {plain(media.asset.name)}  \n:small[:gray[{plain(facts(media.asset))}]]")
            alt = st.text_input(
                "Alternative text", media.alt_text, key=f"alt-{key}", max_chars=_ALT_TEXT,
                placeholder="What it shows, for people who cannot see it",
            )  # fmt: skip
            with st.container(horizontal=True):
                if st.button("Save text", key=f"alt-save-{key}", disabled=alt == media.alt_text):
                    _do("Saved the alternative text.", _attaching(visit, draft, media.asset.id, alt))
                if len(shown) > 1 and st.button("Earlier", key=f"up-{key}", disabled=position == 0):
                    _do("Moved the file.", _moving(visit, draft, shown, position))
                if st.button("Remove", key=f"remove-{key}", icon=":material/delete:"):
                    _do("Removed the file.", _detaching(visit, draft, media.asset.id))


def _adding(visit: Visit, draft: Draft) -> None:
    key = f"{draft.id}-{draft.version.number}"
    uploaded = st.file_uploader(
        "Add an image or a video", type=list(EXTENSIONS), key=f"media-file-{key}", max_upload_size=MOST_MEGABYTES
    )
    if uploaded is None:
        return
    alt = st.text_input(
        "Alternative text of the new file", key=f"media-alt-{key}", max_chars=_ALT_TEXT,
        placeholder="What it shows, for people who cannot see it",
    )  # fmt: skip
    if st.button("Add to the draft", type="primary", key=f"media-add-{key}", icon=":material/add_photo_alternate:"):
        _do("Added the file.", lambda: _add(visit, draft, uploaded, base_name(uploaded.name), alt))


def _add(visit: Visit, draft: Draft, content: BinaryIO, name: str, alt: str) -> None:
    if not visit.may_edit:
        raise Forbidden("Your role does not let you add files to a draft, which takes admin or editor: ask an admin.")
    content.seek(0)
    stored = _files(visit).add(visit.workspace.id, content, name=name, now=now())
    with visit.context.store.unit_of_work() as uow:
        assets.save_asset(uow, visit.principal, stored)
        assets.attach_media(uow, visit.principal, draft.id, stored.id, alt_text=alt, now=now())


def _attaching(visit: Visit, draft: Draft, asset_id: str, alt: str) -> Callable[[], None]:
    def attach() -> None:
        with visit.context.store.unit_of_work() as uow:
            assets.attach_media(uow, visit.principal, draft.id, asset_id, alt_text=alt, now=now())

    return attach


def _moving(visit: Visit, draft: Draft, shown: Sequence[DraftMedia], position: int) -> Callable[[], None]:
    """Swaps a file with the one before it."""
    ids = [media.asset.id for media in shown]
    ids[position - 1], ids[position] = ids[position], ids[position - 1]

    def reorder() -> None:
        with visit.context.store.unit_of_work() as uow:
            assets.reorder_media(uow, visit.principal, draft.id, ids, now=now())

    return reorder


def _detaching(visit: Visit, draft: Draft, asset_id: str) -> Callable[[], None]:
    def detach() -> None:
        with visit.context.store.unit_of_work() as uow:
            assets.detach_media(uow, visit.principal, draft.id, asset_id, now=now())

    return detach


def _do(done: str, action: Callable[[], object]) -> None:
    if perform(done, action):
        st.rerun()


def _picture(visit: Visit, media: DraftMedia, *, width: int) -> None:
    """The file itself where a browser can show it cheaply, else what it is."""
    asset = media.asset
    path = _files(visit).path(asset)
    if not path.is_file():
        st.caption(
            f":material/broken_image: {plain(asset.name)} is no longer in the store: remove it and add it again."
        )
        return
    still = asset.kind in (MediaKind.IMAGE, MediaKind.GIF)
    if still and (asset.width or 0) * (asset.height or 0) <= _SHOWN_PIXELS:
        try:
            st.image(path, width=width, alt=media.alt_text or None)
        except (OSError, ValueError, SyntaxError):
            st.caption(f":material/broken_image: {plain(asset.name)} cannot be shown: its picture data are damaged.")
        return
    if asset.kind is MediaKind.VIDEO and asset.size <= _SHOWN_VIDEO_BYTES:
        st.video(path, format=asset.content_type, width=width, alt=media.alt_text or None)
        return
    st.markdown(f":material/draft: {plain(asset.name)}  \n:small[:gray[{plain(facts(asset))}]]")


def facts(asset: Asset) -> str:
    """`Image · 1,080 × 1,350 px · 1.2 MB`."""
    said = [asset.kind.value.capitalize()]
    if asset.width and asset.height:
        said.append(f"{asset.width:,} × {asset.height:,} px")
    if asset.duration_seconds is not None:
        said.append(f"{asset.duration_seconds:.0f} s")
    return " · ".join([*said, numbers.size(asset.size)])


def _files(visit: Visit) -> AssetStore:
    return AssetStore(visit.context.settings.home / "assets")
