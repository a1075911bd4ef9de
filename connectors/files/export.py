"""An export with its mapping, prepared for landing: what it is, which account it is of, when it was made.

A file may hold several tables (sheets of a workbook, blocks of an audience export); they land as one batch.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.files.binding import Binding, bind
from connectors.files.columns import TimeColumn
from connectors.files.filedate import date_in_name
from connectors.files.identity import Identity
from connectors.files.intake import Arguments, Counts, Prepared, Progress, Recognised
from connectors.files.layouts import RecognisedLayout, recognise
from connectors.files.mapping import Mapping, load_mapping
from connectors.files.rows import ExportReading
from connectors.files.survey import Survey, survey
from connectors.files.tabular import Table, open_table
from models.domain.content import EntityType, Record
from models.domain.social import Platform
from models.errors import ImportRefused


@dataclass(frozen=True)
class _Section:
    """One table of a file, surveyed."""

    layout: RecognisedLayout
    identity: Identity
    surveyed: Survey

    @property
    def mapping(self) -> Mapping:
        return self.layout.mapping

    @property
    def binding(self) -> Binding:
        return self.surveyed.binding


def prepare_export(path: Path, arguments: Arguments, progress: Progress) -> Prepared:
    """Recognises and surveys one file. Raises `ImportRefused` with one sentence if it cannot be imported."""
    sections = [_section(layout, arguments, progress) for layout in _layouts(path, arguments)]
    main = sections[0]
    newest = max((s.surveyed.newest for s in sections if s.surveyed.newest), default=None)
    named = _named_day(path, main.mapping, newest)
    observed_at, observed_from = _observed_at(path, arguments, main, newest, named)
    decimals = "".join(section.binding.decimal for section in sections)
    more = {"decimal": decimals} if decimals.strip(".") and not main.mapping.decimal_is_given else {}
    batch_id = arguments.batch_id(
        main.mapping.source,
        (main.identity.account_id, main.identity.account_name, arguments.account),
        arguments.observed_at or named,
        _joined([section.surveyed.digest for section in sections]),
        mapping=_joined([section.mapping.digest for section in sections]),
        **more,
    )
    readings = [ExportReading(s.identity, observed_at, s.surveyed.digest) for s in sections]

    def records(counts: Counts, progress: Progress) -> Iterator[Record]:
        for reading in readings:
            yield from reading.records(counts, progress)

    return Prepared(
        source=main.mapping.source,
        source_file=path.name,
        batch_id=batch_id,
        observed_at=observed_at,
        observed_from=observed_from,
        layout=" and ".join(dict.fromkeys(section.layout.name for section in sections)),
        size=main.layout.table.size,
        records=records,
        notes=tuple(dict.fromkeys(note for s in sections for note in _notes(s, observed_at, arguments))),
        recognised=tuple(_recognised(section) for section in sections),
    )


def _joined(digests: list[str]) -> str:
    """One digest of several; that of a single one is itself."""
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _layouts(path: Path, arguments: Arguments) -> list[RecognisedLayout]:
    if arguments.mapping:
        layouts = [RecognisedLayout(load_mapping(arguments.mapping), open_table(path))]
    else:
        layouts = recognise(path, arguments.platform)
    mapping = layouts[0].mapping
    if arguments.platform and Platform(arguments.platform) is not mapping.platform:
        raise ImportRefused(
            f"{path.name} is read as {mapping.name!r} of {mapping.platform.label}, not of "
            f"{Platform(arguments.platform).label}: leave --platform out or give another --mapping."
        )
    if arguments.zone is None:
        return layouts
    return [replace(layout, mapping=layout.mapping.in_zone(arguments.zone)) for layout in layouts]


def _section(layout: RecognisedLayout, arguments: Arguments, progress: Progress) -> _Section:
    mapping, table = layout.mapping, layout.table
    binding = bind(mapping, table)
    account, name = _file_account(table.path, mapping, arguments)
    identity = Identity(table, mapping, binding, arguments, account, name)
    surveyed = survey(table, mapping, binding, identity, progress)
    if mapping.account.needed:
        account, name = _needed_account(layout, arguments, surveyed)
    identity = replace(
        identity, binding=surveyed.binding, rounded_ids=surveyed.rounded_ids, account_id=account, account_name=name
    )
    return _Section(layout, identity, surveyed)


def _file_account(path: Path, mapping: Mapping, arguments: Arguments) -> tuple[str, str]:
    """(account id, account name) for rows that do not name their own account."""
    rule = mapping.account
    name = rule.name
    if name is None and rule.name_from_file and (match := re.search(rule.name_from_file, path.name)):
        name = match[1]
    fallback_name = name or (None if rule.fixed or arguments.account else mapping.platform.label)
    return arguments.account_of(rule.fixed, fallback_name, mapping.platform.value)


def _needed_account(layout: RecognisedLayout, arguments: Arguments, surveyed: Survey) -> tuple[str, str]:
    """The account for rows that tell none: the only one that other rows tell, or the one given; never the platform."""
    if len(surveyed.accounts) == 1:
        told, name = surveyed.accounts[0]
        return arguments.account_of(told, name, told)
    if surveyed.accounts or (surveyed.binding.account is not None and not layout.mapping.account.pattern):
        return arguments.account or "", arguments.account or ""
    if arguments.account or arguments.competitor:
        return arguments.account_of(None, None, "")
    raise ImportRefused(
        f"{layout.table.path.name} is read as {layout.name!r} and does not say which account it is of: give the account's "
        "id or handle with --account."
    )


def _named_day(path: Path, mapping: Mapping, newest: datetime | None) -> datetime | None:
    """The end of the day in the file's name, unless a row is newer than that, which no export can hold."""
    day = date_in_name(path.name)
    if day is None or isinstance(mapping.observed_at, TimeColumn):
        return None
    zone = ZoneInfo(mapping.clock.zone) if mapping.clock else UTC
    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone).astimezone(UTC)
    return end if newest is None or newest <= end else None


