"""A model as judge of two drafts: asked twice, the second time in the other order, and believed only if it does not turn with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.domain.ai import Task, TextRequest, Tier
from models.errors import ModelError
from models.generation.prompt_files import prompt
from models.ports import TextGenerator

LEAST_CONSISTENT = 0.8
"""Part of the pairs on which a judge must say the same in both orders, or its verdicts are not reported."""


class Preference(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    better: Literal["first", "second"]


@dataclass(frozen=True)
class Judged:
    """`consistent` is the part of the pairs judged alike in both orders; `preferred` the part of those in which the first
    writer won, None when the judge is not consistent enough to be reported. `failed` counts pairs without two answers."""

    pairs: int
    failed: int
    consistent: float | None
    preferred: float | None


def judge(generator: TextGenerator, pairs: Sequence[tuple[str, str, str]]) -> Judged:
    """Over (brief, text of the first writer, text of the second)."""
    same = wins = failed = 0
    for brief, one, other in pairs:
        try:
            straight, turned = _ask(generator, brief, one, other), _ask(generator, brief, other, one)
        except ModelError:
            failed += 1
            continue
        if straight != turned:
            same += 1
            wins += straight == "first"
    heard = len(pairs) - failed
    consistent = round(same / heard, 4) if heard else None
    believed = consistent is not None and consistent >= LEAST_CONSISTENT
    return Judged(len(pairs), failed, consistent, round(wins / same, 4) if believed and same else None)


def _ask(generator: TextGenerator, brief: str, first: str, second: str) -> str:
    file = prompt("judge")
    request = TextRequest(
        task=Task.JUDGE, tier=Tier.STANDARD, instructions=file.text,
        prompt=f"# Brief\n{brief}\n\n# First\n{first}\n\n# Second\n{second}", answer=Preference,
        prompt_version=file.version, max_tokens=200, deadline_seconds=60,
    )  # fmt: skip
    return generator.generate(request).value.better
