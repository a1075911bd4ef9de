"""What every page has around its content: title and sentence, messages, the as-of line, and states without data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.components import numbers
from app.components.text import plain
from app.context import now
from app.reading import Served, Shelf, current_shelf, served
from app.session import Visit
from models.domain.usage import JobKind, JobStatus
from models.errors import FabricError, NothingServed, StoreCorrupt
from models.services import jobs

_FLASH = "flash"


def header(title: str, sentence: str) -> None:
    """Title and one sentence of what the page answers."""
    st.title(title, anchor=False)
    st.caption(sentence)


def message_of_last_action() -> None:
    """What the action that led to this run did, once."""
    message = st.session_state.pop(_FLASH, None)
    if message:
        st.success(plain(message), icon=":material/check:")


def perform(done: str, action: Callable[[], object]) -> bool:
    """Runs a person's action. True when it took effect (`done` shows after the rerun); else its sentence is shown."""
    try:
        action()
    except FabricError as error:
        st.error(plain(str(error)))
        return False
    st.session_state[_FLASH] = done
    return True


def open_shelf(visit: Visit) -> tuple[Shelf, Served] | None:
    """The served version to read, or None after saying why there is none and what to do."""
    try:
        shelf = current_shelf(visit.context.settings.serving_dir, visit.workspace.id)
        return shelf, served(shelf)
    except NothingServed:
        empty_state(
            visit,
            "Nothing built yet",
            "Numbers appear here after the first build. Import at least one file or feed before it.",
            commands=(
                f"fabric import FILE --workspace {visit.workspace.id}",
                f"fabric build --workspace {visit.workspace.id}",
            ),
            job=("Build now", JobKind.BUILD, {}),
        )
    except StoreCorrupt as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.code(f"fabric build --workspace {visit.workspace.id}", language="bash")
    return None


def open_shelf_quietly(visit: Visit) -> Served | None:
    """The served version for the as-of line of a page that does not need it."""
    try:
        return served(current_shelf(visit.context.settings.serving_dir, visit.workspace.id))
    except (NothingServed, StoreCorrupt):
        return None


def empty_state(
    visit: Visit,
    title: str,
    sentence: str,
    *,
    commands: tuple[str, ...] = (),
    job: tuple[str, JobKind, dict[str, Any]] | None = None,
) -> None:
    """An empty page or panel that offers the next step: a button for those who may, and the command either way."""
    with st.container(border=True):
        st.markdown(f"**{plain(title)}**")
        st.write(plain(sentence))
        if job is not None:
            job_button(visit, *job)
        if commands:
            st.caption("On the command line:")
            st.code("\n".join(commands), language="bash")


def job_button(visit: Visit, words: str, kind: JobKind, arguments: dict[str, Any]) -> None:
    """Asks for a job once; while it waits or runs, that is said instead. Says who may to those who may not."""
    with visit.context.store.unit_of_work() as uow:
        known = jobs.list_jobs(uow, visit.principal, visit.workspace.id)
    same = [j for j in known if j.kind is kind and j.arguments == arguments]
    open_ = [j for j in same if j.status in {JobStatus.QUEUED, JobStatus.RUNNING}]
    if open_:
        newest = max(open_, key=lambda j: j.created_at)
        word = "running" if newest.status is JobStatus.RUNNING else "queued"
        st.info(
            f"This is {word} since {numbers.instant(newest.created_at, visit.zone)}; the worker is Dagster (`fabric serve all`)."
        )
        return
    failed = max((j for j in same if j.status is JobStatus.FAILED), key=lambda j: j.created_at, default=None)
    if failed is not None:
        st.error(f"The last attempt failed: {plain(failed.message)}")
    if not visit.may_edit:
        st.caption("An editor or admin of this workspace can start it.")
        return
    if st.button(words, type="primary", key=f"job-{kind}-{words}"):

        def ask() -> None:
            with visit.context.store.unit_of_work() as uow:
                jobs.request_job(uow, visit.principal, visit.workspace.id, kind, arguments, now=now())

        if perform("Requested. The worker picks it up within a minute.", ask):
            st.rerun()


def footer(visit: Visit, whole: Served | None, *, on_quality_page: bool = False) -> None:
    """The as-of line: when the numbers were observed, what stands behind them, which zone times are in, and where gaps and
    refused rows are shown."""
    st.divider()
    zone = visit.workspace.zone
    if whole is None:
        st.caption(f"No numbers are served yet. Times are in {plain(zone)}.")
        return
    cover = whole.coverage
    parts = [
        f"As of {numbers.instant(whole.as_of, visit.zone)} ({plain(zone)}, as all times here)",
        f"{cover.posts:,} own posts, {cover.sources:,} " + ("source" if cover.sources == 1 else "sources"),
        f"engagements observed for {_share(cover.posts_with_engagement, cover.posts)}",
        f"comparable at 28 days: {_share(cover.posts_with_percentile, cover.posts)}",
    ]
    if cover.rejections:
        refused = "row" if cover.rejections == 1 else "rows"
        parts.append(f"{cover.rejections:,} {refused} refused at import")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(" · ".join(parts))
        if not on_quality_page:
            st.page_link("views/data_quality.py", label="Data quality", icon=":material/verified:")


def _share(part: int, whole: int) -> str:
    return f"{part:,} of {whole:,}" + (f" ({numbers.percent(part / whole)})" if whole else "")
