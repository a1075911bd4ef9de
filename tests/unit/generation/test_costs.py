"""What calls cost is shared among what they made, to the last millionth."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from models.domain.usage import ModelUsage, Outcome
from models.generation.costs import shared

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def call(usage_id: str, input_hash: str | None, cost: int | None, **more: object) -> ModelUsage:
    return ModelUsage(
        usage_id, "w", NOW, "draft", "standard", "openai", "m", Outcome.WRITTEN, False, 100.0,
        cost_microusd=cost, input_hash=input_hash, **more,
    )  # fmt: skip


def test_a_call_is_shared_among_all_that_name_it() -> None:
    made = [("h", "draft", "d2"), ("h", "draft", "d1"), ("other", "draft", "d3")]
    found = shared([call("u", "h", 701, tokens_in=11)], made)
    assert [(row.id, row.artefact_id, row.cost_microusd, row.tokens_in, row.latency_ms) for row in found] == [
        ("u", "d1", 351, 6, 50.0), ("u-1", "d2", 350, 5, 50.0),
    ]  # fmt: skip


def test_what_none_names_or_names_its_own_stays() -> None:
    calls = [call("a", "x", 5), call("b", None, None), call("c", "h", 5, artefact_kind="strategy", artefact_id="s")]
    assert shared(calls, [("h", "draft", "d")]) == calls


def test_an_unknown_cost_stays_unknown() -> None:
    assert [row.cost_microusd for row in shared([call("u", "h", None)], [("h", "draft", "a"), ("h", "draft", "b")])] == [
        None, None,
    ]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 10**6)), max_size=8), st.integers(1, 7))
def test_the_sum_stays_the_same(costs: list[tuple[str, int]], artefacts: int) -> None:
    calls = [call(str(index), name, cost) for index, (name, cost) in enumerate(costs)]
    found = shared(calls, [("x", "draft", str(number)) for number in range(artefacts)])
    assert sum(row.cost_microusd or 0 for row in found) == sum(cost for _, cost in costs)
    assert len({row.id for row in found}) == len(found)
