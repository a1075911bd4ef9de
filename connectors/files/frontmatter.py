"""Front matter of Markdown files: YAML between `---` or TOML between `+++`, read with safe loaders only."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import yaml


class FrontMatterError(ValueError):
    """The front matter cannot be read; the message is the reason, `line` the physical line."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True)
class Article:
    """A Markdown file taken apart: its fields, and the text below them."""

    fields: dict[str, Any]
    text: str


_FENCES = {"---": "YAML", "+++": "TOML"}


def split_article(source: str) -> Article:
    """The article in a Markdown file. Raises `FrontMatterError`."""
    lines = source.removeprefix("\ufeff").splitlines()
    fence = lines[0].rstrip() if lines else ""
    if fence not in _FENCES:
        return Article({}, "\n".join(lines))
    ends = {fence} if fence == "+++" else {"---", "..."}
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.rstrip() in ends), None)
    if end is None:
        raise FrontMatterError(f"the front matter opened with {fence} is never closed", 1)
    block = "\n".join(lines[1:end])
    fields = _yaml(block) if fence == "---" else _toml(block)
    return Article({str(key).lower(): value for key, value in fields.items()}, "\n".join(lines[end + 1 :]))


def _yaml(block: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(block)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "syntax error"
        raise FrontMatterError(f"the YAML front matter is broken: {reason}", mark.line + 2 if mark else 1) from None
    except ValueError as error:
        # An impossible date such as 2016-13-45.
        raise FrontMatterError(f"the YAML front matter is broken: {error}", 1) from None
    except RecursionError:
        raise FrontMatterError("the YAML front matter is nested too deeply", 1) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise FrontMatterError("the YAML front matter is not a list of fields", 1)
    return content


def _toml(block: str) -> dict[str, Any]:
    try:
        return tomllib.loads(block + "\n")
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"at line (\d+)", str(error))
        raise FrontMatterError(f"the TOML front matter is broken: {error}", int(match[1]) + 1 if match else 1) from None


_FORMATS = (
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M %z",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%a %b %d %Y %H:%M:%S GMT%z",
    "%a %b %d %Y",
)


def instant(value: object) -> datetime | None:
    """A date of any usual spelling as a UTC instant; times without a zone are UTC. None if it is no date.

    Takes what YAML and TOML give (dates, datetimes), ISO 8601, RFC 2822 and JavaScript's `Date` as text, e.g.
    `Tue Mar 04 2016 00:00:00 GMT-0500 (EST)`.
    """
    if isinstance(value, datetime):
        parsed: datetime | None = value
    elif isinstance(value, date):
        parsed = datetime(value.year, value.month, value.day, tzinfo=UTC)
    elif isinstance(value, str):
        parsed = _instant_of_text(value)
    else:
        return None
    if parsed is None:
        return None
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def _instant_of_text(value: str) -> datetime | None:
    text = " ".join(value.split())
    text = re.sub(r"^new Date\((.*)\)$", r"\1", text).strip("'\" ")
    plain = re.sub(r" \([^)]*\)$", "", text)
    for pattern in ("", *_FORMATS):
        try:
            return _by_format(pattern, plain)
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(plain)
    except (ValueError, TypeError, IndexError):
        return None


def _by_format(pattern: str, text: str) -> datetime:
    """ISO 8601 for the empty pattern."""
    return datetime.fromisoformat(text) if not pattern else datetime.strptime(text, pattern)  # noqa: DTZ007 - a missing zone is UTC, set by the caller


def names(value: object) -> tuple[str, ...]:
    """Tags or authors as texts, from a string (comma-separated), a list, or a mapping (its `name`, or its keys)."""
    if value is None or value == "":
        return ()
    if isinstance(value, dict):
        single = value.get("name") or value.get("title")
        return (str(single),) if single else tuple(str(key) for key in value)
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(name for item in value for name in (names(item) if item is not None else ())))
    if isinstance(value, str):
        return tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    return (str(value),)
