"""Google's Gemini models. Their SDK is the extra `gemini`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from connectors.ai.clients import async_client
from connectors.ai.text import HostedText
from models.domain.ai import ModelSpec
from models.errors import NoModel

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model

BASE_URL = "https://generativelanguage.googleapis.com/"


def text_model(
    spec: ModelSpec, api_key: str, base_url: str | None, transport: httpx2.AsyncBaseTransport | None
) -> HostedText:
    """Raises `NoModel` where the extra is not installed."""
    if not _installed():
        raise NoModel(
            spec.id,
            cause="the package of Google's models is not installed",
            next_step="install it with pip install 'fabric-content-intelligence[gemini]', or choose another provider",
        )

    @asynccontextmanager
    async def connect(seconds: float) -> AsyncIterator[Model]:
        from google.genai.types import HttpRetryOptions
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.profiles.google import GoogleModelProfile
        from pydantic_ai.providers.google import GoogleProvider

        async with async_client(seconds, transport) as http:
            provider = GoogleProvider(
                api_key=api_key,
                base_url=base_url or BASE_URL,
                http_client=http,
                retry_options=HttpRetryOptions(attempts=1),
            )
            try:
                profile = GoogleModelProfile(supports_json_schema_output=spec.structured)
                yield GoogleModel(spec.name, provider=provider, profile=profile)
            finally:
                await provider.client.aio.aclose()
                provider.client.close()

    return HostedText(spec, "pydantic_ai.models.google", connect, base_url=base_url)


def _installed() -> bool:
    try:
        return find_spec("google.genai") is not None
    except ModuleNotFoundError:
        return False
