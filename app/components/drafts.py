"""A draft as people work on it: preview, editor with limits, variants, history, difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.charts.template import label
from app.components import diff, numbers
from app.components.counter import live_counter
from app.components.frame import perform
from app.components.media import media_preview
from app.components.status import LOOKS
from app.components.text import block, plain
from app.components.working import is_open, newest_job, show_job
from app.context import now
from app.session import Visit
from models.domain.approval import Approval, Draft, DraftStatus, DraftVersion
from models.domain.assets import DraftMedia
from models.domain.social import TEXT_LIMITS
from models.domain.usage import JobKind
from models.generation.limits import check_text, text_length
from models.generation.rules import WRITER
from models.services import drafts, jobs

_EDITABLE = set(DraftStatus) - {DraftStatus.REJECTED}
REVOKES = "This draft is approved. Saving a change revokes the approval and sends it back to review."


def status_badge(status: DraftStatus) -> None:
    look = LOOKS[status]
    st.badge(look.word, icon=look.icon, color=look.colour)


def preview(visit: Visit, draft: Draft, shown: Sequence[DraftMedia]) -> None:
    """The text as it would be posted, with line breaks and never interpreted, and its media."""
    st.caption(f"{plain(visit.workspace.name)} on {label(draft.platform)}")
    st.html(block(draft.version.text, "fabric-post"))
    media_preview(visit, shown)


def limits_line(draft: Draft, text: str, *, counted: bool = False) -> None:
    """What is wrong with the text; when nothing is, the platform's count unless it is `counted` elsewhere."""
    limit = TEXT_LIMITS[draft.platform].max_chars
    problems = check_text(draft.platform, text)
    count = f"{text_length(draft.platform, text):,} of {limit:,} characters as {label(draft.platform)} counts"
    if problems:
        st.error("  \n".join(plain(p) for p in problems), icon=":material/error:")
    elif not counted:
        st.caption(f":green[:material/check:] {count}")


def editor(visit: Visit, draft: Draft) -> None:
    """Text field, live count, note and Save. The text that was edited on is passed along, so a stale edit is refused."""
    if draft.status not in _EDITABLE:
        st.caption("A rejected draft cannot be edited.")
        st.html(block(draft.version.text, "fabric-post"))
        return
    if draft.status is DraftStatus.APPROVED:
        st.warning(REVOKES, icon=":material/lock_open:")
    field = f"text-{draft.id}-{draft.version.number}"
    text = st.text_area("Text", draft.version.text, key=field, height=220)
    live_counter(field, draft.platform, text)
    note = st.text_input("What changed (optional)", key=f"note-{field}")
    with st.container(horizontal=True):
        save = st.button("Save", type="primary", key=f"save-{field}", icon=":material/save:")
        submit = draft.status in {DraftStatus.DRAFT, DraftStatus.CHANGES_REQUESTED} and st.button(
            "Submit for review", key=f"submit-{field}", icon=":material/send:"
        )
    if save:
        if text == draft.version.text:
            st.info("The text is unchanged, so nothing was saved.")
        elif perform(f"Saved version {draft.version.number + 1}.", lambda: _save(visit, draft, text, note)):
            st.rerun()
    if submit and perform("Submitted for review.", lambda: _submit(visit, draft)):
        st.rerun()


def _save(visit: Visit, draft: Draft, text: str, note: str) -> None:
    with visit.context.store.unit_of_work() as uow:
        drafts.edit_draft(
            uow, visit.principal, draft.id, text=text, based_on=draft.version.number, note=note, now=now()
        )


def _submit(visit: Visit, draft: Draft) -> None:
    with visit.context.store.unit_of_work() as uow:
        drafts.submit_draft(uow, visit.principal, draft.id, now=now())


def variants(draft: Draft, *, may_take: bool) -> None:
    """The alternatives, each with the dimension it differs along; where the text may change, one can be taken into its field."""
    if not draft.version.variants:
        st.caption("This version has no variants.")
    field = f"text-{draft.id}-{draft.version.number}"
    for variant in draft.version.variants:
        st.markdown(f"**Variant {plain(variant.label)}**, differs in {plain(variant.dimension)}")
        st.html(block(variant.text, "fabric-post"))
        if may_take and draft.status in _EDITABLE:
            st.button(
                "Take into the text field",
                key=f"take-{field}-{variant.label}",
                on_click=_take,
                args=(field, variant.text),
                help="Nothing is saved until you press Save.",
            )


def write_anew(visit: Visit, draft: Draft) -> None:
    """Asks for another text, with a wish; shows how far that is. The present text stays as an earlier version."""
    arguments = {"draft_id": draft.id}
    show_job(visit, JobKind.REWRITE, arguments, "Writing another text")
    if is_open(newest_job(visit, JobKind.REWRITE, arguments)):
        return
    key = f"anew-{draft.id}-{draft.version.number}"
    wish = st.text_input("What is to be different (optional)", key=f"wish-{key}", max_chars=500)
    st.caption("A language model follows the wish. Without one, the rules offer their next wording.")

    def ask() -> None:
        with visit.context.store.unit_of_work() as uow:
            wanted = {**arguments, "wish": wish}
            jobs.request_job(uow, visit.principal, visit.workspace.id, JobKind.REWRITE, wanted, now=now())

    if st.button("Write another text", key=key, icon=":material/autorenew:") and perform(
        "Requested. The worker picks it up within a minute.", ask
    ):
        st.rerun()


def _take(field: str, text: str) -> None:
    st.session_state[field] = text


def history(
    visit: Visit, versions: Sequence[DraftVersion], decisions: Sequence[Approval], names: Mapping[str, str]
) -> None:
    """Versions and decisions, newest first; `names` gives people's names by user id."""
    events = [
        (v.created_at, f"Version {v.number}", v.author, v.note) for v in versions
    ] + [
        (d.decided_at, f"{d.decision.value.replace('_', ' ').capitalize()} (version {d.version})", d.decided_by, d.note)
        for d in decisions
    ]  # fmt: skip
    for at, what, who, note in sorted(events, key=lambda e: e[0], reverse=True):
        said = f": {plain(note)}" if note else ""
        st.markdown(f"{plain(what)} · {plain(_author(who, names))} · {numbers.instant(at, visit.zone)}{said}")


def _author(who: str, names: Mapping[str, str]) -> str:
    """A person's name; a model (`provider/name`) or the rules by their own."""
    is_writer = "/" in who or who == WRITER
    return who if is_writer else names.get(who, "a former member")


def difference(before: DraftVersion | None, after: DraftVersion, *, approved: bool) -> None:
    """Word-level difference to the last approved version, or to version 1 when none was approved."""
    if before is None or before.number == after.number:
        st.caption(
            "This is the approved version."
            if approved
            else "This is the first version: there is nothing to compare it with."
        )
        return
    st.caption(
        f"Version {after.number} against {'the approved' if approved else 'the first'} version {before.number}: "
        "added words are underlined, removed words struck through."
    )
    if after.note:
        st.caption(f"Note of version {after.number}: {plain(after.note)}")
    st.html(diff.as_html(diff.words(before.text, after.text)))
