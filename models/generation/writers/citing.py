"""Numbers that a model copied out of its prompt: each is taken as the placeholder of the listed number it equals.

A model that is told to write `{f3}` and writes `58%` has cited the same number. Whether the sentence may say so of it is
judged as for any placeholder; a number that equals no listed one stays written out, and is refused.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice, product

from models.generation.evidence import PLACEHOLDER, known
from models.generation.grounding.value import FORMATS
from models.generation.number_format import format_value
from models.generation.writers.offered import Offered

MOST_READINGS = 16
"""Several listed numbers may be written alike; so many ways to read a sentence are tried."""
_NUMBER = re.compile(r"(?<![\w.,{|@-])\d[\d,]*(?:\.\d+)?%?(?![\w%}]|[.,]\d)")
_DATE = re.compile(r"(?<!\w)\d{1,2} [A-Z][a-z]+ \d{4}(?!\w)")


def cited_readings(sentence: str, offered: Offered) -> Iterator[str]:
    """The sentence with every copied number as a placeholder, one reading after the other; nothing where one equals none.

    `sentence` holds references as `Offered.resolve` writes them.
    """
    ways = _ways(offered)
    plain, spots, at = PLACEHOLDER.sub(lambda match: "\0" * len(match[0]), sentence), [], 0
    for match in sorted((*_DATE.finditer(plain), *_NUMBER.finditer(plain)), key=lambda m: (m.start(), -m.end())):
        if match.start() < at:
            continue
        at = match.end()
        found = ways.get(match[0].replace(",", ""))
        if found is None:
            return
        spots.append((match.span(), found))
    if not spots:
        return
    for chosen in islice(product(*(found for _, found in spots)), MOST_READINGS):
        text, end = "", 0
        for ((start, stop), _), placeholder in zip(spots, chosen, strict=True):
            text, end = text + sentence[end:start] + placeholder, stop
        yield text + sentence[end:]


def _ways(offered: Offered) -> dict[str, list[str]]:
    """Placeholders by what they write, where that is a number or a date alone."""
    ways: dict[str, list[str]] = defaultdict(list)
    for fact in offered.facts.values():
        for style in FORMATS.get(fact.unit, ("count",)):
            _add(ways, format_value(known(fact), style), f"{{{fact.id}|{style}}}")
    for one in offered.planned.values():
        bare = one.shown.removesuffix(" posts a week").removesuffix(" post a week")
        _add(ways, bare, f"{{{one.path}|{one.style if bare == one.shown else 'pace'}}}")
    return ways


def _add(ways: dict[str, list[str]], written: str, placeholder: str) -> None:
    if _NUMBER.fullmatch(written) or _DATE.fullmatch(written):
        ways[written.replace(",", "")].append(placeholder)
