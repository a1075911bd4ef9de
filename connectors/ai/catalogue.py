"""The models that FABRIC knows by name. Names, tiers and end dates as of 2026-11-29; prices are US dollars per million tokens.

Prices and context sizes are those of `genai-prices` 0.2.3; what a call costs is computed from its newest data
(`connectors.ai.prices`), so these decide only where it does not know a model, and for the choice before a call. Output
limits: OpenAI's and Google's model pages, and `pydantic-ai` for Anthropic. End dates: each provider's page of deprecations.
"""

from __future__ import annotations

from datetime import date

from models.domain.ai import Modality, ModelSpec, Tier
from models.errors import NoModel

PROVIDERS = ("openai", "anthropic", "google", "openai-compatible", "anthropic-compatible")
"""What `connectors.ai.factory` can build. The compatible ones need an address and have models of their own."""


def _text(
    provider: str,
    name: str,
    tier: Tier,
    usd: tuple[float, float, float],
    context: int,
    output: int,
    ends_on: date | None = None,
) -> ModelSpec:
    """A text model. `usd` is for tokens given, made and read from the cache."""
    given, made, cached = usd
    return ModelSpec(
        provider, name, Modality.TEXT, tier,
        context_tokens=context, max_output_tokens=output, usd_in=given, usd_out=made, usd_cached=cached, ends_on=ends_on,
    )  # fmt: skip


def _embedding(provider: str, name: str, tier: Tier, usd: float, context: int) -> ModelSpec:
    return ModelSpec(
        provider, name, Modality.EMBEDDING, tier, context_tokens=context, usd_in=usd, usd_out=None, structured=False
    )


KNOWN = (
    _text("openai", "gpt-6-luna", Tier.DRAFT, (0.10, 0.50, 0.01), 1_050_000, 128_000),
    _text("openai", "gpt-6.1-terra", Tier.STANDARD, (1.00, 5.00, 0.05), 1_050_000, 128_000),
    _text("openai", "gpt-6.1-sol", Tier.PREMIUM, (2.00, 10.00, 0.10), 1_050_000, 128_000),
    _text("anthropic", "claude-haiku-5-5", Tier.DRAFT, (0.10, 0.50, 0.01), 1_000_000, 128_000),
    _text("anthropic", "claude-sonnet-5-5", Tier.STANDARD, (2.00, 10.00, 0.10), 1_000_000, 128_000),
    _text("anthropic", "claude-opus-5-5", Tier.PREMIUM, (4.00, 20.00, 0.20), 1_000_000, 128_000),
    _text("anthropic", "claude-sonnet-4-5", Tier.STANDARD, (3.00, 15.00, 0.30), 200_000, 64_000, date(2026, 11, 30)),
    _text("google", "gemini-3.5-flash-lite", Tier.DRAFT, (0.30, 2.50, 0.03), 1_000_000, 65_536),
    _text("google", "gemini-3.8-flash", Tier.STANDARD, (0.75, 3.75, 0.075), 1_000_000, 65_536),
    _text("google", "gemini-4-argon", Tier.PREMIUM, (4.00, 20.00, 0.20), 1_048_576, 65_536),
    _text("google", "gemini-2.5-flash", Tier.STANDARD, (0.30, 2.50, 0.03), 1_048_576, 65_536, date(2026, 12, 1)),
    _embedding("openai", "text-embedding-3-small", Tier.STANDARD, 0.02, 8_192),
    _embedding("openai", "text-embedding-3-large", Tier.PREMIUM, 0.13, 8_192),
)


def offered(today: date, *, provider: str | None = None, modality: Modality = Modality.TEXT) -> tuple[ModelSpec, ...]:
    """The known models that still answer on that day, of one provider or of all, cheapest tier first."""
    found = [
        spec
        for spec in KNOWN
        if spec.modality is modality and provider in (None, spec.provider) and not ended(spec, today)
    ]
    return tuple(sorted(found, key=lambda spec: spec.tier.rank))


def ended(spec: ModelSpec, today: date) -> bool:
    """Whether its provider has shut it down by that day."""
    return spec.ends_on is not None and spec.ends_on <= today


def spec_of(
    provider: str,
    name: str,
    *,
    today: date,
    modality: Modality = Modality.TEXT,
    tier: Tier = Tier.STANDARD,
    structured: bool = True,
    local: bool = False,
) -> ModelSpec:
    """The model of that name.

    A name that is not known is allowed, for it may be newer than this table or an endpoint's own: it gets the tier and
    capabilities that the caller says and no price. Raises `NoModel` for a model that its provider has shut down.
    """
    for spec in KNOWN:
        if (spec.provider, spec.name, spec.modality) == (provider, name, modality):
            if ended(spec, today):
                raise NoModel(
                    spec.id,
                    cause=f"its provider shut it down on {spec.ends_on}",
                    next_step="choose another model in the settings",
                )
            return spec
    return ModelSpec(provider, name, modality, tier, structured=structured, local=local)
