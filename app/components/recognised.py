"""What a file was taken for and what an import of it stores or has stored, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.charts.template import label
from app.components import numbers
from app.components.text import capitalised, excerpt, plain, safe_url
from app.session import Visit
from models.domain.content import Rejection
from models.metrics.registry import registry

if TYPE_CHECKING:
    from connectors.files.importer import ImportSummary
    from connectors.files.intake import Recognised
    from connectors.files.preview import Preview, PreviewRow

_UPLOADED = "the file's own time"
"""How an importer says that it took the time of the file, which for an upload is the time of the upload."""
_KINDS = {"post": "Post", "account": "Account", "audience": "Audience"}


def recognised(visit: Visit, preview: Preview) -> None:
    """Everything of a preview: layout and why, counts, first rows, problems, columns."""
    summary = preview.summary
    for part in summary.recognised:
        _part(visit, part)
    if not summary.recognised:
        st.markdown(f"**{plain(summary.layout)}**")
    st.caption(_read_at(visit, summary))
    if summary.already_known:
        st.info(
            "This file was imported before with the same answers: importing it again changes nothing.",
            icon=":material/history:",
        )
    counts(summary)
    for note in summary.notes:
        st.caption(f":material/info: {plain(note)}")
    first_rows(visit, preview.rows)
    problems(summary, preview.problems)
    _columns(summary.recognised)


def counts(summary: ImportSummary) -> None:
    """Where the rows of the file go and what is news in them."""
    shown = [
        ("Rows read", summary.rows_read, "Rows of the file, totals and blank lines included."),
        ("Posts", summary.contents, "Posts or articles described by the file."),
        ("New numbers", summary.observations_new, "Readings of something that was never read before."),
        ("Changed", summary.observations_changed, "Readings that differ from the newest one stored."),
        ("Already known", summary.observations_known, "Readings that repeat the newest one stored."),
        ("Set aside", summary.rejected, "Rows or cells that cannot be used, each with its reason."),
    ]  # fmt: skip
    with st.grid(columns=6, min_column_width=120, gap="xsmall"):
        for name, count, explanation in shown:
            st.metric(name, numbers.exact(count), help=explanation, border=True, height="stretch")


def first_rows(visit: Visit, rows: Sequence[PreviewRow]) -> None:
    """The first rows as they would be stored, one column a metric."""
    if not rows:
        st.caption("The file has no row that can be stored.")
        return
    names = {metric.id: metric.name for metric in registry().metrics.values()}
    metrics = list(dict.fromkeys(metric for row in rows for metric in row.metrics))
    table: dict[str, list[object]] = {
        "Line": [row.line for row in rows],
        "What": [_KINDS.get(row.entity_type, capitalised(row.entity_type)) for row in rows],
        "Account": [row.account_name for row in rows],
        "Published or day": [row.at.astimezone(visit.zone).replace(tzinfo=None) if row.at else None for row in rows],
        "Text": [excerpt(row.title or row.body or row.entity_id, 90) for row in rows],
        "Format": [row.content_type for row in rows],
        "Link": [safe_url(row.url) for row in rows],
    }
    kept = {name: cells for name, cells in table.items() if any(cell is not None for cell in cells)}
    st.markdown("**The first rows as they would be stored**")
    st.dataframe(
        {**kept, **{names.get(metric, metric): [row.metrics.get(metric) for row in rows] for metric in metrics}},
        hide_index=True,
        placeholder=numbers.MISSING,
        column_config={
            "Published or day": st.column_config.DatetimeColumn(
                format="D MMM YYYY, HH:mm", help=f"In {visit.workspace.zone}"
            ),
            "Text": st.column_config.TextColumn(width="medium"),
            "Link": st.column_config.LinkColumn(display_text="Open"),
        },
        alt="The first rows of the file as they would be stored",
    )


def problems(summary: ImportSummary, rejected: Sequence[Rejection]) -> None:
    """What is set aside, as one sentence and a table of the first ones."""
    if not summary.rejected:
        return
    cells = summary.rejected - summary.rows_rejected
    parts = [_count(summary.rows_rejected, "row")] if summary.rows_rejected else []
    parts += [_count(cells, "single cell")] if cells else []
    st.warning(
        f"{' and '.join(parts)} cannot be used and would be set aside with the reason; the rest is stored.",
        icon=":material/report:",
    )
    with st.expander(f"Reasons ({'the first ' if summary.rejected > len(rejected) else ''}{len(rejected):,})"):
        st.dataframe(
            {
                "Line": [r.source_line for r in rejected],
                "Column": [r.column for r in rejected],
                "Reason": [r.reason for r in rejected],
                "What stood there": [excerpt(r.raw, 160) for r in rejected],
            },
            hide_index=True,
            placeholder=numbers.MISSING,
            alt="Rows and cells that are set aside, with line, column and reason",
        )


def outcome(summary: ImportSummary) -> str:
    """What an import did, as one sentence."""
    if summary.already_known:
        return f"{summary.source_file} was imported before: nothing was added."
    stored = [_count(summary.contents, "post"), _count(summary.observations, "number")]
    told = f"Imported {summary.source_file}: {_count(summary.rows_read, 'row')} read, {' and '.join(stored)} stored"
    return f"{told}, {summary.rejected:,} set aside." if summary.rejected else f"{told}."


def _part(visit: Visit, part: Recognised) -> None:
    st.markdown(
        f"**{plain(part.layout)}** · {label(part.platform)}  \n:small[:gray[Recognised because {plain(part.why)}.]]"
    )
    accounts = ", ".join(name if name == id_ else f"{name} ({id_})" for id_, name in part.accounts[:4])
    more = f" and {len(part.accounts) - 4} more" if len(part.accounts) > 4 else ""
    said = [f"Account: {accounts}{more}"]
    if part.first is not None and part.newest is not None:
        first, newest = (numbers.day(at.astimezone(visit.zone).date()) for at in (part.first, part.newest))
        said.append(f"{first} to {newest}")
    if part.zone is not None:
        said.append(f"times of the file are in {part.zone}")
    st.caption(plain(" · ".join(said)))


def _read_at(visit: Visit, summary: ImportSummary) -> str:
    when = numbers.instant(summary.observed_at, visit.zone)
    if summary.observed_from == _UPLOADED:
        return (
            f"The numbers count as read at {when}, the time of the upload: the file does not say when it was made. "
            "If it is older, answer “Export made on”."
        )
    source = "your answer" if summary.observed_from == "--observed-at" else summary.observed_from
    return f"The numbers count as read at {when} ({plain(source)})."


def _columns(parts: Sequence[Recognised]) -> None:
    names = {metric.id: metric.name for metric in registry().metrics.values()}
    taken = [(column, names.get(metric, metric)) for part in parts for column, metric in part.taken.items()]
    left = [column for part in parts for column in part.left]
    if not taken and not left:
        return
    with st.expander(f"Columns ({len(taken)} read as numbers, {len(left)} not read)"):
        st.dataframe(
            {
                "Column": [column for column, _ in taken] + left,
                "Read as": [name for _, name in taken] + ["not read as a number"] * len(left),
            },
            hide_index=True,
            alt="Columns of the file and what they are read as",
        )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
