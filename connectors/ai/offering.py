"""The text models that a set of keys and addresses reaches: told without any SDK, then built. For composition roots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from connectors.ai.catalogue import PROVIDERS, offered, spec_of
from connectors.ai.factory import make_text_model
from models.domain.ai import ModelSpec, Tier
from models.domain.spending import ProviderAccess
from models.errors import ModelError
from models.ports import TextModel


@dataclass(frozen=True)
class Offering:
    """The text models that could be built, and by provider why others could not, as a sentence for a person."""

    models: tuple[TextModel, ...]
    problems: Mapping[str, str]


def text_specs(access: Mapping[str, ProviderAccess], *, today: date) -> dict[str, tuple[ModelSpec, ...]]:
    """By provider, the models that it would be asked for, the lowest tier first. No SDK is imported.

    A provider's known models, but for the tiers for which the access names others. A model that is named has the highest of
    the tiers that it is named or known for, and so serves the lower ones too. An endpoint of one's own has only the models that are named. A named model that its
    provider has shut down is left out.
    """
    return {provider: _specs(access[provider], today) for provider in PROVIDERS if provider in access}


def text_models(access: Mapping[str, ProviderAccess], *, today: date) -> Offering:
    """Builds them; a provider whose package is missing, or whose models cannot be built, is told among the problems."""
    models: list[TextModel] = []
    problems: dict[str, str] = {}
    for provider, specs in text_specs(access, today=today).items():
        own = access[provider]
        if not specs:
            problems[provider] = f"{provider} is set up without a model: name one with --model tier=name."
            continue
        try:
            models += [
                make_text_model(
                    provider, model=spec.name, api_key=own.key, base_url=own.base_url or None, tier=spec.tier, spec=spec
                )
                for spec in specs
            ]
        except ModelError as error:
            problems[provider] = str(error)
    return Offering(tuple(models), problems)


def _specs(access: ProviderAccess, today: date) -> tuple[ModelSpec, ...]:
    tier_of = {access.models[tier]: tier for tier in Tier if tier in access.models}
    named: dict[str, ModelSpec] = {}
    replaced: set[Tier] = set()
    for name, tier in tier_of.items():
        try:
            spec = spec_of(access.provider, name, today=today, tier=tier, local=access.local)
        except ModelError:  # shut down: the known models of the tier stay
            continue
        named[name] = replace(spec, tier=max(spec.tier, tier, key=lambda one: one.rank))
        replaced |= {one for one in Tier if access.models.get(one) == name}
    known = [
        spec
        for spec in offered(today, provider=access.provider)
        if spec.tier not in replaced and spec.name not in named
    ]
    return tuple(sorted([*known, *named.values()], key=lambda spec: spec.tier.rank))
