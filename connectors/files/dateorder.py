"""Which of the two leading numbers of a date is the month, decided once a file.

An export writes `10/03/2026` with the month first. A spreadsheet set to day-first dates reads what it can: 10/03 becomes
day 10 of month 3 and is written back as `10.03.2026` (the digits stay in place) or as `2026-03-10` (they change places),
while `10/14/2026`, which has no month 14, stays as it was. The dates with a number above 12 are certain and decide for
the others of their file; where they contradict each other, the uncertain ones are refused rather than guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Order = Literal["month", "day", "mixed", "month, ISO swapped"]

_DIGITS = re.compile(r"^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?=\D|$)")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?=\D|$)")


class AmbiguousDate(ValueError):
    """The date could be two days; the message is the reason."""


@dataclass
class DateOrder:
    """Fed every date of a column that the layout writes month first."""

    month_certain: int = 0
    day_certain: int = 0
    doubtful: dict[str, int] = field(default_factory=dict)
    iso_certain: int = 0
    iso_doubtful: int = 0
    example: str = ""

    def add(self, text: str) -> None:
        text = text.strip()
        if match := _DIGITS.match(text):
            first, second = int(match[1]), int(match[3])
            self.month_certain += first <= 12 < second
            self.day_certain += second <= 12 < first
            if first <= 12 and second <= 12 and first != second:
                self.doubtful[match[2]] = self.doubtful.get(match[2], 0) + 1
                self.example = self.example or match[0]
        elif match := _ISO.match(text):
            self.iso_certain += int(match[3]) > 12
            self.iso_doubtful += int(match[3]) <= 12
            self.example = self.example or match[0]

    @property
    def order(self) -> Order:
        if self.month_certain and self.day_certain:
            return "mixed"
        if self.day_certain:
            return "day"
        if self.month_certain:
            return "month, ISO swapped" if self.iso_doubtful and not self.iso_certain else "month"
        return "mixed" if self.doubtful.get(".") else "month"

    def note(self) -> str | None:
        """What a person should know about how the dates were read, or None where they are as the layout writes them."""
        match self.order:
            case "month":
                if self.doubtful.get("."):
                    return f"Dates such as {self.example} are read month first, as the other dates of the file are."
                return None
            case "month, ISO swapped":
                return (
                    f"Dates such as {self.example} are read with day and month changed back: a spreadsheet rewrote only "
                    "the dates with a day up to 12, so it took the month for the day."
                )
            case "day":
                return (
                    f"Dates such as {self.example} are read day first, as the certain dates of the file are."
                    if (self.example)
                    else None
                )
            case "mixed":
                return (
                    f"Dates such as {self.example} could be two days, because a spreadsheet rewrote the file: their rows "
                    "are set aside; export the file again and do not open it in a spreadsheet."
                )


def month_first(text: str, order: Order) -> str:
    """A date in digits as `MM/DD/YYYY…`; any other text as it is. Raises `AmbiguousDate`."""
    if order == "month, ISO swapped" and (match := _ISO.match(text)):
        return f"{match[1]}-{match[3]}-{match[2]}{text[match.end() :]}"
    match = _DIGITS.match(text)
    if match is None:
        return text
    first, second = int(match[1]), int(match[3])
    year = int(match[4]) + (2000 if len(match[4]) == 2 else 0)
    if order == "mixed" and first <= 12 and second <= 12 and first != second:
        raise AmbiguousDate(_both(text, first, second, year))
    day_leads = first > 12 or (order == "day" and second <= 12)
    month, day = (second, first) if day_leads else (first, second)
    return f"{month:02d}/{day:02d}/{year:04d}{text[match.end() :]}"


def _both(text: str, first: int, second: int, year: int) -> str:
    readings = f"{date(year, first, second):%d %B} or {date(year, second, first):%d %B}" if first and second else "two"
    return f"{text!r} could be {readings} {year}: a spreadsheet rewrote the dates of this file"
