"""Anthropic's text models, and those of endpoints that speak its Messages API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.ai.clients import NO_KEY, async_client, timeout
from connectors.ai.text import HostedText
from models.domain.ai import ModelSpec

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model

BASE_URL = "https://api.anthropic.com"


def text_model(
    spec: ModelSpec, api_key: str, base_url: str | None, transport: httpx2.AsyncBaseTransport | None
) -> HostedText:
    """A model whose name pydantic-ai does not know still gets the JSON schema when its spec says `structured`.

    The SDK sends the key as `Authorization: Bearer`; compatible endpoints often know `x-api-key` only, so they get both.
    """
    older = {"X-Api-Key": api_key} if api_key and spec.provider != "anthropic" else {}

    @asynccontextmanager
    async def connect(seconds: float) -> AsyncIterator[Model]:
        from anthropic import AsyncAnthropic
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.profiles.anthropic import AnthropicModelProfile
        from pydantic_ai.providers.anthropic import AnthropicProvider

        async with AsyncAnthropic(
            api_key=api_key or NO_KEY,
            base_url=base_url or BASE_URL,
            max_retries=0,
            timeout=timeout(seconds),
            open_telemetry=False,
            default_headers=older,
            http_client=async_client(seconds, transport),
        ) as client:
            provider = AnthropicProvider(anthropic_client=client)
            profile = AnthropicModelProfile(supports_json_schema_output=spec.structured)
            yield AnthropicModel(spec.name, provider=provider, profile=profile)

    return HostedText(spec, "pydantic_ai.models.anthropic", connect, base_url=base_url)
