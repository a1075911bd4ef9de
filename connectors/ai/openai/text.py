"""OpenAI's text models over the Responses API, and those of compatible endpoints over Chat Completions."""

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

BASE_URL = "https://api.openai.com/v1"


def text_model(
    spec: ModelSpec, api_key: str, base_url: str | None, transport: httpx2.AsyncBaseTransport | None
) -> HostedText:
    """Compatible endpoints speak Chat Completions, with `max_tokens`: few of them have the Responses API.

    OpenAI would keep each response for 30 days; it is told not to.
    """

    @asynccontextmanager
    async def connect(seconds: float) -> AsyncIterator[Model]:
        from openai import AsyncOpenAI
        from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
        from pydantic_ai.profiles.openai import OpenAIModelProfile
        from pydantic_ai.providers.openai import OpenAIProvider

        async with AsyncOpenAI(
            api_key=api_key or NO_KEY,
            base_url=base_url or BASE_URL,
            max_retries=0,
            timeout=timeout(seconds),
            http_client=async_client(seconds, transport),
        ) as client:
            provider = OpenAIProvider(openai_client=client)
            if spec.provider == "openai":
                yield OpenAIResponsesModel(spec.name, provider=provider)
            else:
                profile = OpenAIModelProfile(
                    supports_json_schema_output=spec.structured, openai_chat_supports_max_completion_tokens=False
                )
                yield OpenAIChatModel(spec.name, provider=provider, profile=profile)

    own = {"openai_store": False} if spec.provider == "openai" else {}
    return HostedText(spec, "pydantic_ai.models.openai", connect, own, base_url)
