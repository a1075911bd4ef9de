"""Videos by Luma (Dream Machine): `POST /generations/video`, then `GET /generations/{id}` (docs.lumalabs.ai).

The official client `lumaai` judges the sandbox's counterpart. Luma does not say what a work cost.
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

BASE_URL = "https://api.lumalabs.ai/dream-machine/v1"
PROVIDER = MediaProvider("luma", "Luma")
RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21")
SECONDS = (5, 9)
_STATES = {
    "queued": VideoState.QUEUED, "dreaming": VideoState.RUNNING, "completed": VideoState.DONE,
    "failed": VideoState.FAILED,
}  # fmt: skip


class LumaVideos:
    """Implements `models.ports.VideoModel`. Luma makes 5 or 9 seconds; the shorter that suffices is asked for."""

    def __init__(
        self, spec: ModelSpec, key: str, base_url: str = BASE_URL, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.spec = spec
        self._calls = MediaCalls(
            PROVIDER, spec.id, base_url=base_url, headers={"Authorization": f"Bearer {key}"}, code=_code,
            refused=frozenset({"content_moderation"}), spent=frozenset({"insufficient_credits"}), sleep=sleep,
        )  # fmt: skip

    def length(self, seconds: int) -> int:
        return SECONDS[0] if seconds <= SECONDS[0] else SECONDS[1]

    def start(self, request: VideoRequest) -> str:
        body: dict[str, Any] = {
            "generation_type": "video",
            "model": self.spec.name,
            "prompt": request.prompt,
            "aspect_ratio": nearest_ratio(ratio_of(request.ratio), RATIOS),
            "duration": f"{self.length(request.seconds)}s",
            "resolution": "720p",
        }
        if request.image_url:
            body["keyframes"] = {"frame0": {"type": "image", "url": request.image_url}}
        told = self._calls.json("POST", "/generations/video", effect=Effect.COMMIT, json=body)
        if not isinstance(told.get("id"), str) or not told["id"]:
            raise self._calls.unreadable(Effect.COMMIT, "it took the work without saying its id")
        return str(told["id"])

    def progress(self, work: str) -> VideoProgress:
        told = self._generation(work)
        state = _STATES[told["state"]]
        return VideoProgress(state, message="The work failed at Luma." if state is VideoState.FAILED else "")

    def fetch(self, work: str) -> MediaAnswer:
        started = time.monotonic()
        told = self._generation(work)
        assets = told.get("assets")
        url = assets.get("video") if isinstance(assets, dict) else None
        if told["state"] != "completed" or not isinstance(url, str):
            raise AnswerMalformed(self.spec.id, cause=f"work {work} has no finished video", next_step="ask again later")
        data = self._calls.download(url)
        content_type = content_type_of(data, Modality.VIDEO, self.spec.id)
        return MediaAnswer(data, content_type, self.spec.provider, self.spec.name, time.monotonic() - started)

    def _generation(self, work: str) -> dict[str, Any]:
        told = self._calls.json("GET", f"/generations/{quote(work, safe='')}", effect=Effect.READ)
        if not isinstance(told.get("state"), str) or told["state"] not in _STATES:
            raise self._calls.unreadable(Effect.READ, "it tells a state of the work that is not known")
        return told


def _code(error: dict[str, Any]) -> str | None:
    """Luma's errors are words (`{"detail": "…"}`); those that mean something here begin with them."""
    words = str(error["detail"]).casefold()
    if "moderation" in words:
        return "content_moderation"
    return "insufficient_credits" if "insufficient credits" in words else None
