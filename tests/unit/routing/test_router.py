"""The router: cheapest first, another on failure, never over budget, no call for an equal request, every call written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from models.domain.ai import Tier
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
from models.routing.choice import Rules
from models.routing.money import most_microusd
from orchestration.bench.routing import MemoryPurse
from tests.unit.routing.kit import Bench, Words, request, spec

ERRORS = (ModelBusy, ModelDown, AnswerMalformed, AnswerTruncated, AnswerRefused, ModelKeyRefused)


def broken(kind: type[ModelError], **more: Any) -> ModelError:
    return kind("p/m", cause="it went wrong", next_step="try again", **more)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_cheapest_of_the_tier_answers(bench: Bench) -> None:
    cheap, dear = bench.model("cheap", usd=1.0), bench.model("dear", usd=2.0)
    draft = bench.model("draft", usd=0.1, tier=Tier.DRAFT)
    answer = bench.router(dear, draft, cheap).generate(request())
    assert (answer.model, answer.cost_microusd, cheap.calls, dear.calls, draft.calls) == ("cheap", 700, 1, 0, 0)


def test_a_better_tier_may_answer_when_it_is_cheaper(bench: Bench) -> None:
    premium = bench.model("premium", usd=0.5, tier=Tier.PREMIUM)
    assert bench.router(bench.model("standard"), premium).generate(request()).model == "premium"


@pytest.mark.parametrize("kind", ERRORS)
def test_another_model_answers_when_one_fails(bench: Bench, kind: type[ModelError]) -> None:
    cheap, dear = bench.model("cheap", broken(kind), usd=1.0), bench.model("dear", usd=2.0)
    assert bench.router(cheap, dear).generate(request()).model == "dear"
    assert [(call.model, call.outcome) for call in bench.purse.calls] == [
        ("cheap", Outcome.REFUSED if kind is AnswerRefused else Outcome.FAILED), ("dear", Outcome.WRITTEN),
    ]  # fmt: skip


def test_an_equal_request_makes_no_call_and_stands_in_the_ledger(bench: Bench) -> None:
    model, seen = bench.model("m"), []
    router = bench.router(model)
    first = router.generate(request())
    again = router.generate(request(deadline_seconds=5.0), seen.append)
    assert (model.calls, again.value, again.cache_hit, again.cost_microusd) == (1, first.value, True, 0)
    assert (again.tokens.given, again.tokens.made, seen) == (None, None, ['{"text":"Hello"}'])
    assert [(call.cache_hit, call.cost_microusd, call.input_hash) for call in bench.purse.calls] == [
        (False, 700, request().input_hash), (True, 0, request().input_hash),
    ]  # fmt: skip
    router.generate(request(prompt="Other facts."))
    assert model.calls == 2


def test_a_kept_answer_that_no_longer_fits_the_schema_is_asked_anew(bench: Bench) -> None:
    class Longer(BaseModel):
        text: str
        title: str = "t"

    model = bench.model("m")
    router = bench.router(model)
    router.generate(request())
    kept = bench.answers.kept[request().input_hash]
    bench.answers.kept[request().input_hash] = type(kept)(kept.input_hash, "p", "m", "p1", {"other": 1})
    router.generate(request())
    assert model.calls == 2


def test_it_never_calls_what_does_not_fit_the_budget(bench: Bench) -> None:
    model, small = bench.model("big"), bench.model("small", usd=0.01, tier=Tier.DRAFT)
    bench.purse = MemoryPurse(most_microusd(model.spec, request()) - 1)
    with pytest.raises(BudgetExceeded) as refused:
        bench.router(model, small).generate(request())
    said = str(refused.value)
    assert "p/big: the task draft at tier standard would cost at most $0.013272" in said
    assert "the budget of the simulation has $0.013271 left" in said
    assert "ask for tier draft (p/small, at most $0.00" in said
    assert "rule-based writer, which costs nothing, or raise the budget" in said
    assert (model.calls, small.calls, bench.purse.calls) == (0, 0, [])


def test_a_cheaper_one_that_fits_is_taken_though_another_would_be_expected_cheaper(bench: Bench) -> None:
    """The bound decides what may be called, the expectation only in which order."""
    tight = bench.model("wordy", usd=1.0)
    bench.purse = MemoryPurse(most_microusd(tight.spec, request()))
    bench.purse.reserve(1)
    fits = bench.model("fits", usd=0.9)
    assert bench.router(tight, fits).generate(request()).model == "fits"


def test_a_call_that_broke_off_counts_at_its_most(bench: Bench) -> None:
    model = bench.model("m", broken(ModelDown), broken(ModelDown), None)
    most = most_microusd(model.spec, request())
    bench.purse = MemoryPurse(2 * most)
    with pytest.raises(ModelDown):
        bench.router(model).generate(request())
    assert (model.calls, bench.purse.left(), bench.purse.spent) == (2, 0, 0)


@pytest.mark.parametrize(
    ("kind", "told", "left"), [(ModelDown, 0, 0), (AnswerMalformed, 300, 600), (ModelBusy, None, 0)]
)
def test_what_a_failed_call_cost_is_what_is_told(
    bench: Bench, kind: type[ModelError], told: int | None, left: int
) -> None:
    model = bench.model("m", broken(kind, spent_microusd=told))
    bench.purse = MemoryPurse(10**6)
    with pytest.raises(kind):
        bench.router(model).generate(request())
    assert bench.purse.spent == left
    assert bench.purse.left() == 10**6 - left


def test_a_chance_failure_of_the_only_model_gets_a_second_call(bench: Bench) -> None:
    model = bench.model("m", broken(AnswerMalformed), None)
    assert bench.router(model).generate(request()).model == "m"
    assert model.calls == 2


def test_a_refusal_is_not_asked_again(bench: Bench) -> None:
    model = bench.model("m", broken(AnswerRefused), None)
    with pytest.raises(AnswerRefused):
        bench.router(model).generate(request())
    assert model.calls == 1


def test_a_limit_is_waited_for_when_it_ends_in_time_and_nothing_else_is_left(bench: Bench) -> None:
    model = bench.model("m", broken(ModelBusy, until=bench.later(20)), None)
    answer = bench.router(model).generate(request())
    assert (answer.model, model.calls, bench.clock.seconds) == ("m", 2, 22.0)


def test_a_limit_holds_for_later_requests_too(bench: Bench) -> None:
    cheap = bench.model("cheap", broken(ModelBusy, until=bench.later(100)), None)
    dear = bench.model("dear", usd=2.0)
    router = bench.router(cheap, dear)
    router.generate(request(prompt="1"))
    router.generate(request(prompt="2"))
    assert cheap.calls == 1
    bench.clock.sleep(100)
    router.generate(request(prompt="3"))
    assert cheap.calls == 2


def test_a_limit_that_ends_too_late_is_told(bench: Bench) -> None:
    model = bench.model("m", broken(ModelBusy, until=bench.later(100)), None)
    with pytest.raises(ModelBusy, match=r"until 2026-11-01 00:01:40 UTC"):
        bench.router(model).generate(request())
    with pytest.raises(ModelBusy, match="no other model that is set up"):
        bench.router(model).generate(request())
    assert model.calls == 1


def test_a_refused_key_is_told_as_such_until_it_is_tried_again(bench: Bench) -> None:
    model = bench.model("m", broken(ModelKeyRefused), None)
    router = bench.router(model)
    with pytest.raises(ModelKeyRefused, match="it went wrong"):
        router.generate(request())
    with pytest.raises(ModelKeyRefused, match=r"did not take the key.*set another key"):
        router.generate(request())
    bench.clock.sleep(600)
    assert (router.generate(request()).model, model.calls) == ("m", 2)


def test_one_that_keeps_failing_is_left_alone_then_probed(bench: Bench) -> None:
    cheap, dear = bench.model("cheap", broken(ModelDown, spent_microusd=0)), bench.model("dear", usd=2.0)
    router = bench.router(cheap, dear)
    for number in range(10):
        router.generate(request(prompt=str(number)))
    assert cheap.calls == 3, "two failures open it; 15 seconds later it is probed once"
    cheap.script = [None]
    bench.clock.sleep(60)
    assert router.generate(request(prompt="again")).model == "cheap"
    assert router.generate(request(prompt="and again")).model == "cheap"


def test_one_left_alone_is_asked_when_nothing_else_is_left(bench: Bench) -> None:
    cheap, dear = bench.model("cheap", broken(ModelDown)), bench.model("dear", broken(ModelDown), usd=2.0)
    router = bench.router(cheap, dear)
    with pytest.raises(ModelDown):
        router.generate(request())
    dear.script = [None]
    assert router.generate(request()).model == "dear"


def test_a_slow_model_is_passed_over_when_there_is_no_time(bench: Bench) -> None:
    slow, quick = bench.model("slow", seconds=30.0), bench.model("quick", usd=3.0)
    router = bench.router(slow, quick)
    router.generate(request(prompt="1"))
    assert router.generate(request(prompt="2", deadline_seconds=10.0)).model == "quick"
    assert router.generate(request(prompt="3")).model == "slow"


def test_no_further_model_is_asked_after_the_deadline(bench: Bench) -> None:
    cheap, dear = bench.model("cheap", broken(ModelDown), seconds=59.5), bench.model("dear", usd=2.0)
    with pytest.raises(ModelDown):
        bench.router(cheap, dear).generate(request())
    assert dear.calls == 0


def test_an_installation_with_slow_models_waits_longer(bench: Bench) -> None:
    slow, other = bench.model("slow", broken(ModelDown), seconds=59.5), bench.model("other", usd=2.0)
    assert bench.router(slow, other, patience=2.0).generate(request()).model == "other"
    assert slow.calls == 1


@pytest.mark.parametrize(
    ("unfit", "says"),
    [
        ({"tier": Tier.DRAFT}, "is of tier draft, below standard"),
        ({"structured": False}, "gives no structured answers"),
        ({"context_tokens": 1_000}, "has room for 1,000 tokens"),
        ({"max_output_tokens": 500}, "makes at most 500 tokens"),
        ({"ends_on": date(2026, 11, 1)}, "was shut down by its provider on 2026-11-01"),
        ({"usd": None}, "has no known price"),
    ],
)
def test_what_cannot_do_it_is_never_called_and_the_reason_told(bench: Bench, unfit: dict[str, Any], says: str) -> None:
    model = bench.model("m", **unfit)
    with pytest.raises(NoModel, match=says):
        bench.router(model).generate(request())
    assert model.calls == 0


def test_a_price_that_is_not_known_is_never_zero(bench: Bench) -> None:
    bench.rules = Rules(allow_unpriced=True)
    bench.purse = MemoryPurse(0)
    model = bench.model("m", usd=None, cost=None)
    assert bench.router(model, bench.model("priced")).generate(request()).cost_microusd is None
    assert bench.purse.calls[0].cost_microusd is None


def test_a_local_model_costs_nothing_and_needs_no_budget(bench: Bench) -> None:
    bench.purse = MemoryPurse(0)
    local = bench.model("local", usd=None, local=True, cost=None)
    assert bench.router(bench.model("priced"), local).generate(request()).cost_microusd == 0
    assert bench.purse.calls[0].cost_microusd == 0


def test_an_error_of_ours_is_raised_and_its_money_held(bench: Bench) -> None:
    bench.purse = MemoryPurse(10**6)
    with pytest.raises(ZeroDivisionError):
        bench.router(bench.model("m", ZeroDivisionError())).generate(request())
    assert bench.purse.left() == 10**6 - most_microusd(spec("m"), request())


MODELS = st.lists(
    st.tuples(
        st.floats(0.01, 20), st.sampled_from(list(Tier)),
        st.lists(st.sampled_from([None, *ERRORS]), min_size=1, max_size=6), st.floats(0, 1), st.booleans(),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(deadline=None)
@given(models=MODELS, limit=st.integers(0, 60_000), prompts=st.lists(st.integers(0, 8), min_size=1, max_size=12))
def test_no_history_exceeds_the_budget(models: list[Any], limit: int, prompts: list[int]) -> None:
    """Whatever fails, whoever answers and whether it says what it cost: never more is spent or held than there is."""
    bench = Bench(purse=MemoryPurse(limit))
    built = []
    for index, (usd, tier, script, share, tells) in enumerate(models):
        most = most_microusd(spec("m", usd=usd), request(prompt="12345678"))
        lines = [None if kind is None else broken(kind) for kind in script]
        built.append(
            bench.model(f"m{index}", *lines, usd=usd, tier=tier, cost=int(most * share * 0.9) if tells else None)
        )
    router = bench.router(*built)
    for prompt in prompts:
        try:
            answer = router.generate(request(prompt=f"{prompt}", tier=list(Tier)[prompt % 3]))
            assert answer.value == Words(text="Hello")
        except ModelError:
            pass
        assert bench.purse.spent + sum(bench.purse.reservations.values()) <= limit
    assert sum(model.calls for model in built) == sum(not call.cache_hit for call in bench.purse.calls)
