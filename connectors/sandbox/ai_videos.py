"""Makers of videos in the sandbox: Runway, Luma, and Pika over fal.ai's queue.

From Runway's API reference (version 2024-11-06), Luma's Dream Machine API and fal.ai's documents of its queue and of Pika 2.2.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.ai_studio import FORBIDDEN, Phase, Studio, Work, address, bearer, json_of, place, small
from connectors.sandbox.server import SandboxVendor

RUNWAY_VERSION = "2024-11-06"
CREDITS_A_SECOND = 12
_RUNWAY_RATIOS = {"1280:720", "720:1280"}
_LUMA_RATIOS = {"1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"}
_PIKA_RATIOS = {"16:9", "9:16", "1:1", "4:5", "5:4", "3:2", "2:3"}


def _now() -> str:
    return datetime.now(UTC).isoformat()


def runway(studio: Studio) -> SandboxVendor:
    def refusal(status: int, message: str, code: str | None = None) -> Response:
        return JSONResponse({"error": message, **({"code": code} if code else {})}, status)

    def admitted(request: Request) -> Response | None:
        if not bearer(request):
            return expired()
        if request.headers.get("x-runway-version") != RUNWAY_VERSION:
            return refusal(400, "A valid X-Runway-Version header is required.")
        return None

    async def start(request: Request) -> Response:
        if (refused := admitted(request)) is not None:
            return refused
        body = await json_of(request)
        prompt, ratio, seconds = str(body.get("promptText") or ""), str(body.get("ratio")), body.get("duration")
        from_picture = request.url.path.endswith("image_to_video")
        if (
            body.get("model") != "gen4.5" or ratio not in _RUNWAY_RATIOS or not isinstance(seconds, int)
            or not 2 <= seconds <= 10 or not 0 < len(prompt.encode("utf-16-le")) <= 2_000
            or from_picture != isinstance(body.get("promptImage"), str)
        ):  # fmt: skip
            return refusal(400, "Validation of body failed")
        if FORBIDDEN in prompt:
            return refusal(400, "Your prompt was flagged.", "SAFETY.INPUT.TEXT")
        work = studio.start(prompt, *small(ratio), seconds, body)
        return JSONResponse({"id": work.id, "estimatedCost": {"credits": CREDITS_A_SECOND * seconds}})

    async def task(request: Request) -> Response:
        if (refused := admitted(request)) is not None:
            return refused
        work = studio.works.get(request.path_params["id"])
        if work is None:
            return refusal(404, "Not found")
        phase = work.step()
        told: dict[str, Any] = {"id": work.id, "createdAt": _now()}
        credits = CREDITS_A_SECOND * work.seconds
        match phase:
            case Phase.QUEUED:
                told |= {"status": "PENDING", "estimatedCost": {"credits": credits}}
            case Phase.RUNNING:
                told |= {"status": "RUNNING", "progress": 0.5, "estimatedCost": {"credits": credits}}
            case Phase.DONE:
                told |= {
                    "status": "SUCCEEDED", "output": [address(request, work, "mp4")], "cost": {"credits": credits},
                }  # fmt: skip
            case Phase.FAILED:
                told |= {
                    "status": "FAILED", "failure": "An unexpected error occurred.", "failureCode": "INTERNAL.BAD_OUTPUT",
                    "cost": {"credits": 0},
                }  # fmt: skip
        return JSONResponse(told)

    def expired() -> Response:
        return refusal(401, "The API key is not valid.")

    def throttled() -> Response:
        answer = refusal(429, "Too many requests.")
        answer.headers["retry-after"] = "45"
        return answer

    routes = [
        Route("/v1/text_to_video", start, methods=["POST"]),
        Route("/v1/image_to_video", start, methods=["POST"]),
        Route("/v1/tasks/{id}", task, methods=["GET"]),
        studio.files(),
    ]
    return SandboxVendor("runway", routes, throttled, expired)


def luma(studio: Studio) -> SandboxVendor:
    words = {Phase.QUEUED: "queued", Phase.RUNNING: "dreaming", Phase.DONE: "completed", Phase.FAILED: "failed"}

    def refusal(status: int, detail: str) -> Response:
        return JSONResponse({"detail": detail}, status)

    def told(request: Request, work: Work, phase: Phase) -> Response:
        return JSONResponse({
            "id": work.id, "generation_type": "video", "state": words[phase], "model": work.body["model"],
            "failure_reason": "The generation failed." if phase is Phase.FAILED else None, "created_at": _now(),
            "assets": {"video": address(request, work, "mp4")} if phase is Phase.DONE else None, "request": work.body,
        })  # fmt: skip

    async def start(request: Request) -> Response:
        if not bearer(request):
            return expired()
        body = await json_of(request)
        prompt, ratio = str(body.get("prompt") or ""), str(body.get("aspect_ratio", "16:9"))
        if (
            body.get("model") not in ("ray-2", "ray-flash-2") or not prompt or ratio not in _LUMA_RATIOS
            or body.get("duration") not in ("5s", "9s")
        ):  # fmt: skip
            return refusal(400, "Invalid request")
        if FORBIDDEN in prompt:
            return refusal(400, "Prompt failed moderation")
        work = studio.start(prompt, *small(ratio), int(str(body["duration"])[0]), body)
        answer = told(request, work, Phase.QUEUED)
        answer.status_code = 201
        return answer

    async def read(request: Request) -> Response:
        if not bearer(request):
            return expired()
        work = studio.works.get(request.path_params["id"])
        return refusal(404, "Generation not found") if work is None else told(request, work, work.step())

    def expired() -> Response:
        return refusal(401, "Invalid API key")

    def throttled() -> Response:
        answer = refusal(429, "Too many concurrent requests")
        answer.headers["retry-after"] = "45"
        return answer

    base = "/dream-machine/v1/generations"
    routes = [
        Route(f"{base}/video", start, methods=["POST"]),
        Route(f"{base}/{{id}}", read, methods=["GET"]),
        studio.files(),
    ]
    return SandboxVendor("luma", routes, throttled, expired)


def pika(studio: Studio) -> SandboxVendor:
    words = {Phase.QUEUED: "IN_QUEUE", Phase.RUNNING: "IN_PROGRESS"}

    def refusal(status: int, kind: str, message: str) -> Response:
        return JSONResponse({"detail": [{"loc": ["body", "prompt"], "msg": message, "type": kind}]}, status)

    async def start(request: Request) -> Response:
        if not bearer(request, "Key"):
            return expired()
        body = await json_of(request)
        prompt, ratio = str(body.get("prompt") or ""), str(body.get("aspect_ratio", "16:9"))
        known = request.path_params["kind"] in ("text-to-video", "image-to-video")
        if not prompt or not known or ratio not in _PIKA_RATIOS or body.get("duration", 5) not in (5, 10):
            return refusal(422, "value_error", "not a valid request")
        if FORBIDDEN in prompt:
            return refusal(422, "content_policy_violation", "flagged by a content checker")
        work = studio.start(prompt, *small(ratio), int(body.get("duration", 5)), body)
        where = f"{place(request)}/fal-ai/pika/requests/{work.id}"
        return JSONResponse({
            "request_id": work.id, "status": "IN_QUEUE", "queue_position": 0, "response_url": where,
            "status_url": f"{where}/status", "cancel_url": f"{where}/cancel",
        })  # fmt: skip

    async def status(request: Request) -> Response:
        if not bearer(request, "Key"):
            return expired()
        work = studio.works.get(request.path_params["id"])
        if work is None:
            return JSONResponse({"detail": "Request not found"}, 404)
        return JSONResponse({"status": words.get(work.step(), "COMPLETED"), "request_id": work.id})

    async def result(request: Request) -> Response:
        if not bearer(request, "Key"):
            return expired()
        work = studio.works.get(request.path_params["id"])
        if work is None or work.phase in words:
            return JSONResponse({"detail": "Request is still in progress"}, 400)
        if work.phase is Phase.FAILED:
            return refusal(422, "generation_failed", "the generation failed")
        return JSONResponse({"video": {"url": address(request, work, "mp4"), "content_type": "video/mp4"}})

    def expired() -> Response:
        return JSONResponse({"detail": "Cannot access application: invalid key"}, 401)

    def throttled() -> Response:
        return JSONResponse({"detail": "Too many requests"}, 429, headers={"retry-after": "45"})

    routes = [
        Route("/fal-ai/pika/requests/{id}/status", status, methods=["GET"]),
        Route("/fal-ai/pika/requests/{id}", result, methods=["GET"]),
        Route("/fal-ai/pika/{version}/{kind}", start, methods=["POST"]),
        studio.files(),
    ]
    return SandboxVendor("pika", routes, throttled, expired)
