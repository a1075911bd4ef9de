"""Builds text models and embedders of providers, for every composition root.

A provider's SDK is imported when a model of it is first built, never by importing this module.
"""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.ai.catalogue import PROVIDERS, spec_of
from models.domain.ai import Modality, ModelSpec, Tier
from models.errors import InvalidInput, NoModel
from models.ports import TextModel

if TYPE_CHECKING:
    import httpx2

    from connectors.ai.openai.embeddings import HostedEmbedder

_COMPATIBLE = "-compatible"


def make_text_model(
    provider: str,
    *,
    model: str,
    api_key: str = "",
    base_url: str | None = None,
    tier: Tier = Tier.STANDARD,
    structured: bool = True,
    local: bool = False,
    spec: ModelSpec | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> TextModel:
    """A text model by its provider (`catalogue.PROVIDERS`) and name.

    `base_url` points a provider's protocol at another address; the compatible providers need it, and need no key.
    `tier`, `structured` (it holds its answers to a JSON schema) and `local` describe a model that the catalogue does not
    know. `spec` replaces what the catalogue says of one that it knows. `transport` is for tests.

    Raises `InvalidInput` for an unknown provider or a missing address, `NoModel` without a key, without the provider's
    package, or for a model that has been shut down.
    """
    where = _address(provider, model, api_key, base_url)
    chosen = spec or spec_of(
        provider, model, today=datetime.now(UTC).date(), tier=tier, structured=structured, local=local
    )
    built: TextModel = _module(provider, "text").text_model(chosen, api_key, where, transport)
    return built


def make_embedder(
    provider: str,
    *,
    model: str,
    api_key: str = "",
    base_url: str | None = None,
    dimension: int | None = None,
    spec: ModelSpec | None = None,
    transport: httpx2.BaseTransport | None = None,
) -> HostedEmbedder:
    """An embedder over an OpenAI-like embeddings endpoint: provider `openai` or `openai-compatible`.

    `dimension` shortens the vectors where the model can; without it a known model has its own, and an unknown one must
    say it. Raises as `make_text_model`.
    """
    if provider not in ("openai", "openai-compatible"):
        raise InvalidInput(f"{provider} gives no embeddings here: choose openai, openai-compatible or the local model.")
    where = _address(provider, model, api_key, base_url)
    chosen = spec or spec_of(provider, model, today=datetime.now(UTC).date(), modality=Modality.EMBEDDING)
    built: HostedEmbedder = _module(provider, "embeddings").embedder(chosen, api_key, where, dimension, transport)
    return built


def _address(provider: str, model: str, api_key: str, base_url: str | None) -> str | None:
    if provider not in PROVIDERS:
        raise InvalidInput(f"There is no model provider {provider}: choose one of {', '.join(PROVIDERS)}.")
    if not model:
        raise InvalidInput(f"No model of {provider} is named: set its name.")
    if provider.endswith(_COMPATIBLE):
        if not base_url:
            raise InvalidInput(f"{provider} needs the address of its endpoint: set the base URL.")
    elif not api_key:
        raise NoModel(
            f"{provider}/{model}", cause="no key is set for its provider", next_step=f"set the API key of {provider}"
        )
    return base_url


def _module(provider: str, part: str) -> Any:
    return importlib.import_module(f"connectors.ai.{provider.removesuffix(_COMPATIBLE)}.{part}")
