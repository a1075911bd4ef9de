"""The parts of a mapping: where a time, an account, an id, a text or a number stands in a row.

Fields named in `added` came after the first release of the format. They are left out of a dump while they have their
default, so that the digest of a mapping that does not use them, and with it the id of every landed batch, stays.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from connectors.files.values import DEFAULT_CONVERSION, Conversion
from models.metrics.registry import registry


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Columns = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
"""A column name, or several spellings of which the first present one is used."""


class Part(BaseModel):
    """What every part of a mapping is: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    added: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _without_unused(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        dumped: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        unused = {name for name in self.added if getattr(self, name) == fields[name].get_default()}
        return {name: value for name, value in dumped.items() if name not in unused}


def _pattern(text: str, what: str) -> str:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        raise ValueError(f"{what} is not a pattern ({error})") from None
    if groups < 1:
        raise ValueError(f"{what} needs one group in parentheses")
    return text


class TimeColumn(Part):
    """Where a time stands. `zone` is the IANA zone of times without offset."""

    added = frozenset({"order"})

    column: Columns
    zone: str = "UTC"
    formats: Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)] = ("iso",)
    swapped_dates: Literal["as_written", "by_weekday"] = "as_written"
    """`by_weekday` looks for dates that a spreadsheet swapped (`connectors.files.datestyle`)."""
    order: Literal["as_written", "by_file"] = "as_written"
    """`by_file` decides from the file's certain dates whether `10/03/2026` begins with the month or the day
    (`connectors.files.dateorder`); the formats are then those with the month first and slashes."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"{zone!r} is not an IANA time zone such as Europe/Berlin")
        return zone

    @field_validator("formats")
    @classmethod
    def _known_formats(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in formats:
            if pattern not in ("iso", "epoch") and "%" not in pattern:
                raise ValueError(f"{pattern!r} is not a strptime pattern, iso or epoch")
        return formats


class Account(Part):
    """Which account a row belongs to: `fixed`, a `column`, one `part` of a column split at `split`, or what the first
    group of `pattern` finds in a column (in lower case, as handles are compared).

    `name` and `name_column` give a display name; `name_from_file` is a pattern whose first group is taken from the
    file's name. An account that the file does not name comes from `--account`, or else from the platform; with
    `needed` the file is refused instead of taking the platform.
    """

    added = frozenset({"pattern", "needed"})

    fixed: str | None = None
    column: Columns | None = None
    split: str | None = None
    part: int = 0
    pattern: str | None = None
    name: str | None = None
    name_column: Columns | None = None
    name_from_file: str | None = None
    needed: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> Account:
        if self.fixed and self.column:
            raise ValueError("give either fixed or column")
        if self.split and not self.column:
            raise ValueError("split needs a column")
        if self.pattern and (self.split or not self.column):
            raise ValueError("pattern needs a column, and no split")
        if self.pattern:
            _pattern(self.pattern, "pattern")
        if self.name_from_file:
            _pattern(self.name_from_file, "name_from_file")
        return self


class IdFrom(Part):
    """An id or a word inside a longer text such as a link: the groups of `pattern` joined with `:` after `prefix`."""

    column: Columns
    pattern: str
    prefix: str = ""

    @field_validator("pattern")
    @classmethod
    def _usable(cls, pattern: str) -> str:
        return _pattern(pattern, "pattern")

    def find(self, text: str) -> str | None:
        """The id, or None where the text holds none."""
        match = re.search(self.pattern, text)
        return self.prefix + ":".join(part for part in match.groups() if part) if match else None


class Tags(Part):
    column: Columns
    separator: str = ","


class Fixed(Part):
    """The same text for every row."""

    fixed: str


class MetricColumn(Part):
    """What a column counts. `convert` defaults to what the metric's unit asks for; `scale` multiplies afterwards."""

    metric: str
    convert: Conversion | None = Field(default=None, alias="as")
    scale: float = 1.0

    @field_validator("metric")
    @classmethod
    def _in_registry(cls, metric: str) -> str:
        known = registry().metrics
        if metric not in known:
            raise ValueError(f"metric {metric!r} is not in the registry; use one of: {', '.join(sorted(known))}")
        return metric

    @property
    def conversion(self) -> Conversion:
        return self.convert or DEFAULT_CONVERSION.get(registry().metric(self.metric).unit, "number")


def _as_metric(value: object) -> object:
    return {"metric": value} if isinstance(value, str) else value


MetricSpec = Annotated[MetricColumn, BeforeValidator(_as_metric)]
"""A metric id, or a metric id with its conversion and scale."""


class Titled(Part):
    """A series whose only number column is called the same in every file; the line above the header says what it is."""

    column: Columns
    titles: dict[str, MetricSpec]


class SkipRow(Part):
    """Rows that are no records, such as a `Total` line: those whose cell in `column` equals the text."""

    column: Columns
    equals: str


class OnlyRows(Part):
    """Rows that can be used: those whose cell in `column`, where the file has it, is blank or equals the text. The
    others are refused with `reason`."""

    column: Columns
    equals: str
    reason: str


class CheckSum(Part):
    """A column that repeats the sum of others. It is verified and never stored."""

    column: Columns
    parts: Annotated[tuple[str, ...], Field(min_length=2)]
