"""What Google's SDK says and hears: generated content, whole and streamed, with a JSON schema.

Written from Google's API reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.local_ai import language_model
from tests.local_ai.openai_wire import MOST_TOKENS, cached, identifier, schema_format, sse, text_of

FINISH = {"stop": "STOP", "length": "MAX_TOKENS"}


def refusal(status: int, kind: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": status, "message": message, "status": kind}}, status)


async def generate(request: Request) -> Response:
    name, _, method = request.path_params["model"].partition(":")
    if name != language_model.served().name or method not in ("generateContent", "streamGenerateContent"):
        return refusal(404, "NOT_FOUND", f"models/{name} is not found for API version v1beta.")
    asked = _asked(await request.json())
    try:
        if method == "streamGenerateContent":
            chunks = language_model.stream(asked)
            first = await run_in_threadpool(next, chunks)
            return StreamingResponse(_chunks(name, first, chunks), media_type="text/event-stream")
        answer = await run_in_threadpool(language_model.complete, asked)
    except language_model.Declined as declined:
        return refusal(400, "INVALID_ARGUMENT", f"The input token count exceeds the maximum: {declined}")
    choice = answer["choices"][0]
    whole = choice["message"]["content"], choice["finish_reason"], answer["usage"]
    return JSONResponse(_content(name, identifier("r"), *whole))


def _asked(body: dict[str, Any]) -> dict[str, Any]:
    system = body.get("systemInstruction")
    said = [{"role": "system", "content": text_of(system["parts"])}] if system else []
    said += [
        {"role": "assistant" if one.get("role") == "model" else "user", "content": text_of(one["parts"])}
        for one in body["contents"]
    ]
    wanted = body.get("generationConfig") or {}
    asked: dict[str, Any] = {"messages": said, "max_tokens": wanted.get("maxOutputTokens") or MOST_TOKENS}
    if schema := wanted.get("responseJsonSchema"):
        asked["response_format"] = schema_format("answer", schema)
    return asked


def _content(name: str, answer_id: str, text: str, reason: str | None, usage: dict[str, Any] | None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    if reason:
        candidate["finishReason"] = FINISH[reason]
    told: dict[str, Any] = {"candidates": [candidate], "modelVersion": name, "responseId": answer_id}
    if usage:
        told["usageMetadata"] = {
            "promptTokenCount": usage["prompt_tokens"],
            "cachedContentTokenCount": cached(usage),
            "candidatesTokenCount": usage["completion_tokens"],
            "totalTokenCount": usage["total_tokens"],
        }
    return told


def _chunks(name: str, first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[str]:
    answer_id = identifier("r")
    for chunk in language_model.joined(first, rest):
        text = reason = ""
        for choice in chunk["choices"]:
            text += (choice.get("delta") or {}).get("content") or ""
            reason = choice.get("finish_reason") or reason
        if text or reason or chunk.get("usage"):
            yield sse(_content(name, answer_id, text, reason or None, chunk.get("usage")))


ROUTES = [Route("/v1beta/models/{model}", generate, methods=["POST"])]
