"""What a model was asked for over the parts of one artefact, put together as its manifest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from models.domain.ai import Manifest
from models.generation.rules import WRITER
from models.generation.writers.asking import Asked


@dataclass
class Record:
    """Collects the parts as they are written."""

    parts: dict[str, str] = field(default_factory=dict)
    """Part → who wrote it."""
    versions: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    costs: list[int | None] = field(default_factory=list)
    fallbacks: list[str] = field(default_factory=list)
    checks: dict[str, str] = field(default_factory=dict)
    feedback: str = ""
    unanswered: bool = False
    """No model was reached for some part, so that asking again later may give an answer."""

    mixed: bool = False
    """Within some part the rules' words stand where the model's did not pass."""

    def note(self, part: str, asked: Asked[Any], *, rules_fill: bool = True) -> None:
        """Takes in how a part was asked for; a part without a value was written by the rules.

        `rules_fill`: what of the part did not pass is the rules', and not left out.
        """
        self.versions += [request.prompt_version for request in asked.requests]
        self.hashes += [request.input_hash for request in asked.requests]
        self.costs += [answer.cost_microusd for answer in asked.answers]
        if asked.value is None:
            self.unanswered = self.unanswered or asked.unreached
            self.parts[part] = WRITER
            because = "; ".join(dict.fromkeys(asked.problems)) or "nothing in the answer could be used"
            self.fallbacks.append(f"{part}: written by the rules, because {because.rstrip('.')}.")
            return
        last = asked.answers[-1]
        self.parts[part] = f"{last.provider}/{last.model}"
        if asked.problems:
            self.checks[part] = "; ".join(dict.fromkeys(asked.problems))
            self.mixed = self.mixed or rules_fill

    @property
    def writer(self) -> str:
        """Everyone who wrote some of it, models first."""
        wrote = sorted(
            {*self.parts.values(), *([WRITER] if self.mixed else [])}, key=lambda name: (name == WRITER, name)
        )
        return " + ".join(wrote) or WRITER

    def manifest(self, kind: str, artefact_id: str, *, snapshot_id: str = "") -> Manifest:
        """An unknown price of any call makes the whole cost unknown."""
        costs = [cost for cost in self.costs if cost is not None]
        return Manifest(
            artefact_kind=kind,
            artefact_id=artefact_id,
            writer=self.writer,
            snapshot_id=snapshot_id,
            prompt_version=" ".join(dict.fromkeys(self.versions)),
            input_hash=hashlib.sha256(" ".join(self.hashes).encode()).hexdigest() if self.hashes else "",
            parameters=dict(self.parts),
            cost_microusd=sum(costs) if len(costs) == len(self.costs) else None,
            checks=dict(self.checks),
            fallbacks=tuple(self.fallbacks),
            feedback=self.feedback,
        )
