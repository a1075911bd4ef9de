"""One draft under review: preview, difference, checks, evidence, notes and the decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app.charts.template import label
from app.components import drafts as panel
from app.components import numbers
from app.components.checks import context_of, show_checks
from app.components.evidence import facts_of, show_facts
from app.components.frame import perform
from app.components.making import is_making
from app.components.media import media_editor, media_warnings, read_media
from app.components.publication import Outgoing, approval_effect, publication, read_outgoing
from app.components.text import capitalised, plain
from app.context import now
from app.reading import current_shelf, rival_prints
from app.session import Visit
from models.domain.approval import Approval, Decision, Draft, DraftStatus, DraftVersion
from models.domain.calendar import CalendarEntry
from models.domain.strategy import Strategy
from models.errors import InvalidInput, NothingServed, StoreCorrupt
from models.generation.checks.fingerprint import Fingerprint
from models.services import approvals, brand, drafts, onboarding, planning


def review(visit: Visit, draft: Draft, entry: CalendarEntry | None) -> None:
    """The right side of the inbox."""
    with visit.context.store.unit_of_work() as uow:
        versions = drafts.history(uow, visit.principal, draft.id)
        decided = approvals.decisions(uow, visit.principal, draft.id)
        names = onboarding.display_names(uow, visit.principal, visit.workspace.id)
        others = drafts.list_drafts(uow, visit.principal, visit.workspace.id)
        profile = onboarding.get_brand_profile(uow, visit.principal, visit.workspace.id)
        voice = brand.voice_profile(uow, visit.principal, visit.workspace.id)
        strategy = None if entry is None else planning.get_strategy(uow, visit.principal, entry.strategy_id)
    outgoing, shown = read_outgoing(visit), read_media(visit, draft)
    may_change = visit.may_edit and not outgoing.locked(draft)
    _heading(visit, draft, entry)
    publication(visit, draft, outgoing)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        panel.preview(visit, draft, shown)
        if visit.may_edit:
            _decision(visit, draft, outgoing)
        baseline, approved = last_approved(versions, decided)
        with st.container(border=True):
            st.markdown("**What changed**")
            panel.difference(baseline, draft.version, approved=approved)
        with st.expander(f"Variants ({len(draft.version.variants)})"):
            panel.variants(draft, may_take=may_change)
        if may_change:
            with st.expander("Edit the text"):
                panel.editor(visit, draft)
            with st.expander(f"Images and videos ({len(shown)})", expanded=is_making(draft)):
                media_editor(visit, draft, shown)
        with st.expander("History and notes"):
            panel.history(visit, versions, decided, names)
    with right:
        st.markdown("**Checks**")
        facts = () if entry is None or strategy is None else facts_of(strategy.document, entry.fact_ids)
        language = "" if voice is None else voice.language
        pillar = "" if entry is None else entry.pillar
        context = context_of(profile, draft, others, facts, pillar=pillar, language=language, rivals=_rivals(visit))
        show_checks(draft, context)
        media_warnings(draft, shown)
        st.markdown("**Evidence**")
        _evidence(visit, draft, entry, strategy)


def _rivals(visit: Visit) -> tuple[tuple[str, Fingerprint], ...]:
    try:
        return rival_prints(current_shelf(visit.context.settings.serving_dir, visit.workspace.id))
    except (NothingServed, StoreCorrupt):  # a review does not need the marts: the check says that it could not judge
        return ()


def last_approved(versions: Sequence[DraftVersion], decided: Sequence[Approval]) -> tuple[DraftVersion | None, bool]:
    """What to compare with: the version last approved, else version 1; and whether it was an approved one."""
    by_number = {v.number: v for v in versions}
    approved = [d for d in decided if d.decision is Decision.APPROVED]
    if approved:
        newest = max(approved, key=lambda d: d.decided_at)
        return by_number.get(newest.version), True
    return by_number.get(1), False


def _heading(visit: Visit, draft: Draft, entry: CalendarEntry | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        panel.status_badge(draft.status)
        st.markdown(
            f"**{label(draft.platform)}**, {numbers.instant(draft.slot_at, visit.zone)} · version {draft.version.number}"
        )
    if entry is not None:
        st.caption(f"{plain(capitalised(entry.pillar))}: {plain(entry.brief)}")


def _evidence(visit: Visit, draft: Draft, entry: CalendarEntry | None, strategy: Strategy | None) -> None:
    if entry is None or strategy is None:
        st.caption("The calendar entry of this draft is gone, so its evidence cannot be shown.")
        return
    st.caption(f"From strategy version {strategy.version}, written by {plain(strategy.document.writer)}.")
    show_facts(visit, facts_of(strategy.document, entry.fact_ids), key=f"review-{draft.id}")


def _decision(visit: Visit, draft: Draft, outgoing: Outgoing) -> None:
    if draft.status is not DraftStatus.IN_REVIEW:
        words = {
            DraftStatus.APPROVED: "Approved. It went out or may have, so it cannot be changed any more."
            if outgoing.locked(draft)
            else "Approved. Editing the text or the media, or moving the slot, revokes the approval.",
            DraftStatus.CHANGES_REQUESTED: "Changes were requested: edit the text to send it back to review.",
            DraftStatus.REJECTED: "Rejected. A rejected draft stays as it is.",
            DraftStatus.DRAFT: "Not submitted yet.",
        }
        st.caption(words[draft.status])
        return
    approval_effect(visit, draft, outgoing)
    note = st.text_area(
        "Note", key=f"decision-note-{draft.id}", height=68, placeholder="Needed to request changes or to reject"
    )
    with st.container(horizontal=True):
        if visit.may_decide and st.button(
            "Approve", type="primary", shortcut="A", key="approve", icon=":material/check:"
        ):
            _take(visit, draft, Decision.APPROVED, note)
        if st.button("Request changes", shortcut="G", key="request_changes", icon=":material/undo:"):
            _take(visit, draft, Decision.CHANGES_REQUESTED, note)
        if visit.may_decide and st.button("Reject", shortcut="X", key="reject", icon=":material/block:"):
            _take(visit, draft, Decision.REJECTED, note)
    if not visit.may_decide:
        st.caption("Approving and rejecting take an admin.")


def _take(visit: Visit, draft: Draft, decision: Decision, note: str) -> None:
    done = {
        Decision.APPROVED: "Approved.",
        Decision.CHANGES_REQUESTED: "Changes requested.",
        Decision.REJECTED: "Rejected.",
    }
    if perform(done[decision], _deciding(visit, draft, decision, note)):
        st.rerun()


def _deciding(visit: Visit, draft: Draft, decision: Decision, note: str) -> Callable[[], None]:
    number = draft.version.number

    def decide() -> None:
        if decision is not Decision.APPROVED and not note.strip():
            raise InvalidInput(
                "A note is needed, so the author knows what to change or why it was rejected: write one above."
            )
        with visit.context.store.unit_of_work() as uow:
            if decision is Decision.APPROVED:
                approvals.approve(uow, visit.principal, draft.id, version=number, note=note, now=now())
            elif decision is Decision.CHANGES_REQUESTED:
                approvals.request_changes(uow, visit.principal, draft.id, version=number, note=note, now=now())
            else:
                approvals.reject(uow, visit.principal, draft.id, version=number, note=note, now=now())

    return decide
