"""Makers of recordings in the sandbox: ElevenLabs and Murf, from their API references. OpenAI's are in `ai_images`."""

from __future__ import annotations

import base64

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.ai_studio import FORBIDDEN, KEY, Studio, json_of
from connectors.sandbox.clips import CHARACTERS_A_SECOND
from connectors.sandbox.server import SandboxVendor

ELEVEN_MODELS = ("eleven_flash_v2_5", "eleven_multilingual_v2", "eleven_v3")
VOICES = ("21m00Tcm4TlvDq8ikWAM", "pNInz6obpgDQGcFmaJgB")
MURF_VOICES = ("en-US-natalie", "de-DE-matthias")


def elevenlabs(studio: Studio) -> SandboxVendor:
    def refusal(status: int, code: str, message: str) -> Response:
        return JSONResponse({"detail": {"status": code, "message": message}}, status)

    async def speak(request: Request) -> Response:
        if request.headers.get("xi-api-key") != KEY:
            return expired()
        body = await json_of(request)
        text = str(body.get("text") or "")
        if request.path_params["voice"] not in VOICES:
            return refusal(404, "voice_not_found", "A voice with this id was not found.")
        if not text or body.get("model_id", ELEVEN_MODELS[1]) not in ELEVEN_MODELS:
            where = {"loc": ["body", "text"], "msg": "Field required", "type": "missing"}
            return JSONResponse({"detail": [where]}, 422)
        if "language_code" in body and body.get("model_id") == "eleven_multilingual_v2":
            return refusal(400, "unsupported_language", "This model does not support language_code.")
        if FORBIDDEN in text:
            return refusal(400, "content_moderation", "The text was declined.")
        return Response(
            studio.recording(text),
            media_type="audio/mpeg",
            headers={"request-id": "r1", "character-cost": str(len(text))},
        )

    def expired() -> Response:
        return refusal(401, "invalid_api_key", "Invalid API key")

    def throttled() -> Response:
        answer = refusal(429, "too_many_concurrent_requests", "Too many concurrent requests.")
        answer.headers["retry-after"] = "30"
        return answer

    routes = [Route("/v1/text-to-speech/{voice}", speak, methods=["POST"])]
    return SandboxVendor("elevenlabs", routes, throttled, expired)


def murf(studio: Studio) -> SandboxVendor:
    def refusal(status: int, code: str, message: str) -> Response:
        return JSONResponse({"error_message": message, "error_code": code}, status)

    async def speak(request: Request) -> Response:
        if request.headers.get("api-key") != KEY:
            return expired()
        body = await json_of(request)
        text = str(body.get("text") or "")
        if not text or body.get("voiceId") not in MURF_VOICES or body.get("format", "WAV") != "MP3":
            return refusal(400, "invalid_request", "text, voiceId or format is not valid")
        if FORBIDDEN in text:
            return refusal(400, "content_moderation", "The text was declined.")
        data = studio.recording(text)
        return JSONResponse({
            "audioFile": "", "encodedAudio": base64.b64encode(data).decode(),
            "audioLengthInSeconds": round(len(text) / CHARACTERS_A_SECOND, 2), "consumedCharacterCount": len(text),
            "remainingCharacterCount": 100_000 - len(text), "wordDurations": [], "warning": None,
        })  # fmt: skip

    def expired() -> Response:
        return refusal(403, "invalid_api_key", "Invalid api-key")

    def throttled() -> Response:
        answer = refusal(429, "too_many_requests", "Concurrency limit exceeded.")
        answer.headers["retry-after"] = "30"
        return answer

    routes = [Route("/v1/speech/generate", speak, methods=["POST"])]
    return SandboxVendor("murf", routes, throttled, expired)
