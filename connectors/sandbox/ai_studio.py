"""What the sandbox's makers of media share: keys, works under way, finished files, and words of a prompt that make trouble.

    forbidden   the provider declines the prompt
    failing     a video is taken and fails
    spoilt      what is called a picture, video or recording is a web page
A work is queued, then running, then done: one step with each question after it (`STEPS`).
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox import clips

KEY = "sandbox-media-key-0123456789"
"""The key of every provider in the sandbox."""
STEPS = 3
FORBIDDEN, FAILING, SPOILT = "forbidden", "failing", "spoilt"
PAGE = b"<!doctype html><title>Not what you asked for</title>"
_TYPES = {"png": "image/png", "mp4": "video/mp4", "mp3": "audio/mpeg"}

Handler = Callable[[Request], Awaitable[Response]]


class Phase(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass
class Work:
    id: str
    prompt: str
    width: int
    height: int
    seconds: int
    body: dict[str, Any]
    asked: int = 0

    def step(self) -> Phase:
        """How far it is; asking moves it on."""
        self.asked += 1
        return self.phase

    @property
    def phase(self) -> Phase:
        if self.asked >= STEPS:
            return Phase.FAILED if FAILING in self.prompt else Phase.DONE
        return Phase.RUNNING if self.asked > 1 else Phase.QUEUED


@dataclass
class Studio:
    """One provider's works, by id. `started` counts the works that were taken: what an adapter must not do twice."""

    works: dict[str, Work] = field(default_factory=dict)
    made: int = 0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def started(self) -> int:
        return len(self.works)

    def start(self, prompt: str, width: int, height: int, seconds: int, body: dict[str, Any]) -> Work:
        number = next(self._numbers)
        work = Work(f"{number:08d}-0000-4000-8000-{number:012d}", prompt, width, height, seconds, body)
        self.works[work.id] = work
        return work

    def picture(self, prompt: str, width: int, height: int) -> bytes:
        self.made += 1
        return PAGE if SPOILT in prompt else clips.picture(prompt, width, height)

    def recording(self, text: str) -> bytes:
        self.made += 1
        return PAGE if SPOILT in text else clips.recording(text)

    def files(self) -> Route:
        """Where the finished files of works are downloaded, without a key, as from a provider's storage."""

        async def give(request: Request) -> Response:
            name, _, kind = request.path_params["name"].rpartition(".")
            work = self.works.get(name)
            if work is None or kind not in _TYPES or work.phase is not Phase.DONE:
                return Response(status_code=404)
            if SPOILT in work.prompt:
                return Response(PAGE, media_type=_TYPES[kind])
            if kind == "png":
                return Response(clips.picture(work.prompt, work.width, work.height), media_type="image/png")
            return Response(clips.movie(work.prompt, work.width, work.height, work.seconds), media_type="video/mp4")

        return Route("/files/{name}", give, methods=["GET"])


def place(request: Request) -> str:
    """The provider's own address in the sandbox."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def address(request: Request, work: Work, kind: str) -> str:
    """Where the finished file of a work is."""
    return f"{place(request)}/files/{work.id}.{kind}"


def bearer(request: Request, scheme: str = "Bearer") -> bool:
    """Whether the request carries the sandbox's key."""
    return request.headers.get("authorization", "") == f"{scheme} {KEY}"


async def json_of(request: Request) -> dict[str, Any]:
    """The body's JSON object, `{}` for anything else."""
    try:
        found = await request.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def small(ratio: str) -> tuple[int, int]:
    """Pixels of the sandbox's videos: small, of the asked ratio (`9:16` or `720:1280`). Raises `ValueError`."""
    width, _, height = ratio.partition(":")
    share = int(width) / int(height)
    return (320, max(16, round(320 / share))) if share >= 1 else (max(16, round(320 * share)), 320)
