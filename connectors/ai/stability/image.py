"""Pictures by Stability AI: `POST /v2beta/stable-image/generate/{service}`.

Written from the documented HTTP API (platform.stability.ai, API reference, Generate), for there is no official client for
it: multipart fields `prompt`, `aspect_ratio`, `output_format`, and `model` for `sd3`; `accept: image/*` gives the bytes,
with `finish-reason: CONTENT_FILTERED` when they were blurred. Errors are `{"id", "name", "errors"}`; 403 with the name
`content_moderation` declines the prompt.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from connectors.ai.calls import MediaCalls, MediaProvider
from connectors.ai.frames import nearest_ratio
from connectors.ai.signature import content_type_of
from connectors.http import Effect
from models.domain.ai import ImageRequest, MediaAnswer, Modality, ModelSpec
from models.errors import AnswerRefused

BASE_URL = "https://api.stability.ai"
PROVIDER = MediaProvider("stability", "Stability AI")
RATIOS = ("21:9", "16:9", "3:2", "5:4", "1:1", "4:5", "2:3", "9:16", "9:21")
MOST_PROMPT = 10_000
_SERVICES = {"stable-image-core": "core", "stable-image-ultra": "ultra"}


class StabilityImages:
    """Implements `models.ports.ImageModel`. The ratio is the nearest that is offered; the size is the service's own."""

    def __init__(
        self, spec: ModelSpec, key: str, base_url: str = BASE_URL, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.spec = spec
        self._headers = {"Authorization": f"Bearer {key}"}
        self._base, self._sleep = base_url, sleep

    def make(self, request: ImageRequest) -> MediaAnswer:
        started = time.monotonic()
        calls = MediaCalls(
            PROVIDER, self.spec.id, base_url=self._base, headers=self._headers, code=lambda error: error["name"],
            refused=frozenset({"content_moderation"}), spent=frozenset({"payment_required"}),
            seconds=request.deadline_seconds, sleep=self._sleep,
        )  # fmt: skip
        service = _SERVICES.get(self.spec.name, "sd3")
        fields = {
            "prompt": request.prompt[:MOST_PROMPT],
            "aspect_ratio": nearest_ratio(request.width / request.height, RATIOS),
            "output_format": "png",
            **({"model": self.spec.name} if service == "sd3" else {}),
        }
        answer = calls.call(
            "POST", f"/v2beta/stable-image/generate/{service}", effect=Effect.COMMIT, headers={"Accept": "image/*"},
            files={name: (None, value) for name, value in fields.items()},
        )  # fmt: skip
        if answer.headers.get("finish-reason") == "CONTENT_FILTERED":
            raise AnswerRefused(
                self.spec.id, cause="the provider blurred the picture for its content", next_step="change the request"
            )
        content_type = content_type_of(answer.content, Modality.IMAGE, self.spec.id)
        cost = None if self.spec.unit_usd is None else round(self.spec.unit_usd * 1_000_000)
        return MediaAnswer(
            answer.content, content_type, self.spec.provider, self.spec.name, time.monotonic() - started, cost
        )
