"""Mapping files: what the columns of one CSV layout mean, as YAML checked by pydantic.

The shipped ones lie in `mappings/` and are recognised by their columns; anybody may write another (`fabric import
--suggest-mapping` drafts one). docs: every field below is the documentation of the format.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from connectors.files.values import DEFAULT_CONVERSION, Conversion
from models.domain.content import EntityType
from models.domain.social import Platform
from models.errors import ImportRefused
from models.metrics.registry import registry


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Columns = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
"""A column name, or several spellings of which the first present one is used."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class TimeColumn(_Frozen):
    """Where a time stands. `zone` is the IANA zone of times without offset."""

    column: Columns
    zone: str = "UTC"
    formats: Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)] = ("iso",)
    swapped_dates: Literal["as_written", "by_weekday"] = "as_written"
    """`by_weekday` looks for dates that a spreadsheet swapped (`connectors.files.datestyle`)."""

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


class Account(_Frozen):
    """Which account a row belongs to: `fixed`, a `column`, or one `part` of a column split at `split`.

    `name` and `name_column` give a display name; `name_from_file` is a pattern whose first group is taken from the
    file's name. An account that the file does not name comes from `--account`, or else from the platform.
    """

    fixed: str | None = None
    column: Columns | None = None
    split: str | None = None
    part: int = 0
    name: str | None = None
    name_column: Columns | None = None
    name_from_file: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Account:
        if self.fixed and self.column:
            raise ValueError("give either fixed or column")
        if self.split and not self.column:
            raise ValueError("split needs a column")
        if self.name_from_file:
            try:
                groups = re.compile(self.name_from_file).groups
            except re.error as error:
                raise ValueError(f"name_from_file is not a pattern ({error})") from None
            if groups < 1:
                raise ValueError("name_from_file needs one group in parentheses")
        return self


class Tags(_Frozen):
    column: Columns
    separator: str = ","


class Fixed(_Frozen):
    """The same text for every row."""

    fixed: str


class MetricColumn(_Frozen):
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


class SkipRow(_Frozen):
    """Rows that are no records, such as a `Total` line: those whose cell in `column` equals the text."""

    column: Columns
    equals: str


class Mapping(_Frozen):
    """One layout."""

    name: str
    source: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    platform: Platform
    entity: EntityType = EntityType.POST
    account: Account = Account()
    id: Columns | None = None
    time: TimeColumn | None = None
    title: Columns | None = None
    body: Columns | None = None
    url: Columns | None = None
    url_template: str | None = None
    """An address with `{id}` in it, where the file has no column for it."""
    content_type: Columns | Fixed | None = None
    tags: Tags | None = None
    metrics: dict[str, Annotated[MetricColumn, BeforeValidator(_as_metric)]] = {}
    recognise: tuple[str, ...] = ()
    skip_rows: tuple[SkipRow, ...] = ()
    observed_at: Literal["newest_row", "file_time"] | TimeColumn = "file_time"
    """When the numbers were read, unless `--observed-at` or a date in the file's name says so. A column means one
    reading per row, so that an id may repeat."""
    absent_columns: Literal["refused", "allowed"] = "refused"
    """`allowed`: columns for texts and metrics may be missing, because the layout varies between exports."""
    missing_values: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."

    @field_validator("tags", mode="before")
    @classmethod
    def _plain_tags(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str | list) else value

    @model_validator(mode="after")
    def _complete(self) -> Mapping:
        if self.entity is EntityType.POST:
            if self.id is None or self.time is None:
                raise ValueError("a mapping of posts needs id and time")
        elif not isinstance(self.observed_at, TimeColumn):
            raise ValueError("a mapping of an account needs observed_at: {column: …}")
        if self.url_template is not None and "{id}" not in self.url_template:
            raise ValueError("url_template needs {id} in it")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of what the mapping means; comments and order of writing do not count."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def parse_mapping(text: str, name: str) -> Mapping:
    """A mapping from YAML text. Raises `ImportRefused` that names the file, the field and what is wrong with it."""
    try:
        content: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise ImportRefused(
            f"Mapping {name} is not valid YAML{where} ({getattr(error, 'problem', None) or 'syntax error'}): correct it "
            "and import again."
        ) from None
    if not isinstance(content, dict):
        raise ImportRefused(
            f"Mapping {name} is not a YAML mapping of fields: start from fabric import --suggest-mapping."
        )
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part not in ("tuple[str, ...]", "Fixed")) or "as a whole"
        message = str(first["msg"]).removeprefix("Value error, ")
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise ImportRefused(f"Mapping {name} cannot be used: {place}: {message}{more}.") from None


def load_mapping(path: Path) -> Mapping:
    """The mapping in a YAML file. Raises `ImportRefused`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ImportRefused(f"Mapping file {path} does not exist: check the path given with --mapping.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ImportRefused(f"Mapping file {path} cannot be read ({error}).") from error
    return parse_mapping(text, path.name)


@lru_cache(maxsize=1)
def shipped_mappings() -> tuple[Mapping, ...]:
    """The mappings that come with the project, most particular first."""
    folder = files("connectors.files") / "mappings"
    entries = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda e: e.name)
    loaded = [parse_mapping(entry.read_text(encoding="utf-8"), entry.name) for entry in entries]
    return tuple(sorted(loaded, key=lambda mapping: -len(mapping.recognise)))
