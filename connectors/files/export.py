"""A CSV export with its mapping, prepared for landing: what it is, which account it is of, when it was made."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.files.binding import bind
from connectors.files.diagnosis import refuse_unknown
from connectors.files.filedate import date_in_name
from connectors.files.intake import Arguments, Prepared, Progress
from connectors.files.layouts import match_table
from connectors.files.mapping import Mapping, TimeColumn, load_mapping
from connectors.files.rows import ExportReading
from connectors.files.survey import Survey, survey
from connectors.files.tabular import open_table
from models.domain.social import Platform
from models.errors import ImportRefused


def prepare_export(path: Path, arguments: Arguments, progress: Progress) -> Prepared:
    """Recognises and surveys one CSV file. Raises `ImportRefused` with one sentence if it cannot be imported."""
    table = open_table(path)
    mapping = load_mapping(arguments.mapping) if arguments.mapping else match_table(table)
    if mapping is None:
        raise refuse_unknown(table)
    if arguments.platform and Platform(arguments.platform) is not mapping.platform:
        raise ImportRefused(
            f"{path.name} is read as {mapping.name!r} of {mapping.platform.label}, not of "
            f"{Platform(arguments.platform).label}: leave --platform out or give another --mapping."
        )
    binding = bind(mapping, table)
    surveyed = survey(table, mapping, binding, arguments.landed_at, progress)
    binding = surveyed.binding
    named = _named_day(path, mapping, surveyed)
    observed_at, observed_from = _observed_at(path, mapping, arguments, surveyed, named)
    account, name = _file_account(path, mapping, arguments)
    batch_id = arguments.batch_id(
        mapping.source, (account, name, arguments.account), arguments.observed_at or named, surveyed.digest,
        mapping=mapping.digest,
    )  # fmt: skip
    reading = ExportReading(table, mapping, binding, arguments, observed_at, account, name, surveyed.digest)
    return Prepared(
        source=mapping.source,
        source_file=path.name,
        batch_id=batch_id,
        observed_at=observed_at,
        observed_from=observed_from,
        layout=mapping.name,
        size=table.size,
        records=reading.records,
        notes=surveyed.notes,
    )


def _named_day(path: Path, mapping: Mapping, surveyed: Survey) -> datetime | None:
    """The end of the day in the file's name, unless a row is newer than that, which no export can hold."""
    day = date_in_name(path.name)
    if day is None or isinstance(mapping.observed_at, TimeColumn):
        return None
    zone = ZoneInfo(mapping.time.zone) if mapping.time else UTC
    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone).astimezone(UTC)
    return end if surveyed.newest is None or surveyed.newest <= end else None


def _observed_at(
    path: Path, mapping: Mapping, arguments: Arguments, surveyed: Survey, named: datetime | None
) -> tuple[datetime, str]:
    if isinstance(mapping.observed_at, TimeColumn):
        if arguments.observed_at is not None:
            raise ImportRefused(
                f"{path.name} carries a reading time in every row ({mapping.observed_at.column[0]!r}): leave "
                "--observed-at out."
            )
        return surveyed.newest_reading or arguments.landed_at, "a column of the file"
    if arguments.observed_at is not None:
        return arguments.observed_at.astimezone(UTC), "--observed-at"
    if named is not None:
        return min(named, arguments.landed_at), "the date in the file's name"
    if mapping.observed_at == "newest_row" and surveyed.newest is not None:
        return surveyed.newest, "the newest row, the earliest time at which the export can have been made"
    written = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), arguments.landed_at)
    if surveyed.newest is not None and surveyed.newest > written:
        return surveyed.newest, "the newest row, which is newer than the file's own time"
    return written, "the file's own time"


def _file_account(path: Path, mapping: Mapping, arguments: Arguments) -> tuple[str, str]:
    """(account id, account name) for rows that do not name their own account."""
    rule = mapping.account
    name = rule.name
    if name is None and rule.name_from_file and (match := re.search(rule.name_from_file, path.name)):
        name = match[1]
    fallback_name = name or (None if rule.fixed or arguments.account else mapping.platform.label)
    return arguments.account_of(rule.fixed, fallback_name, mapping.platform.value)
