"""Imports: export files dropped here, what they were recognised as, and storing them."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import streamlit as st

from app.components.frame import footer, header, job_button, message_of_last_action, open_shelf_quietly, perform
from app.components.recognised import outcome, recognised
from app.components.text import plain
from app.components.uploads import Answers, Upload, import_upload, read_preview
from app.context import now
from app.session import Visit, current_visit
from models.domain.social import Platform
from models.domain.usage import JobKind
from models.services import onboarding

if TYPE_CHECKING:
    from connectors.files.preview import Preview

MOST_MEGABYTES = 200
MOST_FILES = 20
_RECEIVED = "received_uploads"
_PREVIEWS = "upload_previews"
_DONE = "imported_uploads"
_NO_PLATFORM = "As the file says"


def render(visit: Visit) -> None:
    header("Imports", "What an export file holds, before it is stored, and storing it.")
    message_of_last_action()
    if not visit.may_edit:
        st.info(
            "Your role can look at the numbers but not import files: ask an editor or an admin of this workspace to import the "
            "export, or to change your role.",
            icon=":material/lock:",
        )
        footer(visit, open_shelf_quietly(visit))
        return
    uploads = _uploads()
    if not uploads:
        _what_can_be_imported(visit)
    for upload in uploads:
        _file(visit, upload)
    if st.session_state.get(_DONE):
        st.subheader("Next: build", anchor=False)
        st.write("Imported numbers appear on the pages after a build.")
    else:
        st.divider()
        st.caption("Imported numbers appear on the pages after a build.")
    job_button(visit, "Build now", JobKind.BUILD, {})
    footer(visit, open_shelf_quietly(visit))


def _uploads() -> list[Upload]:
    found = st.file_uploader(
        "Drop export files here, as the platform gave them",
        accept_multiple_files=True,
        key="imports",
        max_upload_size=MOST_MEGABYTES,
        help="CSV and Excel exports, feeds. Do not open and save them in a spreadsheet first: that rounds long ids.",
    )
    if len(found) > MOST_FILES:
        st.warning(f"The first {MOST_FILES} files are shown: import them, then drop the others.")
    received: dict[str, datetime] = st.session_state.setdefault(_RECEIVED, {})
    for gone in set(received) - {file.file_id for file in found}:
        del received[gone]
        st.session_state.get(_PREVIEWS, {}).pop(gone, None)
        st.session_state.get(_DONE, {}).pop(gone, None)
    return [Upload(f.file_id, f.name, f, received.setdefault(f.file_id, now())) for f in found[:MOST_FILES]]


def _what_can_be_imported(visit: Visit) -> None:
    with st.container(border=True):
        st.markdown("**Which files are recognised**")
        st.write(
            "The content exports of Facebook and Instagram (Meta Business Suite), LinkedIn, X, TikTok, YouTube Studio and "
            "Mailchimp; feeds (RSS, Atom). The layout is told by the columns, "
            "not by the file's name. You see what would be stored before anything is."
        )
        st.caption("A folder of Markdown articles, or a file with a mapping of your own, on the command line:")
        st.code(f"fabric import FOLDER --workspace {visit.workspace.id}", language="bash")


def _file(visit: Visit, upload: Upload) -> None:
    with st.container(border=True, key=f"upload-{upload.id}"):
        st.markdown(f"##### {plain(upload.name)}")
        done: dict[str, str] = st.session_state.setdefault(_DONE, {})
        if upload.id in done:
            st.success(plain(done[upload.id]), icon=":material/check:")
            return
        place = st.container()
        answers = _questions(visit, upload)
        with place:
            found = _preview(visit, upload, answers)
            if isinstance(found, str):
                st.error(plain(found), icon=":material/error:")
                st.caption("If the file only lacks an answer, give it below; nothing was stored.")
                return
            recognised(visit, found)
        if st.button("Import", type="primary", key=f"import-{upload.id}", icon=":material/download_done:"):
            _import(visit, upload, answers)


def _preview(visit: Visit, upload: Upload, answers: Answers) -> Preview | str:
    """The preview of a file under these answers, read once; a sentence where it cannot be imported."""
    kept: dict[str, tuple[Answers, Preview | str]] = st.session_state.setdefault(_PREVIEWS, {})
    if upload.id not in kept or kept[upload.id][0] != answers:
        with st.spinner(f"Reading {plain(upload.name)}"):
            kept[upload.id] = (answers, read_preview(visit, upload, answers, at=now()))
    return kept[upload.id][1]


def _questions(visit: Visit, upload: Upload) -> Answers:
    """What a file may not say itself. Left alone, the file decides."""
    with visit.context.store.unit_of_work() as uow:
        competitors = onboarding.list_competitors(uow, visit.principal, visit.workspace.id)
    with st.expander("What the file does not say"), st.container(horizontal=True, vertical_alignment="top"):
        platform = st.selectbox(
            "Platform", list(Platform), index=None, format_func=lambda p: p.label, placeholder=_NO_PLATFORM,
            key=f"platform-{upload.id}", width=180,
        )  # fmt: skip
        account = st.text_input(
            "Account id", key=f"account-{upload.id}", placeholder="Id or handle", width=200, max_chars=200,
            help="The platform's id or handle of the account the file is of, where the file does not carry it.",
        )  # fmt: skip
        made: date | None = st.date_input(
            "Export made on", None, key=f"made-{upload.id}", format="YYYY-MM-DD", width=170,
            help="The numbers count as read at the end of this day.",
        )  # fmt: skip
        competitor = st.selectbox(
            "Competitor", [c.name for c in competitors], index=None, key=f"competitor-{upload.id}", width=220,
            placeholder="Our own account", accept_new_options=visit.may_decide,
            help="Whose posts these are, when they are not the brand's own. An admin can name a new one.",
        )  # fmt: skip
        zone = st.selectbox(
            "Zone of the file's times", [visit.workspace.zone, "UTC"], index=None, key=f"zone-{upload.id}", width=220,
            placeholder="As the layout says", accept_new_options=True,
        )  # fmt: skip
    return Answers(platform, account.strip(), made, (competitor or "").strip(), (zone or "").strip())


def _import(visit: Visit, upload: Upload, answers: Answers) -> None:
    def store() -> None:
        summary = import_upload(visit, upload, answers, at=now())
        st.session_state[_DONE][upload.id] = outcome(summary)
        st.session_state[_PREVIEWS].clear()  # what is new in the other files has changed

    with st.spinner(f"Importing {plain(upload.name)}"):
        stored = perform("Stored. The numbers appear on the pages after a build.", store)
    if stored:
        st.rerun()


if __name__ == "__main__":
    render(current_visit())
