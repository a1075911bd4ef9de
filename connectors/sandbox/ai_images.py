"""Makers of pictures in the sandbox: OpenAI's images and speech, Stability AI, and a service that speaks `midjourney-proxy`.

From OpenAI's API reference (images, audio/speech), Stability's (v2beta, stable-image) and the API of `midjourney-proxy`.
"""

from __future__ import annotations

import base64
import re
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.ai_studio import FORBIDDEN, Phase, Studio, address, bearer, json_of
from connectors.sandbox.server import SandboxVendor

_SIZE = re.compile(r"(\d{3,4})x(\d{3,4})")
IMAGE_MODELS = ("gpt-image-1-mini", "gpt-image-1.5", "gpt-image-2", "gpt-image-2.5-flare", "gpt-image-2.5-sunburst")
SPEECH_MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
_RATIOS = {"21:9", "16:9", "3:2", "5:4", "1:1", "4:5", "2:3", "9:16", "9:21"}
MOST_SPEECH = 4_096


def openai(studio: Studio) -> SandboxVendor:
    def refusal(status: int, code: str | None, message: str, kind: str = "invalid_request_error") -> Response:
        return JSONResponse({"error": {"message": message, "type": kind, "param": None, "code": code}}, status)

    async def generate(request: Request) -> Response:
        if not bearer(request):
            return expired()
        body = await json_of(request)
        prompt = str(body.get("prompt") or "")
        size = _SIZE.fullmatch(str(body.get("size", "1024x1024")))
        if body.get("model") not in IMAGE_MODELS:
            return refusal(404, "model_not_found", "The model does not exist or you do not have access to it.")
        if not prompt or size is None or body.get("output_format", "png") != "png" or "response_format" in body:
            return refusal(400, "invalid_value", "Invalid value.")
        if FORBIDDEN in prompt:
            return refusal(
                400,
                "moderation_blocked",
                "Your request was rejected by the safety system.",
                "image_generation_user_error",
            )
        data = studio.picture(prompt, int(size[1]), int(size[2]))
        given, made = max(1, len(prompt) // 4), int(size[1]) * int(size[2]) // 1_000
        return JSONResponse({
            "created": int(time.time()), "background": "opaque", "output_format": "png", "quality": "medium",
            "size": size[0], "data": [{"b64_json": base64.b64encode(data).decode()}],
            "usage": {
                "input_tokens": given, "output_tokens": made, "total_tokens": given + made,
                "input_tokens_details": {"image_tokens": 0, "text_tokens": given},
            },
        })  # fmt: skip

    async def speak(request: Request) -> Response:
        if not bearer(request):
            return expired()
        body = await json_of(request)
        text = str(body.get("input") or "")
        if body.get("model") not in SPEECH_MODELS:
            return refusal(404, "model_not_found", "The model does not exist or you do not have access to it.")
        if not 0 < len(text) <= MOST_SPEECH or not body.get("voice") or body.get("response_format", "mp3") != "mp3":
            return refusal(400, "invalid_value", "Invalid value.")
        if FORBIDDEN in text:
            return refusal(400, "content_policy_violation", "Your request was rejected by the safety system.")
        return Response(studio.recording(text), media_type="audio/mpeg")

    def expired() -> Response:
        return refusal(401, "invalid_api_key", "Incorrect API key provided.")

    def throttled() -> Response:
        answer = refusal(429, "rate_limit_exceeded", "Rate limit reached.", "requests")
        answer.headers["retry-after"] = "120"
        return answer

    routes = [
        Route("/v1/images/generations", generate, methods=["POST"]),
        Route("/v1/audio/speech", speak, methods=["POST"]),
    ]
    return SandboxVendor("openai", routes, throttled, expired)


def stability(studio: Studio) -> SandboxVendor:
    def refusal(status: int, name: str, message: str) -> Response:
        return JSONResponse({"id": "a1b2c3", "name": name, "errors": [message]}, status)

    async def generate(request: Request) -> Response:
        if not bearer(request):
            return expired()
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return refusal(400, "bad_request", "content-type: must be multipart/form-data")
        form = await request.form()
        prompt, ratio = str(form.get("prompt") or ""), str(form.get("aspect_ratio") or "1:1")
        service = request.path_params["service"]
        known = service in ("core", "ultra") or (service == "sd3" and str(form.get("model", "")).startswith("sd3"))
        if not 0 < len(prompt) <= 10_000 or ratio not in _RATIOS or form.get("output_format") != "png" or not known:
            return refusal(400, "bad_request", "prompt, aspect_ratio, output_format or model: is not valid")
        if request.headers.get("accept") != "image/*":
            return refusal(400, "bad_request", "accept: must be image/*")
        if FORBIDDEN in prompt:
            return refusal(403, "content_moderation", "Your request was flagged by our content moderation system.")
        width, height = (int(part) * 64 for part in ratio.split(":"))
        blurred = "blurred" in prompt
        return Response(
            studio.picture(prompt, width, height),
            media_type="image/png",
            headers={"finish-reason": "CONTENT_FILTERED" if blurred else "SUCCESS", "seed": "42"},
        )

    def expired() -> Response:
        return refusal(401, "unauthorized", "missing or invalid api key")

    def throttled() -> Response:
        answer = refusal(
            429, "rate_limit_exceeded", "You have exceeded the rate limit of 150 requests within 10 seconds."
        )
        answer.headers["retry-after"] = "60"
        return answer

    routes = [Route("/v2beta/stable-image/generate/{service}", generate, methods=["POST"])]
    return SandboxVendor("stability", routes, throttled, expired)


def midjourney(studio: Studio) -> SandboxVendor:
    words = {Phase.QUEUED: "SUBMITTED", Phase.RUNNING: "IN_PROGRESS", Phase.DONE: "SUCCESS", Phase.FAILED: "FAILURE"}

    async def imagine(request: Request) -> Response:
        if not bearer(request):
            return expired()
        prompt = str((await json_of(request)).get("prompt") or "")
        if not prompt:
            return JSONResponse({"code": 4, "description": "prompt is empty", "properties": {}, "result": None})
        if FORBIDDEN in prompt:
            return JSONResponse(
                {"code": 24, "description": "may contain banned words", "properties": {}, "result": None}
            )
        if "crowded" in prompt:
            return JSONResponse({"code": 23, "description": "the queue is full", "properties": {}, "result": None})
        work = studio.start(prompt, 512, 512, 0, {})
        return JSONResponse({"code": 1, "description": "submitted", "properties": {}, "result": work.id})

    async def fetch(request: Request) -> Response:
        if not bearer(request):
            return expired()
        work = studio.works.get(request.path_params["id"])
        if work is None:
            return Response(status_code=404)
        phase = work.step()
        found: dict[str, Any] = {
            "id": work.id, "action": "IMAGINE", "prompt": work.prompt, "status": words[phase],
            "progress": {Phase.DONE: "100%", Phase.RUNNING: "50%"}.get(phase, "0%"),
            "imageUrl": address(request, work, "png") if phase is Phase.DONE else None,
            "failReason": "internal" if phase is Phase.FAILED else None,
        }  # fmt: skip
        return JSONResponse(found)

    def expired() -> Response:
        return JSONResponse({"code": 401, "description": "Unauthorized"}, 401)

    def throttled() -> Response:
        return JSONResponse({"code": 429, "description": "Too Many Requests"}, 429, headers={"retry-after": "90"})

    routes = [
        Route("/mj/submit/imagine", imagine, methods=["POST"]),
        Route("/mj/task/{id}/fetch", fetch, methods=["GET"]),
        studio.files(),
    ]
    return SandboxVendor("midjourney", routes, throttled, expired)
