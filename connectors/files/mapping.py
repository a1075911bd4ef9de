"""Mapping files: what the columns of one layout mean, as YAML checked by pydantic.

The shipped ones lie in `mappings/` and are recognised by their columns; anybody may write another (`fabric import
--suggest-mapping` drafts one). docs: every field below and in `connectors.files.columns` documents the format.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from connectors.files.columns import (
    Account,
    CheckSum,
    Columns,
    Fixed,
    IdFrom,
    MetricSpec,
    OnlyRows,
    Part,
    SkipRow,
    Tags,
    TimeColumn,
    Titled,
)
from models.domain.content import EntityType
from models.domain.social import Platform
from models.errors import ImportRefused


class Mapping(Part):
    """One layout."""

    added = frozenset(
        {"day", "id_from", "caption", "letters", "sums", "content_type_from", "titled", "checks", "only_rows"}
    )

    name: str
    source: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    platform: Platform
    entity: EntityType = EntityType.POST
    account: Account = Account()
    id: Columns | None = None
    id_from: IdFrom | None = None
    """Where the id stands inside a longer text such as a link, used where `id` is absent or was spoilt by a spreadsheet."""
    time: TimeColumn | None = None
    """When a post was published."""
    day: TimeColumn | None = None
    """The day a row's numbers speak of, for an account. A day runs from midnight to midnight in its zone."""
    title: Columns | None = None
    body: Columns | None = None
    caption: Columns | None = None
    """In place of `body`: columns of which the first one filled in a row is the text of the post."""
    letters: Literal["as_written", "plain"] = "as_written"
    """`plain` writes styled letters (𝗯𝗼𝗹𝗱) of title and text as letters; the payload keeps the original."""
    url: Columns | None = None
    url_template: str | None = None
    """An address with `{id}` in it, where the file has no column for it."""
    content_type: Columns | Fixed | None = None
    content_type_from: IdFrom | None = None
    tags: Tags | None = None
    metrics: dict[str, MetricSpec] = Field(default={})
    sums: dict[str, tuple[str, ...]] = Field(default={})
    """Metric → columns that add up to it, for files without a column of the whole. Blank as soon as one is blank."""
    titled: Titled | None = None
    checks: tuple[CheckSum, ...] = ()
    recognise: tuple[str, ...] = ()
    skip_rows: tuple[SkipRow, ...] = ()
    only_rows: tuple[OnlyRows, ...] = ()
    observed_at: Literal["newest_row", "file_time"] | TimeColumn = "file_time"
    """When the numbers were read, unless `--observed-at` or a date in the file's name says so. A column means one
    reading per row, so that an id may repeat."""
    absent_columns: Literal["refused", "allowed"] = "refused"
    """`allowed`: columns for texts and metrics may be missing, because the layout varies between exports."""
    missing_values: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."
    """The decimal sign; where the mapping does not say it, each file's own numbers decide."""

    @field_validator("tags", mode="before")
    @classmethod
    def _plain_tags(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str | list) else value

    @model_validator(mode="after")
    def _complete(self) -> Mapping:
        if self.entity is EntityType.POST:
            if (self.id is None and self.id_from is None) or self.time is None:
                raise ValueError("a mapping of posts needs id and time")
        elif self.entity is EntityType.ACCOUNT:
            if not isinstance(self.observed_at, TimeColumn) and self.day is None:
                raise ValueError("a mapping of an account needs observed_at: {column: …} or day: {column: …}")
        elif self.id is None:
            raise ValueError("a mapping of an audience needs id, such as country=DE")
        if self.day is not None and self.entity is not EntityType.ACCOUNT:
            raise ValueError("day belongs to a mapping of an account")
        if self.url_template is not None and "{id}" not in self.url_template:
            raise ValueError("url_template needs {id} in it")
        return self

    @property
    def decimal_is_given(self) -> bool:
        return "decimal" in self.model_fields_set

    @property
    def clock(self) -> TimeColumn | None:
        """The column whose times place the rows: publish times of posts, days of an account."""
        return self.time or self.day

    def in_zone(self, zone: str) -> Mapping:
        """This mapping with its local times read in another zone."""
        return self.model_copy(
            update={
                name: column.model_copy(update={"zone": zone})
                for name in ("time", "day", "observed_at")
                if isinstance(column := getattr(self, name), TimeColumn)
            }
        )

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
