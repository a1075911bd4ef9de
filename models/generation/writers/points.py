"""What the rules say, point after point, offered to a model to be said in its words and held to every number of it.

A model that writes freely leaves out what matters and adds what nobody observed. Here it is given each statement with its
placeholders; what it makes of one counts only if it shows all of its numbers, and else the rules' own words stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from models.domain.evidence import Fact
from models.domain.strategy import Claim, StrategyDocument
from models.generation.evidence import PLACEHOLDER, known, render
from models.generation.grounding.checker import NOTHING
from models.generation.grounding.document import given_of
from models.generation.grounding.subject import Subject
from models.generation.grounding.value import Value
from models.generation.strategy import Plan
from models.generation.writers.offered import Offered, Planned, offer
from models.generation.writers.sentences import Taken, take

_NAME = re.compile(r"@pillars\.\d+\.name")
_OPTIONAL = re.compile(r"@as_of|rule:.*")
"""The day of the data and constants of the rules: true wherever they stand, and no loss where they do not."""


@dataclass(frozen=True)
class Point:
    """A statement of the rules: `says` with the short names of its numbers, `needs` the references that must be shown."""

    says: str
    needs: frozenset[str]
    claim: Claim


@dataclass(frozen=True)
class Points:
    """Statements by their keys, with every number that they hold."""

    offered: Offered
    by_key: Mapping[str, Point]

    def lines(self) -> list[str]:
        return [f"{key}: {point.says}" for key, point in self.by_key.items()]

    def worded(self, key: str, sentences: Sequence[str], plan: Plan, about: Subject = NOTHING) -> Taken:
        """The sentences as the claim of a point; none when they leave a number of it out."""
        point = self.by_key[key]
        taken = take(
            sentences, self.offered, plan.facts, where=key, also=point.claim.fact_ids, about=about, own=point.says
        )
        if taken.claim is None:
            return taken
        left_out = point.needs - {match[1] for match in PLACEHOLDER.finditer(taken.claim.template)}
        if not left_out:
            return taken
        names = self.offered.names()
        missing = ", ".join(f"{{{name}}}" for name in sorted(names[reference] for reference in left_out))
        return Taken(None, (*taken.problems, f"{key}: what passes leaves out {missing}"))


def points_of(claims: Mapping[str, Claim], plan: Plan, document: StrategyDocument) -> Points:
    """The claims as points. `document` is the plan's own: proposals and names are read from it."""
    facts: dict[str, Fact] = {}
    styles: dict[str, str] = {}
    planned: dict[str, Planned] = {}
    given: dict[str, Value | str] = {}
    for claim in claims.values():
        given |= given_of(document, claim.template)
        for match in PLACEHOLDER.finditer(claim.template):
            reference, style = match[1], match[2]
            if reference in plan.facts:
                if known(plan.facts[reference]) is not None:
                    facts[reference] = plan.facts[reference]
                    styles.setdefault(reference, style)
            elif not _NAME.fullmatch(reference):
                shown = render(match[0], document)
                planned.setdefault(reference, Planned(reference, style or "count", _label(reference), shown))
    offered = offer(facts.values(), planned.values(), given, styles)
    names = offered.names()

    def short(match: re.Match[str]) -> str:
        return f"{{{names[match[1]]}}}" if match[1] in names else render(match[0], document)

    return Points(
        offered,
        MappingProxyType(
            {
                key: Point(
                    PLACEHOLDER.sub(short, claim.template),
                    frozenset(
                        match[1]
                        for match in PLACEHOLDER.finditer(claim.template)
                        if match[1] in names and not _OPTIONAL.fullmatch(match[1])
                    ),
                    claim,
                )
                for key, claim in claims.items()
            }
        ),
    )


def _label(reference: str) -> str:
    if reference.startswith("rule:"):
        return reference.removeprefix("rule:").replace("_", " ")
    if reference == "@as_of":
        return "The day up to which data was read"
    part = reference[1:].split(".")
    return {
        "pillars": "Share of the plan", "cadence": "Planned posts a week", "slots": f"Proposed {part[-1]}",
        "goals": "The day a goal is due" if part[-1] == "due" else "What a goal aims for",
    }[part[0]]  # fmt: skip
