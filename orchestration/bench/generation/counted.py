"""A model whose calls are counted, without the router in between: nothing is kept, nothing falls back to another."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel

from models.domain.ai import TextAnswer, TextRequest
from models.errors import ModelError
from models.ports import TextModel

A = TypeVar("A", bound=BaseModel)


@dataclass
class Counted:
    """`failures` counts by kind of error; `cost_microusd` is None as soon as one call has no known price."""

    model: TextModel
    calls: int = 0
    seconds: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    tokens_in: int = 0
    tokens_out: int = 0
    cost_microusd: int | None = 0

    def generate(self, request: TextRequest[A], on_text: Callable[[str], None] | None = None) -> TextAnswer[A]:
        self.calls += 1
        started = time.perf_counter()
        try:
            answer = self.model.generate(request, on_text)
        except ModelError as error:
            kind = type(error).__name__
            self.failures[kind] = self.failures.get(kind, 0) + 1
            raise
        finally:
            self.seconds.append(time.perf_counter() - started)
        self.tokens_in += answer.tokens.given or 0
        self.tokens_out += answer.tokens.made or 0
        known = self.cost_microusd is not None and answer.cost_microusd is not None
        self.cost_microusd = (self.cost_microusd or 0) + (answer.cost_microusd or 0) if known else None
        return answer

    @property
    def valid(self) -> float:
        """The part of the calls whose answer had the asked shape."""
        return (self.calls - sum(self.failures.values())) / self.calls if self.calls else 1.0
