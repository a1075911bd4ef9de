"""A date in a file's name, such as `export_2026-09-14.csv` or Meta's `Sep-01-2026_Sep-30-2026_123.csv`."""

from __future__ import annotations

import re
from datetime import date

_DIGITS = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS = re.compile(
    rf"(?<![a-z])({'|'.join(_MONTHS)})[a-z]*[-_. ](0?[1-9]|[12]\d|3[01])[-_. ]+((?:19|20)\d{{2}})(?!\d)"
)


def date_in_name(name: str) -> date | None:
    """The last date in the name, written year-month-day or month-day-year with the month as a word: of a range, its
    end. None if there is none."""
    written = [(match.start(), match[1], match[2], match[3]) for match in _DIGITS.finditer(name)]
    for match in _WORDS.finditer(name.lower()):
        written.append((match.start(), match[3], str(_MONTHS.index(match[1]) + 1), match[2]))
    found: date | None = None
    for _, year, month, day in sorted(written):
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:
            continue
    return found
