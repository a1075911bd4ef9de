"""Connections: which accounts are linked, whether they work, when they are read, and what is lost when they are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from app.components import numbers
from app.components.frame import empty_state, footer, header, message_of_last_action, open_shelf_quietly, perform
from app.components.text import plain
from app.context import now
from app.session import Visit, current_visit
from connectors.rhythms import next_due, rhythm, streams_of
from models.domain.connection import Connection, ConnectionStatus, SyncRun, SyncStatus, Vendor
from models.domain.usage import JobKind
from models.services import connections, jobs

EXPIRES_SOON = timedelta(days=7)
_STREAMS = {"posts": "posts", "account": "account numbers", "audience": "audience"}


def render(visit: Visit) -> None:
    header("Connections", "Which accounts are linked, whether they work, and what is lost when they do not.")
    message_of_last_action()
    with visit.context.store.unit_of_work() as uow:
        linked = connections.list_connections(uow, visit.principal, visit.workspace.id)
        runs = {c.id: connections.list_syncs(uow, visit.principal, c.id) for c in linked}
        gaps = {c.id: connections.gaps(uow, visit.principal, c.id) for c in linked}
    if not linked:
        empty_state(
            visit,
            "No account is linked yet",
            "Link the brand's accounts to read their numbers and to publish approved posts. Files can be imported without.",
            commands=(
                f"fabric connect linkedin --workspace {visit.workspace.id}",
                f"fabric connect facebook --workspace {visit.workspace.id} --sandbox",
            ),
        )
    else:
        _read_now(visit)
    for connection in sorted(linked, key=lambda c: (c.vendor.label, c.account_name)):
        _card(visit, connection, runs[connection.id], gaps[connection.id])
    _more(visit, linked)
    footer(visit, open_shelf_quietly(visit))


def status_words(connection: Connection, moment: datetime) -> tuple[str, str]:
    """(a coloured mark with its word, what to do) for the state of a connection."""
    if connection.status is ConnectionStatus.DISCONNECTED:
        return ":gray[:material/link_off: Disconnected]", "What was collected stays. Connect again to go on."
    if connection.status is ConnectionStatus.EXPIRED:
        return ":red[:material/error: Sign-in expired]", connection.message or "Connect the account again."
    # A token that a refresh token renews ends with the refresh token; only that needs a person.
    end = connection.refresh_expires_at or connection.expires_at
    if connection.refresh_expires_at and end and end - moment <= EXPIRES_SOON:
        return ":orange[:material/schedule: Sign-in ends soon]", "Connect again before it ends."
    return ":green[:material/check_circle: Connected]", connection.message


def _card(visit: Visit, connection: Connection, runs: Sequence[SyncRun], gaps: Sequence[SyncRun]) -> None:
    moment = now()
    mark, advice = status_words(connection, moment)
    with st.container(border=True, key=f"connection-{connection.id}"):
        name, state = st.columns([3, 2], vertical_alignment="center")
        synthetic = " · :material/science: sandbox" if connection.sandbox else ""
        name.markdown(f"**{plain(connection.vendor.label)}** · {plain(connection.account_name)}{synthetic}")
        state.markdown(mark)
        if advice:
            st.caption(plain(advice))
        facts = st.columns(4)
        facts[0].caption("Token")
        facts[0].write(_token(visit, connection))
        facts[1].caption("Last read")
        facts[1].write(numbers.instant(connection.last_sync_at, visit.zone) if connection.last_sync_at else "never")
        facts[2].caption("Next read")
        facts[2].write(_next(visit, connection, runs, moment))
        facts[3].caption("Quota left")
        facts[3].write(plain("; ".join(f"{what}: {left}" for what, left in connection.quota.items())) or "not told")
        if gaps:
            st.warning(_gap_words(visit, gaps), icon=":material/report:")
        with st.expander("Details"):
            st.caption(f"Account id {plain(connection.account_id)}")
            st.caption("Rights: " + (plain(", ".join(connection.scopes)) or "as the key grants"))
            _deadlines(connection)
            _runs(visit, runs)
            _end(visit, connection)


def _token(visit: Visit, connection: Connection) -> str:
    if connection.status is ConnectionStatus.DISCONNECTED:
        return "deleted"
    if connection.refresh_expires_at is not None:
        return f"renewed by itself until {numbers.instant(connection.refresh_expires_at, visit.zone)}"
    if connection.expires_at is not None:
        return f"until {numbers.instant(connection.expires_at, visit.zone)}, renewed where the vendor allows"
    return "no end told"


def _next(visit: Visit, connection: Connection, runs: Sequence[SyncRun], moment: datetime) -> str:
    if connection.status is not ConnectionStatus.CONNECTED or not streams_of(connection.vendor):
        return numbers.MISSING
    coming = min(
        next_due(
            rhythm(connection.vendor, stream),
            max((r.started_at for r in runs if r.stream == stream.value), default=None),
            now=moment,
        )
        for stream in streams_of(connection.vendor)
    )
    return "within the hour" if coming <= moment else numbers.instant(coming, visit.zone)


def _gap_words(visit: Visit, gaps: Sequence[SyncRun]) -> str:
    newest = max(gaps, key=lambda run: run.started_at)
    first = min(run.since for run in gaps)
    what = ", ".join(sorted({_STREAMS.get(run.stream, run.stream) for run in gaps}))
    return (
        f"Gap since {numbers.instant(first, visit.zone)} in {what}: {plain(newest.message)} "
        "It closes by itself with the next reading that works, as far as the platform still tells."
    )


def _deadlines(connection: Connection) -> None:
    """What is gone for good when nobody reads it in time."""
    lines = [
        f"- {_STREAMS[stream.value].capitalize()}: gone {_days(beat.lost_after)} after the fact ({beat.source})"
        for stream in streams_of(connection.vendor)
        if (beat := rhythm(connection.vendor, stream)).lost_after is not None
    ]
    if lines:
        st.markdown("**What is lost when it is not read in time**\n" + "\n".join(lines))


def _days(span: timedelta | None) -> str:
    days = round((span or timedelta(0)) / timedelta(days=1))
    return "24 hours" if days == 1 else f"{days} days"


def _runs(visit: Visit, runs: Sequence[SyncRun]) -> None:
    newest = sorted(runs, key=lambda run: run.started_at, reverse=True)[:12]
    if not newest:
        st.caption("It has not been read yet.")
        return
    words = {SyncStatus.DONE: "read", SyncStatus.PARTIAL: "partly read", SyncStatus.FAILED: "not read"}
    st.dataframe(
        {
            "When": [run.started_at.astimezone(visit.zone).replace(tzinfo=None) for run in newest],
            "What": [_STREAMS.get(run.stream, run.stream) for run in newest],
            "Result": [words[run.status] for run in newest],
            "Posts": [run.contents for run in newest],
            "Readings": [run.observations for run in newest],
            "Note": [run.message for run in newest],
        },
        hide_index=True,
        alt="Latest readings of the account",
    )


def _end(visit: Visit, connection: Connection) -> None:
    command = f"fabric connect {connection.vendor.value} --workspace {visit.workspace.id}"
    st.caption("To connect again, run on the server:")
    st.code(command + (" --sandbox" if connection.sandbox else ""), language="bash")
    if connection.status is ConnectionStatus.DISCONNECTED or not visit.may_decide:
        return
    if st.button("Disconnect", key=f"disconnect-{connection.id}", icon=":material/link_off:"):
        _confirm(visit, connection)


@st.dialog("Disconnect the account")
def _confirm(visit: Visit, connection: Connection) -> None:
    st.write(
        f"{plain(connection.vendor.label)} {plain(connection.account_name)}: its credential is deleted. What was collected "
        "stays; posts that wait for it do not go out."
    )

    def end() -> None:
        with visit.context.store.unit_of_work() as uow:
            connections.disconnect(uow, visit.principal, connection.id, now=now())

    if st.button("Disconnect", type="primary", key="confirm-disconnect") and perform("Disconnected.", end):
        st.rerun()


def _read_now(visit: Visit) -> None:
    if not visit.may_edit:
        return

    def ask() -> None:
        with visit.context.store.unit_of_work() as uow:
            jobs.request_job(uow, visit.principal, visit.workspace.id, JobKind.COLLECT, {}, now=now())

    if st.button("Read all accounts now", icon=":material/sync:", key="collect-now") and perform(
        "Requested. The worker (fabric serve all) picks it up within a minute.", ask
    ):
        st.rerun()


def _more(visit: Visit, linked: Sequence[Connection]) -> None:
    missing = [
        v for v in Vendor if all(c.vendor is not v or c.status is not ConnectionStatus.CONNECTED for c in linked)
    ]
    if not missing or not linked:
        return
    with st.expander("Link another account"):
        st.write("Run one of these on the server; it opens the platform's sign-in or asks for the service's key.")
        st.code(
            "\n".join(f"fabric connect {vendor.value} --workspace {visit.workspace.id}" for vendor in missing),
            language="bash",
        )


if __name__ == "__main__":
    render(current_visit())
