"""One cell's text into a number or an instant, or a reason why not.

Percent values stay in percent (38 for 38 %), durations become seconds, counts must be whole and not negative.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.files.dateorder import AmbiguousDate, Order, month_first
from models.metrics.registry import Metric

Conversion = Literal["number", "compact", "percent", "fraction", "share", "duration"]
"""How a cell's number is written. `share` is a percent or a fraction, whichever the file's own cells show."""
DEFAULT_CONVERSION: dict[str, Conversion] = {"percent": "percent", "seconds": "duration"}

_GROUP = "[,. '’\u00a0\u202f]"
_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$")
_COMPACT = {"k": 1e3, "m": 1e6, "b": 1e9}
_EARLIEST_YEAR = 1970


class CellError(ValueError):
    """The cell cannot be read; the message is the reason, without file and line."""


def _number_pattern(decimal: str, group: str) -> re.Pattern[str]:
    point = rf"(?:{re.escape(decimal)}[0-9]+)?"
    return re.compile(rf"[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+){point}")


_GROUPS = {decimal: _GROUP.replace("." if decimal == "." else ",", "") for decimal in (".", ",")}
_NUMBERS = {decimal: _number_pattern(decimal, group) for decimal, group in _GROUPS.items()}


def parse_number(text: str, decimal: str = ".") -> float:
    """A plain or grouped number, e.g. `12,400` or, with `decimal=","`, `12.400,5`."""
    if text.isascii() and text.isdigit():
        return float(text)  # nearly every cell there is
    cleaned = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    if _SCIENTIFIC.match(cleaned):
        raise CellError(f"{text!r} was rounded by a spreadsheet")
    if not _NUMBERS[decimal].fullmatch(cleaned):
        raise CellError(f"{text!r} is not a number")
    return float(re.sub(_GROUPS[decimal], "", cleaned).replace(decimal, "."))


def parse_duration(text: str, decimal: str = ".") -> float:
    """Seconds from `0:03:25`, `03:25`, or a number of seconds with or without an `s` after it."""
    match = re.fullmatch(r"(?:([0-9]+):)?([0-9]{1,3}):([0-9]{2}(?:\.[0-9]+)?)", text.strip())
    if match is None:
        if ":" in text:
            raise CellError(f"{text!r} is not a duration such as 0:03:25")
        return parse_number(re.sub(r"(?<=[0-9]) ?s$", "", text.strip()), decimal)
    hours, minutes, seconds = float(match[1] or 0), float(match[2]), float(match[3])
    if seconds >= 60 or (match[1] is not None and minutes >= 60):
        raise CellError(f"{text!r} is not a duration such as 0:03:25")
    return hours * 3600 + minutes * 60 + seconds


def parse_value(text: str, conversion: Conversion, decimal: str = ".") -> float:
    """The cell's number in the unit its conversion gives. Raises `CellError`."""
    if conversion != "fraction" and text.isascii() and text.isdigit():
        return float(text)  # nearly every cell there is
    match conversion:
        case "number":
            return parse_number(text.strip().lstrip("$€£").strip(), decimal)
        case "compact":
            stripped = text.strip()
            factor = _COMPACT.get(stripped[-1:].lower(), 1.0)
            return round(parse_number(stripped[:-1] if factor > 1 else stripped, decimal) * factor, 6)
        case "percent" | "share":
            return parse_number(text.strip().removesuffix("%"), decimal)
        case "fraction":
            if text.strip().endswith("%"):
                return parse_number(text.strip().removesuffix("%"), decimal)
            return round(parse_number(text, decimal) * 100, 9)
        case "duration":
            return parse_duration(text, decimal)


def check_value(metric: Metric, value: float) -> float:
    """The value, if the metric can have it. Raises `CellError`."""
    if metric.unit == "count" and value != int(value):
        raise CellError(
            f"{value:g} is not a whole number, which {metric.name.lower()} must be; if the file writes 1.250 for 1250, "
            "import it with a mapping that says decimal: ','"
        )
    if value < 0 and metric.unit != "usd":
        raise CellError(f"{value:g} is negative, which {metric.name.lower()} cannot be")
    return value


def mangled_id(text: str) -> str | None:
    """Why an id is not usable as it stands, or None."""
    if not text:
        return "the row has no id"
    if _SCIENTIFIC.match(text):
        return f"the id {text!r} was rounded by a spreadsheet, so the post cannot be told any more: export the file again and do not open it in a spreadsheet"
    if re.fullmatch(r"#[A-Z/0]+[!?]?", text):
        return (
            f"the id {text!r} is a spreadsheet's error value: export the file again and do not open it in a spreadsheet"
        )
    return None


@dataclass(frozen=True)
class TimeParser:
    """Text to UTC instants. `formats` are strptime patterns, `iso`, or `epoch` (seconds); local times are in `zone`.

    A local time that occurs twice when clocks go back is taken as the first. With `swapped`, dates whose two leading
    numbers are both two-digit and at most 12 are read day first (see `connectors.files.datestyle`). With `order`, dates
    in digits are brought into the form with the month first before the formats see them.
    """

    formats: tuple[str, ...]
    zone: ZoneInfo
    swapped: bool = False
    order: Order | None = None

    def parse(self, text: str) -> datetime:
        """The instant in UTC. Raises `CellError`."""
        cleaned = " ".join(unicodedata.normalize("NFKC", text).split())
        if not cleaned:
            raise CellError("the row has no time")
        if self.swapped:
            cleaned = swap_day_and_month(cleaned)
        if self.order:
            try:
                cleaned = month_first(cleaned, self.order)
            except AmbiguousDate as error:
                raise CellError(str(error)) from None
        for pattern in self.formats:
            parsed = _parse_one(cleaned, pattern)
            if parsed is not None:
                return self._utc(parsed, text)
        raise CellError(f"{text!r} is not a time in the expected form ({' or '.join(self.formats)})")

    def _utc(self, parsed: datetime, text: str) -> datetime:
        if parsed.year < _EARLIEST_YEAR or parsed.year > 9990:
            raise CellError(f"{text!r} lies outside the years a post can have")
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=self.zone)).astimezone(UTC)


_LEADING = re.compile(r"^(0[1-9]|1[0-2])([-/])(0[1-9]|1[0-2])(?=\2\d{4}\b)")


def swap_day_and_month(text: str) -> str:
    """`05-08-2020` becomes `08-05-2020`; any other text is returned as it is."""
    return _LEADING.sub(r"\3\2\1", text)


def _parse_one(text: str, pattern: str) -> datetime | None:
    try:
        if pattern == "iso":
            return datetime.fromisoformat(text)
        if pattern == "epoch":
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(text))
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is the mapping's
    except (ValueError, OverflowError):
        return None
