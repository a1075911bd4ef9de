"""Recordings by ElevenLabs: `POST /v1/text-to-speech/{voice}` (elevenlabs.io/docs/api-reference/text-to-speech/convert).

The official client `elevenlabs` judges the sandbox's counterpart. The bill counts credits of a plan, so a recording is
unpriced.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote

from connectors.ai.calls import MediaCalls, MediaProvider
from connectors.ai.signature import content_type_of
from connectors.http import Effect
from models.domain.ai import MediaAnswer, Modality, ModelSpec, SpeechRequest

BASE_URL = "https://api.elevenlabs.io"
PROVIDER = MediaProvider("elevenlabs", "ElevenLabs")
DEFAULT_VOICE = "21m00Tcm4TlvDq8ikWAM"
"""Rachel, a voice that every account has."""
_REFUSED = frozenset({"content_moderation", "detected_unusual_activity", "text_contains_blocked_content"})
_SPENT = frozenset({"quota_exceeded"})


class ElevenLabsSpeech:
    """Implements `models.ports.SpeechModel`."""

    def __init__(
        self, spec: ModelSpec, key: str, base_url: str = BASE_URL, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.spec = spec
        self._key, self._base, self._sleep = key, base_url, sleep

    def speak(self, request: SpeechRequest) -> MediaAnswer:
        started = time.monotonic()
        calls = MediaCalls(
            PROVIDER, self.spec.id, base_url=self._base, headers={"xi-api-key": self._key},
            code=lambda error: error["detail"]["status"], refused=_REFUSED, spent=_SPENT,
            seconds=request.deadline_seconds, sleep=self._sleep,
        )  # fmt: skip
        voice = quote(request.voice or DEFAULT_VOICE, safe="")
        body = {"text": request.text, "model_id": self.spec.name}
        if not self.spec.name.startswith(
            "eleven_multilingual"
        ):  # those find the language themselves and refuse the field
            body["language_code"] = request.language
        answer = calls.call(
            "POST", f"/v1/text-to-speech/{voice}", effect=Effect.COMMIT, params={"output_format": "mp3_44100_128"},
            headers={"Accept": "audio/mpeg"}, json=body,
        )  # fmt: skip
        content_type = content_type_of(answer.content, Modality.SPEECH, self.spec.id)
        return MediaAnswer(answer.content, content_type, self.spec.provider, self.spec.name, time.monotonic() - started)
