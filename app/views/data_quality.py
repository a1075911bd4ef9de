"""Data quality: how fresh and complete the numbers are, what was left out and why, and what to do about it."""

from __future__ import annotations

import streamlit as st

from app.components import numbers
from app.components.frame import empty_state, footer, header, message_of_last_action, open_shelf
from app.components.quality import (
    FINDINGS_LOOKS,
    GAP_WORDS,
    RESTATED_WORDS,
    freshness_look,
    missing_because,
    source_name,
)
from app.components.text import plain, without_controls
from app.context import now
from app.reading import Quality, quality
from app.session import Visit, current_visit
from models.domain.connection import Vendor
from models.domain.quality import RULES, Severity
from models.domain.social import Platform

COVERAGE_WEEKS = 13
_LABELS = {p.value: p.label for p in Platform} | {v.value: v.label for v in Vendor}


def render(visit: Visit) -> None:
    header("Data quality", "How fresh and complete the numbers are, what was left out, and what to do about it.")
    message_of_last_action()
    opened = open_shelf(visit)
    if opened is None:
        footer(visit, None, on_quality_page=True)
        return
    shelf, whole = opened
    data = quality(shelf, COVERAGE_WEEKS)
    _cards(data)
    _freshness(visit, data)
    _gaps(visit, data)
    _quarantine(visit, data)
    _rejections(data)
    _findings(visit, data)
    _coverage(data)
    _restatements(visit, data)
    _checks(visit, data)
    footer(visit, whole, on_quality_page=True)


def _cards(data: Quality) -> None:
    late = sum(freshness_look(row, now()).word in {"Late", "Failing", "Refused"} for row in data.sources.to_dicts())
    aside = int(data.sources.unique("source")["quarantined"].sum())
    days = data.gaps.height
    expected, observed = int(data.coverage["expected"].sum()), int(data.coverage["observed"].sum())
    with st.container(horizontal=True):
        st.metric("Sources late or failing", f"{late:,} of {data.sources.height:,}", border=True)
        st.metric("Gaps", f"{days:,}", border=True, help="Windows and days that were not read")
        st.metric("Rows in quarantine", f"{aside:,}", border=True, help="Received, and in no number: they break a rule")
        st.metric(
            "Observed of what platforms have",
            numbers.percent(observed / expected) if expected else numbers.MISSING,
            border=True,
            help=f"{observed:,} of {expected:,} numbers of the last {COVERAGE_WEEKS} weeks"
            if expected
            else "No own posts or days in the last weeks",
        )


def _freshness(visit: Visit, data: Quality) -> None:
    st.subheader("How fresh each source is", anchor=False)
    rows = data.sources.to_dicts()
    looks = [freshness_look(row, now()) for row in rows]
    order = sorted(range(len(rows)), key=lambda i: (looks[i].rank, rows[i]["owner"] != "own", rows[i]["source"]))
    for index in (i for i in order if looks[i].rank == 0):
        st.warning(
            f"{plain(source_name(rows[index]['source'], _LABELS))}: {plain(looks[index].sentence)}",
            icon=looks[index].icon,
        )
    st.dataframe(
        {
            "Source": [source_name(rows[i]["source"], _LABELS) for i in order],
            "Of": ["Brand" if rows[i]["owner"] == "own" else "Competitors" if rows[i]["owner"] == "competitor" else "Unknown"
                   for i in order],
            "State": [looks[i].word for i in order],
            "In words": [looks[i].sentence for i in order],
            "Newest numbers": [_local(visit, rows[i]["last_observed_at"]) for i in order],
            "Readings": [rows[i]["observations"] for i in order],
        },
        hide_index=True,
        placeholder=numbers.MISSING,
        column_config={
            "Newest numbers": st.column_config.DatetimeColumn(format="ddd D MMM YYYY, HH:mm"),
            "In words": st.column_config.TextColumn(width="large"),
            "Readings": st.column_config.NumberColumn(format="localized"),
        },
        alt="Each source with how fresh it is",
    )  # fmt: skip


