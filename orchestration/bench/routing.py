"""A simulation of the router: requests over days, providers whose prices, latencies and availability change. No sleeping.

Every figure is of the real `models.routing.router.Router`; only the models, the clock and the purse are made up. The best
choice in hindsight knows what each model would have cost and whether it would have answered in time, for each request.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from models.domain.ai import Modality, ModelSpec, Task, TextAnswer, TextRequest, Tier, Tokens
from models.errors import AnswerMalformed, BudgetExceeded, ModelBusy, ModelDown, ModelError
from models.routing.purse import Call, KeptAnswer
from models.routing.router import Router

A = TypeVar("A", bound=BaseModel)

START = datetime(2026, 11, 1, tzinfo=UTC)
NEXT = "try another model"
SECONDS_BETWEEN = 60.0
"""Mean time between two requests."""


class Words(BaseModel):
    """The asked answer."""

    text: str


@dataclass
class VirtualClock:
    """Seconds since the start of the simulation; moves only when told."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class MemoryPurse:
    """A budget without a month's end. `billed` is what providers charge, whether they told so or not."""

    limit: int | None
    spent: int = 0
    billed: int = 0
    reservations: dict[str, int] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    name: str = "the budget of the simulation"

    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.spent - sum(self.reservations.values()))

    def reserve(self, microusd: int) -> str | None:
        left = self.left()
        if left is not None and microusd > left:
            return None
        key = str(len(self.calls)) + f"-{len(self.reservations)}"
        self.reservations[key] = microusd
        return key

    def settle(self, reservation: str | None, call: Call) -> None:
        self.calls.append(call)
        self.spent += call.cost_microusd or 0
        if reservation is not None and call.cost_microusd is not None:
            self.reservations.pop(reservation)


@dataclass
class MemoryAnswers:
    """Kept answers in memory."""

    kept: dict[str, KeptAnswer] = field(default_factory=dict)

    def find(self, input_hash: str) -> KeptAnswer | None:
        return self.kept.get(input_hash)

    def keep(self, answer: KeptAnswer) -> None:
        self.kept[answer.input_hash] = answer


@dataclass(frozen=True)
class Fate:
    """What one request meets: tokens that it really has, and one draw of luck for each model."""

    given: int
    made: int
    luck: Mapping[str, tuple[float, float]]
    """By model: a number in 0 to 1 for failures, and one for latency."""


