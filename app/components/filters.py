"""The filter bar. Each choice is bound to the URL, so a link carries it."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from app.charts.template import label
from app.reading import Served
from connectors.warehouse.pages import PostFilter
from models.domain.retrieval import Among, Mode, Source
from models.domain.social import Platform

PERIODS: dict[str, int | None] = {"28 days": 28, "90 days": 90, "12 months": 365, "All": None}
SOURCE_NAMES = {
    Source.OWN.value: "Own posts", Source.DRAFT.value: "Drafts", Source.BRIEF.value: "Briefs",
    Source.COMPETITOR.value: "Competitors",
}  # fmt: skip
MODE_NAMES = {Mode.HYBRID.value: "Meaning and words", Mode.VECTOR.value: "Meaning", Mode.TEXT.value: "Words"}


def overview_filters(whole: Served) -> PostFilter:
    """Platform and account; the overview's periods are fixed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        platforms = _platforms(whole)
        accounts = _accounts(whole)
    return PostFilter(platforms=platforms, accounts=accounts)


def content_filters(whole: Served, last_day: date) -> PostFilter:
    """Period, platform, account, topic, format and words."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = st.segmented_control(
            "Period", list(PERIODS), default="90 days", required=True, key="period", bind="query-params"
        )
        platforms = _platforms(whole)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        accounts = _accounts(whole)
        topics = st.multiselect(
            "Topic", whole.choices.topics, key="topic", bind="query-params", placeholder="Any topic", width=170
        )
        formats = st.multiselect(
            "Format", whole.choices.formats, key="format", bind="query-params", placeholder="Any format", width=168
        )
        text = st.text_input(
            "Text contains", key="q", bind="query-params", placeholder="Words in title or text", live="400ms", width=170
        )
    days = PERIODS[period]
    return PostFilter(
        start=None if days is None else last_day - timedelta(days=days - 1),
        end=None if days is None else last_day,
        platforms=platforms,
        accounts=accounts,
        topics=tuple(topics),
        formats=tuple(formats),
        text=text,
    )


def search_filters(*, searches_meaning: bool) -> tuple[str, Among, Mode]:
    """Words, kind of content, platform and how to search; by words alone where no model is on this machine."""
    words = st.text_input(
        "Search for", key="words", bind="query-params", placeholder="For example: how to repair a zip", max_chars=500
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sources = st.pills(
            "Content", list(SOURCE_NAMES), selection_mode="multi", format_func=SOURCE_NAMES.__getitem__, key="source",
            bind="query-params",
        )  # fmt: skip
        platforms = st.multiselect(
            "Platform", [platform.value for platform in Platform], format_func=label, key="on", bind="query-params",
            placeholder="Any platform", width=200,
        )  # fmt: skip
        modes = list(MODE_NAMES) if searches_meaning else [Mode.TEXT.value]
        mode = st.segmented_control(
            "By", modes, format_func=MODE_NAMES.__getitem__, default=modes[0], required=True, key="by",
            bind="query-params",
        )  # fmt: skip
    return words, Among(tuple(Source(name) for name in sources), tuple(platforms)), Mode(mode)


def _platforms(whole: Served) -> tuple[str, ...]:
    if len(whole.choices.platforms) < 2:
        return ()
    chosen = st.pills(
        "Platform",
        whole.choices.platforms,
        selection_mode="multi",
        format_func=label,
        key="platform",
        bind="query-params",
    )
    return tuple(chosen)


def _accounts(whole: Served) -> tuple[str, ...]:
    if len(whole.choices.accounts) < 2:
        return ()
    names = dict(whole.choices.accounts)
    doubled = {n for n in names.values() if list(names.values()).count(n) > 1}
    chosen = st.multiselect(
        "Account",
        list(names),
        format_func=lambda id_: f"{names[id_]} ({id_})" if names[id_] in doubled else names[id_],
        key="account",
        bind="query-params",
        placeholder="All accounts",
        width=168,
    )
    return tuple(chosen)
