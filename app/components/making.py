"""Pictures made for a draft: asked for here, made by the worker, shown as they come, added by a person."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.components.frame import perform
from app.components.text import plain
from app.context import now
from app.session import Visit
from connectors.ai.card.colours import DEFAULTS
from connectors.ai.card.sizes import SIZES
from connectors.ai.media import specs
from connectors.assets import AssetStore
from models.domain.ai import ImageRequest, Modality
from models.domain.approval import Draft
from models.domain.assets import Asset, DraftMedia
from models.domain.media import MediaJob, MediaState, headline, last_style
from models.domain.spending import ProviderAccess
from models.services import assets, media, providers

POLL_SECONDS = 3
MOST_SHOWN = 6
_WORDS = {
    MediaState.QUEUED: "waits to be made", MediaState.CLAIMED: "is about to be made", MediaState.STARTING: "is being made",
    MediaState.RUNNING: "is being made", MediaState.FAILED: "could not be made",
    MediaState.UNKNOWN: "may have been made, and nobody knows",
}  # fmt: skip


def making(visit: Visit, draft: Draft, shown: Sequence[DraftMedia]) -> None:
    """A form for a card or a picture, and what was asked for before."""
    jobs = _jobs(visit, draft)
    if st.toggle("Make a picture", key=_toggle(draft)):
        with st.container(border=True):
            kind = "Branded card"
            if hosted := _picture_makers(visit):
                kind = st.segmented_control(
                    "What to make",
                    ["Branded card", "Picture"],
                    default=kind,
                    key=f"make-kind-{draft.id}",
                    required=True,
                )
            if kind == "Picture":
                _picture_form(visit, draft, hosted)
            else:
                _card_form(visit, draft)
    if jobs:
        under_way = any(job.state.is_open for job in jobs)
        st.fragment(_made, run_every=POLL_SECONDS if under_way else None)(
            visit, draft, tuple(m.asset.id for m in shown), under_way
        )


def is_making(draft: Draft) -> bool:
    """Whether the person is making a picture for the draft, so that its place stays open over reruns."""
    return bool(st.session_state.get(_toggle(draft)))


def _toggle(draft: Draft) -> str:
    return f"make-{draft.id}"


def _card_form(visit: Visit, draft: Draft) -> None:
    width, height = SIZES[draft.platform]
    with visit.context.store.unit_of_work() as uow:
        style = last_style(media.list_media(uow, visit.principal, visit.workspace.id))
    with st.form(key=f"card-{draft.id}", border=False):
        title = st.text_input(
            "Title", headline(draft.version.text), max_chars=300, key=f"card-title-{draft.id}-{draft.version.number}"
        )
        lines = st.text_area(
            "Lines below it, one each", max_chars=1_400, height=90, key=f"card-lines-{draft.id}",
            placeholder="Up to six; leave it empty for a title alone",
        )  # fmt: skip
        with st.container(horizontal=True):
            background = st.color_picker(
                "Background", style.get("background", DEFAULTS["background"]), key=f"card-background-{draft.id}"
            )
            accent = st.color_picker("Accent", style.get("accent", DEFAULTS["accent"]), key=f"card-accent-{draft.id}")
            brand = st.text_input(
                "Name at the foot", style.get("brand", visit.workspace.name), max_chars=60, key=f"card-brand-{draft.id}"
            )
        st.caption(
            f"{width:,} × {height:,} px for {draft.platform.label}. The text is light or dark, as it reads best."
        )
        if st.form_submit_button("Make the card", icon=":material/brush:"):
            wanted = {"background": background, "accent": accent, "brand": brand}
            style = {name: value for name, value in wanted.items() if value}
            split = tuple(line.strip() for line in lines.splitlines() if line.strip())
            _ask(visit, draft, ImageRequest("", width, height, title, split, style), "")


def _picture_form(visit: Visit, draft: Draft, hosted: Sequence[str]) -> None:
    width, height = SIZES[draft.platform]
    with st.form(key=f"picture-{draft.id}", border=False):
        prompt = st.text_area("What the picture shows", max_chars=4_000, height=90, key=f"picture-prompt-{draft.id}")
        provider = st.selectbox(
            "Made by", hosted, index=None, placeholder="The cheapest that is set up", key=f"picture-provider-{draft.id}"
        )
        st.caption("It is paid for from the workspace's budget for models. The picture is made outside FABRIC.")
        if st.form_submit_button("Make the picture", icon=":material/brush:"):
            _ask(visit, draft, ImageRequest(prompt, width, height), provider or "")


def _made(visit: Visit, draft: Draft, in_draft: tuple[str, ...], under_way: bool) -> None:
    """The draft's requests, newest first. Polled while one is under way; when the last is done the page is drawn anew."""
    jobs = _jobs(visit, draft)
    if under_way and not any(job.state.is_open for job in jobs):
        st.rerun()
    with visit.context.store.unit_of_work() as uow:
        files = {asset.id: asset for asset in assets.list_assets(uow, visit.principal, visit.workspace.id)}
    for job in jobs[:MOST_SHOWN]:
        if job.state is not MediaState.DONE:
            _waiting(job)
        elif job.asset_id in files and job.asset_id not in in_draft:
            _finished(visit, draft, job, files[job.asset_id])


