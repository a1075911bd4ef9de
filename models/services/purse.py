"""The router's purse and kept answers over the operational store, for one workspace. Safe to share between threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from models.domain.workspace import SYSTEM
from models.routing.purse import Call, KeptAnswer
from models.services import answers, budgets
from models.store.database import Store


@dataclass(frozen=True)
class StoredPurse:
    """Implements `models.routing.purse.Purse`. `default_microusd` holds for a workspace without a budget of its own."""

    store: Store
    workspace_id: str
    default_microusd: int | None
    now: Callable[[], datetime]

    @property
    def name(self) -> str:
        return f"the monthly budget of workspace {self.workspace_id}"

    def left(self) -> int | None:
        with self.store.unit_of_work() as uow:
            return budgets.spending(
                uow, SYSTEM, self.workspace_id, default_microusd=self.default_microusd, now=self.now(), with_lines=False
            ).left

    def reserve(self, microusd: int) -> str | None:
        with self.store.unit_of_work() as uow:
            return budgets.reserve(
                uow, SYSTEM, self.workspace_id, microusd, default_microusd=self.default_microusd, now=self.now()
            )

    def settle(self, reservation: str | None, call: Call) -> None:
        with self.store.unit_of_work() as uow:
            budgets.settle(uow, SYSTEM, self.workspace_id, reservation, call, now=self.now())


@dataclass(frozen=True)
class StoredAnswers:
    """Implements `models.routing.purse.Answers`."""

    store: Store
    workspace_id: str
    now: Callable[[], datetime]

    def find(self, input_hash: str) -> KeptAnswer | None:
        with self.store.unit_of_work() as uow:
            return answers.find_answer(uow, SYSTEM, self.workspace_id, input_hash)

    def keep(self, answer: KeptAnswer) -> None:
        with self.store.unit_of_work() as uow:
            answers.keep_answer(uow, SYSTEM, self.workspace_id, answer, now=self.now())
