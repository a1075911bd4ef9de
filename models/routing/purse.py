"""What the router needs of a workspace's money, ledger and kept answers, as Protocols. Services implement them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from models.domain.ai import Tokens
from models.domain.usage import Outcome


@dataclass(frozen=True)
class Call:
    """One call of a model as the ledger keeps it; `seconds` is how long it took.

    `cost_microusd` is in millionths of a US dollar, and None where nobody told: never 0 for that.
    """

    task: str
    tier: str
    provider: str
    model: str
    outcome: Outcome
    seconds: float
    cost_microusd: int | None
    tokens: Tokens = field(default_factory=Tokens)
    cache_hit: bool = False
    input_hash: str | None = None
    prompt_version: str | None = None


@dataclass(frozen=True)
class KeptAnswer:
    """What was answered to a request before. `value` is the answer as JSON."""

    input_hash: str
    provider: str
    model: str
    prompt_version: str
    value: Mapping[str, Any]


class Purse(Protocol):
    """One workspace's budget of the month and its ledger. Amounts are in millionths of a US dollar."""

    @property
    def name(self) -> str:
        """The budget in words, for messages, such as `the monthly budget of workspace natgeo`."""
        ...

    def left(self) -> int | None:
        """What is neither spent nor reserved of this month's budget; None without a budget."""
        ...

    def reserve(self, microusd: int) -> str | None:
        """Sets the amount aside over all processes and gives the reservation's id; None when it does not fit any more.

        What is never settled stands until the month ends: a killed process's call may be on the bill.
        """
        ...

    def settle(self, reservation: str | None, call: Call) -> None:
        """Writes the call to the ledger and ends the reservation, in one step.

        A call whose cost nobody told leaves its reservation standing until the month ends.
        """
        ...


class Answers(Protocol):
    """Answers of one workspace that are kept so that an equal request makes no call."""

    def find(self, input_hash: str) -> KeptAnswer | None: ...

    def keep(self, answer: KeptAnswer) -> None: ...
