"""A job under way as the person who waits sees it: what it is at, and what a model has written so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.components import numbers
from app.components.text import block, plain
from app.session import Visit
from models.domain.usage import Job, JobKind, JobStatus
from models.services import jobs

POLL = 2.0
"""Seconds between two looks at a job that is open."""
_OPEN = {JobStatus.QUEUED, JobStatus.RUNNING}


def newest_job(visit: Visit, kind: JobKind, arguments: Mapping[str, Any]) -> Job | None:
    """The newest job of the kind whose arguments hold the given ones."""
    with visit.context.store.unit_of_work() as uow:
        known = jobs.list_jobs(uow, visit.principal, visit.workspace.id)
    return next((j for j in known if j.kind is kind and arguments.items() <= j.arguments.items()), None)


def is_open(job: Job | None) -> bool:
    return job is not None and job.status in _OPEN


def show_job(visit: Visit, kind: JobKind, arguments: Mapping[str, Any], what: str) -> None:
    """Says how the newest such job stands and looks again while it is open; reloads the page when it has ended."""
    job = newest_job(visit, kind, arguments)
    if job is None:
        return
    if job.status is JobStatus.FAILED:
        st.error(f"{plain(what)} failed: {plain(job.message)}", icon=":material/error:")
    elif is_open(job):
        _watch(visit, kind, dict(arguments), what)


@st.fragment(run_every=POLL)
def _watch(visit: Visit, kind: JobKind, arguments: dict[str, Any], what: str) -> None:
    job = newest_job(visit, kind, arguments)
    if job is None or not is_open(job):
        st.rerun()
    word = "is running" if job.status is JobStatus.RUNNING else "waits for the worker (`fabric serve all`)"
    st.info(
        f"{plain(what)} {word} since {numbers.instant(job.created_at, visit.zone)}.", icon=":material/hourglass_top:"
    )
    if job.progress:
        st.html(block(job.progress[-600:], "fabric-post"))