def _observed_at(
    path: Path, arguments: Arguments, main: _Section, newest: datetime | None, named: datetime | None
) -> tuple[datetime, str]:
    rule = main.mapping.observed_at
    if isinstance(rule, TimeColumn):
        if arguments.observed_at is not None:
            raise ImportRefused(
                f"{path.name} carries a reading time in every row ({rule.column[0]!r}): leave --observed-at out."
            )
        return main.surveyed.newest_reading or arguments.landed_at, "a column of the file"
    if arguments.observed_at is not None:
        return arguments.observed_at.astimezone(UTC), "--observed-at"
    if named is not None:
        return min(named, arguments.landed_at), "the date in the file's name"
    if rule == "newest_row" and newest is not None:
        return newest, "the newest row, the earliest time at which the export can have been made"
    written = min(datetime.fromtimestamp(path.stat().st_mtime, UTC), arguments.landed_at)
    if newest is not None and newest > written:
        return newest, "the newest row, which is newer than the file's own time"
    return written, "the file's own time"


def _notes(section: _Section, observed_at: datetime, arguments: Arguments) -> Iterator[str]:
    """Sentences about what a person should know of one table."""
    yield from section.layout.notes
    yield from section.surveyed.notes
    table, mapping = section.layout.table, section.mapping
    if table.encoding == "cp1252":
        yield "The file is not UTF-8 but Windows-1252, as Windows spreadsheets save it; other letters may be lost as '?'."
    if arguments.mapping is None and table.encoding != "xls" and not _ends_with_line_break(table):
        yield (
            "The file does not end with a line break: if its download was cut short, the last number of its last line "
            "may lack digits; compare it with the platform."
        )
    if section.surveyed.rows == 0:
        yield "The file has a header and no rows below it."
    if (
        arguments.mapping is None
        and mapping.time is not None
        and section.surveyed.rows
        and not section.surveyed.has_hours
    ):
        yield (
            f"The file gives days and no times of day: its posts stand at midnight ({mapping.time.zone}), so their hours "
            "say nothing."
        )
    if mapping.entity is EntityType.ACCOUNT and (left := _left(section)):
        yield f"Not taken, for want of a metric: {', '.join(repr(name) for name in left)}."
    newest, day = section.surveyed.newest, section.binding.day
    if day is not None and newest is not None:
        end = newest.astimezone(day.parser.zone) + timedelta(days=1)
        if end - timedelta(minutes=1) > observed_at:
            yield f"The newest day, {end - timedelta(days=1):%Y-%m-%d}, was not over when the numbers were read."


def _ends_with_line_break(table: Table) -> bool:
    with table.path.open("rb") as handle:
        handle.seek(max(table.size - 4, 0))
        return handle.read().replace(b"\x00", b"").endswith((b"\n", b"\r"))


def _left(section: _Section) -> tuple[str, ...]:
    """Columns that are read neither as a number nor as a text, a time, an id or an account."""
    binding = section.binding
    used = set(binding.number_columns)
    used |= {check.total for check in binding.checks} | {rule.index for rule in (*binding.skip, *binding.only)}
    used |= {time.index for time in (binding.time, binding.day, binding.observed) if time}
    used |= {
        index
        for index in (
            binding.id, binding.id_from, binding.account, binding.account_name, binding.title, binding.body,
            *binding.caption, binding.url, binding.content_type, binding.tags,
        )
        if index is not None
    }  # fmt: skip
    columns = section.layout.table.columns
    return tuple(name for index, name in enumerate(columns) if index not in used and name)


def _recognised(section: _Section) -> Recognised:
    mapping, binding, identity = section.mapping, section.binding, section.identity
    arguments = identity.arguments
    told = [arguments.account_of(account, name, account) for account, name in section.surveyed.accounts]
    return Recognised(
        layout=section.layout.name,
        why=section.layout.why,
        platform=mapping.platform,
        accounts=tuple(told) or ((identity.account_id, identity.account_name),),
        zone=mapping.clock.zone if mapping.clock else None,
        first=section.surveyed.first,
        newest=section.surveyed.newest,
        taken={metric.column: metric.metric.id for metric in binding.metrics}
        | {group.column: group.metric.id for group in binding.sums},
        left=_left(section),
    )
