"""The text generator over several models: the cheapest that will do, another when it fails, never above the budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from models.domain.ai import TextAnswer, TextRequest, Tokens
from models.domain.usage import Outcome
from models.errors import (
    AnswerMalformed,
    AnswerRefused,
    AnswerTruncated,
    BudgetExceeded,
    ModelBusy,
    ModelDown,
    ModelError,
    ModelKeyRefused,
    NoModel,
)
from models.ports import TextModel
from models.routing.choice import Choice, Offer, Rules, at_most, cheaper_tier, choose
from models.routing.health import Health
from models.routing.money import dollars
from models.routing.purse import Answers, Call, KeptAnswer, Purse
from models.routing.reserving import billed

A = TypeVar("A", bound=BaseModel)

LEAST_SECONDS = 1.0
"""Below this no further call is begun: it could not be answered before the deadline."""
OUTBID_TIMES = 5
"""How often another process may take what was left of the budget before the request gives up."""
ROUTER = "router"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Router:
    """Implements `models.ports.TextGenerator` for one workspace over the models that are set up for it.

    An answer that was kept of an equal request is given again without a call. Otherwise each call is reserved in the purse
    before it is made, at the most that it can cost, and settled after, so that processes that share a budget cannot
    exceed it together. `patience` times the seconds of a request are what its answer may take. Every call, also a failed
    one and an answer given again, is written to the ledger. `now` gives UTC, `clock` seconds that only grow, `sleep` waits
    for a limit that ends before the deadline when nothing else is left.
    """

    models: Sequence[TextModel]
    purse: Purse
    answers: Answers
    health: Health = field(default_factory=Health)
    rules: Rules = field(default_factory=Rules)
    patience: float = 1.0
    now: Callable[[], datetime] = _utc_now
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def generate(self, request: TextRequest[A], on_text: Callable[[str], None] | None = None) -> TextAnswer[A]:
        """The answer of the first model that gives one.

        Raises `BudgetExceeded` when the budget is all that stands in the way, `NoModel` when no model could answer it at
        all, and the last model's error when all that could were tried.
        """
        input_hash = request.input_hash
        kept = self._kept(request, input_hash)
        if kept is not None:
            if on_text is not None:
                on_text(kept.value.model_dump_json())
            return kept
        return _Attempts(self, request, input_hash, on_text).run()

    def _kept(self, request: TextRequest[A], input_hash: str) -> TextAnswer[A] | None:
        """The kept answer of an equal request, if it still is valid by the schema."""
        started = self.clock()
        found = self.answers.find(input_hash)
        if found is None:
            return None
        try:
            value = request.answer.model_validate(found.value)
        except ValidationError:
            return None
        answer = TextAnswer(
            value, found.provider, found.model, Tokens(), self.clock() - started, cost_microusd=0, cache_hit=True
        )
        self.purse.settle(
            None,
            Call(
                task=request.task.value, tier=request.tier.value, provider=found.provider, model=found.model,
                outcome=Outcome.WRITTEN, seconds=answer.seconds, cost_microusd=0, cache_hit=True,
                input_hash=input_hash, prompt_version=request.prompt_version,
            ),
        )  # fmt: skip
        return answer


class _Attempts:
    """The calls for one request."""

    def __init__(
        self, router: Router, request: TextRequest[Any], input_hash: str, on_text: Callable[[str], None] | None
    ) -> None:
        self._router, self._request, self._hash, self._on_text = router, request, input_hash, on_text
        self._models = {model.spec.id: model for model in router.models}
        self._deadline = router.clock() + request.deadline_seconds * router.patience
        self._tried: set[str] = set()
        self._last: ModelError | None = None
        self._waited = False
        self._outbid = 0
        self._again: set[str] = set()
        self._last_round = False

    def run(self) -> TextAnswer[Any]:
        while True:
            choice = self._choice()
            offer = self._next(choice)
            if offer is None and self._again and self._seconds_left >= LEAST_SECONDS:
                # All others failed too: chance may have been the cause, so each gets one second call.
                self._tried -= self._again
                self._again, self._last_round = set(), True
                continue
            if offer is None:
                raise self._given_up(choice)
            reservation = None
            if offer.most_microusd:
                reservation = self._router.purse.reserve(offer.most_microusd)
                if reservation is None:  # another process took what was left: choose anew by what is there now
                    self._outbid += 1
                    if self._outbid >= OUTBID_TIMES:
                        raise self._last or self._too_dear(offer)
                    continue
            answer = self._call(offer, reservation)
            if answer is not None:
                return answer

    def _choice(self) -> Choice:
        router, now = self._router, self._router.now()
        return choose(
            self._request, [model.spec for key, model in self._models.items() if key not in self._tried],
            lambda model_id: router.health.condition(model_id, now=now),
            left=router.purse.left(), seconds_left=self._seconds_left, rules=router.rules, now=now,
            made_share=router.health.made_share(self._request.task.value),
        )  # fmt: skip

    @property
    def _seconds_left(self) -> float:
        return self._deadline - self._router.clock()

    def _next(self, choice: Choice) -> Offer | None:
        """What to try next: an offer; else one that rests only because it failed; else one whose limit ends in time."""
        if self._seconds_left < LEAST_SECONDS and self._tried:
            return None
        if choice.offers:
            return choice.offers[0]
        for offer in choice.resting:
            until = offer.condition.until
            if not offer.condition.told or until is None:
                return offer
            pause = (until - self._router.now()) / timedelta(seconds=1)
            if pause < self._seconds_left - LEAST_SECONDS and not self._waited:
                self._waited = True
                self._router.sleep(max(pause, 0.0))
                return offer
        return None

    def _call(self, offer: Offer, reservation: str | None) -> TextAnswer[Any] | None:
        """One call, settled; None when another model may be asked."""
        router, request, spec = self._router, self._request, offer.spec
        router.health.begun(spec.id, now=router.now())
        started = router.clock()
        shortened = replace(request, deadline_seconds=max(self._seconds_left, LEAST_SECONDS))
        try:
            answer = self._models[spec.id].generate(shortened, self._on_text)
        except BaseException as error:
            seconds = router.clock() - started
            outcome = Outcome.REFUSED if isinstance(error, AnswerRefused) else Outcome.FAILED
            self._settle(offer, reservation, outcome, seconds, Tokens(), billed(error, spec))
            self._note(spec.id, error, seconds)
            if not isinstance(error, ModelError):
                raise
            self._last = error
            rests = isinstance(error, ModelBusy) and error.until is not None and error.until > router.now()
            if not rests or self._waited:
                self._tried.add(spec.id)
                if isinstance(error, ModelDown | AnswerMalformed) and not self._last_round:
                    self._again.add(spec.id)
            return None
        seconds = router.clock() - started
        cost = 0 if spec.local and answer.cost_microusd is None else answer.cost_microusd
        self._settle(offer, reservation, Outcome.WRITTEN, seconds, answer.tokens, cost)
        router.health.answered(spec.id, seconds, at=router.now())
        if answer.tokens.made is not None:
            router.health.made(request.task.value, min(1.0, answer.tokens.made / request.max_tokens))
        router.answers.keep(
            KeptAnswer(
                self._hash, spec.provider, spec.name, request.prompt_version,
                answer.value.model_dump(mode="json"),
            )
        )  # fmt: skip
        return replace(answer, provider=spec.provider, model=spec.name, seconds=seconds, cost_microusd=cost)

    def _settle(
        self, offer: Offer, reservation: str | None, outcome: Outcome, seconds: float, tokens: Tokens, cost: int | None
    ) -> None:
        request, spec = self._request, offer.spec
        self._router.purse.settle(
            reservation,
            Call(
                task=request.task.value, tier=request.tier.value, provider=spec.provider, model=spec.name,
                outcome=outcome, seconds=seconds, cost_microusd=cost, tokens=tokens, input_hash=self._hash,
                prompt_version=request.prompt_version,
            ),
        )  # fmt: skip

    def _note(self, model_id: str, error: BaseException, seconds: float) -> None:
        health, at = self._router.health, self._router.now()
        match error:
            case ModelBusy():
                health.busy(model_id, error.until, at=at)
            case ModelKeyRefused():
                health.key_refused(model_id, at=at)
            case AnswerMalformed() | AnswerTruncated():
                health.unusable(model_id, seconds, at=at)
            case AnswerRefused():
                health.answered(model_id, seconds, at=at)
            case ModelDown():
                health.failed(model_id, at=at)
            case _:
                health.failed(model_id, at=at)

    def _given_up(self, choice: Choice) -> ModelError:
        """Why nobody answers, in the words of the person who can change it."""
        if self._last is not None:
            return self._last
        if choice.too_dear and not choice.resting:
            return self._too_dear(choice.too_dear[0])
        if choice.resting:
            first = choice.resting[0]
            if first.condition.key_refused:
                return ModelKeyRefused(
                    first.spec.id,
                    cause="its provider did not take the key, and no other model that is set up may answer",
                    next_step="set another key with fabric ai set; it is tried again then",
                    until=first.condition.until,
                )
            return ModelBusy(
                first.spec.id,
                cause="it is at its limit, and no other model that is set up may answer",
                next_step="try again then, or set up another provider",
                until=first.condition.until,
            )
        task, tier = self._request.task.value, self._request.tier.value
        why = "; ".join(f"{model} {reason}" for model, reason in sorted(choice.unfit.items()))
        return NoModel(
            ROUTER,
            cause=f"no model can do the task {task} at tier {tier}" + (f" ({why})" if why else ""),
            next_step="set one up with fabric ai set",
        )

    def _too_dear(self, cheapest: Offer) -> BudgetExceeded:
        router, request = self._router, self._request
        left = router.purse.left() or 0
        specs = [model.spec for model in router.models]
        lower = cheaper_tier(request, specs, left=left, rules=router.rules, today=router.now().date())
        way = f"ask for tier {lower[0].value} ({at_most(lower[1])}), " if lower else ""
        return BudgetExceeded(
            cheapest.spec.id,
            cause=f"the task {request.task.value} at tier {request.tier.value} would cost at most "
            f"{dollars(cheapest.most_microusd or 0)}, and {router.purse.name} has {dollars(left)} left",
            next_step=f"{way}use the rule-based writer, which costs nothing, or raise the budget with fabric ai budget",
        )
