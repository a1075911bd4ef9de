"""What a paid call sets aside of the budget before it is made, and what it cost when it ended in an error."""

from __future__ import annotations

from models.domain.ai import ModelSpec
from models.errors import BudgetExceeded, ModelBusy, ModelError, ModelKeyRefused, NoModel
from models.routing.money import dollars
from models.routing.purse import Purse


def set_aside(
    purse: Purse, spec: ModelSpec, most_microusd: int | None, *, costs: str, cheaper: str, allow_unpriced: bool
) -> str | None:
    """Reserves the most that a call can cost and gives the reservation's id, None where there is nothing to set aside.

    `costs` is what has the price, as in “it costs”, `cheaper` the way without it. Raises `BudgetExceeded`, and `NoModel`
    for a price that is not known (`most_microusd` is None) unless `allow_unpriced`; then nothing was called.
    """
    if most_microusd is None:
        if allow_unpriced:
            return None
        raise NoModel(
            spec.id,
            cause="its price is not known, so no budget can bound it",
            next_step="set FABRIC_AI_ALLOW_UNPRICED=true to use it all the same",
        )
    if most_microusd == 0:
        return None
    reservation = purse.reserve(most_microusd)
    if reservation is None:
        raise BudgetExceeded(
            spec.id,
            cause=f"{costs} {dollars(most_microusd)}, and {purse.name} has {dollars(purse.left() or 0)} left this month",
            next_step=f"raise the budget under Plan & usage, or {cheaper}, which costs nothing",
        )
    return reservation


def billed(error: BaseException, spec: ModelSpec) -> int | None:
    """What a call that ended in an error cost: 0 where it was turned away at the door, None where nobody knows."""
    if spec.local or isinstance(error, ModelBusy | ModelKeyRefused):
        return 0
    return error.spent_microusd if isinstance(error, ModelError) else None
