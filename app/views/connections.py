"""Connections: which accounts are linked, whether they work, when they are read, and what is lost when they are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from app.components import numbers
from app.components.accounts import (
    CONNECTED,
    DISCONNECTED,
    ENDED,
    FAILING,
    SOON,
    STREAMS,
    Deadline,
    account_name,
    deadlines,
    look_of,
    sign_in_end,
)
from app.components.frame import empty_state, footer, header, message_of_last_action, open_shelf_quietly, perform
from app.components.status import StatusLook
from app.components.text import plain
from app.context import now
from app.session import Visit, current_visit
from connectors.rhythms import next_due, rhythm, streams_of
from models.domain.connection import Connection, ConnectionStatus, SyncRun, SyncStatus, Vendor
from models.domain.usage import JobKind
from models.services import connections, jobs

_ORDER = (ENDED, SOON, FAILING, CONNECTED, DISCONNECTED)
_RUNS_SHOWN = 12
_LOST_SHOWN = 3
_FORESEEN = timedelta(days=60)


def render(visit: Visit) -> None:
    header("Connections", "Which accounts are linked, whether they work, and what is lost when they do not.")
    message_of_last_action()
    moment = now()
    with visit.context.store.unit_of_work() as uow:
        linked = connections.list_connections(uow, visit.principal, visit.workspace.id)
        runs = {c.id: connections.list_syncs(uow, visit.principal, c.id) for c in linked}
        gaps = {c.id: connections.gaps(uow, visit.principal, c.id) for c in linked}
    if not linked:
        empty_state(
            visit,
            "No account is linked yet",
            "Link the brand's accounts to read their numbers and to publish approved posts. Export files can be imported "
            "without one.",
            commands=(
                f"fabric connect linkedin --workspace {visit.workspace.id}",
                f"fabric connect facebook --workspace {visit.workspace.id} --sandbox",
            ),
        )
        st.page_link("views/imports.py", label="Import export files instead", icon=":material/upload_file:")
    else:
        looks = {c.id: look_of(c, gaps[c.id], moment) for c in linked}
        _summary(visit, list(looks.values()))
        for connection in sorted(linked, key=lambda c: (_ORDER.index(looks[c.id]), c.vendor.label, c.account_name)):
            _card(visit, connection, looks[connection.id], runs[connection.id], gaps[connection.id], moment)
        _more(visit, linked)
    footer(visit, open_shelf_quietly(visit))


def _summary(visit: Visit, looks: Sequence[StatusLook]) -> None:
    """How many work, and reading them all at once."""
    needy = sum(look in (ENDED, SOON) for look in looks)
    said = [f"{len(looks):,} " + ("account" if len(looks) == 1 else "accounts")]
    said += [f"{count:,} {words}" for count, words in (
        (needy, "to connect again"), (looks.count(FAILING), "with a gap"), (looks.count(CONNECTED), "working"),
        (looks.count(DISCONNECTED), "disconnected"),
    ) if count]  # fmt: skip
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(" · ".join(said), width="content")
        if visit.may_edit:
            _read_now(visit)


def _card(
    visit: Visit, connection: Connection, look: StatusLook, runs: Sequence[SyncRun], gaps: Sequence[SyncRun], moment: datetime
) -> None:  # fmt: skip
    with st.container(border=True, key=f"connection-{connection.id}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            sandbox = " :gray-badge[:material/science: Sandbox]" if connection.sandbox else ""
            st.markdown(f"**{plain(account_name(connection.vendor, connection))}**{sandbox}", width="content")
            st.badge(look.word, icon=look.icon, color=look.colour)
        with st.grid(columns=4, min_column_width=140, gap="small"):
            _fact("Sign-in", _sign_in(visit, connection, moment))
            _fact(
                "Last read",
                numbers.instant(connection.last_sync_at, visit.zone) if connection.last_sync_at else "never",
            )
            _fact("Next read", _next(visit, connection, look, runs, moment))
            quota = "; ".join(f"{what}: {left}" for what, left in connection.quota.items())
            _fact("Left of the platform's limits", quota or "not told")
        if gaps and look is not DISCONNECTED:
            st.warning(_gap_words(visit, gaps), icon=":material/report:")
        if look in (ENDED, SOON, DISCONNECTED):
            _connect_again(visit, connection, look)
        _losses(visit, look, connection, runs, moment)
        with st.expander("Details"):
            _details(visit, connection, look, runs)


def _fact(name: str, value: str) -> None:
    st.markdown(f":small[:gray[{name}]]  \n{plain(value)}")


def _sign_in(visit: Visit, connection: Connection, moment: datetime) -> str:
    if connection.status is ConnectionStatus.DISCONNECTED:
        return "deleted"
    if connection.status is ConnectionStatus.EXPIRED:
        return "no longer accepted"
    end = sign_in_end(connection)
    if end is None:
        return "renewed by itself" if connection.expires_at else "no end told"
    return ("ended " if end <= moment else "until ") + numbers.instant(end, visit.zone)


def _next(visit: Visit, connection: Connection, look: StatusLook, runs: Sequence[SyncRun], moment: datetime) -> str:
    if look in (ENDED, DISCONNECTED) or not streams_of(connection.vendor):
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
    what = ", ".join(sorted({STREAMS.get(run.stream, run.stream) for run in gaps}))
    return (
        f"Gap since {numbers.instant(first, visit.zone)} in {plain(what)}: {plain(newest.message)} "
        "It closes by itself with the next reading that works, as far as the platform still tells."
    )


def _losses(
    visit: Visit, look: StatusLook, connection: Connection, runs: Sequence[SyncRun], moment: datetime
) -> None:  # fmt: skip
    """What is lost for good, and what will be while the account does not work."""
    lines = [
        f"{STREAMS.get(run.stream, run.stream).capitalize()}: nobody read {numbers.instant(run.since, visit.zone)} to "
        f"{numbers.instant(run.until, visit.zone)} in time, and the platform no longer tells it"
        for run in runs
        if run.status is SyncStatus.LOST
    ][:_LOST_SHOWN]
    if look not in (CONNECTED, SOON):
        coming = [deadline for deadline in deadlines(connection, runs) if deadline.at - moment <= _FORESEEN]
        lines += [_loss(visit, deadline, moment) for deadline in coming]
    if lines:
        st.markdown("**Lost when it is not read in time**\n" + "\n".join(f"- {line}" for line in lines))


def _loss(visit: Visit, deadline: Deadline, moment: datetime) -> str:
    source = f":small[:gray[({plain(deadline.beat.source)})]]"
    what, at = deadline.what.capitalize(), numbers.instant(deadline.at, visit.zone)
    if deadline.at <= moment:
        since = numbers.instant(deadline.read, visit.zone)
        return f"{what}: what was after {since} is being lost day by day {source}"
    return f"{what}: kept by the platform, lost from {at} on {source}"


def _connect_again(visit: Visit, connection: Connection, look: StatusLook) -> None:
    reasons = {
        ENDED: "Nothing is read or published there until the account is connected again.",
        SOON: "Connect the account again before its sign-in ends, or reading and publishing stop.",
        DISCONNECTED: "What was collected stays. Connect the account again to go on.",
    }
    if connection.message and look is ENDED:
        st.caption(plain(connection.message))
    st.caption(f"{reasons[look]} An admin runs on the server:")
    command = f"fabric connect {connection.vendor.value} --workspace {visit.workspace.id}"
    st.code(command + (" --sandbox" if connection.sandbox else ""), language="bash")


def _details(visit: Visit, connection: Connection, look: StatusLook, runs: Sequence[SyncRun]) -> None:
    st.caption(
        f"Account id {plain(connection.account_id)} · linked {numbers.instant(connection.created_at, visit.zone)}"
    )
    st.caption("Rights: " + (plain(", ".join(connection.scopes)) or "as the key grants"))
    kept = [
        f"- {STREAMS[stream.value].capitalize()}: lost {_days(beat.lost_after)} after the fact ({plain(beat.source)})"
        for stream in streams_of(connection.vendor)
        if (beat := rhythm(connection.vendor, stream)).lost_after is not None
    ]
    if kept and look in (CONNECTED, SOON):
        st.markdown("**What the platform forgets**\n" + "\n".join(kept))
    _runs(visit, runs)
    if connection.status is ConnectionStatus.DISCONNECTED or not visit.may_decide:
        return
    if st.button("Disconnect", key=f"disconnect-{connection.id}", icon=":material/link_off:"):
        _confirm(visit, connection)


def _days(span: timedelta | None) -> str:
    days = round((span or timedelta(0)) / timedelta(days=1))
    return "24 hours" if days == 1 else f"{days} days"


def _runs(visit: Visit, runs: Sequence[SyncRun]) -> None:
    newest = sorted(runs, key=lambda run: run.started_at, reverse=True)[:_RUNS_SHOWN]
    if not newest:
        st.caption("It has not been read yet.")
        return
    words = {
        SyncStatus.DONE: "read", SyncStatus.PARTIAL: "partly read", SyncStatus.FAILED: "not read", SyncStatus.LOST: "lost",
    }  # fmt: skip
    st.dataframe(
        {
            "When": [run.started_at.astimezone(visit.zone).replace(tzinfo=None) for run in newest],
            "What": [STREAMS.get(run.stream, run.stream) for run in newest],
            "Result": [words[run.status] for run in newest],
            "Posts": [run.contents for run in newest],
            "Numbers": [run.observations for run in newest],
            "Note": [run.message for run in newest],
        },
        hide_index=True,
        column_config={
            "When": st.column_config.DatetimeColumn(format="ddd D MMM, HH:mm", help=f"In {visit.workspace.zone}")
        },
        alt="Latest readings of the account",
    )


@st.dialog("Disconnect the account")
def _confirm(visit: Visit, connection: Connection) -> None:
    st.write(
        f"{plain(account_name(connection.vendor, connection))}: its credential is deleted. What was collected stays; posts "
        "that wait for it do not go out."
    )

    def end() -> None:
        with visit.context.store.unit_of_work() as uow:
            connections.disconnect(uow, visit.principal, connection.id, now=now())

    if st.button("Disconnect", type="primary", key="confirm-disconnect") and perform("Disconnected.", end):
        st.rerun()


def _read_now(visit: Visit) -> None:
    def ask() -> None:
        with visit.context.store.unit_of_work() as uow:
            jobs.request_job(uow, visit.principal, visit.workspace.id, JobKind.COLLECT, {}, now=now())

    if st.button("Read all accounts now", icon=":material/sync:", key="collect-now") and perform(
        "Requested. The worker (fabric serve all) picks it up within a minute.", ask
    ):
        st.rerun()


def _more(visit: Visit, linked: Sequence[Connection]) -> None:
    missing = [v for v in Vendor if all(c.vendor is not v for c in linked)]
    if not missing:
        return
    with st.expander("Link another account"):
        st.write(
            "An admin runs one of these on the server; it opens the platform's sign-in or asks for the service's key."
        )
        st.code(
            "\n".join(f"fabric connect {vendor.value} --workspace {visit.workspace.id}" for vendor in missing),
            language="bash",
        )


if __name__ == "__main__":
    render(current_visit())
