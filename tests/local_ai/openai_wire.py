"""What OpenAI's SDK says and hears: chat completions, responses, embeddings, models.

Written from OpenAI's API reference. Only what a client needs for text, JSON schemas, forced tools and streaming.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.local_ai import language_model
from tests.local_ai.vectors import EMBEDDER, embed

MOST_TOKENS = 400
"""Where a request says nothing."""


def identifier(prefix: str) -> str:
    return prefix + uuid.uuid4().hex[:24]


def text_of(content: Any) -> str:
    """Of a message: a string, or blocks with text."""
    return content if isinstance(content, str) else "".join(str(block.get("text", "")) for block in content)


def schema_format(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}


def sse(data: dict[str, Any], event: str = "") -> str:
    return (f"event: {event}\n" if event else "") + f"data: {json.dumps(data)}\n\n"


def refusal(status: int, message: str, code: str | None = None) -> JSONResponse:
    return JSONResponse(
        {"error": {"type": "invalid_request_error", "message": message, "param": None, "code": code}}, status
    )


def unknown_model(name: str) -> JSONResponse | None:
    if name in (language_model.served().name, EMBEDDER):
        return None
    return refusal(404, f"The model {name} does not exist.", "model_not_found")


def forced_tool(body: dict[str, Any]) -> dict[str, Any] | None:
    """The function that the request wants called, if it wants one."""
    tools = [tool["function"] for tool in body.get("tools") or []]
    choice = body.get("tool_choice")
    if not tools or choice in (None, "auto", "none"):
        return None
    wanted = choice["function"]["name"] if isinstance(choice, dict) else None
    return next((tool for tool in tools if wanted in (None, tool["name"])), None)


async def chat(request: Request) -> Response:
    body = await request.json()
    if missing := unknown_model(body["model"]):
        return missing
    asked: dict[str, Any] = {
        "messages": [{"role": _role(one), "content": text_of(one["content"])} for one in body["messages"]],
        "max_tokens": body.get("max_completion_tokens") or body.get("max_tokens") or MOST_TOKENS,
    }
    tool = forced_tool(body)
    if tool:
        asked["response_format"] = schema_format(tool["name"], tool.get("parameters", {}))
    elif body.get("response_format", {}).get("type") == "json_schema":
        asked["response_format"] = body["response_format"]
    try:
        if body.get("stream"):
            usage_wanted = bool((body.get("stream_options") or {}).get("include_usage"))
            rest = language_model.stream(asked)
            first = await run_in_threadpool(next, rest)
            return StreamingResponse(
                _chat_chunks(body["model"], first, rest, usage_wanted), media_type="text/event-stream"
            )
        answer = await run_in_threadpool(language_model.complete, asked)
    except language_model.Declined as declined:
        return refusal(400, str(declined), "context_length_exceeded")
    answer["model"] = body["model"]
    answer.pop("timings", None)
    if tool:
        choice = answer["choices"][0]
        call = {"name": tool["name"], "arguments": choice["message"]["content"]}
        choice["message"] = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": identifier("call_"), "type": "function", "function": call}],
        }
        choice["finish_reason"] = "tool_calls"
    return JSONResponse(answer)


def _role(message: dict[str, Any]) -> str:
    return "system" if message["role"] == "developer" else str(message["role"])


def _chat_chunks(
    model: str, first: dict[str, Any], rest: Iterator[dict[str, Any]], usage_wanted: bool
) -> Iterator[str]:
    for chunk in language_model.joined(first, rest):
        if chunk["choices"] or usage_wanted:
            chunk.pop("timings", None)
            yield sse({**chunk, "model": model})
    yield "data: [DONE]\n\n"


async def responses(request: Request) -> Response:
    body = await request.json()
    if missing := unknown_model(body["model"]):
        return missing
    given = body.get("input") or ""
    messages = [{"role": "system", "content": body["instructions"]}] if body.get("instructions") else []
    if isinstance(given, str):
        messages.append({"role": "user", "content": given})
    else:
        messages += [
            {"role": _role({"role": "user", **one}), "content": text_of(one["content"])}
            for one in given
            if "content" in one
        ]
    asked: dict[str, Any] = {"messages": messages, "max_tokens": body.get("max_output_tokens") or MOST_TOKENS}
    shape = (body.get("text") or {}).get("format") or {}
    if shape.get("type") == "json_schema":
        asked["response_format"] = schema_format(shape.get("name", "answer"), shape["schema"])
    made = _Made(body)
    try:
        if body.get("stream"):
            rest = language_model.stream(asked)
            first = await run_in_threadpool(next, rest)
            return StreamingResponse(made.events(language_model.joined(first, rest)), media_type="text/event-stream")
        answer = await run_in_threadpool(language_model.complete, asked)
    except language_model.Declined as declined:
        return refusal(400, str(declined), "context_length_exceeded")
    choice = answer["choices"][0]
    made.text, made.reason, made.usage = choice["message"]["content"], choice["finish_reason"], answer["usage"]
    return JSONResponse(made.response())


class _Made:
    """One object of the Responses API, as it comes to be."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.id = identifier("resp_")
        self.message_id = identifier("msg_")
        self.created = int(time.time())
        self.text = ""
        self.reason: str | None = None
        self.usage: dict[str, Any] | None = None
        self._sent = 0

    def part(self, text: str) -> dict[str, Any]:
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    def item(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {"type": "message", "id": self.message_id, "status": status, "role": "assistant", "content": content}

    def response(self) -> dict[str, Any]:
        cut = self.reason == "length"
        done = self.reason is not None
        usage = self.usage and {
            "input_tokens": self.usage["prompt_tokens"],
            "input_tokens_details": {"cached_tokens": cached(self.usage), "cache_write_tokens": 0},
            "output_tokens": self.usage["completion_tokens"],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self.usage["total_tokens"],
        }
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": "incomplete" if cut else "completed" if done else "in_progress",
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "instructions": self.body.get("instructions"),
            "metadata": {},
            "model": self.body["model"],
            "parallel_tool_calls": True,
            "temperature": 1.0,
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "text": self.body.get("text") or {"format": {"type": "text"}},
            "output": [self.item("completed", [self.part(self.text)])] if done else [],
            "usage": usage,
        }

    def event(self, kind: str, **fields: Any) -> str:
        self._sent += 1
        return sse({"type": kind, "sequence_number": self._sent - 1, **fields}, kind)

    def events(self, chunks: Iterator[dict[str, Any]]) -> Iterator[str]:
        at = {"item_id": self.message_id, "output_index": 0, "content_index": 0}
        yield self.event("response.created", response=self.response())
        yield self.event("response.in_progress", response=self.response())
        yield self.event("response.output_item.added", output_index=0, item=self.item("in_progress", []))
        yield self.event("response.content_part.added", **at, part=self.part(""))
        reason = "stop"
        for chunk in chunks:
            self.usage = chunk.get("usage") or self.usage
            for choice in chunk["choices"]:
                reason = choice.get("finish_reason") or reason
                if delta := (choice.get("delta") or {}).get("content"):
                    self.text += delta
                    yield self.event("response.output_text.delta", **at, delta=delta, logprobs=[])
        self.reason = reason
        yield self.event("response.output_text.done", **at, text=self.text, logprobs=[])
        yield self.event("response.content_part.done", **at, part=self.part(self.text))
        yield self.event(
            "response.output_item.done", output_index=0, item=self.item("completed", [self.part(self.text)])
        )
        whole = self.response()
        yield self.event(f"response.{whole['status']}", response=whole)


