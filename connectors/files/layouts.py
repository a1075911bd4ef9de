"""Which shipped layout a file has, told by a required subset of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.files.diagnosis import refuse_unknown
from connectors.files.mapping import Mapping, shipped_mappings
from connectors.files.tabular import Table, column_key, open_table


@dataclass(frozen=True)
class RecognisedLayout:
    """A CSV file with the mapping that fits it."""

    mapping: Mapping
    table: Table

    @property
    def name(self) -> str:
        return self.mapping.name


def match_table(table: Table) -> Mapping | None:
    """The shipped mapping with the most required columns among those the table satisfies."""
    keys = set(table.keys)
    for mapping in shipped_mappings():
        needed = {column_key(name) for name in mapping.recognise}
        ids = {column_key(name) for name in mapping.id or ()}
        if needed and needed <= keys and (not ids or ids & keys):
            return mapping
    return None


def recognise(path: Path) -> RecognisedLayout:
    """The layout of a CSV file. Raises `ImportRefused`, with what is wrong in this very file, where none fits."""
    table = open_table(path)
    mapping = match_table(table)
    if mapping is None:
        raise refuse_unknown(table)
    return RecognisedLayout(mapping, table)
