"""Pictures by OpenAI's images API, through the `openai` client."""

from __future__ import annotations

import base64
import binascii
import time
from typing import TYPE_CHECKING, Final

from connectors.ai.clients import sync_client, timeout
from connectors.ai.frames import nearest_size
from connectors.ai.openai.refusals import translated
from connectors.ai.openai.text import BASE_URL
from connectors.ai.prices import cost_microusd
from connectors.ai.signature import content_type_of
from models.domain.ai import ImageRequest, MediaAnswer, Modality, ModelSpec, Tokens
from models.errors import AnswerMalformed

if TYPE_CHECKING:
    import httpx2

SIZES = ((1024, 1024), (1536, 1024), (1024, 1536))
"""What every GPT image model makes; the one whose ratio is nearest is asked for."""
QUALITY: Final = "medium"
MOST_PROMPT = 32_000


class OpenAIImages:
    """Implements `models.ports.ImageModel`. The cost comes from the tokens that the answer counts."""

    def __init__(
        self, spec: ModelSpec, key: str, base_url: str = BASE_URL, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self.spec = spec
        self._key, self._base, self._transport = key, base_url, transport

    def make(self, request: ImageRequest) -> MediaAnswer:
        from openai import OpenAI

        started = time.monotonic()
        width, height = nearest_size(request.width, request.height, SIZES)
        seconds = request.deadline_seconds
        with (
            translated(self.spec),
            OpenAI(
                api_key=self._key, base_url=self._base, max_retries=0, timeout=timeout(seconds),
                http_client=sync_client(seconds, self._transport),
            ) as client,
        ):  # fmt: skip
            made = client.images.generate(
                model=self.spec.name, prompt=request.prompt[:MOST_PROMPT], n=1, size=f"{width}x{height}",
                quality=QUALITY, output_format="png",
            )  # fmt: skip
        try:
            data = base64.b64decode((made.data or [])[0].b64_json or "", validate=True)
        except (IndexError, AttributeError, TypeError, binascii.Error):
            raise AnswerMalformed(
                self.spec.id, cause="its answer holds no picture", next_step="ask again or choose another provider"
            ) from None
        content_type = content_type_of(data, Modality.IMAGE, self.spec.id)
        return MediaAnswer(
            data, content_type, self.spec.provider, self.spec.name, time.monotonic() - started, self._cost(made.usage)
        )

    def _cost(self, usage: object) -> int | None:
        given, made = getattr(usage, "input_tokens", None), getattr(usage, "output_tokens", None)
        if not isinstance(given, int) or not isinstance(made, int):
            return None
        return cost_microusd(self.spec, Tokens(given, made))
