"""The makers of media that the sandbox stands in for, each below `/ai/<provider>`, and the addresses of their interfaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.sandbox import ai_images, ai_speech, ai_videos
from connectors.sandbox.ai_studio import Studio
from connectors.sandbox.server import SandboxVendor

_MAKERS: Mapping[str, Callable[[Studio], SandboxVendor]] = {
    "openai": ai_images.openai,
    "stability": ai_images.stability,
    "midjourney": ai_images.midjourney,
    "runway": ai_videos.runway,
    "luma": ai_videos.luma,
    "pika": ai_videos.pika,
    "elevenlabs": ai_speech.elevenlabs,
    "murf": ai_speech.murf,
}
PROVIDERS = tuple(_MAKERS)
_BELOW = {"openai": "/v1", "luma": "/dream-machine/v1"}


def makers(studios: Mapping[str, Studio]) -> list[SandboxVendor]:
    return [make(studios[name]) for name, make in _MAKERS.items()]


def base_url(sandbox_url: str, provider: str) -> str:
    """What stands for the provider's own address in an adapter's `base_url`."""
    return f"{sandbox_url}/ai/{provider}{_BELOW.get(provider, '')}"
