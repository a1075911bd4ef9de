"""Videos by Pika, over fal.ai's queue: `POST /{model}`, then `…/requests/{id}/status` and `…/requests/{id}`.

Pika has no API of its own for the public; its models are offered through fal.ai, whose documented HTTP interface
(fal.ai/docs, Queue; fal.ai/models/fal-ai/pika) this adapter is written from. No official client and no specification of
Pika judge it. Status and result live below the first two parts of the model's name. fal does not say what a work cost.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from connectors.ai.calls import MediaCalls, MediaProvider
from connectors.ai.frames import nearest_ratio, ratio_of
from connectors.ai.signature import content_type_of
from connectors.http import Effect
from models.domain.ai import MediaAnswer, Modality, ModelSpec, VideoProgress, VideoRequest, VideoState
from models.errors import AnswerMalformed, AnswerRefused

BASE_URL = "https://queue.fal.run"
PROVIDER = MediaProvider("pika", "Pika (fal.ai)")
RATIOS = ("16:9", "9:16", "1:1", "4:5", "5:4", "3:2", "2:3")
SECONDS = (5, 10)
_APPLICATION = "/fal-ai/pika"
_STATES = {"IN_QUEUE": VideoState.QUEUED, "IN_PROGRESS": VideoState.RUNNING, "COMPLETED": VideoState.DONE}


class PikaVideos:
    """Implements `models.ports.VideoModel`; the model's name is Pika's version, such as `v2.2`."""

    def __init__(
        self, spec: ModelSpec, key: str, base_url: str = BASE_URL, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.spec = spec
        self._calls = MediaCalls(
            PROVIDER, spec.id, base_url=base_url, headers={"Authorization": f"Key {key}"},
            code=lambda error: error["detail"][0]["type"], refused=frozenset({"content_policy_violation"}), sleep=sleep,
        )  # fmt: skip

    def length(self, seconds: int) -> int:
        return SECONDS[0] if seconds <= SECONDS[0] else SECONDS[1]

    def start(self, request: VideoRequest) -> str:
        body: dict[str, Any] = {
            "prompt": request.prompt,
            "aspect_ratio": nearest_ratio(ratio_of(request.ratio), RATIOS),
            "resolution": "720p",
            "duration": self.length(request.seconds),
        }
        kind = "text-to-video"
        if request.image_url:
            body["image_url"], kind = request.image_url, "image-to-video"
            del body["aspect_ratio"]  # that of the picture
        told = self._calls.json("POST", f"{_APPLICATION}/{self.spec.name}/{kind}", effect=Effect.COMMIT, json=body)
        if not isinstance(told.get("request_id"), str) or not told["request_id"]:
            raise self._calls.unreadable(Effect.COMMIT, "it took the work without saying its id")
        return str(told["request_id"])

    def progress(self, work: str) -> VideoProgress:
        told = self._calls.json("GET", f"{self._place(work)}/status", effect=Effect.READ)
        state = _STATES.get(str(told.get("status")))
        if state is None:
            raise self._calls.unreadable(Effect.READ, "it tells a state of the work that is not known")
        if state is VideoState.DONE:  # of failed works too: only the result tells
            try:
                self._calls.json("GET", self._place(work), effect=Effect.READ)
            except AnswerRefused as error:
                return VideoProgress(VideoState.FAILED, message=f"The work failed at Pika: {error.cause}.")
        return VideoProgress(state)

    def fetch(self, work: str) -> MediaAnswer:
        started = time.monotonic()
        video = self._calls.json("GET", self._place(work), effect=Effect.READ).get("video")
        url = video.get("url") if isinstance(video, dict) else None
        if not isinstance(url, str):
            raise AnswerMalformed(self.spec.id, cause=f"work {work} has no finished video", next_step="ask again later")
        data = self._calls.download(url)
        content_type = content_type_of(data, Modality.VIDEO, self.spec.id)
        return MediaAnswer(data, content_type, self.spec.provider, self.spec.name, time.monotonic() - started)

    def _place(self, work: str) -> str:
        return f"{_APPLICATION}/requests/{quote(work, safe='')}"
