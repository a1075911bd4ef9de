"""Numbers in sentences: one renderer fills every placeholder, one verifier finds digits that no placeholder produced.

A template holds `{reference}` or `{reference|format}`, where a reference is
- a fact id: the value of that fact in `document.evidence`;
- `@path`: a decision or name inside the document, e.g. `@pillars.0.share_proposed.value` (see `_PATHS`);
- `rule:name`: a constant of `models.generation.rules`.
Without a format the fact's unit chooses one. A missing value is said in words, never as 0.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from models.domain.evidence import Fact
from models.domain.strategy import Claim, Decision, Goal, Pillar, StrategyDocument
from models.errors import EvidenceMismatch
from models.generation.number_format import UNIT_FORMATS, format_value
from models.generation.rules import RULES
from models.ports import FactSource

PLACEHOLDER = re.compile(r"\{([^{}|]+)(?:\|([a-z_]+))?\}")
_PATHS = re.compile(
    r"as_of|pillars\.\d+\.(?:name|share_proposed\.value)|cadence\.\d+\.posts_per_week\.value"
    r"|slots\.\d+\.(?:weekday|hour)|goals\.\d+\.(?:target\.value|due)"
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True)
class Mismatch:
    """A stored fact whose query gives another value now. `now` is None when the query finds nothing."""

    fact_id: str
    stored: float | None
    now: float | None


def cited(template: str) -> tuple[str, ...]:
    """The fact ids in a template's placeholders, in order, each once."""
    references = (match[1] for match in PLACEHOLDER.finditer(template))
    return tuple(dict.fromkeys(r for r in references if not r.startswith(("@", "rule:"))))


def claim(*templates: str, also: tuple[str, ...] = ()) -> Claim:
    """An unfilled claim of one or more sentences; `also` names facts it rests on without printing them."""
    template = " ".join(part for part in templates if part)
    return Claim(template=template, text="", fact_ids=tuple(dict.fromkeys((*cited(template), *also))))


def render(template: str, document: StrategyDocument) -> str:
    """The template with every placeholder filled.

    Raises `EvidenceMismatch` for a reference that the document, the rules or the formats do not know.
    """
    return "".join(text for text, _ in _pieces(template, document))


def fill(document: StrategyDocument) -> StrategyDocument:
    """The document with every claim's text rendered from its template, and every rule's constants in its words."""
    filled = _filled(document, document)
    assert isinstance(filled, StrategyDocument)
    return filled


def claims(document: StrategyDocument) -> Iterator[Claim]:
    """Every claim of a document, in reading order."""
    yield from document.summary
    for part in (document.pillars, document.platform_roles, document.cadence, document.slots, document.goals):
        for item in part:
            yield item.rationale


def references(document: StrategyDocument) -> tuple[str, ...]:
    """Every fact id the document cites, in reading order, each once."""
    found: dict[str, None] = {}

    def walk(node: Any) -> None:
        if isinstance(node, Claim | Decision):
            found.update(dict.fromkeys(node.fact_ids))
        elif isinstance(node, BaseModel):
            if isinstance(node, Pillar):
                found[node.share_now_fact_id] = None
            if isinstance(node, Goal):
                found[node.baseline_fact_id] = None
            for name in type(node).model_fields:
                walk(getattr(node, name))
        elif isinstance(node, tuple):
            for item in node:
                walk(item)

    walk(document)
    return tuple(found)


def unsupported_numbers(claim: Claim, document: StrategyDocument) -> list[str]:
    """The numbers in a claim's text that no placeholder produced.

    A text that is not what its template renders to supports none of its numbers.
    """
    try:
        pieces = list(_pieces(claim.template, document))
    except EvidenceMismatch:
        return _numbers(claim.text)
    if "".join(text for text, _ in pieces) != claim.text:
        return _numbers(claim.text)
    return [number for text, produced in pieces if not produced for number in _numbers(text)]


def verify(document: StrategyDocument, facts: FactSource) -> list[Mismatch]:
    """Runs every query of the document's evidence again; the facts whose value is no longer the stored one."""
    mismatches = []
    for fact in document.evidence:
        now = facts.rerun(document.workspace_id, fact)
        if not _equal(fact.value, now):
            mismatches.append(Mismatch(fact.id, fact.value, now))
    return mismatches


def known(fact: Fact | None) -> float | None:
    """The fact's value if it is there and a finite number."""
    if fact is None or fact.value is None or not math.isfinite(fact.value):
        return None
    return fact.value


def _equal(stored: float | None, now: float | None) -> bool:
    if stored is None or now is None:
        return stored is None and now is None
    return math.isclose(stored, now, rel_tol=1e-9, abs_tol=1e-9)


def _pieces(template: str, document: StrategyDocument) -> Iterator[tuple[str, bool]]:
    """The rendered template in pieces; True marks what a placeholder produced."""
    position = 0
    for match in PLACEHOLDER.finditer(template):
        yield template[position : match.start()], False
        yield _produce(match[1], match[2], document), True
        position = match.end()
    yield template[position:], False


def _produce(reference: str, style: str | None, document: StrategyDocument) -> str:
    try:
        if reference.startswith("rule:"):
            return format_value(getattr(RULES, reference.removeprefix("rule:")), style or "count")
        if reference.startswith("@"):
            return format_value(_at(document, reference[1:]), style or "name")
        fact = document.fact(reference)
        return format_value(known(fact), style or UNIT_FORMATS.get(fact.unit, "count"))
    except (KeyError, AttributeError, IndexError) as error:
        raise EvidenceMismatch(
            f"The placeholder {{{reference}}} of the strategy for {document.workspace_id} refers to nothing it "
            "carries: generate the strategy again."
        ) from error


def _at(document: StrategyDocument, path: str) -> Any:
    if not _PATHS.fullmatch(path):
        raise KeyError(path)
    node: Any = document
    for step in path.split("."):
        node = node[int(step)] if step.isdecimal() else getattr(node, step)
    return node


def _filled(node: Any, document: StrategyDocument) -> Any:
    if isinstance(node, Claim):
        return node.model_copy(update={"text": render(node.template, document)})
    if isinstance(node, Decision):
        return node.model_copy(update={"rule": render(node.rule, document)})
    if isinstance(node, BaseModel):
        return node.model_copy(
            update={name: _filled(getattr(node, name), document) for name in type(node).model_fields}
        )
    if isinstance(node, tuple):
        return tuple(_filled(item, document) for item in node)
    return node


def _numbers(text: str) -> list[str]:
    """Digit groups, and other characters that stand for a number (½, ², Ⅳ)."""
    plain = _NUMBER.findall(text)
    return plain + [char for char in text if unicodedata.category(char) in ("No", "Nl")]
