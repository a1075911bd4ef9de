"""A provider's embeddings through the same budget and ledger as texts: reserved before a call, written down after it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from models.domain.ai import EmbeddedBatch, ModelSpec, Task, Tokens
from models.domain.usage import Outcome
from models.ports import EmbeddingModel
from models.routing.purse import Call, Purse
from models.routing.reserving import billed, set_aside

if TYPE_CHECKING:
    import numpy as np


def most_microusd(spec: ModelSpec, batch: Sequence[str]) -> int | None:
    """The most that a call over the batch can cost: no text has more tokens than UTF-8 bytes. None without a price."""
    if spec.local:
        return 0
    size = sum(len(text.encode()) for text in batch)
    return None if spec.usd_in is None else math.ceil(spec.usd_in * size)


class MeteredEmbedder:
    """Implements `models.ports.Embedder` over a provider's model. `purse` is open while texts are embedded.

    Raises `BudgetExceeded` before a call that the month's budget does not allow, and `NoModel` before one whose price is
    not known unless `allow_unpriced`; else what the model raises. What was embedded before that is in the ledger.
    """

    def __init__(
        self,
        model: EmbeddingModel,
        purse: Callable[[], AbstractContextManager[Purse]],
        *,
        allow_unpriced: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model_id, self.dimension = model.model_id, model.dimension
        self._model, self._purse, self._allow_unpriced, self._clock = model, purse, allow_unpriced, clock

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        """One row of float32 a text."""
        import numpy as np

        parts = [np.empty((0, self.dimension), np.float32)]
        with self._purse() as purse:
            parts += [self._embed(batch, purse).vectors for batch in self._model.batches(texts)]
        return np.concatenate(parts)

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """The same as `documents`."""
        return self.documents(texts)

    def _embed(self, batch: Sequence[str], purse: Purse) -> EmbeddedBatch:
        spec = self._model.spec
        reservation = set_aside(
            purse, spec, most_microusd(spec, batch), costs=f"embedding {len(batch)} texts may cost",
            cheaper="set FABRIC_EMBEDDER=minilm", allow_unpriced=self._allow_unpriced,
        )  # fmt: skip
        started = self._clock()
        try:
            done = self._model.embed(batch)
        except BaseException as error:
            self._settle(purse, reservation, Outcome.FAILED, started, Tokens(), billed(error, spec))
            raise
        cost = 0 if spec.local else done.cost_microusd
        self._settle(purse, reservation, Outcome.WRITTEN, started, done.tokens, cost)
        return done

    def _settle(
        self, purse: Purse, reservation: str | None, outcome: Outcome, started: float, tokens: Tokens, cost: int | None
    ) -> None:
        spec = self._model.spec
        purse.settle(
            reservation,
            Call(
                task=Task.EMBED.value, tier=spec.tier.value, provider=spec.provider, model=spec.name, outcome=outcome,
                seconds=self._clock() - started, cost_microusd=cost, tokens=tokens,
            ),
        )  # fmt: skip
