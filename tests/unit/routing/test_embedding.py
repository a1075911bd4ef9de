"""A provider's embeddings through the budget and the ledger: reserved before a call, written down after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext

import numpy as np
import pytest

from models.domain.ai import EmbeddedBatch, Modality, ModelSpec, Tier, Tokens
from models.domain.usage import Outcome
from models.errors import BudgetExceeded, ModelBusy, ModelDown, ModelError, NoModel
from models.routing.embedding import MeteredEmbedder
from orchestration.bench.routing import MemoryPurse, VirtualClock

PRICED = ModelSpec("p", "vectors", Modality.EMBEDDING, Tier.STANDARD, usd_in=2.0)
UNPRICED = ModelSpec("p", "vectors", Modality.EMBEDDING, Tier.STANDARD)


class Model:
    """Two texts a call, a token a text; fails at the calls of `failing` (from 0)."""

    model_id, dimension = "p/vectors@2", 2

    def __init__(self, spec: ModelSpec = PRICED, *, cost: int | None = 4, **failing: ModelError) -> None:
        self.spec, self.cost, self.failing = spec, cost, failing
        self.sent: list[list[str]] = []

    def batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        return (list(texts[at : at + 2]) for at in range(0, len(texts), 2))

    def embed(self, batch: Sequence[str]) -> EmbeddedBatch:
        self.sent.append(list(batch))
        if error := self.failing.get(f"call_{len(self.sent) - 1}"):
            raise error
        rows = np.array([[len(text), 0] for text in batch], np.float32)
        return EmbeddedBatch(rows, Tokens(given=len(batch)), self.cost)


def metered(model: Model, purse: MemoryPurse, **more: bool) -> MeteredEmbedder:
    return MeteredEmbedder(model, lambda: nullcontext(purse), clock=VirtualClock().clock, **more)


def test_every_call_is_paid_and_in_the_ledger() -> None:
    model, purse = Model(), MemoryPurse(100)
    vectors = metered(model, purse).documents(["a", "bb", "ccc"])
    assert vectors.tolist() == [[1, 0], [2, 0], [3, 0]]
    assert [(c.task, c.model, c.tokens.given, c.cost_microusd) for c in purse.calls] == [
        ("embed", "vectors", 2, 4), ("embed", "vectors", 1, 4),
    ]  # fmt: skip
    assert (purse.left(), purse.reservations) == (92, {})
    assert metered(model, purse).queries([]).shape == (0, 2)


def test_no_call_is_made_that_the_budget_might_not_bear() -> None:
    """A text has no more tokens than bytes: three bytes at 2 millionths each may cost 6."""
    model, purse = Model(), MemoryPurse(9)
    with pytest.raises(BudgetExceeded, match=r"embedding 2 texts may cost .*FABRIC_EMBEDDER=minilm"):
        metered(model, purse).documents(["a", "bb", "c", "dd"])
    assert model.sent == [["a", "bb"]]
    assert (purse.spent, purse.reservations) == (4, {})


@pytest.mark.parametrize(("error", "left"), [(ModelBusy, 94), (ModelDown, 90)])
def test_a_failed_call_is_in_the_ledger_and_pays_only_what_may_be_on_the_bill(
    error: type[ModelError], left: int
) -> None:
    failing = error("p/vectors", cause="it does not answer", next_step="try again later")
    model, purse = Model(cost=6, call_1=failing), MemoryPurse(100)
    with pytest.raises(error):
        metered(model, purse).documents(["a", "bb", "c", "d"])
    assert [call.outcome for call in purse.calls] == [Outcome.WRITTEN, Outcome.FAILED]
    assert purse.left() == left


def test_a_price_that_nobody_knows_is_used_only_where_that_is_allowed() -> None:
    model, purse = Model(UNPRICED, cost=None), MemoryPurse(100)
    with pytest.raises(NoModel, match="FABRIC_AI_ALLOW_UNPRICED"):
        metered(model, purse).documents(["a"])
    assert model.sent == []
    metered(model, purse, allow_unpriced=True).documents(["a"])
    assert [call.cost_microusd for call in purse.calls] == [None]
