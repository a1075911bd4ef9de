"""Opportunities: where content is missing or could do more, each with its numbers; and who could be a competitor."""

from __future__ import annotations

import streamlit as st

from app.charts.template import label
from app.components import numbers
from app.components.evidence import show_facts
from app.components.frame import footer, header, message_of_last_action, open_shelf, perform
from app.components.planning import date_form
from app.components.text import plain, safe_url
from app.context import now
from app.reading import Shelf, openings, rivals
from app.session import Visit, current_visit
from models.domain.opportunity import Opportunity, OpportunityFeed, OpportunityKind
from models.domain.rival import RivalCandidate
from models.domain.strategy import Confidence
from models.generation.opportunities import find_opportunities
from models.services import onboarding, planning

_CONFIDENCE: dict[Confidence, str] = {"high": "green", "medium": "blue", "low": "gray"}
_ICONS = {
    OpportunityKind.GAP: ":material/join_inner:",
    OpportunityKind.RISING: ":material/trending_up:",
    OpportunityKind.BREAKOUT: ":material/rocket_launch:",
    OpportunityKind.STALE: ":material/hourglass_bottom:",
    OpportunityKind.FORMAT: ":material/movie:",
}
_LOOKING = "look-for-rivals"
_OPENED = "opened_opportunity"


def render(visit: Visit) -> None:
    header("Opportunities", "Where content is missing or could do more, and how sure that is.")
    message_of_last_action()
    opened = open_shelf(visit)
    if opened is None:
        footer(visit, None)
        return
    shelf, whole = opened
    with visit.context.store.unit_of_work() as uow:
        strategy = planning.latest_strategy(uow, visit.principal, visit.workspace.id)
    found = openings(shelf)
    feed = find_opportunities(found, strategy.document if strategy else None)
    _feed(visit, feed)
    _abstentions(feed)
    _rivals(visit, shelf)
    footer(visit, whole)


def _feed(visit: Visit, feed: OpportunityFeed) -> None:
    kinds = [kind for kind in OpportunityKind if any(item.kind is kind for item in feed.items)]
    if not kinds:
        with st.container(border=True):
            st.markdown("**No opportunity has evidence behind it yet**")
            st.caption("What was looked at, and what it would take, is below.")
        return
    chosen = None
    if len(kinds) > 1:
        chosen = st.pills("Kind", kinds, format_func=lambda kind: kind.label, key="kind", label_visibility="collapsed")
    for item in feed.items:
        if chosen is None or item.kind is chosen:
            _item(visit, item)
    opened = next((item for item in feed.items if item.id == st.session_state.get(_OPENED)), None)
    if opened is not None and visit.may_edit:
        _plan(visit, opened)


def _item(visit: Visit, item: Opportunity) -> None:
    with st.container(border=True):
        badge = f":{_CONFIDENCE[item.confidence]}-badge[{item.confidence} confidence]"
        st.markdown(
            f"{_ICONS[item.kind]} **{plain(item.title)}** {badge}  \n:small[:gray[{item.kind.label}"
            + (f" · {label(item.platform)}" if item.platform else "")
            + "]]"
        )
        st.write(plain(item.reason))
        with st.container(horizontal=True, vertical_alignment="center"):
            if visit.may_edit and item.topic:
                st.button("Plan it", key=f"plan-{item.id}", icon=":material/event:", on_click=_open, args=(item.id,))
            link = safe_url(item.url)
            if link:
                st.link_button("Open the post", link, icon=":material/open_in_new:")
        with st.expander("Evidence"):
            show_facts(visit, item.facts, key=f"opportunity-{item.id}")


def _open(item_id: str) -> None:
    st.session_state[_OPENED] = item_id


def _close() -> None:
    st.session_state.pop(_OPENED, None)


@st.dialog("Plan it as a campaign", width="large", on_dismiss=_close)
def _plan(visit: Visit, item: Opportunity) -> None:
    st.caption("A campaign takes a share of the posts in its days; the next calendar is planned with it.")
    if date_form(visit, item):
        _close()
        st.rerun()


def _abstentions(feed: OpportunityFeed) -> None:
    if not feed.abstentions:
        return
    with st.expander(
        f"Looked at, without evidence ({len(feed.abstentions)})", icon=":material/help:", expanded=not feed.items
    ):
        for sentence in feed.abstentions:
            st.markdown(f":gray[{plain(sentence)}]")


def _rivals(visit: Visit, shelf: Shelf) -> None:
    st.subheader("Who else could be a competitor", anchor=False)
    st.caption(
        "Accounts that are tagged, sites that are linked and names beside yours, in your posts and in competitors'."
    )
    if not st.session_state.get(_LOOKING):
        st.button("Look for them", key="rivals", icon=":material/person_search:", on_click=_look)
        return
    with visit.context.store.unit_of_work() as uow:
        known = onboarding.list_competitors(uow, visit.principal, visit.workspace.id)
    brand = (visit.workspace.name, visit.workspace.id)
    found = rivals(shelf, brand, tuple(sorted(competitor.name for competitor in known)))
    if not found:
        st.markdown(":gray[Nobody is tagged, linked or named often enough to be suggested.]")
    for candidate in found:
        _rival(visit, candidate)


def _look() -> None:
    st.session_state[_LOOKING] = True


def _rival(visit: Visit, candidate: RivalCandidate) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**{plain(candidate.name)}** · {candidate.source.label}  \n:small[:gray["
                f"{numbers.fact_value(candidate.own.value, 'posts')} of yours, "
                f"{numbers.fact_value(candidate.others.value, 'posts')} of competitors]]",
                width="stretch",
            )
            if visit.may_decide and st.button("Track", key=f"track-{candidate.source}-{candidate.name}"):

                def track() -> None:
                    with visit.context.store.unit_of_work() as uow:
                        onboarding.track_competitor(
                            uow, visit.principal, visit.workspace.id, name=candidate.name, now=now()
                        )

                if perform(f"{candidate.name} is tracked. Add an address to read with fabric competitor add.", track):
                    st.rerun()
        with st.expander("Evidence"):
            show_facts(visit, (candidate.own, candidate.others), key=f"rival-{candidate.name}")


if __name__ == "__main__":
    render(current_visit())
