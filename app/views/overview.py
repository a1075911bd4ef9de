"""Overview: what happened, what needs a person, what to do next."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import streamlit as st

from app.charts.template import PLOTLY_CONFIG, label
from app.charts.weekly import weekly_engagements
from app.components import cards, numbers
from app.components.evidence import facts_of, show_facts
from app.components.filters import overview_filters
from app.components.frame import empty_state, footer, header, message_of_last_action, open_shelf
from app.components.needs import account_needs, needs, post_needs
from app.components.publication import Outgoing, read_outgoing
from app.components.recommendations import Recommendation, top_recommendations
from app.components.text import capitalised, first_sentence, headline, plain
from app.context import now
from app.reading import OverviewData, Ranking, Served, overview
from app.session import Visit, current_visit
from models.domain.approval import Draft
from models.domain.strategy import StrategyDocument
from models.domain.usage import JobKind
from models.services import calendar, connections, drafts, planning

_CHART_WEEKS = {"12 weeks": 12, "26 weeks": 26, "52 weeks": 52}
_CONFIDENCE = {"high": "green", "medium": "orange", "low": "gray"}


def render(visit: Visit) -> None:
    header("Overview", "What happened in the last 28 days, what needs you, and what to do next.")
    message_of_last_action()
    opened = open_shelf(visit)
    if opened is None:
        footer(visit, None)
        return
    shelf, whole = opened
    where = overview_filters(whole)
    last_day = whole.last_day(visit.zone)
    weeks = _CHART_WEEKS[st.session_state.get("weeks", "12 weeks")]
    data = overview(shelf, where, last_day, weeks)
    with visit.context.store.unit_of_work() as uow:
        every_draft = drafts.list_drafts(uow, visit.principal, visit.workspace.id)
        strategy = planning.latest_strategy(uow, visit.principal, visit.workspace.id)
    outgoing = read_outgoing(visit)
    note = whole.period_note(visit.zone, now().astimezone(visit.zone).date())
    if note is not None:
        st.info(note, icon=":material/history:")
    _cards(visit, whole, data, every_draft, last_day)
    left, right = st.columns([7, 4], gap="medium")
    with left:
        _chart(data)
        _ranking(data.ranking)
    with right:
        _needs(visit, data, every_draft, outgoing, whole.coverage.rejections)
        _next_days(visit, every_draft, outgoing)
        _recommendations(visit, None if strategy is None else strategy.document)
    footer(visit, whole)


def _cards(visit: Visit, whole: Served, data: OverviewData, every_draft: list[Draft], last_day: date) -> None:
    shown = (
        cards.exposure_card(data, last_day),
        cards.rate_card(data, last_day),
        cards.followers_card(data, last_day),
        cards.posts_card(data, last_day, whole.coverage.first_post),
        cards.approvals_card(every_draft, now(), visit.zone),
    )
    with st.grid(columns=5, min_column_width=170, gap="xsmall"):
        for card in shown:
            st.metric(
                plain(card.label),
                card.value,
                card.delta,
                delta_color="normal" if card.judged else "off",
                delta_arrow="auto" if card.delta_description else "off",
                delta_description=card.delta_description,
                help=plain(card.explanation),
                chart_data=list(card.spark) or None,
                border=True,
                height="stretch",
            )


def _chart(data: OverviewData) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown("**How many engagements did each week's posts get?**")
            st.segmented_control(
                "Weeks shown", list(_CHART_WEEKS), default="12 weeks", required=True, key="weeks", bind="query-params",
                label_visibility="collapsed",
            )  # fmt: skip
        if data.weeks.drop_nulls("engagements").height == 0:
            st.caption(
                "No post of these weeks has an engagement count. Choose more weeks, or import an export that carries them."
            )
            return
        st.plotly_chart(
            weekly_engagements(data.weeks),
            config=PLOTLY_CONFIG,
            key="weekly_engagements",
            alt="Public engagements of the posts published in each seven days, one line per platform",
        )
        st.caption(
            "Reactions, comments and shares as last observed, by the 7 days a post was published in. A gap means nothing was observed."
        )


def _ranking(ranking: Ranking) -> None:
    with st.container(border=True):
        st.markdown("**Which posts did best and worst at the same age?**")
        if not ranking.best.height:
            st.caption(
                f"No evidence yet: {ranking.measured} posts have a value at 28 days of age, and a comparison needs at "
                "least 5 on one account."
            )
            return
        span = f"published since {numbers.day(ranking.since)}" if ranking.since else "of all time"
        st.caption(
            f"Ranked within their account by engagements at 28 days of age, among {ranking.measured:,} posts {span}."
        )
        late = {"extrapolated"} == {*ranking.best["basis_28d"], *ranking.weakest["basis_28d"]}
        if late:
            st.caption("All of these were first read after 28 days, so their counts are upper bounds.")
        best, weakest = st.columns(2, gap="medium")
        for column, title, posts in ((best, "Best", ranking.best), (weakest, "Weakest", ranking.weakest)):
            with column:
                st.caption(f"**{title}**")
                for row in posts.to_dicts():
                    _ranked_post(row, mark_late=not late)


def _ranked_post(row: dict[str, object], *, mark_late: bool) -> None:
    title = headline(_text(row["title"]), _text(row["body"]), 80)
    value = row["engagements_public_28d"]
    percentile = row["percentile_28d"]
    published = row["published_local"]
    parts = [
        label(str(row["platform"])),
        numbers.day(published) if isinstance(published, date) else numbers.MISSING,
        f"{numbers.short(round(value))} engagements" if isinstance(value, (int, float)) else numbers.MISSING,
        f"{numbers.ordinal_percentile(float(percentile))} percentile"
        if isinstance(percentile, (int, float))
        else numbers.MISSING,
    ]
    if mark_late and row["basis_28d"] == "extrapolated":
        parts.append("first read later: an upper bound")
    st.markdown(f"{plain(title)}  \n:small[:gray[{plain(' · '.join(parts))}]]")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _needs(visit: Visit, data: OverviewData, every_draft: list[Draft], outgoing: Outgoing, refused: int) -> None:
    linked = list(outgoing.accounts.values())
    with visit.context.store.unit_of_work() as uow:
        gaps = {c.id: connections.gaps(uow, visit.principal, c.id) for c in linked}
    with st.container(border=True):
        st.markdown("**Needs you**")
        found = (
            *post_needs(every_draft, outgoing),
            *account_needs(linked, gaps, now(), visit.zone),
            *needs(every_draft, data.freshness, refused, now(), visit.zone),
        )
        if not found:
            st.caption(
                ":green[:material/check_circle:] Nothing: no open approval, no failed post, no failing account, no stale source, "
                "no refused row."
            )
        for need in found:
            st.markdown(f"{need.icon} {plain(need.sentence)}")
            if need.page is not None:
                st.page_link(need.page, label=need.action)
            elif need.action:
                st.caption(need.action)
        if refused:
            with st.expander(
                f"Refused rows (first {data.rejections.height:,})"
                if refused > data.rejections.height
                else "Refused rows"
            ):
                st.dataframe(
                    data.rejections.select(
                        pl.col("source_file").alias("File"),
                        pl.col("source_line").alias("Line"),
                        pl.col("column_name").alias("Column"),
                        pl.col("reason").alias("Reason"),
                    ),
                    hide_index=True,
                    placeholder=numbers.MISSING,
                    alt="Rows that were refused at import, with file, line, column and reason",
                )


def _next_days(visit: Visit, every_draft: list[Draft], outgoing: Outgoing) -> None:
    with st.container(border=True):
        st.markdown("**Next seven days**")
        start = now()
        with visit.context.store.unit_of_work() as uow:
            entries = calendar.list_entries(
                uow, visit.principal, visit.workspace.id, start=start, end=start + timedelta(days=7)
            )
        if not entries:
            st.caption("Nothing is planned.")
        for entry in entries[:8]:
            look = outgoing.look(d for d in every_draft if d.entry_id == entry.id)
            local = entry.slot_at.astimezone(visit.zone)
            st.markdown(
                f"{local:%a} {local.day} {local:%b, %H:%M} · {plain(capitalised(entry.pillar))}  \n"
                f":small[:{look.colour}[{look.icon} {look.word}] :gray[{', '.join(label(p) for p in entry.platforms)}]]"
            )
        if len(entries) > 8:
            st.caption(f"and {len(entries) - 8} more")
        st.page_link("views/calendar.py", label="Open the calendar", icon=":material/calendar_month:")


def _recommendations(visit: Visit, document: StrategyDocument | None) -> None:
    with st.container(border=True):
        st.markdown("**What to do next**")
        if document is None:
            empty_state(
                visit,
                "No strategy yet",
                "Recommendations come from a strategy, which is written from the built numbers.",
                commands=(f"fabric generate strategy --workspace {visit.workspace.id}",),
                job=("Write a strategy", JobKind.GENERATE, {"what": "strategy"}),
            )
            return
        found = top_recommendations(document)
        if not found:
            st.caption("No recommendation has evidence behind it yet.")
            for sentence in document.abstentions[:3]:
                st.caption(plain(sentence))
        for position, recommendation in enumerate(found):
            _recommendation(visit, document, recommendation, position)


def _recommendation(visit: Visit, document: StrategyDocument, what: Recommendation, position: int) -> None:
    badge = "" if what.confidence is None else f" :{_CONFIDENCE[what.confidence]}-badge[{what.confidence} confidence]"
    first, rest = first_sentence(what.reason) if what.confidence else (what.reason, "")
    st.markdown(f"**{plain(what.title)}**{badge}  \n{plain(first)}")
    with st.expander("Why, with the evidence" if rest else "Evidence"):
        if rest:
            st.write(plain(rest))
        show_facts(visit, facts_of(document, what.fact_ids), key=f"recommendation-{position}")


if __name__ == "__main__":
    render(current_visit())
