"""Strategy: what the brand should publish, where and how often, why, and how sure that is."""

from __future__ import annotations

import streamlit as st

from app.components import strategy as parts
from app.components.frame import (
    empty_state,
    footer,
    header,
    job_button,
    message_of_last_action,
    open_shelf_quietly,
    perform,
)
from app.components.text import plain
from app.components.working import is_open, newest_job, show_job
from app.context import now
from app.session import Visit, current_visit
from models.domain.strategy import Strategy, StrategyDecision, Verdict
from models.domain.usage import JobKind
from models.generation.writers.strategy import PARTS
from models.services import answers, jobs, onboarding, planning

_JOB = {"what": "strategy"}
_WHOLE = "the whole strategy"


def render(visit: Visit) -> None:
    header("Strategy", "What to publish, where and how often, why, and how sure that is.")
    message_of_last_action()
    with visit.context.store.unit_of_work() as uow:
        versions = planning.list_strategies(uow, visit.principal, visit.workspace.id)
        made = planning.strategy_decisions(uow, visit.principal, visit.workspace.id)
        names = onboarding.display_names(uow, visit.principal, visit.workspace.id)
    show_job(visit, JobKind.GENERATE, _JOB, "Writing the strategy")
    if not versions:
        empty_state(
            visit,
            "No strategy yet",
            "A strategy is written from the numbers of the last build.",
            commands=(f"fabric generate strategy --workspace {visit.workspace.id}",),
            job=("Write a strategy", JobKind.GENERATE, _JOB),
        )
        footer(visit, open_shelf_quietly(visit))
        return
    shown = _chosen(versions)
    _standing(shown, versions[0], made)
    document = shown.document
    st.subheader("In short", anchor=False)
    parts.summary(visit, document)
    st.subheader("Pillars", anchor=False)
    parts.pillars(visit, document)
    st.subheader("Platforms", anchor=False)
    parts.platforms(visit, document)
    st.subheader("What is not said", anchor=False)
    parts.abstentions(document)
    if shown.id == versions[0].id:
        _decide(visit, shown, made)
    with st.expander("How it was written"):
        with visit.context.store.unit_of_work() as uow:
            told = answers.manifests_of(uow, visit.principal, visit.workspace.id, "strategy", shown.id)
        parts.how_written(told[0] if told else None)
    before = next((v for v in versions if v.version == shown.version - 1), None)
    if before is not None:
        with st.expander(f"What changed since version {before.version}"):
            parts.difference(before, shown)
    with st.expander("Decisions"):
        parts.decisions(visit, made, {v.id: v.version for v in versions}, names)
    footer(visit, open_shelf_quietly(visit))


def _chosen(versions: list[Strategy]) -> Strategy:
    by_number = {strategy.version: strategy for strategy in versions}
    if len(versions) == 1:
        return versions[0]
    number = st.selectbox(
        "Version", list(by_number), format_func=lambda n: f"Version {n}, {by_number[n].created_at:%d %b %Y}", width=260
    )
    return by_number[number]


def _standing(shown: Strategy, newest: Strategy, made: list[StrategyDecision]) -> None:
    mine = [one for one in made if one.strategy_id == shown.id]
    if any(one.verdict is Verdict.APPROVED for one in mine):
        st.badge("Approved", icon=":material/check_circle:", color="green")
    elif shown.id != newest.id:
        st.badge("Replaced by a newer version", color="gray")
    else:
        st.badge("Waits for a decision", icon=":material/pending:", color="orange")
    st.caption(
        plain(
            f"Version {shown.version}, written by {shown.document.writer} from data up to {shown.document.as_of:%d %b %Y}."
        )
    )


def _decide(visit: Visit, shown: Strategy, made: list[StrategyDecision]) -> None:
    st.subheader("Decide", anchor=False)
    approved = any(one.strategy_id == shown.id and one.verdict is Verdict.APPROVED for one in made)
    if not visit.may_edit:
        st.caption("Editors can ask for another version, admins can approve one.")
        return
    if visit.may_decide and not approved and st.button("Approve", type="primary", icon=":material/check_circle:"):

        def approve() -> None:
            with visit.context.store.unit_of_work() as uow:
                planning.approve_strategy(uow, visit.principal, shown.id, now=now())

        if perform("Approved.", approve):
            st.rerun()
    if is_open(newest_job(visit, JobKind.GENERATE, _JOB)):
        return
    with st.form("revise", border=True):
        part = st.selectbox("Write again", [_WHOLE, *(f"the {name}" for name in PARTS)])
        remark = st.text_area(
            "What is to be different", max_chars=1_000, help="A language model follows it; rules cannot."
        )
        asked = st.form_submit_button("Ask for another version", icon=":material/edit_note:")
    if asked and perform(
        "Requested. The worker picks it up within a minute.", lambda: _revise(visit, shown, part, remark)
    ):
        st.rerun()
    job_button(visit, "Write it again from the newest numbers", JobKind.GENERATE, _JOB)


def _revise(visit: Visit, shown: Strategy, part: str, remark: str) -> None:
    with visit.context.store.unit_of_work() as uow:
        planning.revise_strategy(
            uow,
            visit.principal,
            shown.id,
            note=remark,
            part="" if part == _WHOLE else part.removeprefix("the "),
            now=now(),
        )
        jobs.request_job(uow, visit.principal, visit.workspace.id, JobKind.GENERATE, _JOB, now=now())


if __name__ == "__main__":
    render(current_visit())
