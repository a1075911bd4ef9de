"""Brand: what the brand says of itself, what people said of it here, and how it writes."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from app.components import numbers
from app.components.frame import (
    empty_state,
    footer,
    header,
    job_button,
    message_of_last_action,
    open_shelf_quietly,
    perform,
)
from app.components.text import plain, safe_url
from app.components.voice import show_voice, try_a_text
from app.context import now
from app.session import Visit, current_visit
from models.domain.brand import BrandProfile
from models.domain.brand_study import BrandStudy, BusinessProfile, Statement, StatementKind, StudyKind, VoiceProfile
from models.domain.usage import JobKind
from models.services import brand, onboarding

_EDITING = "brand_edited"
_JOB = ("Study the brand", JobKind.GENERATE, {"what": "brand"})


def render(visit: Visit) -> None:
    header("Brand", "What the brand says of itself, what you want it to be, and how it writes.")
    message_of_last_action()
    with visit.context.store.unit_of_work() as uow:
        stated = onboarding.get_brand_profile(uow, visit.principal, visit.workspace.id)
        site = brand.brand_site(uow, visit.principal, visit.workspace.id)
        business = brand.list_studies(uow, visit.principal, visit.workspace.id, StudyKind.BUSINESS)
        voice = brand.list_studies(uow, visit.principal, visit.workspace.id, StudyKind.VOICE)
        names = onboarding.display_names(uow, visit.principal, visit.workspace.id)
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(border=True):
        _business(visit, business)
    with right, st.container(border=True):
        _stated(visit, stated, site)
    if voice and isinstance(voice[0].document, VoiceProfile):
        show_voice(voice[0].document)
        try_a_text(voice[0].document)
    if business or voice:
        _versions(visit, [*business, *voice], names)
    footer(visit, open_shelf_quietly(visit))


def _business(visit: Visit, studies: list[BrandStudy]) -> None:
    st.markdown("**What the brand says of itself**")
    found = studies[0].document if studies else None
    if not isinstance(found, BusinessProfile):
        empty_state(
            visit,
            "Not studied yet",
            "The brand's own pages and posts are read, and each statement is kept with the sentence it rests on.",
            commands=(f"fabric brand study --workspace {visit.workspace.id} --site https://…",),
            job=_JOB,
        )
        return
    for kind in StatementKind:
        said = found.of(kind)
        if said:
            st.markdown(f":small[:gray[{plain(kind.label)}]]")
            for position, statement in enumerate(said):
                _statement(statement, key=f"{kind}-{position}")
    if found.keyphrases:
        st.markdown(f":small[:gray[Often about]]  \n{plain(', '.join(found.keyphrases))}")
    links = [link for link in map(safe_url, found.links) if link]
    if links:
        st.markdown(":small[:gray[Elsewhere]]")
        with st.container(horizontal=True):
            for link in links[:8]:
                st.link_button(plain(link.split("//", 1)[1].rstrip("/")[:40]), link, icon=":material/open_in_new:")
    _missing(found)
    read = ", ".join(found.sources) or "nothing"
    how = "by rule" if found.writer.startswith("rule") else f"by {found.writer}"
    st.caption(plain(f"Read from {read}; found {how}."))
    job_button(visit, "Study again", *_JOB[1:])


def _missing(found: BusinessProfile) -> None:
    """What no source says, in one sentence, and what may help."""
    absent = [kind for kind in StatementKind if not found.of(kind)]
    notes = [note for note in found.missing if note not in {kind.missing for kind in StatementKind}]
    if absent:
        named = ", ".join(f"{kind.label[:1].lower()}{kind.label[1:]}" for kind in absent)
        notes.insert(0, f"No sentence says {named}.")
        if not any(source.startswith("http") for source in found.sources):
            notes.append(
                "Posts seldom do: give the start page of the brand's site under “In your words” and study again."
            )
    if notes:
        st.caption(plain(" ".join(notes)))


def _statement(statement: Statement, *, key: str) -> None:
    """The statement, and behind it the sentence it rests on and where that stands."""
    with st.expander(plain(statement.text), key=f"statement-{key}"):
        st.markdown(f"“{plain(statement.quote)}”")
        link = safe_url(statement.source)
        if link:
            st.link_button("Open the source", link, icon=":material/open_in_new:")
        st.caption(plain(f"{statement.where}, {statement.source}"))


def _stated(visit: Visit, stated: BrandProfile, site: str) -> None:
    st.markdown("**In your words**")
    rows = (
        ("Description", stated.description),
        ("Audience", stated.audience),
        ("Tone", stated.tone),
        ("Links that drafts may use", ", ".join(stated.links)),
        ("Never written", ", ".join(stated.banned_phrases)),
        ("Always written", ", ".join(stated.required_phrases)),
        ("Site that is read", site),
    )
    for title, value in rows:
        if value:
            st.markdown(f":small[:gray[{title}]]  \n{plain(value)}")
    unsaid = [title.lower() for title, value in rows if not value]
    if unsaid:
        st.caption(f"Not said yet: {', '.join(unsaid)}.")
    st.caption("Drafts keep to these words before anything that was found out.")
    if visit.may_decide:
        st.button("Edit", icon=":material/edit:", key="edit-brand", on_click=_open)
        if st.session_state.get(_EDITING):
            _edit(visit, stated, site)
    else:
        st.caption("An admin of this workspace can change them.")


def _open() -> None:
    st.session_state[_EDITING] = True


def _close() -> None:
    st.session_state.pop(_EDITING, None)


@st.dialog("The brand in your words", width="large", on_dismiss=_close)
def _edit(visit: Visit, stated: BrandProfile, site: str) -> None:
    with st.form("brand", border=False):
        description = st.text_area("What the brand is", stated.description, key="brand-description", max_chars=4_000)
        audience = st.text_input("Whom it speaks to", stated.audience, key="brand-audience", max_chars=4_000)
        tone = st.text_input(
            "How it sounds", stated.tone, key="brand-tone", help="For example: warm, plain", max_chars=4_000
        )
        links = st.text_area("Links that drafts may use, one a line", "\n".join(stated.links), key="brand-links")
        banned = st.text_area(
            "Phrases that no draft may hold, one a line", "\n".join(stated.banned_phrases), key="brand-banned"
        )
        required = st.text_area(
            "Phrases that drafts must hold, one a line", "\n".join(stated.required_phrases), key="brand-required"
        )
        address = st.text_input("Start page of the brand's site", site, key="brand-site", placeholder="https://…")
        sent = st.form_submit_button("Save", type="primary")
    if not sent:
        return
    wanted = replace(
        stated, description=description, audience=audience, tone=tone, links=_lines(links), banned_phrases=_lines(banned),
        required_phrases=_lines(required),
    )  # fmt: skip

    def save() -> None:
        with visit.context.store.unit_of_work() as uow:
            brand.set_brand_site(uow, visit.principal, visit.workspace.id, address, now=now())
            onboarding.set_brand_profile(uow, visit.principal, wanted, now=now())

    if perform("Saved what the brand stands for.", save):
        _close()
        st.rerun()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _versions(visit: Visit, studies: list[BrandStudy], names: dict[str, str]) -> None:
    with st.expander(f"Versions ({len(studies)})", icon=":material/history:"):
        ordered = sorted(studies, key=lambda s: (s.at, s.kind), reverse=True)
        st.dataframe(
            pl.DataFrame(
                {
                    "Study": ["What it says" if s.kind is StudyKind.BUSINESS else "How it writes" for s in ordered],
                    "Version": [s.version for s in ordered],
                    "Made": [numbers.instant(s.at, visit.zone) for s in ordered],
                    "By": [names.get(s.by, s.by) for s in ordered],
                    "From": [_from(s) for s in ordered],
                }
            ),
            hide_index=True,
            alt="Versions of the brand studies, newest first",
        )


def _from(study: BrandStudy) -> str:
    if isinstance(study.document, VoiceProfile):
        return f"{study.document.posts:,} own posts"
    return ", ".join(study.document.sources)


if __name__ == "__main__":
    render(current_visit())
