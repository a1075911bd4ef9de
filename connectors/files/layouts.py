"""Which shipped layout a file has, told by a required subset of its columns, wherever in its first lines they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors.files.blocks import Audience, audience_in
from connectors.files.diagnosis import refuse_unknown
from connectors.files.mapping import Mapping, shipped_mappings
from connectors.files.sheets import sheets_in
from connectors.files.tabular import WORKBOOKS, Table, column_key, open_table, read_head, tables_in
from models.domain.content import EntityType
from models.domain.social import Platform
from models.errors import ImportRefused


@dataclass(frozen=True)
class RecognisedLayout:
    """A table with the mapping that fits it."""

    mapping: Mapping
    table: Table
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.mapping.name

    @property
    def why(self) -> str:
        """The columns, titles or blocks by which the layout was told."""
        part = f" in {self.table.part!r}" if self.table.part else ""
        if self.mapping.entity is EntityType.AUDIENCE:
            return f"it has the blocks {', '.join(repr(title) for title in self.table.preamble)}{part}"
        columns = ", ".join(repr(name) for name in self.mapping.recognise)
        title = f" below the line {self.table.preamble[0]!r}" if self.mapping.titled and self.table.preamble else ""
        return f"it has the columns {columns}{title}{part}"


def match_table(table: Table) -> Mapping | None:
    """The shipped mapping with the most required columns among those the table satisfies."""
    return next(iter(_matches(table)), None)


def recognise(path: Path, platform: str | None = None) -> list[RecognisedLayout]:
    """Every table of the file that has a known layout: several in a workbook or an audience export, else one.

    Raises `ImportRefused`, with what is wrong in this very file, where none fits.
    """
    head = read_head(path, workbooks=True)
    if head.startswith(WORKBOOKS):
        return _sheets(path, platform)
    if audience := audience_in(path, head):
        return _audience(path, audience, platform)
    found = _first(path, tables_in(path), platform)
    if found is None:
        raise _unknown_series(path) or refuse_unknown(open_table(path))
    return [found]


def _matches(table: Table) -> list[Mapping]:
    """The shipped mappings with the most required columns among those the table satisfies; several for one series that
    several platforms export."""
    keys = set(table.keys)
    found: list[Mapping] = []
    for mapping in shipped_mappings():
        needed = {column_key(name) for name in mapping.recognise}
        ids = {column_key(name) for name in mapping.id or ()}
        fits = bool(needed) and needed <= keys and (not ids or bool(ids & keys)) and _has_title(mapping, table)
        if fits and (not found or len(found[0].recognise) == len(mapping.recognise)):
            found.append(mapping)
    return found


def _has_title(mapping: Mapping, table: Table) -> bool:
    if mapping.titled is None:
        return True
    return bool({column_key(line) for line in table.preamble} & {column_key(title) for title in mapping.titled.titles})


def _first(
    path: Path, tables: Iterable[Table], platform: str | None, titles: Sequence[str] = ()
) -> RecognisedLayout | None:
    for table in tables:
        if found := _matches(table):
            return RecognisedLayout(_of_platform(path, found, platform, (*table.preamble, *titles)), table)
    return None


def _of_platform(path: Path, found: list[Mapping], platform: str | None, titles: Sequence[str]) -> Mapping:
    """The one of several mappings whose platform was given, or stands in a title or in the file's name."""
    if len(found) == 1:
        return found[0]
    words = " ".join((*titles, path.name)).casefold()
    named = [m for m in found if m.platform.value == platform] or [m for m in found if m.platform.value in words]
    if len(named) == 1:
        return named[0]
    options = " or ".join(f"--platform {mapping.platform.value}" for mapping in found)
    labels = " and ".join(mapping.platform.label for mapping in found)
    raise ImportRefused(
        f"{path.name} is an export that {labels} have alike, and does not say which it is of: give {options}."
    )


def _sheets(path: Path, platform: str | None) -> list[RecognisedLayout]:
    names: list[str] = []
    found: list[RecognisedLayout] = []
    for tables in sheets_in(path):
        names += [tables[0].part] if tables else []
        if layout := _first(path, tables, platform):
            found.append(layout)
    if not found:
        listed = ", ".join(repr(name) for name in names) or "none with content"
        raise ImportRefused(
            f"{path.name} is an Excel workbook without a known layout; its sheets are {listed}: save the sheet as CSV "
            "(UTF-8) and import it with --mapping."
        )
    if len({layout.mapping.platform for layout in found}) > 1:
        raise ImportRefused(f"{path.name} holds sheets of several platforms: save each as a file of its own.")
    left = [name for name in names if name not in {layout.table.part for layout in found}]
    if left:
        note = f"Sheets without a known layout, not taken: {', '.join(repr(name) for name in left)}."
        found[0] = RecognisedLayout(found[0].mapping, found[0].table, (note,))
    return found


def _audience(path: Path, audience: Audience, platform: str | None) -> list[RecognisedLayout]:
    layouts = [_first(path, [table], platform, audience.titles) for table in audience.tables]
    known = [layout for layout in layouts if layout is not None]
    known[0] = RecognisedLayout(known[0].mapping, known[0].table, audience.notes)
    return known


def _unknown_series(path: Path) -> ImportRefused | None:
    """The refusal of a daily series whose title no mapping knows."""
    for table in tables_in(path):
        series = [m for m in shipped_mappings() if m.titled and {column_key(n) for n in m.recognise} <= set(table.keys)]
        if series:
            title = repr(table.preamble[-1]) if table.preamble else "no title"
            known = sorted({name for m in series if m.titled for name in m.titled.titles})
            labels = " or ".join(Platform(m.platform).label for m in series)
            return ImportRefused(
                f"{path.name} is a daily series of {labels} with {title} above its header, which has no metric here; the "
                f"known ones are {', '.join(repr(name) for name in known)}."
            )
    return None
