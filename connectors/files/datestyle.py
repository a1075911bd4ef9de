"""Dates that a spreadsheet swapped: found by form, decided by weekdays.

Some exports of American dates passed through a spreadsheet set to day-first dates. It leaves `7-16-2020` alone (there
is no month 16) but re-writes 5 August as `05-08-2020`. The form gives such a file away: every date with a day up to 12
is zero-padded, every unpadded one has a day above 12. Form alone does not say whether day and month changed places, so
the weekdays decide: brands publish on some weekdays more than on others, and only one reading of the doubtful dates
follows the pattern of the certain ones.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

_DATE = re.compile(r"^(\d{1,2})[-/](\d{1,2})[-/](\d{4})\b")
DECISIVE = 10.0
"""Log-likelihood gain from which the day-first reading is taken (e^10 ≈ 22,000 to 1); else month first, as written."""


@dataclass
class DateStyle:
    """Fed every date of a month-first column; `swapped` is the verdict at the end of the file."""

    certain: Counter[int] = field(default_factory=Counter)
    month_first: Counter[int] = field(default_factory=Counter)
    day_first: Counter[int] = field(default_factory=Counter)
    unpadded_certain: int = 0
    contradictions: int = 0
    example: str = ""

    def add(self, text: str) -> None:
        match = _DATE.match(text.strip())
        if match is None:
            return
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        padded = len(match[1]) == 2 and len(match[2]) == 2
        try:
            if second > 12:
                self.certain[date(year, first, second).weekday()] += 1
                self.unpadded_certain += len(match[1]) == 1
                self.contradictions += match[1].startswith("0")
            elif not padded:
                self.contradictions += 1
            elif first != second:
                self.month_first[date(year, first, second).weekday()] += 1
                self.day_first[date(year, second, first).weekday()] += 1
                self.example = self.example or match[0]
        except ValueError:
            return

    @property
    def gain(self) -> float:
        """How much likelier (log) the doubtful dates are when read day first, given the weekdays of the certain ones."""
        total = self.certain.total() + 7
        log = {day: math.log((self.certain[day] + 1) / total) for day in range(7)}
        return sum(n * log[day] for day, n in self.day_first.items()) - sum(
            n * log[day] for day, n in self.month_first.items()
        )

    @property
    def swapped(self) -> bool:
        return self.unpadded_certain > 0 and self.contradictions == 0 and self.gain >= DECISIVE

    def note(self) -> str:
        day, month, year = re.split(r"[-/]", self.example)
        return (
            f"{self.day_first.total()} dates such as {self.example} are read day first ({year}-{month}-{day}): a "
            "spreadsheet rewrote every date with a day up to 12, and only this way do their weekdays agree with the "
            "other dates."
        )