def _waiting(job: MediaJob) -> None:
    said = f"“{plain(job.words)}” {_WORDS[job.state]}."
    detail = f"  \n:small[:gray[{plain(job.message)}]]" if job.message else ""
    if job.state in (MediaState.FAILED, MediaState.UNKNOWN):
        st.warning(said + detail, icon=":material/error_outline:")
    else:
        st.caption(f":material/hourglass_empty: {said}{detail}")


def _finished(visit: Visit, draft: Draft, job: MediaJob, asset: Asset) -> None:
    path = AssetStore(visit.context.settings.home / "assets").path(asset)
    if not path.is_file():
        return
    with st.container(border=True):
        left, right = st.columns([1, 2], vertical_alignment="top")
        left.image(path, width=180, alt=job.words)
        with right:
            st.markdown(f"{plain(job.words)}  \n:small[:gray[Made by {plain(job.provider)}, {plain(job.model)}]]")
            if job.message:
                st.caption(plain(job.message))
            alt = st.text_input(
                "Alternative text", job.words, key=f"made-alt-{job.id}", max_chars=2_000,
                placeholder="What it shows, for people who cannot see it",
            )  # fmt: skip
            if st.button("Add to the draft", key=f"made-add-{job.id}", icon=":material/add_photo_alternate:"):
                _add(visit, draft, asset.id, alt)


def _add(visit: Visit, draft: Draft, asset_id: str, alt: str) -> None:
    def attach() -> None:
        with visit.context.store.unit_of_work() as uow:
            assets.attach_media(uow, visit.principal, draft.id, asset_id, alt_text=alt, now=now())

    if perform("Added the picture.", attach):
        st.rerun()


def _ask(visit: Visit, draft: Draft, request: ImageRequest, provider: str) -> None:
    """Writes the request down; the worker of media makes it."""

    def ask() -> None:
        with visit.context.store.unit_of_work() as uow:
            media.request_media(
                uow, visit.principal, visit.workspace.id, request, provider=provider, draft_id=draft.id, now=now()
            )

    if perform("Asked for it. It appears here when it is made, if Dagster is running.", ask):
        st.rerun()


def _jobs(visit: Visit, draft: Draft) -> list[MediaJob]:
    with visit.context.store.unit_of_work() as uow:
        found = media.list_media(uow, visit.principal, visit.workspace.id, draft_id=draft.id)
    return [job for job in found if job.modality is Modality.IMAGE]


def _picture_makers(visit: Visit) -> list[str]:
    """Providers of pictures that are set up, without their keys, which pages never see."""
    with visit.context.store.unit_of_work() as uow:
        own = providers.list_providers(uow, visit.principal, visit.workspace.id)
    known = {name: access.base_url for name, access in visit.context.settings.provider_access().items()}
    known |= {setup.provider: setup.base_url for setup in own if setup.enabled and setup.has_key}
    access = {name: ProviderAccess(name, base_url, key="set") for name, base_url in known.items()}
    return list(dict.fromkeys(spec.provider for spec in specs(access, Modality.IMAGE, today=now().date())))