def _gaps(visit: Visit, data: Quality) -> None:
    st.subheader("Gaps", anchor=False)
    if not data.gaps.height:
        st.caption("No gap: every window of the connected accounts was read.")
        return
    rows = data.gaps.to_dicts()
    st.dataframe(
        {
            "Account": [f"{_LABELS.get(r['platform'], r['platform'])} · {r['account_name'] or '–'}" for r in rows],
            "From": [r["first_day"] for r in rows],
            "To": [r["last_day"] for r in rows],
            "What": [GAP_WORDS[r["kind"]].format(stream=r["stream"]) for r in rows],
            "Reason": [r["message"] or None for r in rows],
        },
        hide_index=True,
        placeholder=numbers.MISSING,
        column_config={
            "From": st.column_config.DateColumn(format="D MMM YYYY"),
            "To": st.column_config.DateColumn(format="D MMM YYYY"),
            "What": st.column_config.TextColumn(width="large"),
        },
        alt="Windows and days that were not read",
    )
    st.page_link("views/connections.py", label="Open connections", icon=":material/cable:")


def _quarantine(visit: Visit, data: Quality) -> None:
    st.subheader("Rows in quarantine", anchor=False)
    if not data.quarantine.height:
        st.caption("None: every row that was received keeps the rules.")
        return
    rows = data.quarantine.to_dicts()
    for rule in sorted({r["rule"] for r in rows}, key=list(RULES).index):
        of_rule = [r for r in rows if r["rule"] == rule]
        count = sum(r["rows"] for r in of_rule)
        with st.container(border=True):
            st.markdown(
                f"**{count:,} {'row breaks' if count == 1 else 'rows break'} the rule that {plain(RULES[rule].asks)}**"
            )
            st.caption(f"What to do: {plain(RULES[rule].advice)}")
            st.dataframe(
                {
                    "File": [r["source_file"] for r in of_rule],
                    "Lines": [(r["lines"] + (" …" if r["rows"] > 5 else "")) if r["lines"] else None for r in of_rule],
                    "Column": [r["column_name"] for r in of_rule],
                    "Rows": [r["rows"] for r in of_rule],
                    "One of them": [without_controls(r["raw"] or "") for r in of_rule],
                },
                hide_index=True,
                placeholder=numbers.MISSING,
                column_config={"One of them": st.column_config.TextColumn(width="large")},
                alt=f"Rows that break the rule {rule}",
            )


def _rejections(data: Quality) -> None:
    if not data.rejections.height:
        return
    st.subheader("Refused at import", anchor=False)
    st.caption("Correct these at the source and import the file again; the rest of each file loaded.")
    rows = data.rejections.to_dicts()
    st.dataframe(
        {
            "File": [r["source_file"] for r in rows],
            "Line": [r["source_line"] for r in rows],
            "Column": [r["column_name"] for r in rows],
            "Reason": [r["reason"] for r in rows],
            "As received": [without_controls(r["raw"] or "") for r in rows],
        },
        hide_index=True,
        placeholder=numbers.MISSING,
        alt="Rows and cells refused at import",
    )