def cached(usage: dict[str, Any]) -> int:
    return int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0)


async def embeddings(request: Request) -> Response:
    body = await request.json()
    if missing := unknown_model(body["model"]):
        return missing
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    if "" in texts:
        return refusal(400, "An input must not be an empty string.")
    rows = await run_in_threadpool(embed, texts)
    if body.get("dimensions"):
        rows = rows[:, : body["dimensions"]]
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    packed = body.get("encoding_format") == "base64"
    data = [
        {
            "object": "embedding",
            "index": at,
            "embedding": base64.b64encode(row.astype("<f4").tobytes()).decode() if packed else row.tolist(),
        }
        for at, row in enumerate(rows)
    ]
    words = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": words, "total_tokens": words}
    return JSONResponse({"object": "list", "model": body["model"], "data": data, "usage": usage})


async def models(request: Request) -> Response:
    names = (language_model.served().name, EMBEDDER)
    if "anthropic-version" in request.headers:
        listed = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"} for name in names
        ]
        return JSONResponse({"data": listed, "has_more": False, "first_id": names[0], "last_id": names[-1]})
    return JSONResponse(
        {
            "object": "list",
            "data": [{"id": name, "object": "model", "created": 0, "owned_by": "local"} for name in names],
        }
    )


ROUTES = [
    Route("/v1/chat/completions", chat, methods=["POST"]),
    Route("/v1/responses", responses, methods=["POST"]),
    Route("/v1/embeddings", embeddings, methods=["POST"]),
    Route("/v1/models", models),
]
