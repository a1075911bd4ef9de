"""Videos by Runway: `POST /v1/text_to_video` or `/v1/image_to_video`, then `GET /v1/tasks/{id}` (docs.dev.runwayml.com).

The official client `runwayml` judges the sandbox's counterpart. One credit is one US cent (Runway, API pricing); a task
says what it cost in credits.
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
from models.errors import AnswerMalformed

BASE_URL = "https://api.dev.runwayml.com"
VERSION = "2024-11-06"
PROVIDER = MediaProvider("runway", "Runway")
RATIOS = ("1280:720", "720:1280")
SECONDS = (2, 10)
MOST_PROMPT = 1_000
"""UTF-16 code units (Runway, text_to_video, promptText)."""
MICROUSD_PER_CREDIT = 10_000
_STATES = {
    "PENDING": VideoState.QUEUED, "THROTTLED": VideoState.QUEUED, "RUNNING": VideoState.RUNNING,
    "SUCCEEDED": VideoState.DONE, "FAILED": VideoState.FAILED, "CANCELLED": VideoState.FAILED,
}  # fmt: skip


class RunwayVideos:
    """Implements `models.ports.VideoModel`."""

    def __init__(
        self, spec: ModelSpec, key: str, base_url: str = BASE_URL, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.spec = spec
        self._calls = MediaCalls(
            PROVIDER, spec.id, base_url=base_url,
            headers={"Authorization": f"Bearer {key}", "X-Runway-Version": VERSION},
            code=lambda error: error["code"], refused=frozenset({"SAFETY.INPUT.TEXT", "content_moderation"}), sleep=sleep,
        )  # fmt: skip

    def length(self, seconds: int) -> int:
        return min(max(seconds, SECONDS[0]), SECONDS[1])

    def start(self, request: VideoRequest) -> str:
        body: dict[str, Any] = {
            "model": self.spec.name,
            "promptText": _units(request.prompt, MOST_PROMPT),
            "ratio": nearest_ratio(ratio_of(request.ratio), RATIOS),
            "duration": self.length(request.seconds),
        }
        path = "/v1/text_to_video"
        if request.image_url:
            body["promptImage"], path = request.image_url, "/v1/image_to_video"
        told = self._calls.json("POST", path, effect=Effect.COMMIT, json=body)
        if not isinstance(told.get("id"), str) or not told["id"]:
            raise self._calls.unreadable(Effect.COMMIT, "it took the work without saying its id")
        return str(told["id"])

    def progress(self, work: str) -> VideoProgress:
        told = self._task(work)
        state = _STATES[told["status"]]
        share = told.get("progress")
        if state is VideoState.FAILED:
            code = told.get("failureCode")
            why = f" ({code})" if isinstance(code, str) and code.replace(".", "").replace("_", "").isalnum() else ""
            words = "was cancelled" if told["status"] == "CANCELLED" else "failed"
            return VideoProgress(state, message=f"The work {words} at Runway{why}.")
        return VideoProgress(state, share=float(share) if isinstance(share, int | float) else None)

    def fetch(self, work: str) -> MediaAnswer:
        started = time.monotonic()
        told = self._task(work)
        output = told.get("output")
        if told["status"] != "SUCCEEDED" or not isinstance(output, list) or not output:
            raise AnswerMalformed(self.spec.id, cause=f"work {work} has no finished video", next_step="ask again later")
        data = self._calls.download(str(output[0]))
        content_type = content_type_of(data, Modality.VIDEO, self.spec.id)
        cost = told.get("cost")
        credits = cost.get("credits") if isinstance(cost, dict) else None
        paid = round(credits * MICROUSD_PER_CREDIT) if isinstance(credits, int | float) else None
        return MediaAnswer(data, content_type, self.spec.provider, self.spec.name, time.monotonic() - started, paid)

    def _task(self, work: str) -> dict[str, Any]:
        told = self._calls.json("GET", f"/v1/tasks/{quote(work, safe='')}", effect=Effect.READ)
        if not isinstance(told.get("status"), str) or told["status"] not in _STATES:
            raise self._calls.unreadable(Effect.READ, "it tells a state of the work that is not known")
        return told


def _units(text: str, most: int) -> str:
    """The text cut to so many UTF-16 code units, never within a character."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
