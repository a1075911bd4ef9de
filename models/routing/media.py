"""Pictures, videos and recordings through the same budget and ledger as texts: one price a piece.

    answer = metered(purse, model.spec, lambda: model.make(request), task=Task.IMAGE, units=1, clock=time.monotonic)

A video takes minutes and outlives processes. It is reserved before it is started and settled when it is done or failed, maybe
by another process:

    reservation = reserve_piece(purse, spec, units=seconds)     # keep the id with the job
    ...
    settle_piece(purse, reservation, spec, task=Task.VIDEO, units=seconds, outcome=Outcome.WRITTEN, seconds=took)
"""

from __future__ import annotations

import math
from collections.abc import Callable

from models.domain.ai import MediaAnswer, ModelSpec, Task
from models.domain.usage import Outcome
from models.errors import AnswerRefused
from models.routing.purse import Call, Purse
from models.routing.reserving import billed, set_aside


def piece_microusd(spec: ModelSpec, units: float) -> int | None:
    """What `units` pieces (images, seconds of video, thousands of characters of speech) cost; None when not known."""
    if spec.local:
        return 0
    return None if spec.unit_usd is None else math.ceil(spec.unit_usd * units * 1_000_000)


def reserve_piece(purse: Purse, spec: ModelSpec, units: float = 1.0, *, allow_unpriced: bool = False) -> str | None:
    """Sets the price aside and gives the reservation's id, None where there is nothing to set aside.

    Raises `BudgetExceeded`, and `NoModel` for a price that is not known unless `allow_unpriced`; then nothing was called.
    """
    return set_aside(
        purse, spec, piece_microusd(spec, units), costs="it costs", cheaper="use the built-in maker",
        allow_unpriced=allow_unpriced,
    )  # fmt: skip


def settle_piece(
    purse: Purse, reservation: str | None, spec: ModelSpec, *, task: Task, units: float, outcome: Outcome, seconds: float,
    cost_microusd: int | None = None, input_hash: str | None = None,
) -> None:  # fmt: skip
    """Writes the ledger and ends the reservation. What was made costs `cost_microusd`, or the list price when None.

    What was not made costs `cost_microusd`: 0 where it is certain that nothing was billed, None where nobody told.
    """
    if outcome is Outcome.WRITTEN and cost_microusd is None:
        cost_microusd = piece_microusd(spec, units)
    purse.settle(
        reservation,
        Call(
            task=task.value, tier=spec.tier.value, provider=spec.provider, model=spec.name, outcome=outcome,
            seconds=seconds, cost_microusd=cost_microusd, input_hash=input_hash,
        ),
    )  # fmt: skip


def metered(
    purse: Purse, spec: ModelSpec, make: Callable[[], MediaAnswer], *, task: Task, units: float = 1.0,
    clock: Callable[[], float], allow_unpriced: bool = False, input_hash: str | None = None,
) -> MediaAnswer:  # fmt: skip
    """What `make` gives, reserved before and written to the ledger after, whatever came of it.

    `clock` gives seconds that only grow. Raises what `reserve_piece` and `make` raise.
    """
    reservation = reserve_piece(purse, spec, units, allow_unpriced=allow_unpriced)
    started = clock()
    try:
        answer = make()
    except BaseException as error:
        outcome = Outcome.REFUSED if isinstance(error, AnswerRefused) else Outcome.FAILED
        settle_piece(
            purse, reservation, spec, task=task, units=units, outcome=outcome, seconds=clock() - started,
            cost_microusd=billed(error, spec), input_hash=input_hash,
        )  # fmt: skip
        raise
    settle_piece(
        purse, reservation, spec, task=task, units=units, outcome=Outcome.WRITTEN, seconds=clock() - started,
        cost_microusd=answer.cost_microusd, input_hash=input_hash,
    )  # fmt: skip
    return answer
