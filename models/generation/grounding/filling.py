"""Filling a claim's placeholders: code writes value, unit, rounding and day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.domain.evidence import Fact
from models.errors import EvidenceMismatch
from models.generation.evidence import PLACEHOLDER
from models.generation.grounding.subject import subject_of
from models.generation.grounding.value import COMMON_FORMATS, FORMATS, SLOT_FORMATS, Value, value_of
from models.generation.number_format import UNIT_FORMATS, format_value

Given = Mapping[str, Value | str]
"""What a placeholder may name beside facts: proposals, dates and constants by their reference, names as plain text."""


@dataclass(frozen=True)
class Span:
    """What one placeholder wrote: at (start, end) of the text, the fact and the format behind it."""

    start: int
    end: int
    reference: str
    style: str
    fact: Fact | None = None
    value: Value | None = None


@dataclass(frozen=True)
class Filled:
    text: str
    spans: tuple[Span, ...]


def fill(template: str, facts: Mapping[str, Fact], given: Given | None = None) -> Filled:
    """The template with every placeholder `{fact_id}` or `{fact_id|format}` filled, and what stands where.

    Beside the formats of `models.generation.number_format`, `date` writes the day up to which a fact was read, and
    `weekday` and `clock` the weekday and hour that a fact of a posting time is about. Raises `EvidenceMismatch` for a
    reference or a format that is not known.
    """
    text, spans, position = "", [], 0
    for match in PLACEHOLDER.finditer(template):
        text += template[position : match.start()]
        position = match.end()
        try:
            written, span = _write(match[1], match[2], facts, given or {})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EvidenceMismatch(
                f"The placeholder {match[0]} names no fact or no format that can be filled in: use one of the listed facts."
            ) from error
        spans.append(Span(len(text), len(text) + len(written), match[1], span[0], span[1], span[2]))
        text += written
    return Filled(text + template[position:], tuple(spans))


def fits(fact: Fact, style: str) -> bool:
    """Whether a format fits the fact's unit and, where it names one, its metric."""
    subject = subject_of(fact)
    if style == "engagements":
        return fact.unit == "count" and "engagements" in subject.metric
    if style in SLOT_FORMATS and subject.weekday is not None:
        return True
    return style in COMMON_FORMATS or style in FORMATS.get(fact.unit, ("count",))


def _write(
    reference: str, style: str | None, facts: Mapping[str, Fact], given: Given
) -> tuple[str, tuple[str, Fact | None, Value | None]]:
    if reference in given:
        item = given[reference]
        if isinstance(item, str):
            return format_value(item, style or "name"), (style or "name", None, None)
        chosen = style or ("date" if item.day is not None else FORMATS.get(item.unit, ("count",))[0])
        return format_value(item.day if item.day is not None else item.value, chosen), (chosen, None, item)
    fact = facts[reference]
    chosen, subject = style or UNIT_FORMATS.get(fact.unit, "count"), subject_of(fact)
    if chosen == "date":
        return format_value(fact.as_of.date(), "date"), (chosen, fact, None)
    if chosen in SLOT_FORMATS and subject.weekday is not None:
        return format_value(subject.weekday if chosen == "weekday" else subject.hour, chosen), (chosen, fact, None)
    return format_value(value_of(fact).value, chosen), (chosen, fact, None)
