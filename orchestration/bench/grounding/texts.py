"""The clean texts of the grounding benchmark: true sentences of the rule-based writer and in the style of models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import count
from random import Random
from typing import Any, Literal

import yaml

from models.domain.evidence import Fact
from models.generation.evidence import PLACEHOLDER
from models.generation.grounding.checker import NOTHING, check_claim, check_text
from models.generation.grounding.document import given_of, passages
from models.generation.grounding.filling import Span, fill
from models.generation.grounding.problem import Problem
from models.generation.grounding.subject import Subject
from models.generation.grounding.value import Value
from models.generation.strategy import write_strategy
from orchestration.bench.grounding.shapes import choices
from orchestration.bench.grounding.workspaces import brand, facts_of, snapshot

Half = Literal["development", "held_out"]
HALVES: tuple[Half, ...] = ("development", "held_out")


@dataclass(frozen=True)
class Text:
    """One true text with what it cites; `template` is None for the rule-based writer's, which cites more than facts."""

    half: Half
    style: str
    text: str
    template: str | None
    spans: tuple[Span, ...]
    cited: tuple[Fact, ...]
    universe: Mapping[str, Fact]
    also: tuple[Value, ...] = ()
    about: Subject = NOTHING
    names: tuple[str, ...] = ()

    def refused(self, text: str | None = None) -> tuple[Problem, ...]:
        """What the checker refuses in this text, or in another one in its place."""
        return check_text(
            self.text if text is None else text,
            self.cited,
            universe=self.universe.values(),
            also=self.also,
            about=self.about,
            names=self.names,
        )

    def claim_refused(self, template: str) -> tuple[Problem, ...]:
        """What the checker refuses in a template in this one's place."""
        return check_claim(template, self.universe)


def clean_texts(wanted: int) -> list[Text]:
    """`wanted` texts: a half by the rule-based writer, a half from the styles; each half of both kept apart by seed."""
    quarter = wanted // 4
    made: list[Text] = []
    for half in HALVES:
        made += _first(_written(half), quarter)
        made += _first(_styled(half), quarter)
    return made


def _first(texts: Iterator[Text], wanted: int) -> list[Text]:
    found: dict[str, Text] = {}
    for text in texts:
        found.setdefault(text.text, text)
        if len(found) == wanted:
            return list(found.values())
    raise AssertionError("The generator ended before there were enough texts.")


def _seeds(half: Half) -> Iterator[int]:
    """Workspaces of a half: no workspace of the one is in the other."""
    return count(0 if half == "development" else 5_000_000)


def _written(half: Half) -> Iterator[Text]:
    """Claims of rule-based strategies that state something, some of each strategy."""
    for seed in _seeds(half):
        found = snapshot(seed)
        document = write_strategy(found, brand())
        universe = facts_of(found)
        stating = [p for p in passages(document) if PLACEHOLDER.search(p.template)]
        for passage in Random(seed).sample(stating, min(9, len(stating))):
            filled = fill(passage.template, universe, given_of(document, passage.template))
            assert filled.text == passage.text
            yield Text(
                half, "rule-based", passage.text, None, filled.spans, passage.facts, universe, passage.also, passage.about,
                passage.names,
            )  # fmt: skip


def _styled(half: Half) -> Iterator[Text]:
    """Every sentence of every shape in turn, each time over another workspace."""
    sentences = [(shape, sentence) for shape, lists in _styles().items() for sentence in lists[half]]
    Random(half).shuffle(sentences)
    seeds = (seed + 500_000 for seed in _seeds(half))
    while True:
        for shape, sentence in sentences:
            found = next(made for seed in seeds if choices(shape, made := snapshot(seed)))
            choice = Random(f"{found.id}{sentence}").choice(choices(shape, found))
            universe = facts_of(found)
            template = _named(sentence, choice.words, {name: fact.id for name, fact in choice.facts.items()})
            filled = fill(template, universe)
            cited = tuple({span.reference: universe[span.reference] for span in filled.spans}.values())
            yield Text(half, shape, filled.text, template, filled.spans, cited, universe)


def _named(sentence: str, words: Mapping[str, str], ids: Mapping[str, str]) -> str:
    named = PLACEHOLDER.sub(lambda m: f"{{{ids[m[1]]}|{m[2]}}}" if m[2] else f"{{{ids[m[1]]}}}", sentence)
    said = re.sub(r"<(\w+)>", lambda m: words[m[1]], named)
    return re.sub(r"\ba (?=[aeio])", "an ", said)


@lru_cache(maxsize=1)
def _styles() -> Any:
    source = files("orchestration.bench.grounding") / "styles.yaml"
    return yaml.safe_load(source.read_text(encoding="utf-8"))