class SimulatedModel:
    """A model whose price, latency and availability are functions of the virtual time."""

    def __init__(
        self, spec: ModelSpec, dice: random.Random, clock: VirtualClock, hours: int, outages: list[tuple[float, float]]
    ) -> None:
        self._spec, self._clock, self._outages = spec, clock, outages
        self._priced = [spec]
        self._slow = [1.0]
        factor = 1.0
        for _ in range(hours):
            factor = min(3.0, max(0.4, factor * math.exp(dice.gauss(0, 0.04))))
            usd_in, usd_out = (spec.usd_in or 0.0) * factor, (spec.usd_out or 0.0) * factor
            self._priced.append(replace(spec, usd_in=usd_in, usd_out=usd_out))
            self._slow.append(min(20.0, max(0.7, self._slow[-1] ** 0.8 * math.exp(dice.gauss(0, 0.25)))))
        self._base_seconds = dice.uniform(2, 6)
        self.fate = Fate(0, 0, {})
        self.billed = 0
        self._called: list[float] = []

    @property
    def spec(self) -> ModelSpec:
        """With the price of this hour."""
        return self._priced[int(self._clock.seconds // 3600)]

    def up(self) -> bool:
        return not any(start <= self._clock.seconds < end for start, end in self._outages)

    def seconds(self) -> float:
        """How long a call takes that begins now."""
        _, latency = self.fate.luck[self._spec.id]
        return self._base_seconds * self._slow[int(self._clock.seconds // 3600)] * (0.5 + latency)

    def cost(self) -> int:
        spec = self.spec
        return math.ceil(self.fate.given * (spec.usd_in or 0) + self.fate.made * (spec.usd_out or 0))

    def sound(self, deadline: float) -> bool:
        """Whether a call that begins now would be answered well and in time."""
        luck, _ = self.fate.luck[self._spec.id]
        return self.up() and luck >= 0.02 and self.seconds() <= deadline

    def generate(self, request: TextRequest[A], on_text: Callable[[str], None] | None = None) -> TextAnswer[A]:
        spec, luck = self.spec, self.fate.luck[self._spec.id][0]
        if not self.up():
            self._clock.sleep(0.3)
            raise ModelDown(spec.id, cause="not reachable", spent_microusd=0, next_step=NEXT)
        if self._limited():
            until = self._clock.now() + timedelta(seconds=20)
            raise ModelBusy(spec.id, cause="too many calls", until=until, next_step=NEXT)
        cost, took = self.cost(), self.seconds()
        if luck < 0.005:
            # Failed half-way: the provider may have billed it and says nothing.
            self._clock.sleep(took / 2)
            self.billed += cost
            raise ModelDown(spec.id, cause="connection lost", next_step=NEXT)
        if took > request.deadline_seconds:
            self._clock.sleep(request.deadline_seconds)
            self.billed += cost
            raise ModelDown(spec.id, cause="timed out", next_step=NEXT)
        self._clock.sleep(took)
        self.billed += cost
        if luck < 0.02:
            raise AnswerMalformed(spec.id, cause="not the asked shape", spent_microusd=cost, next_step=NEXT)
        tokens = Tokens(self.fate.given, self.fate.made)
        value = cast(A, Words(text="done"))
        return TextAnswer(value, spec.provider, spec.name, tokens, took, cost_microusd=cost)

    def _limited(self) -> bool:
        """At most 4 calls in 20 seconds."""
        now = self._clock.seconds
        self._called = [at for at in self._called if at > now - 20]
        if len(self._called) >= 4:
            return True
        heapq.heappush(self._called, now)
        return False


@dataclass(frozen=True)
class Told:
    """Figures of one simulation. Amounts are US dollars.

    `could_be_answered` counts the requests for which at least one model of the tier was up, `answered` those of them that
    were answered. `hindsight_usd` is the least that the answered ones could have cost. `over_budget` counts the requests
    after which more was spent or billed than the budget.
    """

    seed: int
    requests: int
    days: float
    could_be_answered: int
    answered: int
    availability: float
    calls: int
    cache_hits: int
    cost_usd: float
    hindsight_usd: float
    cost_ratio: float
    cost_ratio_by_tier: dict[str, float]
    budget_usd: float | None
    over_budget: int
    refused_for_budget: int
    p50_seconds: float
    p95_seconds: float


def _models(dice: random.Random, clock: VirtualClock, days: float) -> list[SimulatedModel]:
    """Four providers with three models each, priced around the list prices of late 2026."""
    hours = math.ceil(days * 24) + 2
    outages = {name: _outages(dice, hours * 3600.0) for name in ("north", "east", "south", "west")}
    prices = {Tier.DRAFT: (0.1, 0.5), Tier.STANDARD: (1.5, 7.5), Tier.PREMIUM: (3.0, 15.0)}
    return [
        SimulatedModel(
            ModelSpec(
                provider, tier.value, Modality.TEXT, tier, context_tokens=200_000, max_output_tokens=32_000,
                usd_in=given * dice.uniform(0.7, 1.4), usd_out=made * dice.uniform(0.7, 1.4),
            ),
            dice, clock, hours, outages[provider],
        )
        for provider in outages
        for tier, (given, made) in prices.items()
    ]  # fmt: skip


def _outages(dice: random.Random, until: float) -> list[tuple[float, float]]:
    """When a provider with all its models cannot be reached: about every fourth hour, for 25 minutes in the mean."""
    found, at = [], dice.expovariate(1 / (4 * 3600))
    while at < until:
        lasts = min(3 * 3600, dice.expovariate(1 / 1500))
        found.append((at, at + lasts))
        at += lasts + dice.expovariate(1 / (4 * 3600))
    return found


def simulate(*, requests: int = 10_000, seed: int = 1, budget_usd: float | None = None) -> Told:
    """Runs the requests through the router, in virtual time. `budget_usd` bounds them all; None: no budget."""
    dice, clock = random.Random(seed), VirtualClock()
    days = requests * SECONDS_BETWEEN / 86_400
    models = _models(dice, clock, days + 1)
    by_id = {model.spec.id: model for model in models}
    limit = None if budget_usd is None else round(budget_usd * 1_000_000)
    purse = MemoryPurse(limit)
    router = Router(models, purse, MemoryAnswers(), now=clock.now, clock=clock.clock, sleep=clock.sleep)
    run = _Run()
    arrival = 0.0
    for number in range(requests):
        arrival += dice.expovariate(1 / SECONDS_BETWEEN)
        clock.seconds = max(clock.seconds, arrival)
        request = _request(dice, number)
        given = math.ceil(len(request.prompt) / 4 * dice.uniform(0.8, 1.2)) + 60
        fate = Fate(
            given, max(1, int(request.max_tokens * min(1.0, max(0.02, dice.gauss(0.4, 0.12))))),
            {key: (dice.random(), dice.random()) for key in by_id},
        )  # fmt: skip
        for model in models:
            model.fate = fate
        _one(run, router, request, models, clock)
        if limit is not None and (purse.spent > limit or sum(model.billed for model in models) > limit):
            run.over_budget += 1
    return run.told(seed, requests, days, budget_usd, purse, sum(model.billed for model in models))


def _request(dice: random.Random, number: int) -> TextRequest[Words]:
    """One in fifty repeats an earlier request word for word."""
    if number > 100 and dice.random() < 0.02:
        number = dice.randrange(100)
    own = random.Random(number)
    tier = own.choices(list(Tier), weights=(5, 4, 1))[0]
    return TextRequest(
        Task.DRAFT, tier, "Write.", f"{number:06d} " + "word " * own.randrange(100, 2_000), Words, "p1",
        max_tokens=own.choice((500, 1_000, 2_000)), deadline_seconds=60.0,
    )  # fmt: skip


def _one(
    run: _Run, router: Router, request: TextRequest[Words], models: list[SimulatedModel], clock: VirtualClock
) -> None:
    able = [model for model in models if model.spec.tier.rank >= request.tier.rank]
    alive = any(model.up() for model in able)
    best = min((model.cost() for model in able if model.sound(request.deadline_seconds)), default=None)
    billed, began = sum(model.billed for model in models), clock.seconds
    run.could += alive
    try:
        answer = router.generate(request)
    except BudgetExceeded:
        run.refused += 1
        run.could -= alive
        return
    except ModelError:
        answer = None
    cost = sum(model.billed for model in models) - billed
    run.cost[request.tier] += cost
    if answer is None:
        return
    run.answered += alive
    run.seconds.append(clock.seconds - began)
    if not answer.cache_hit:
        run.hindsight[request.tier] += cost if best is None else best


def _by_tier() -> dict[Tier, int]:
    return dict.fromkeys(Tier, 0)


@dataclass
class _Run:
    """Counts of a simulation under way."""

    could: int = 0
    answered: int = 0
    refused: int = 0
    over_budget: int = 0
    cost: dict[Tier, int] = field(default_factory=_by_tier)
    hindsight: dict[Tier, int] = field(default_factory=_by_tier)
    seconds: list[float] = field(default_factory=list)

    def told(
        self, seed: int, requests: int, days: float, budget: float | None, purse: MemoryPurse, billed: int
    ) -> Told:
        ordered = sorted(self.seconds)
        best = sum(self.hindsight.values())
        ratios = {tier.value: round(self.cost[tier] / self.hindsight[tier], 4) for tier in Tier if self.hindsight[tier]}
        return Told(
            seed=seed, requests=requests, days=round(days, 2), could_be_answered=self.could, answered=self.answered,
            availability=round(self.answered / self.could, 6) if self.could else 1.0, calls=len(purse.calls),
            cache_hits=sum(call.cache_hit for call in purse.calls), cost_usd=round(billed / 1e6, 4),
            hindsight_usd=round(best / 1e6, 4), cost_ratio=round(sum(self.cost.values()) / best, 4) if best else 1.0,
            cost_ratio_by_tier=ratios, budget_usd=budget, over_budget=self.over_budget, refused_for_budget=self.refused,
            p50_seconds=_at(ordered, 0.5), p95_seconds=_at(ordered, 0.95),
        )  # fmt: skip


def _at(ordered: list[float], share: float) -> float:
    return round(ordered[int(share * (len(ordered) - 1))], 2) if ordered else 0.0


def figures(*, requests: int, seed: int) -> dict[str, Any]:
    """Without a budget, then with a third of what that cost."""
    free = simulate(requests=requests, seed=seed)
    tight = simulate(requests=requests, seed=seed, budget_usd=round(free.cost_usd / 3, 4))
    return {"without_budget": free, "with_a_third_of_it": tight}
