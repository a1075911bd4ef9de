"""What Anthropic's SDK says and hears: messages, with JSON schemas, forced tools and streaming.

Written from Anthropic's API reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.local_ai import language_model
from tests.local_ai.openai_wire import cached, identifier, schema_format, sse, text_of

STOP = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def refusal(status: int, kind: str, message: str) -> JSONResponse:
    return JSONResponse(
        {"type": "error", "error": {"type": kind, "message": message}, "request_id": identifier("req_")}, status
    )


async def messages(request: Request) -> Response:
    body = await request.json()
    if body["model"] != language_model.served().name:
        return refusal(404, "not_found_error", f"model: {body['model']}")
    if not body.get("max_tokens"):
        return refusal(400, "invalid_request_error", "max_tokens: Field required")
    tool = _forced_tool(body)
    asked = _asked(body, tool)
    try:
        if body.get("stream"):
            chunks = language_model.stream(asked)
            first = await run_in_threadpool(next, chunks)
            return StreamingResponse(_events(body, tool, first, chunks), media_type="text/event-stream")
        answer = await run_in_threadpool(language_model.complete, asked)
    except language_model.Declined as declined:
        return refusal(400, "invalid_request_error", f"prompt is too long: {declined}")
    choice = answer["choices"][0]
    text, stop = choice["message"]["content"], STOP[choice["finish_reason"]]
    content: dict[str, Any] = {"type": "text", "text": text}
    if tool and stop == "end_turn":
        content = {"type": "tool_use", "id": identifier("toolu_"), "name": tool["name"], "input": json.loads(text)}
        stop = "tool_use"
    return JSONResponse(_message(body, [content], stop, _usage(answer["usage"])))


def _asked(body: dict[str, Any], tool: dict[str, Any] | None) -> dict[str, Any]:
    said = [{"role": "system", "content": text_of(body["system"])}] if body.get("system") else []
    said += [{"role": one["role"], "content": text_of(one["content"])} for one in body["messages"]]
    asked: dict[str, Any] = {"messages": said, "max_tokens": body["max_tokens"]}
    shape = (body.get("output_config") or {}).get("format") or {}
    if shape.get("type") == "json_schema":
        asked["response_format"] = schema_format("answer", shape["schema"])
    if tool:
        asked["response_format"] = schema_format(tool["name"], tool["input_schema"])
    return asked


def _forced_tool(body: dict[str, Any]) -> dict[str, Any] | None:
    choice = body.get("tool_choice") or {}
    if choice.get("type") not in ("any", "tool"):
        return None
    return next((tool for tool in body.get("tools") or [] if choice.get("name") in (None, tool["name"])), None)


def _message(body: dict[str, Any], content: list[Any], stop: str | None, usage: dict[str, int]) -> dict[str, Any]:
    return {
        "id": identifier("msg_"),
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }


def _usage(counted: dict[str, Any]) -> dict[str, int]:
    """Anthropic counts what was read from the cache apart from the rest of the input."""
    return {
        "input_tokens": counted["prompt_tokens"] - cached(counted),
        "cache_read_input_tokens": cached(counted),
        "cache_creation_input_tokens": 0,
        "output_tokens": counted["completion_tokens"],
    }


def _events(
    body: dict[str, Any], tool: dict[str, Any] | None, first: dict[str, Any], rest: Iterator[dict[str, Any]]
) -> Iterator[str]:
    def event(kind: str, **fields: Any) -> str:
        return sse({"type": kind, **fields}, kind)

    yield event("message_start", message=_message(body, [], None, {"input_tokens": 0, "output_tokens": 0}))
    block: dict[str, Any] = {"type": "text", "text": ""}
    if tool:
        block = {"type": "tool_use", "id": identifier("toolu_"), "name": tool["name"], "input": {}}
    yield event("content_block_start", index=0, content_block=block)
    counted, reason = None, "stop"
    for chunk in language_model.joined(first, rest):
        counted = chunk.get("usage") or counted
        for choice in chunk["choices"]:
            reason = choice.get("finish_reason") or reason
            if text := (choice.get("delta") or {}).get("content"):
                delta = (
                    {"type": "input_json_delta", "partial_json": text} if tool else {"type": "text_delta", "text": text}
                )
                yield event("content_block_delta", index=0, delta=delta)
    yield event("content_block_stop", index=0)
    stop = "tool_use" if tool and reason == "stop" else STOP[reason]
    assert counted is not None
    yield event("message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage=_usage(counted))
    yield event("message_stop")


ROUTES = [Route("/v1/messages", messages, methods=["POST"])]
