"""Open rates: the worked example of the contract, and what is missing or contradictory."""

from __future__ import annotations

import pytest

from models.metrics.openrates import OpenRates, open_rates


def test_worked_example() -> None:
    rates = open_rates(sent=3000, bounces=50, opens=1100, machine_opens=100)
    assert rates.raw == pytest.approx(0.3729, abs=5e-5)
    assert rates.confirmed == pytest.approx(0.339, abs=5e-5)
    assert rates.corrected == pytest.approx(0.3509, abs=5e-5)


def test_unknown_machine_opens_cost_only_the_rates_that_need_them() -> None:
    rates = open_rates(sent=3000, bounces=50, opens=1100, machine_opens=None)
    assert rates.raw == pytest.approx(1100 / 2950)
    assert (rates.confirmed, rates.corrected) == (None, None)


@pytest.mark.parametrize("missing", ["sent", "bounces", "opens"])
def test_nothing_missing_is_taken_as_zero(missing: str) -> None:
    values = {"sent": 3000.0, "bounces": 50.0, "opens": 1100.0, "machine_opens": 100.0, missing: None}
    assert open_rates(**values) == OpenRates(None, None, None)


def test_zero_is_a_value() -> None:
    assert open_rates(sent=10, bounces=0, opens=0, machine_opens=0) == OpenRates(0.0, 0.0, 0.0)


def test_no_rate_without_recipients_or_from_contradictions() -> None:
    assert open_rates(sent=5, bounces=5, opens=0, machine_opens=0) == OpenRates(None, None, None)
    assert open_rates(sent=100, bounces=0, opens=60, machine_opens=70).confirmed is None
    assert open_rates(sent=100, bounces=0, opens=100, machine_opens=100).corrected is None
