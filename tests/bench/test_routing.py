"""The router over providers that change and fail: within its budget, available, and near the cheapest in hindsight."""

from __future__ import annotations

import pytest

from orchestration.bench.routing import Told, simulate

REQUESTS = 10_000


@pytest.fixture(scope="module")
def free() -> Told:
    return simulate(requests=REQUESTS, seed=1)


def test_one_live_provider_is_enough(free: Told) -> None:
    assert free.could_be_answered > 0.99 * REQUESTS
    assert free.availability >= 0.999


def test_it_costs_hardly_more_than_the_best_choice_in_hindsight(free: Told) -> None:
    """Answers that could not be used and calls that broke off are in the cost, and not in hindsight."""
    assert 1.0 <= free.cost_ratio <= 1.05
    assert max(free.cost_ratio_by_tier.values()) <= 1.05


def test_an_equal_request_makes_no_call(free: Told) -> None:
    assert 0.01 * REQUESTS < free.cache_hits < 0.03 * REQUESTS


def test_the_budget_holds_after_every_request(free: Told) -> None:
    tight = simulate(requests=REQUESTS, seed=1, budget_usd=round(free.cost_usd / 3, 4))
    assert tight.over_budget == 0
    assert tight.budget_usd is not None
    assert 0.9 * tight.budget_usd < tight.cost_usd <= tight.budget_usd
    assert tight.refused_for_budget > 0


def test_the_same_seed_gives_the_same_figures() -> None:
    assert simulate(requests=300, seed=5) == simulate(requests=300, seed=5)
