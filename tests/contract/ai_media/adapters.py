"""Every adapter against its counterpart in the sandbox, as one table for the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.ai.elevenlabs.speech import ElevenLabsSpeech
from connectors.ai.luma.video import LumaVideos
from connectors.ai.media import KNOWN
from connectors.ai.midjourney.image import MidjourneyImages
from connectors.ai.murf.speech import MurfSpeech
from connectors.ai.openai.image import OpenAIImages
from connectors.ai.openai.speech import OpenAISpeech
from connectors.ai.pika.video import PikaVideos
from connectors.ai.runway.video import RunwayVideos
from connectors.ai.stability.image import StabilityImages
from connectors.sandbox.ai_media import base_url
from connectors.sandbox.ai_studio import KEY
from models.domain.ai import ImageRequest, MediaAnswer, ModelSpec, SpeechRequest, VideoRequest, VideoState

PROMPT = "A torn jacket on a wooden repair bench, morning light"


def spec(model: str) -> ModelSpec:
    return next(known for known in KNOWN if known.id == model)


@dataclass(frozen=True)
class Case:
    """One adapter; `start` makes a call that costs money, `whole` goes on until there is a file."""

    model: str
    make: Callable[..., Any]
    waits: bool = True
    """Whether its clock can be given (the OpenAI client has its own)."""

    @property
    def provider(self) -> str:
        return self.model.partition("/")[0]

    def adapter(self, sandbox_url: str, key: str = KEY) -> Any:
        where = base_url(sandbox_url, self.provider)
        if self.waits:
            return self.make(spec(self.model), key, where, sleep=lambda _: None)
        return self.make(spec(self.model), key, where)

    def start(self, adapter: Any, prompt: str = PROMPT) -> Any:
        if hasattr(adapter, "start"):
            return adapter.start(VideoRequest(prompt, 5, "9:16"))
        if hasattr(adapter, "speak"):
            return adapter.speak(SpeechRequest(prompt))
        return adapter.make(ImageRequest(prompt, 1080, 1350))

    def whole(self, adapter: Any, prompt: str = PROMPT) -> MediaAnswer:
        if not hasattr(adapter, "start"):
            return self.start(adapter, prompt)
        work = self.start(adapter, prompt)
        for _ in range(10):
            told = adapter.progress(work)
            if told.state in (VideoState.DONE, VideoState.FAILED):
                break
        return adapter.fetch(work)

    def __str__(self) -> str:
        return self.model


CASES = (
    Case("openai/gpt-image-1.5", OpenAIImages, waits=False),
    Case("stability/stable-image-core", StabilityImages),
    Case("stability/sd3.5-large", StabilityImages),
    Case("midjourney/midjourney", MidjourneyImages),
    Case("runway/gen4.5", RunwayVideos),
    Case("luma/ray-2", LumaVideos),
    Case("pika/v2.2", PikaVideos),
    Case("openai/tts-1", OpenAISpeech, waits=False),
    Case("elevenlabs/eleven_flash_v2_5", ElevenLabsSpeech),
    Case("elevenlabs/eleven_multilingual_v2", ElevenLabsSpeech),
    Case("murf/GEN2", MurfSpeech),
)
VIDEOS = tuple(case for case in CASES if case.provider in ("runway", "luma", "pika"))
