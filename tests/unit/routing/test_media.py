"""Pictures, videos and recordings through the budget and the ledger: one price a piece."""

from __future__ import annotations

import pytest

from models.domain.ai import MediaAnswer, Modality, ModelSpec, Task, Tier
from models.domain.usage import Outcome
from models.errors import AnswerRefused, BudgetExceeded, ModelBusy, ModelDown, NoModel
from models.routing.media import metered, reserve_piece, settle_piece
from orchestration.bench.routing import MemoryPurse, VirtualClock

IMAGE = ModelSpec("p", "paint", Modality.IMAGE, Tier.STANDARD, unit_usd=0.04)
UNPRICED = ModelSpec("p", "free?", Modality.IMAGE, Tier.STANDARD)
CARD = ModelSpec("local", "card", Modality.IMAGE, Tier.DRAFT, local=True)


def picture(cost: int | None = None) -> MediaAnswer:
    return MediaAnswer(b"png", "image/png", "p", "paint", 1.0, cost)


def test_a_picture_costs_its_price_and_stands_in_the_ledger() -> None:
    purse, clock = MemoryPurse(100_000), VirtualClock()
    metered(purse, IMAGE, picture, task=Task.IMAGE, units=2, clock=clock.clock)
    (call,) = purse.calls
    assert (call.task, call.provider, call.model, call.cost_microusd, call.outcome) == (
        "image", "p", "paint", 80_000, Outcome.WRITTEN,
    )  # fmt: skip
    assert purse.left() == 20_000


def test_what_the_provider_says_wins_over_the_list_price() -> None:
    purse = MemoryPurse(100_000)
    metered(purse, IMAGE, lambda: picture(30_000), task=Task.IMAGE, clock=VirtualClock().clock)
    assert purse.left() == 70_000


def test_nothing_is_made_that_does_not_fit() -> None:
    purse, made = MemoryPurse(39_999), []
    with pytest.raises(BudgetExceeded, match=r"it costs \$0.04, and the budget of the simulation has \$0.039999 left"):
        metered(purse, IMAGE, lambda: made.append(1) or picture(), task=Task.IMAGE, clock=VirtualClock().clock)
    assert (made, purse.calls) == ([], [])


def test_a_price_that_is_not_known_must_be_allowed() -> None:
    purse = MemoryPurse(None)
    with pytest.raises(NoModel, match="its price is not known"):
        metered(purse, UNPRICED, picture, task=Task.IMAGE, clock=VirtualClock().clock)
    metered(purse, UNPRICED, picture, task=Task.IMAGE, clock=VirtualClock().clock, allow_unpriced=True)
    assert purse.calls[0].cost_microusd is None


def test_what_is_made_here_needs_no_budget() -> None:
    purse = MemoryPurse(0)
    metered(purse, CARD, picture, task=Task.IMAGE, clock=VirtualClock().clock)
    assert purse.calls[0].cost_microusd == 0


@pytest.mark.parametrize(
    ("error", "left", "outcome"),
    [
        (ModelBusy("p/m", cause="c", next_step="n"), 100_000, Outcome.FAILED),
        (ModelDown("p/m", cause="c", next_step="n"), 60_000, Outcome.FAILED),
        (ModelDown("p/m", cause="c", next_step="n", spent_microusd=0), 100_000, Outcome.FAILED),
        (AnswerRefused("p/m", cause="c", next_step="n"), 60_000, Outcome.REFUSED),
    ],
)
def test_a_failure_is_written_and_costs_what_may_be_billed(error: Exception, left: int, outcome: Outcome) -> None:
    purse = MemoryPurse(100_000)

    def fails() -> MediaAnswer:
        raise error

    with pytest.raises(type(error)):
        metered(purse, IMAGE, fails, task=Task.IMAGE, clock=VirtualClock().clock)
    assert (purse.left(), purse.calls[0].outcome) == (left, outcome)


def test_a_video_is_reserved_when_it_starts_and_settled_when_it_is_done() -> None:
    purse, film = MemoryPurse(10**6), ModelSpec("p", "film", Modality.VIDEO, Tier.STANDARD, unit_usd=0.05)
    reservation = reserve_piece(purse, film, units=10)
    assert purse.left() == 500_000
    settle_piece(
        purse, reservation, film, task=Task.VIDEO, units=10, outcome=Outcome.FAILED, seconds=9, cost_microusd=0
    )
    assert (purse.left(), purse.calls[0].cost_microusd) == (10**6, 0)
