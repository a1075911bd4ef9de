"""What a call of a model costs, in millionths of a US dollar, from the tokens that its provider counted.

Prices come from the data inside `genai-prices`: by provider or address, by date, by the length of the prompt, and cheaper
for what was read from the cache. Nothing is fetched. A model that it does not know is priced by its own `ModelSpec`, and
one without a price there either is unpriced: None, never 0.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from models.domain.ai import ModelSpec, Tokens

_MILLION = Decimal(1_000_000)
_PRICED = ("openai", "anthropic", "google")
"""Providers whose list prices hold for them; at a compatible endpoint the same name may cost something else."""


def cost_microusd(
    spec: ModelSpec, tokens: Tokens, *, written: int = 0, base_url: str | None = None, at: datetime | None = None
) -> int | None:
    """The cost of one call, rounded up to a whole millionth of a dollar; None when it is not known.

    `tokens.given` includes what was read from the cache (`tokens.cached`) and `written`, which the provider put into its
    cache. `base_url` is where the call went when not to the provider itself. Prices are those of `at`, a UTC instant, or
    of now. Counts that contradict each other (more from the cache than was given) have no price.
    """
    if spec.local or (not tokens.given and not tokens.made):
        return None
    if (tokens.cached or 0) + written > (tokens.given or 0):
        return None
    usd = _listed(spec, tokens, written, base_url, at)
    if usd is None:
        usd = _own(spec, tokens)
    if usd is None or usd <= 0:
        return None
    return int((usd * _MILLION).to_integral_value(ROUND_CEILING))


def _listed(spec: ModelSpec, tokens: Tokens, written: int, base_url: str | None, at: datetime | None) -> Decimal | None:
    """US dollars by `genai-prices`; None for a model or an address that it does not know."""
    from genai_prices import Usage, calc_price

    usage = Usage(
        input_tokens=tokens.given or 0,
        output_tokens=tokens.made or 0,
        cache_read_tokens=tokens.cached or 0,
        cache_write_tokens=written,
    )
    try:
        if base_url is not None:
            price = calc_price(usage, spec.name, provider_api_url=base_url, genai_request_timestamp=at)
        elif spec.provider in _PRICED:
            price = calc_price(usage, spec.name, provider_id=spec.provider, genai_request_timestamp=at)
        else:
            return None
    except LookupError:
        return None
    return Decimal(price.total_price)


def _own(spec: ModelSpec, tokens: Tokens) -> Decimal | None:
    """US dollars by the spec; None unless every kind of token that was used has a price."""
    cached = tokens.cached or 0
    used = (
        ((tokens.given or 0) - cached, spec.usd_in),
        (cached, spec.usd_cached if spec.usd_cached is not None else spec.usd_in),
        (tokens.made or 0, spec.usd_out),
    )
    usd = Decimal(0)
    for count, price in used:
        if count and price is None:
            return None
        if count and price is not None:
            usd += count * Decimal(str(price)) / _MILLION
    return usd