def _findings(visit: Visit, data: Quality) -> None:
    if not data.findings.height:
        return
    st.subheader("Refused batches and findings", anchor=False)
    rows = data.findings.to_dicts()
    st.dataframe(
        {
            "What": [FINDINGS_LOOKS[Severity(r["severity"])].word for r in rows],
            "Rule": [f"The rule that {RULES[r['rule']].asks}" for r in rows],
            "File or account": [r["source_file"] for r in rows],
            "Found": [r["examples"] or f"{r['rows_failed']:,} of {r['rows_checked']:,} rows" for r in rows],
            "What to do": [RULES[r["rule"]].advice for r in rows],
            "Of": [_local(visit, r["observed_at"]) for r in rows],
        },
        hide_index=True,
        placeholder=numbers.MISSING,
        column_config={"Of": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")},
        alt="Refused batches and what the checks found odd",
    )


def _coverage(data: Quality) -> None:
    st.subheader(f"Coverage of the last {COVERAGE_WEEKS} weeks", anchor=False)
    if not data.coverage.height:
        st.caption("No own posts or days to speak of yet.")
        return
    st.caption(
        "Of the posts (or days) for which the platform could have a number, how many have one, and why the others have none."
    )
    rows = data.coverage.to_dicts()
    platforms = list(dict.fromkeys(r["platform"] for r in rows))
    for tab, platform in zip(st.tabs([_LABELS.get(p, p) for p in platforms]), platforms, strict=True):
        of = [r for r in rows if r["platform"] == platform]
        with tab:
            st.dataframe(
                {
                    "Metric": [r["name"] for r in of],
                    "Observed": [100 * r["observed"] / r["expected"] for r in of],
                    "Of": [
                        f"{r['observed']:,} of {r['expected']:,} {'posts' if r['entity'] == 'post' else 'days'}"
                        for r in of
                    ],
                    "Why the others are missing": [missing_because(r) for r in of],
                },
                hide_index=True,
                placeholder=numbers.MISSING,
                column_config={
                    "Observed": st.column_config.ProgressColumn(format="%.0f%%", min_value=0, max_value=100),
                    "Why the others are missing": st.column_config.TextColumn(width="large"),
                },
                alt=f"Coverage of {_LABELS.get(platform, platform)} by metric",
            )


def _restatements(visit: Visit, data: Quality) -> None:
    if not data.restatements.height:
        return
    st.subheader("Restated numbers", anchor=False)
    rows = data.restatements.to_dicts()
    st.dataframe(
        {
            "Platform": [_LABELS.get(r["platform"], r["platform"]) for r in rows],
            "Metric": [r["name"] for r in rows],
            "What": [RESTATED_WORDS.get(r["kind"], r["kind"]) for r in rows],
            "Times": [r["restated"] for r in rows],
            "Typical change": [None if r["ratio"] is None else numbers.signed_percent(r["ratio"] - 1) for r in rows],
            "Newest": [_local(visit, r["newest"]) for r in rows],
        },
        hide_index=True,
        placeholder=numbers.MISSING,
        column_config={"Newest": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")},
        alt="Numbers that platforms told differently later",
    )


def _checks(visit: Visit, data: Quality) -> None:
    st.subheader("Last checks", anchor=False)
    if not data.checks.height:
        empty_state(
            visit,
            "No batch has been checked yet",
            "Batches are checked when they are loaded; those loaded before there were checks have none.",
            commands=("fabric build --from-landing",),
        )
        return
    rows = data.checks.to_dicts()
    st.dataframe(
        {
            "Rule": [f"That {RULES[r['rule']].asks}" for r in rows],
            "A breach": [FINDINGS_LOOKS[Severity(r["severity"])].word for r in rows],
            "Batches": [r["batches"] for r in rows],
            "Rows": [r["rows_checked"] for r in rows],
            "Broken by": [r["rows_failed"] for r in rows],
        },
        hide_index=True,
        column_config={
            "Rule": st.column_config.TextColumn(width="large"),
            **{c: st.column_config.NumberColumn(format="localized") for c in ("Batches", "Rows", "Broken by")},
        },
        alt="Every rule with how often it was asked and broken",
    )
    st.caption("To hold a platform's own export against these numbers, row by row:")
    st.code(f"fabric reconcile FILE --workspace {visit.workspace.id}", language="bash")


def _local(visit: Visit, moment: object) -> object:
    """An instant as local wall time, which the table shows as it is."""
    return moment.astimezone(visit.zone).replace(tzinfo=None) if hasattr(moment, "astimezone") else None


if __name__ == "__main__":
    render(current_visit())
