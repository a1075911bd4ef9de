"""A router with a virtual clock, a purse in memory and models that answer as they are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from models.domain.ai import Modality, ModelSpec, Task, TextAnswer, TextRequest, Tier, Tokens
from models.routing.choice import Rules
from models.routing.health import Health
from models.routing.router import Router
from orchestration.bench.routing import MemoryAnswers, MemoryPurse, VirtualClock


class Words(BaseModel):
    text: str


def spec(name: str, tier: Tier = Tier.STANDARD, usd: float | None = 1.0, **more: Any) -> ModelSpec:
    out = None if usd is None else usd * 5
    return ModelSpec("p", name, Modality.TEXT, tier, usd_in=usd, usd_out=out, **more)


def request(**more: Any) -> TextRequest[Words]:
    asked: dict[str, Any] = {
        "task": Task.DRAFT, "tier": Tier.STANDARD, "instructions": "Write.", "prompt": "Some facts.", "answer": Words,
        "prompt_version": "p1", "max_tokens": 1_000, **more,
    }  # fmt: skip
    return TextRequest(**asked)


@dataclass
class Scripted:
    """Answers, or raises, what its script says next, and takes `seconds` for it; the last line stands for all later."""

    spec: ModelSpec
    clock: VirtualClock
    script: list[BaseException | None] = field(default_factory=lambda: [None])
    seconds: float = 2.0
    cost: int | None = 700
    calls: int = 0

    def generate(self, request: TextRequest[Any], on_text: Callable[[str], None] | None = None) -> TextAnswer[Any]:
        line = self.script[min(self.calls, len(self.script) - 1)]
        self.calls += 1
        self.clock.sleep(self.seconds)
        if line is not None:
            raise line
        if on_text is not None:
            on_text("Hello")
        return TextAnswer(
            Words(text="Hello"), self.spec.provider, self.spec.name, Tokens(100, 400), self.seconds, self.cost
        )


@dataclass
class Bench:
    """What a test looks at."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    purse: MemoryPurse = field(default_factory=lambda: MemoryPurse(None))
    answers: MemoryAnswers = field(default_factory=MemoryAnswers)
    health: Health = field(default_factory=Health)
    rules: Rules = field(default_factory=Rules)

    def model(self, name: str, *script: BaseException | None, **more: Any) -> Scripted:
        own = {key: more.pop(key) for key in ("seconds", "cost") if key in more}
        return Scripted(spec(name, **more), self.clock, list(script) or [None], **own)

    def router(self, *models: Scripted, patience: float = 1.0) -> Router:
        return Router(
            models,
            self.purse,
            self.answers,
            self.health,
            self.rules,
            patience,
            self.clock.now,
            self.clock.clock,
            self.clock.sleep,
        )

    def later(self, seconds: float) -> Any:
        return self.clock.now() + timedelta(seconds=seconds)
