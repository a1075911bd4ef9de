"""What providers say on the wire, and a provider that says what a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from pydantic import BaseModel, Field

from connectors.ai.factory import make_text_model
from models.domain.ai import Task, TextRequest, Tier
from models.ports import TextModel

KEY = "sk-never-to-be-seen-1234567890"
PROMPT = "Data that only the provider may read: a quiet launch in spring."


class Tagline(BaseModel):
    tagline: str = Field(max_length=60)
    score: int = Field(ge=0, le=10)


GOOD = {"tagline": "Slow coffee, early mornings", "score": 7}
TOO_LONG = {"tagline": "x" * 200, "score": 7}

Reply = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


def request(**changes: Any) -> TextRequest[Tagline]:
    asked: dict[str, Any] = {
        "task": Task.DRAFT,
        "tier": Tier.DRAFT,
        "instructions": "Write a tagline and score it.",
        "prompt": PROMPT,
        "answer": Tagline,
        "prompt_version": "tagline@test",
        "max_tokens": 120,
        "deadline_seconds": 30.0,
        **changes,
    }
    return TextRequest(**asked)


@dataclass
class Provider:
    """Gives one reply a call, the last one again and again, and keeps what it was asked."""

    replies: Sequence[Reply]
    asked: list[httpx2.Request] = field(default_factory=list)

    @property
    def transport(self) -> httpx2.MockTransport:
        return httpx2.MockTransport(self._answer)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        reply = self.replies[min(len(self.asked), len(self.replies) - 1)]
        self.asked.append(request)
        if isinstance(reply, Exception):
            raise reply
        return reply(request) if callable(reply) else reply

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(one.content) for one in self.asked]


MODELS = {
    "openai": "gpt-6.1-terra",
    "openai-compatible": "own-model",
    "anthropic": "claude-sonnet-5-5",
    "anthropic-compatible": "own-model",
    "google": "gemini-3.8-flash",
}
ADDRESSES = {"openai-compatible": "http://models.test/v1", "anthropic-compatible": "http://models.test"}


def model(name: str, *replies: Reply, **changes: Any) -> tuple[TextModel, Provider]:
    """The text model of a provider by its name, and what answers it."""
    provider = Provider(replies)
    settings = {"model": MODELS[name], "api_key": KEY, "base_url": ADDRESSES.get(name), **changes}
    return make_text_model(name, transport=provider.transport, **settings), provider


def answer(
    name: str, text: str | dict[str, Any], *, given: int = 100, made: int = 20, cached: int = 0, stop: str = ""
) -> httpx2.Response:
    """An answer in the words of the provider. `stop` is `length` or `refusal`, or empty for a whole one."""
    said = text if isinstance(text, str) else json.dumps(text)
    return httpx2.Response(200, json=_BODIES[name](said, given, made, cached, stop))


def error(name: str, status: int, kind: str = "some_error", headers: dict[str, str] | None = None) -> httpx2.Response:
    """An error that repeats the key and the prompt, as providers' texts do."""
    said = f"Incorrect API key provided: {KEY}. You asked: {PROMPT}"
    body: dict[str, Any]
    if name == "google":
        body = {"error": {"code": status, "message": said, "status": kind.upper()}}
    elif name.startswith("anthropic"):
        body = {"type": "error", "error": {"type": kind, "message": said}, "request_id": "req_1"}
    else:
        body = {"error": {"type": kind, "message": said, "param": None, "code": kind}}
    return httpx2.Response(status, json=body, headers=headers)


def _responses(text: str, given: int, made: int, cached: int, stop: str) -> dict[str, Any]:
    part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
    if stop == "refusal":
        part = {"type": "refusal", "refusal": text}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "incomplete" if stop == "length" else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if stop == "length" else None,
        "model": MODELS["openai"],
        "output": [{"type": "message", "id": "m", "status": "completed", "role": "assistant", "content": [part]}],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": given,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
            "output_tokens": made,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": given + made,
        },
    }


