"""Pictures by a service that speaks the HTTP interface of `midjourney-proxy`: imagine, poll, fetch.

Midjourney itself has no public API. This adapter is written from the documented API of the open-source project
`midjourney-proxy`, which several hosted services offer under their own address, and which may be run at home: `POST
/mj/submit/imagine` → `{"code", "description", "result"}` (code 1 taken, 21 known, 22 queued, 23 queue full, 24 banned
words) and `GET /mj/task/{id}/fetch` → `{"status", "progress", "imageUrl", "failReason"}`. No official client and no
specification judge it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote

from connectors.ai.calls import MediaCalls, MediaProvider
from connectors.ai.frames import shortest
from connectors.ai.signature import content_type_of
from connectors.http import Effect
from models.domain.ai import ImageRequest, MediaAnswer, Modality, ModelSpec
from models.errors import AnswerLost, AnswerRefused, ModelBusy, ModelDown

PROVIDER = MediaProvider("midjourney", "The Midjourney-compatible service")
POLL_SECONDS = 3.0
_TAKEN = (1, 21, 22)
_FULL = (23, 30)
_BANNED = 24
_FAILED = ("FAILURE", "CANCEL")


class MidjourneyImages:
    """Implements `models.ports.ImageModel` for the service at `base_url`. `clock` measures how long is polled."""

    def __init__(
        self,
        spec: ModelSpec,
        key: str,
        base_url: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.spec = spec
        self._sleep, self._clock = sleep, clock
        self._calls = MediaCalls(
            PROVIDER, spec.id, base_url=base_url, headers={"Authorization": f"Bearer {key}", "mj-api-secret": key},
            code=lambda error: str(error["code"]), refused=frozenset({str(_BANNED)}), sleep=sleep,
        )  # fmt: skip

    def make(self, request: ImageRequest) -> MediaAnswer:
        started = self._clock()
        work = self._imagine(request)
        while True:
            told = self._calls.json("GET", f"/mj/task/{quote(work, safe='')}/fetch", effect=Effect.READ)
            if told.get("status") == "SUCCESS":
                break
            if told.get("status") in _FAILED:
                raise AnswerRefused(self.spec.id, cause="the work failed there", next_step="change the request")
            if self._clock() - started > request.deadline_seconds:
                raise AnswerLost(
                    self.spec.id,
                    cause=f"work {work} was not done after {request.deadline_seconds:.0f} seconds",
                    next_step="look at the service's own list of works before asking again, for it may be charged",
                )
            self._sleep(POLL_SECONDS)
        data = self._calls.download(str(told.get("imageUrl") or ""))
        content_type = content_type_of(data, Modality.IMAGE, self.spec.id)
        return MediaAnswer(data, content_type, self.spec.provider, self.spec.name, self._clock() - started)

    def _imagine(self, request: ImageRequest) -> str:
        """Asks for the picture. The ratio is part of the prompt, as Midjourney's own parameter."""
        plain = " ".join(request.prompt.replace("--", "—").split())  # no word of the prompt is a parameter
        prompt = f"{plain} --ar {shortest(request.width, request.height)}"
        told = self._calls.json("POST", "/mj/submit/imagine", effect=Effect.COMMIT, json={"prompt": prompt})
        code, work = told.get("code"), told.get("result")
        if code == _BANNED:
            raise AnswerRefused(
                self.spec.id, cause="the service declines the words", next_step="change the request", spent_microusd=0
            )
        if code in _FULL:
            raise ModelBusy(
                self.spec.id, cause="the service's queue is full", next_step="ask again later", spent_microusd=0
            )
        if code not in _TAKEN:
            raise ModelDown(
                self.spec.id, cause="the service did not take the work", next_step="ask again later", spent_microusd=0
            )
        if not isinstance(work, str | int) or not work:
            raise self._calls.unreadable(Effect.COMMIT, "it took the work without saying its id")
        return str(work)
