"""Whether a file writes 1.250 for 1250 or for 1¼, decided once a file from all its numbers.

Two groups of thousands, a group beside a decimal sign, or a fraction of one or two digits are certain; `1.250` in a
column of counts is certain too, because a count has no fraction.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_POINT = re.compile(r"[1-9]\d{0,2}(,\d{3})+\.\d+|\d+\.(\d{1,2}|\d{4,})|0\.\d+|[1-9]\d{0,2}(,\d{3}){2,}")
_COMMA = re.compile(r"[1-9]\d{0,2}(\.\d{3})+,\d+|\d+,(\d{1,2}|\d{4,})|0,\d+|[1-9]\d{0,2}(\.\d{3}){2,}")
_ONE_GROUP = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")
_BROKEN_COUNT = re.compile(r"\d{1,3},\d{1,2}")
_SUFFIX = re.compile(r"\s*(?:%|s|[KMBkmb])$")


@dataclass
class NumberStyle:
    """Fed every cell of the number columns. `broken` is the first count with a fraction that no count can have."""

    point: int = 0
    comma: int = 0
    broken: tuple[int, str, str] | None = None

    def add(self, text: str, *, line: int, column: str, is_count: bool) -> None:
        if text.isdigit() or not text:
            return
        bare = _SUFFIX.sub("", text.lstrip("-+$€£ "))
        if is_count and bare == text and self.broken is None and _BROKEN_COUNT.fullmatch(bare):
            self.broken = (line, column, text)
        if _POINT.fullmatch(bare):
            self.point += 1
        elif _COMMA.fullmatch(bare):
            self.comma += 1
        elif is_count and bare == text and (group := _ONE_GROUP.fullmatch(bare)):
            self.comma += group[1] == "."
            self.point += group[1] == ","

    @property
    def decimal(self) -> Literal[".", ","]:
        return "," if self.comma > self.point else "."

    def note(self) -> str | None:
        if self.decimal == ".":
            return None
        return "Numbers are read with a comma as decimal sign and dots between thousands, as this file writes them."