def _chat(text: str, given: int, made: int, cached: int, stop: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if stop == "refusal":
        message = {"role": "assistant", "content": None, "refusal": text}
    return {
        "id": "chat_1",
        "object": "chat.completion",
        "created": 1,
        "model": "own-model",
        "choices": [{"index": 0, "message": message, "finish_reason": "length" if stop == "length" else "stop"}],
        "usage": {
            "prompt_tokens": given,
            "completion_tokens": made,
            "total_tokens": given + made,
            "prompt_tokens_details": {"cached_tokens": cached},
        },
    }


def _messages(text: str, given: int, made: int, cached: int, stop: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODELS["anthropic"],
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": {"length": "max_tokens", "refusal": "refusal"}.get(stop, "end_turn"),
        "stop_sequence": None,
        "usage": {
            "input_tokens": given - cached,
            "cache_read_input_tokens": cached,
            "cache_creation_input_tokens": 0,
            "output_tokens": made,
        },
    }


def _gemini(text: str, given: int, made: int, cached: int, stop: str) -> dict[str, Any]:
    finish = {"length": "MAX_TOKENS", "refusal": "SAFETY"}.get(stop, "STOP")
    return {
        "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": finish, "index": 0}],
        "usageMetadata": {
            "promptTokenCount": given,
            "candidatesTokenCount": made,
            "cachedContentTokenCount": cached,
            "totalTokenCount": given + made,
        },
        "modelVersion": MODELS["google"],
        "responseId": "r1",
    }


_BODIES: dict[str, Callable[[str, int, int, int, str], dict[str, Any]]] = {
    "openai": _responses,
    "openai-compatible": _chat,
    "anthropic": _messages,
    "anthropic-compatible": _messages,
    "google": _gemini,
}


def stream(name: str, *texts: str, ends: str | None = None) -> httpx2.Response:
    """An answer that comes in pieces, of 100 tokens given and 20 made. `ends` is an error that comes after the pieces
    instead of an end."""
    events = (
        _response_events if name == "openai" else _chat_events if name == "openai-compatible" else _message_events
    )(texts, ends)
    named = ((f"event: {event['type']}\n" if "type" in event else "", event) for event in events)
    lines = "".join(f"{name}data: {json.dumps(event)}\n\n" for name, event in named)
    return httpx2.Response(200, text=lines, headers={"content-type": "text/event-stream"})


def _response_events(texts: Sequence[str], ends: str | None) -> list[dict[str, Any]]:
    whole = _responses("".join(texts), 100, 20, 0, "")
    at = {"item_id": "m", "output_index": 0, "content_index": 0}
    part = whole["output"][0]["content"][0]
    item = {**whole["output"][0], "content": []}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**whole, "status": "in_progress", "output": [], "usage": None}},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.content_part.added", **at, "part": {**part, "text": ""}},
        *({"type": "response.output_text.delta", **at, "delta": text, "logprobs": []} for text in texts),
    ]
    if ends:
        failed = {**whole, "status": "failed", "error": {"code": ends, "message": f"{KEY} {PROMPT}"}}
        events.append({"type": "response.failed", "response": failed})
    else:
        events += [
            {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []},
            {"type": "response.output_item.done", "output_index": 0, "item": whole["output"][0]},
            {"type": "response.completed", "response": whole},
        ]
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _chat_events(texts: Sequence[str], ends: str | None) -> list[dict[str, Any]]:
    base = {"id": "chat_1", "object": "chat.completion.chunk", "created": 1, "model": "own-model"}
    events: list[dict[str, Any]] = [
        {**base, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]} for text in texts
    ]
    if ends:
        return [*events, {"error": {"code": ends, "type": ends, "message": f"{KEY} {PROMPT}"}}]
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    return [
        *events,
        {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {**base, "choices": [], "usage": usage},
    ]


def _message_events(texts: Sequence[str], ends: str | None) -> list[dict[str, Any]]:
    begun = {**_messages("", 100, 0, 0, ""), "stop_reason": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}} for text in texts),
    ]
    if ends:
        return [*events, {"type": "error", "error": {"type": ends, "message": f"{KEY} {PROMPT}"}}]
    return [
        *events,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 20},
        },
        {"type": "message_stop"},
    ]
