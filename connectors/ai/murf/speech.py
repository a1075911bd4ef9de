"""Recordings by Murf: `POST /v1/speech/generate` (murf.ai/api/docs).

The official client `murf` judges the sandbox's counterpart. The recording comes within the answer (`encodeAsBase64`), which
keeps it out of Murf's own storage. The bill counts characters of a plan, so a recording is unpriced.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from typing import Any

from connectors.ai.calls import MediaCalls, MediaProvider
from connectors.ai.signature import content_type_of
from connectors.http import Effect
from models.domain.ai import MediaAnswer, Modality, ModelSpec, SpeechRequest

BASE_URL = "https://api.murf.ai"
PROVIDER = MediaProvider("murf", "Murf")
DEFAULT_VOICE = "en-US-natalie"


class MurfSpeech:
    """Implements `models.ports.SpeechModel`. A voice of Murf has its language in its name."""

    def __init__(
        self, spec: ModelSpec, key: str, base_url: str = BASE_URL, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.spec = spec
        self._key, self._base, self._sleep = key, base_url, sleep

    def speak(self, request: SpeechRequest) -> MediaAnswer:
        started = time.monotonic()
        calls = MediaCalls(
            PROVIDER, self.spec.id, base_url=self._base, headers={"api-key": self._key},
            code=lambda error: error["error_code"], refused=frozenset({"content_moderation"}),
            seconds=request.deadline_seconds, sleep=self._sleep,
        )  # fmt: skip
        body: dict[str, Any] = {
            "text": request.text, "voiceId": request.voice or DEFAULT_VOICE, "format": "MP3", "encodeAsBase64": True,
            "modelVersion": self.spec.name,
        }  # fmt: skip
        told = calls.json("POST", "/v1/speech/generate", effect=Effect.COMMIT, json=body)
        try:
            data = base64.b64decode(told["encodedAudio"], validate=True)
        except (KeyError, TypeError, binascii.Error):
            raise calls.unreadable(Effect.COMMIT, "its answer holds no recording") from None
        content_type = content_type_of(data, Modality.SPEECH, self.spec.id)
        return MediaAnswer(data, content_type, self.spec.provider, self.spec.name, time.monotonic() - started)
