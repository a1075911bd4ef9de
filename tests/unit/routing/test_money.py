"""Bounds and expectations of what a call costs, and amounts in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.ai.prices import cost_microusd
from connectors.ai.text import REPAIRS
from models.domain.ai import Tokens
from models.routing.money import CALLS, bound_tokens, dollars, expected_microusd, expected_tokens, most_microusd
from tests.unit.routing.kit import request, spec


def test_the_bound_covers_the_repairs_of_the_adapters() -> None:
    assert CALLS == REPAIRS + 1


@settings(deadline=None)
@given(prompt=st.text(max_size=300), usd=st.floats(0.01, 50), share=st.floats(0, 1), made=st.floats(0, 1))
def test_no_call_costs_more_than_its_bound(prompt: str, usd: float, share: float, made: float) -> None:
    """Whatever the tokens: as many as bytes at most, and as many made as the limit allows."""
    asked, model = request(prompt=prompt), spec("m", usd=usd)
    most = most_microusd(model, asked)
    tokens = Tokens(int(bound_tokens(asked) * share) + 1, int(asked.max_tokens * made))
    cost = cost_microusd(model, tokens)
    assert most is not None
    assert cost is not None
    assert cost * CALLS <= most
    assert expected_microusd(model, asked, made) <= most


@settings(deadline=None)
@given(st.text(max_size=300))
def test_a_text_has_no_more_tokens_than_bytes(prompt: str) -> None:
    asked = request(prompt=prompt)
    assert expected_tokens(asked) < bound_tokens(asked)
    assert bound_tokens(asked) >= len(prompt.encode()) + 1_000


def test_an_unknown_price_is_no_number_and_a_local_one_zero() -> None:
    assert most_microusd(spec("m", usd=None), request()) is None
    assert expected_microusd(spec("m", usd=None), request()) is None
    assert most_microusd(spec("m", usd=None, local=True), request()) == 0


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "$0.00"), (1, "$0.000001"), (1_200, "$0.0012"), (400_000, "$0.40"), (1_234_567_890, "$1,234.57")],
)
def test_a_small_amount_is_told_from_nothing(amount: int, words: str) -> None:
    assert dollars(amount) == words
