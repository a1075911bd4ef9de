"""What was known at an earlier instant: a workspace's raw rows as they were then, in a warehouse of their own.

Only `observed_at` decides, the instant at which a source was read. An export of 2016 that is imported today counts as known
from the moment it states as its reading (`--observed-at`, else the date in its name, else what its mapping or the file's
modification time says), not from the day of the import. So the answer is what the numbers were then, as far as they are
known today; not what this installation had received by then. What is not read from a source has no such instant: the
workspace's name and zone are today's.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.warehouse.built import raw_signatures
from connectors.warehouse.database import Warehouse
from connectors.warehouse.pointer import POINTER, serving_directory
from connectors.warehouse.schema import LOADED, RAW
from connectors.warehouse.sqltext import literal
from models.errors import InvalidInput, NothingServed

KEPT_MOMENTS = 8
"""How many moments of a workspace stay cut; the least recently asked goes first."""

_OBSERVED = ("batch", *LOADED.values())
"""Raw tables whose rows are known from their `observed_at` on."""

_DERIVED = ("topic", "content_topic")
"""Raw tables that a step computes from the others: computed again from what was known."""


def moment_of(text: str, zone: str) -> datetime:
    """The instant (UTC) that a person means: a date is the end of that day in `zone`, a time without an offset is local.

    Raises `InvalidInput` for what is no ISO 8601 date or time.
    """
    try:
        if len(text) <= len("2026-05-03"):
            following = date.fromisoformat(text) + timedelta(days=1)
            midnight = datetime.combine(following, time(), tzinfo=ZoneInfo(zone))
            return midnight.astimezone(UTC) - timedelta(microseconds=1)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"{text!r} is neither a date nor a time: write 2026-05-03, 2026-05-03T18:00 or 2026-05-03T18:00+02:00."
        ) from None


def copy_known(source: Warehouse, target: Warehouse, workspace_id: str, moment: datetime) -> None:
    """Copies the workspace's raw rows that were known at `moment` into `target`, an empty file; derived tables stay empty.

    Tables that are not read from sources are copied whole: their staging models know which instant counts. Raises `NothingServed` when nothing had been observed.
    """
    target.prepare()
    with source.connect(read_only=True) as connection:
        first = connection.execute(
            "select min(observed_at) from raw.batch where workspace_id = ?", [workspace_id]
        ).fetchone()
        connection.execute(f"attach {literal(str(target.path))} as known (read_write)")
        copied = 0
        for table, columns in RAW.items():
            if table in _DERIVED:
                continue
            names, timed = ", ".join(columns), table in _OBSERVED
            # S608: only names of the schema enter the text.
            row = connection.execute(
                f"insert into known.raw.{table} ({names}) select {names} from raw.{table} where workspace_id = ?"  # noqa: S608
                + (" and observed_at <= ?" if timed else ""),
                [workspace_id, moment] if timed else [workspace_id],
            ).fetchone()
            copied += row[0] if row and timed else 0
        connection.execute("detach known")
    if not copied:
        since = (
            f"its first reading is of {first[0].astimezone(UTC):%Y-%m-%d %H:%M} UTC"
            if first and first[0]
            else "it has none"
        )
        raise NothingServed(
            f"Nothing of workspace {workspace_id} was known at {moment:%Y-%m-%d %H:%M:%S} UTC: {since}."
        )


def state_of(warehouse: Warehouse, workspace_id: str) -> str:
    """A digest of the workspace's raw rows as they are now. Raises `NotFound` before the first build."""
    with warehouse.connect(read_only=True) as connection:
        return raw_signatures(connection).get(workspace_id, "")


def shelf_of(serving_dir: Path, workspace_id: str, moment: datetime, state: str) -> Path:
    """The directory that serves one moment of one state, as `ServingReader` takes it.

    It lies among the workspace's serving files, so that it goes with them.
    """
    key = hashlib.sha256(f"{moment.isoformat()} {state}".encode()).hexdigest()[:24]
    return serving_directory(serving_dir, workspace_id) / "known" / key


def is_cut(shelf: Path, workspace_id: str) -> bool:
    """Whether the moment has been cut; says that it was asked for, so that it stays longer."""
    if not (serving_directory(shelf, workspace_id) / POINTER).is_file():
        return False
    os.utime(shelf)
    return True


def forget_oldest(shelf: Path) -> None:
    """Deletes all but the last asked moments beside `shelf`; a file that is open keeps serving its reader."""
    shelves = sorted((path for path in shelf.parent.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for old in shelves[:-KEPT_MOMENTS]:
        if old != shelf:
            shutil.rmtree(old, ignore_errors=True)
