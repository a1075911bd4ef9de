"""The numbers that a model may cite, under short names: `{f3}` in its sentences stands for a fact, and code fills it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from models.domain.evidence import Fact
from models.errors import InvalidInput
from models.generation.evidence import PLACEHOLDER, known
from models.generation.grounding.filling import Given
from models.generation.number_format import UNIT_FORMATS, format_value


@dataclass(frozen=True)
class Planned:
    """A number or name that the strategy itself decides, cited by its place in the document, e.g. `@cadence.0.posts_per_week.value`."""

    path: str
    style: str
    label: str
    shown: str


@dataclass(frozen=True)
class Offered:
    """Facts and decisions by their short names, in the order in which a model is shown them. `given` is what decisions state,
    by their places, so that sentences can be held against it; `styles` how a fact is written where its unit does not say."""

    facts: Mapping[str, Fact]
    planned: Mapping[str, Planned] = field(default_factory=lambda: MappingProxyType({}))
    given: Given = field(default_factory=lambda: MappingProxyType({}))
    styles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def lines(self) -> str:
        """What a model reads: a line a number, with its short name, what it is, and its value."""
        shown = [
            f"{{{name}}} = {fact.label}: {format_value(known(fact), self._style(fact))}"
            + (f" (from {fact.n:,} posts)" if fact.n is not None else "")
            for name, fact in self.facts.items()
        ]
        return "\n".join([*shown, *(f"{{{name}}} = {one.label}: {one.shown}" for name, one in self.planned.items())])

    def resolve(self, sentence: str) -> str:
        """The sentence with short names replaced by references that the document knows.

        Raises `InvalidInput` naming the first placeholder that was not offered.
        """

        def reference(name: str) -> str:
            if (fact := self.facts.get(name)) is not None:
                return f"{{{fact.id}|{self._style(fact)}}}"
            if (one := self.planned.get(name)) is not None:
                return f"{{{one.path}|{one.style}}}"
            raise InvalidInput(f"the placeholder {{{name}}} was not offered")

        return PLACEHOLDER.sub(lambda match: reference(match[1]), sentence)

    def _style(self, fact: Fact) -> str:
        return self.styles.get(fact.id) or UNIT_FORMATS.get(fact.unit, "count")

    def names(self) -> dict[str, str]:
        """Short names by what they stand for: a fact's id, a decision's place."""
        named = {fact.id: name for name, fact in self.facts.items()}
        return named | {one.path: name for name, one in self.planned.items()}


def offer(
    facts: Iterable[Fact],
    planned: Iterable[Planned] = (),
    given: Given | None = None,
    styles: Mapping[str, str] | None = None,
) -> Offered:
    """Numbers each fact with a value `f1`, `f2` … and each decision `d1`, `d2` …; the same fact is offered once."""
    unique = {fact.id: fact for fact in facts if known(fact) is not None}
    return Offered(
        MappingProxyType({f"f{number}": fact for number, fact in enumerate(unique.values(), start=1)}),
        MappingProxyType({f"d{number}": one for number, one in enumerate(planned, start=1)}),
        MappingProxyType(dict(given or {})),
        MappingProxyType(dict(styles or {})),
    )
