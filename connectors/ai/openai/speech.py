"""Recordings by OpenAI's speech models, through the `openai` client. All of them end on 2027-01-06 (openai 3.54, SpeechModel)."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from connectors.ai.clients import sync_client, timeout
from connectors.ai.openai.refusals import translated
from connectors.ai.openai.text import BASE_URL
from connectors.ai.signature import content_type_of
from models.domain.ai import MediaAnswer, Modality, ModelSpec, SpeechRequest
from models.errors import AnswerTruncated

if TYPE_CHECKING:
    import httpx2

DEFAULT_VOICE = "alloy"
MOST_CHARACTERS = 4_096


class OpenAISpeech:
    """Implements `models.ports.SpeechModel`. The models find the language of the text by themselves."""

    def __init__(
        self, spec: ModelSpec, key: str, base_url: str = BASE_URL, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self.spec = spec
        self._key, self._base, self._transport = key, base_url, transport

    def speak(self, request: SpeechRequest) -> MediaAnswer:
        from openai import OpenAI

        if len(request.text) > MOST_CHARACTERS:
            raise AnswerTruncated(
                self.spec.id, cause=f"it speaks at most {MOST_CHARACTERS:,} characters", next_step="shorten the text"
            )
        started = time.monotonic()
        seconds = request.deadline_seconds
        with (
            translated(self.spec),
            OpenAI(
                api_key=self._key, base_url=self._base, max_retries=0, timeout=timeout(seconds),
                http_client=sync_client(seconds, self._transport),
            ) as client,
        ):  # fmt: skip
            data = client.audio.speech.create(
                model=self.spec.name, voice=request.voice or DEFAULT_VOICE, input=request.text, response_format="mp3"
            ).content
        content_type = content_type_of(data, Modality.SPEECH, self.spec.id)
        return MediaAnswer(
            data, content_type, self.spec.provider, self.spec.name, time.monotonic() - started, self._cost(request.text)
        )

    def _cost(self, text: str) -> int | None:
        per_thousand = self.spec.unit_usd
        return None if per_thousand is None else math.ceil(per_thousand * len(text) * 1_000)
