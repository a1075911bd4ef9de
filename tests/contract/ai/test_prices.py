"""What calls cost, and which models are known and offered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ai.catalogue import KNOWN, PROVIDERS, offered, spec_of
from connectors.ai.factory import make_text_model
from connectors.ai.prices import cost_microusd
from models.domain.ai import Modality, ModelSpec, Tier, Tokens
from models.errors import NoModel

TODAY = date(2026, 11, 29)
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def of(provider: str, name: str, modality: Modality = Modality.TEXT) -> ModelSpec:
    return spec_of(provider, name, today=TODAY, modality=modality)


CASES = [
    # By hand from the providers' price lists: dollars a million tokens are millionths of a dollar a token.
    (of("openai", "gpt-6-luna"), Tokens(1_000, 100, 0), 0, 100 + 50),
    (of("openai", "gpt-6-luna"), Tokens(1_000, 100, 400), 0, 60 + 4 + 50),
    (of("openai", "gpt-6.1-terra"), Tokens(1_000, 100, 400), 0, 600 + 20 + 500),
    (of("openai", "gpt-6.1-terra"), Tokens(1_000, 100, 0), 400, 600 + 500 + 500),
    (of("openai", "gpt-6.1-terra"), Tokens(300_000, 100, 0), 0, 600_000 + 750),
    (of("anthropic", "claude-haiku-5-5"), Tokens(1_000, 100, None), 0, 100 + 50),
    (of("anthropic", "claude-haiku-5-5"), Tokens(200_000, 100, 0), 0, 100_000 + 250),
    (of("anthropic", "claude-opus-5-5"), Tokens(10, 10, 0), 0, 40 + 200),
    (of("google", "gemini-3.8-flash"), Tokens(1_000, 1_000, 0), 0, 750 + 3_750),
    (of("openai", "text-embedding-3-small", Modality.EMBEDDING), Tokens(1_000, None, None), 0, 20),
    # A thousandth of a millionth is a millionth on the bill's safe side.
    (of("openai", "gpt-6-luna"), Tokens(1, 1, 0), 0, 1),
]


@pytest.mark.parametrize(("spec", "tokens", "written", "cost"), CASES)
def test_a_call_costs_what_the_list_says(spec: ModelSpec, tokens: Tokens, written: int, cost: int) -> None:
    assert cost_microusd(spec, tokens, written=written, at=NOON) == cost


def test_a_price_that_changes_is_the_one_of_the_day() -> None:
    flash, tokens = of("google", "gemini-3.8-flash"), Tokens(1_000, 0, 0)

    assert cost_microusd(flash, tokens, at=NOON) == 750
    assert cost_microusd(flash, tokens, at=datetime(2027, 1, 2, tzinfo=UTC)) == 1_500


OWN = ModelSpec("openai-compatible", "own", Modality.TEXT, Tier.DRAFT, usd_in=2.0, usd_out=8.0)


@pytest.mark.parametrize(
    ("spec", "tokens", "cost"),
    [
        (OWN, Tokens(10, 10, 0), 100),
        (replace(OWN, usd_cached=0.5), Tokens(10, 0, 4), 14),
        (OWN, Tokens(10, 0, 4), 20),
        (replace(OWN, usd_out=None), Tokens(10, 10, 0), None),
        (replace(OWN, usd_in=None), Tokens(10, 10, 0), None),
        (replace(OWN, usd_in=0.0, usd_out=0.0), Tokens(10, 10, 0), None),
        (replace(OWN, local=True), Tokens(10, 10, 0), None),
        (OWN, Tokens(), None),
        (OWN, Tokens(10, 10, 11), None),
        (ModelSpec("openai", "nobody-knows-it", Modality.TEXT, Tier.DRAFT), Tokens(10, 10, 0), None),
        (ModelSpec("openai-compatible", "gpt-6.1-terra", Modality.TEXT, Tier.DRAFT), Tokens(10, 10, 0), None),
    ],
)
def test_an_unknown_model_is_priced_by_its_spec_or_not_at_all(
    spec: ModelSpec, tokens: Tokens, cost: int | None
) -> None:
    assert cost_microusd(spec, tokens, at=NOON) == cost


def test_a_known_address_has_its_own_prices() -> None:
    spec = ModelSpec("openai-compatible", "gpt-6.1-terra", Modality.TEXT, Tier.DRAFT)
    tokens = Tokens(1_000, 0, 0)

    assert cost_microusd(spec, tokens, base_url="https://api.openai.com/v1", at=NOON) == 1_000
    assert cost_microusd(spec, tokens, base_url="http://127.0.0.1:8093/v1", at=NOON) is None


@given(
    spec=st.sampled_from([spec for spec in KNOWN if spec.modality is Modality.TEXT]),
    rest=st.integers(0, 200_000),
    made=st.integers(0, 128_000),
    cached=st.integers(0, 200_000),
    written=st.integers(0, 200_000),
)
def test_no_known_model_is_ever_free(spec: ModelSpec, rest: int, made: int, cached: int, written: int) -> None:
    tokens = Tokens(rest + cached + written, made, cached)
    cost = cost_microusd(spec, tokens, written=written, at=NOON)

    assert (cost is None) == (tokens.given == 0 and made == 0)
    assert cost != 0


@pytest.mark.parametrize("spec", [spec for spec in KNOWN if spec.ends_on is None], ids=lambda spec: spec.id)
def test_the_catalogue_has_todays_prices_or_dearer_ones(spec: ModelSpec) -> None:
    """One token of each kind a million times, below every tier: what the choice before a call counts with."""
    made = 10_000 if spec.modality is Modality.TEXT else 0
    expected = 10_000 * (spec.usd_in or 0) + made * (spec.usd_out or 0)
    at = datetime(2026, 12, 2, tzinfo=UTC)

    assert cost_microusd(spec, Tokens(10_000, made, 0), at=at) == pytest.approx(expected)


def test_each_provider_has_a_model_of_each_tier_and_names_are_unique() -> None:
    for provider in ("openai", "anthropic", "google"):
        assert [spec.tier for spec in offered(date(2026, 12, 2), provider=provider)] == list(Tier)
    assert len({spec.id for spec in KNOWN}) == len(KNOWN)
    assert {spec.provider for spec in KNOWN} <= set(PROVIDERS)


def test_a_model_is_offered_until_the_day_it_ends() -> None:
    ending = next(spec for spec in KNOWN if spec.ends_on is not None)
    assert ending.ends_on is not None
    before = date.fromordinal(ending.ends_on.toordinal() - 1)

    assert ending in offered(before)
    assert ending not in offered(ending.ends_on)
    assert spec_of(ending.provider, ending.name, today=before) == ending
    with pytest.raises(NoModel, match=f"shut it down on {ending.ends_on}; choose another model in the settings"):
        spec_of(ending.provider, ending.name, today=ending.ends_on)


def test_an_unknown_name_is_a_model_without_a_price() -> None:
    spec = spec_of("openai", "gpt-of-next-year", today=TODAY, tier=Tier.PREMIUM)

    assert (spec.tier, spec.usd_in, spec.usd_out) == (Tier.PREMIUM, None, None)
    assert make_text_model("openai", model="gpt-of-next-year", api_key="sk", tier=Tier.PREMIUM).spec == spec
