"""What waits for a person, as sentences with a way to act; without Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from app.components import numbers
from app.components.accounts import ENDED, FAILING, SOON, STREAMS, account_name, look_of, sign_in_end
from app.components.publication import Outgoing
from models.domain.approval import Draft, DraftStatus
from models.domain.connection import Connection, SyncRun
from models.domain.publishing import OutboxStatus
from models.domain.social import Platform

STALE_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class Need:
    """`page` is a view to open; without one `action` says what to do."""

    icon: str
    sentence: str
    action: str
    page: str | None = None


def needs(
    drafts: Sequence[Draft], freshness: pl.DataFrame, refused: int, moment: datetime, zone: ZoneInfo
) -> tuple[Need, ...]:
    """Late approvals first, then open ones, sources not read for a week, refused rows."""
    found: list[Need] = []
    waiting = sorted(d.slot_at for d in drafts if d.status is DraftStatus.IN_REVIEW)
    late = [slot for slot in waiting if slot < moment]
    if late:
        found.append(
            Need(
                ":red[:material/alarm:]",
                f"{_count(len(late), 'draft')} still in review after {'its' if len(late) == 1 else 'their'} slot, the oldest "
                f"since {numbers.instant(late[0], zone)}.",
                "Decide or move",
                "views/approvals.py",
            )
        )
    if len(waiting) > len(late):
        due = waiting[len(late)]
        found.append(
            Need(
                ":primary[:material/fact_check:]",
                f"{_count(len(waiting) - len(late), 'draft')} in review; the first is due {numbers.instant(due, zone)}.",
                "Open approvals",
                "views/approvals.py",
            )
        )
    changes = sum(d.status is DraftStatus.CHANGES_REQUESTED for d in drafts)
    if changes:
        found.append(
            Need(
                ":orange[:material/undo:]",
                f"{_count(changes, 'draft')} with changes requested.",
                "Open approvals",
                "views/approvals.py",
            )
        )
    found += _stale(freshness, moment)
    if refused:
        found.append(
            Need(
                ":orange[:material/report:]",
                f"{_count(refused, 'row')} refused at import.",
                "Correct them at the source and import the file again; the reasons are below.",
            )
        )
    return tuple(found)


def post_needs(drafts: Sequence[Draft], outgoing: Outgoing) -> tuple[Need, ...]:
    """Posts of which nobody knows whether they went out, then posts that did not."""
    items = [item for draft in drafts for item in outgoing.of(draft)]
    found: list[Need] = []
    for status, icon, one, several in (
        (OutboxStatus.UNKNOWN, ":orange[:material/help:]", "1 post may or may not have gone out", "posts may or may not have gone out"),
        (OutboxStatus.FAILED, ":red[:material/error:]", "1 approved post did not go out", "approved posts did not go out"),
    ):  # fmt: skip
        wrong = [item for item in items if item.status is status]
        if not wrong:
            continue
        places = sorted({account_name(i.vendor, outgoing.accounts.get(i.connection_id)) for i in wrong})
        words = one if len(wrong) == 1 else f"{len(wrong):,} {several}"
        found.append(Need(icon, f"{words}: {_listed(places)}.", "Open publishing", "views/publishing.py"))
    return tuple(found)


def account_needs(
    linked: Sequence[Connection], gaps: Mapping[str, Sequence[SyncRun]], moment: datetime, zone: ZoneInfo
) -> tuple[Need, ...]:
    """Accounts whose sign-in ended or ends soon, then accounts with a stream that could not be read. `gaps` by id."""
    found: list[Need] = []
    for connection in linked:
        place = account_name(connection.vendor, connection)
        missing = gaps.get(connection.id, ())
        look = look_of(connection, missing, moment)
        if look is ENDED:
            words = f"{place} has to be connected again: its sign-in ended, so nothing is read or published there."
        elif look is SOON:
            words = f"The sign-in of {place} ends {numbers.instant(sign_in_end(connection), zone)}."
        elif look is FAILING:
            streams = _listed(sorted({STREAMS.get(run.stream, run.stream) for run in missing}))
            first = numbers.instant(min(run.since for run in missing), zone)
            words = f"{place} could not be read: a gap in {streams} since {first}."
        else:
            continue
        icon = f":{look.colour}[{look.icon}]"
        found.append(Need(icon, words, "Open connections", "views/connections.py"))
    return tuple(sorted(found, key=lambda need: not need.icon.startswith(":red")))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _stale(freshness: pl.DataFrame, moment: datetime) -> list[Need]:
    """Own sources whose newest observation is older than a week."""
    stale: list[Need] = []
    own = (
        freshness.filter(pl.col("owner") == "own")
        .group_by("source")
        .agg(pl.col("last_observed_at").max())
        .sort("source")
    )
    for row in own.to_dicts():
        observed = row["last_observed_at"]
        if observed is not None and moment - observed > STALE_AFTER:
            days = (moment - observed).days
            stale.append(
                Need(
                    ":orange[:material/schedule:]",
                    f"{_source(row['source'])} was last observed {_count(days, 'day')} ago.",
                    "Import a newer export",
                    "views/imports.py",
                )
            )
    return stale


def _source(source: str) -> str:
    """A source's id in words, with platforms spelled as they spell themselves."""
    names = {p.value: p.label for p in Platform}
    words = [names.get(word, word) for word in source.replace("-", "_").split("_")]
    return (words[0][:1].upper() + " ".join(words)[1:]) if words[0] not in names.values() else " ".join(words)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
