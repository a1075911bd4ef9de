"""What goes over the wire to a provider."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import httpx2
import pytest
from pydantic import BaseModel

from connectors.ai.factory import make_text_model
from connectors.ai.text import PROBLEMS
from models.domain.ai import Modality, ModelSpec, Tier
from models.errors import ModelDown
from models.routing.money import BYTES_A_TOKEN, OVERHEAD_TOKENS
from tests.contract.ai.kit import ADDRESSES, GOOD, KEY, MODELS, PROMPT, Tagline, answer, error, model, request

every_provider = pytest.mark.parametrize("name", MODELS)
PATHS = {
    "openai": "https://api.openai.com/v1/responses",
    "openai-compatible": f"{ADDRESSES['openai-compatible']}/chat/completions",
    "anthropic": "https://api.anthropic.com/v1/messages",
    "anthropic-compatible": f"{ADDRESSES['anthropic-compatible']}/v1/messages",
    "google": "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:generateContent",
}

HEADERS = {
    "google": {"x-goog-api-key": KEY},
    "anthropic-compatible": {"authorization": f"Bearer {KEY}", "x-api-key": KEY},
}


def sent(name: str, **changes: Any) -> dict[str, Any]:
    asked, provider = model(name, answer(name, GOOD), **changes)
    asked.generate(request())
    return provider.bodies()[0]


def limit(body: dict[str, Any]) -> int:
    told = body.get("max_output_tokens") or body.get("max_tokens") or body["generationConfig"]["maxOutputTokens"]
    assert isinstance(told, int)
    return told


@every_provider
def test_a_call_goes_to_its_address_with_its_key_only(name: str) -> None:
    asked, provider = model(name, answer(name, GOOD))
    asked.generate(request())
    (call,) = provider.asked

    assert str(call.url) == PATHS[name]
    carrying = {header: value for header, value in call.headers.items() if KEY in value}
    assert carrying == HEADERS.get(name, {"authorization": f"Bearer {KEY}"})
    assert KEY not in call.content.decode()


@every_provider
def test_the_environment_does_not_send_calls_elsewhere(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.setenv(variable, "http://elsewhere.test")
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(variable, "sk-of-the-environment")
    asked, provider = model(name, answer(name, GOOD))
    asked.generate(request())
    (call,) = provider.asked

    assert str(call.url) == PATHS[name]
    assert "sk-of-the-environment" not in str(list(call.headers.items()))


@every_provider
def test_instructions_and_data_are_apart_and_the_limit_is_set(name: str) -> None:
    body = sent(name)
    instructions = "Write a tagline and score it."
    whole = json.dumps(body)

    assert whole.count(instructions) == 1
    assert whole.count(PROMPT) == 1
    spoken = body.get("input") or body.get("messages") or body["contents"]
    users = [one for one in spoken if one.get("role") == "user"]
    assert PROMPT in json.dumps(users)
    assert instructions not in json.dumps(users)
    assert limit(body) == 120
    assert "temperature" not in whole


@every_provider
def test_the_limit_is_never_more_than_the_model_can_make(name: str) -> None:
    small = ModelSpec(name, MODELS[name], Modality.TEXT, Tier.DRAFT, max_output_tokens=50)

    assert limit(sent(name, spec=small)) == 50


@every_provider
def test_the_schema_goes_along_unless_the_model_knows_none(name: str) -> None:
    schema = sent(name)
    bare = ModelSpec(name, MODELS[name], Modality.TEXT, Tier.DRAFT, structured=False)
    told = sent(name, spec=bare)

    def enforced(body: dict[str, Any]) -> bool:
        shapes = (
            (body.get("text") or {}).get("format", {}).get("type") == "json_schema",
            (body.get("response_format") or {}).get("type") == "json_schema",
            "format" in (body.get("output_config") or {}),
            "responseJsonSchema" in (body.get("generationConfig") or {}),
        )
        return any(shapes)

    assert enforced(schema)
    assert not enforced(told)
    assert "tagline" in json.dumps(told)


def test_openai_is_told_to_keep_nothing() -> None:
    assert sent("openai")["store"] is False


def test_a_compatible_endpoint_needs_no_key() -> None:
    asked, provider = model("openai-compatible", answer("openai-compatible", GOOD), api_key="")

    asked.generate(request())

    assert provider.asked[0].headers["authorization"] == "Bearer none"


@every_provider
def test_a_repair_shows_few_problems_and_no_more_than_the_budget_counts_with(name: str) -> None:
    class Many(BaseModel):
        taglines: list[Tagline]

    wrong = {"taglines": [{"tagline": "y" * 70, "score": "none"}] * 100}
    asked, provider = model(name, answer(name, wrong), answer(name, {"taglines": []}))

    asked.generate(request(answer=Many))

    first, second = (len(one.content) for one in provider.asked)
    again = provider.asked[1].content.decode()
    assert again.count("at most 60 characters") == 3
    assert again.count("taglines.") == PROBLEMS
    # A token is one byte at least, and the answer that is shown again is paid by what was made.
    assert second - first - len(json.dumps(json.dumps(wrong))) < OVERHEAD_TOKENS * BYTES_A_TOKEN


class Counted(httpx2.AsyncBaseTransport):
    """Says how often it was closed."""

    def __init__(self, inner: httpx2.MockTransport) -> None:
        self.inner = inner
        self.closed = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        self.closed += 1


@every_provider
@pytest.mark.parametrize("status", [200, 500])
def test_each_call_closes_what_it_opened(name: str, status: int) -> None:
    transport = Counted(httpx2.MockTransport(lambda _: answer(name, GOOD) if status == 200 else error(name, status)))
    asked = make_text_model(name, model=MODELS[name], api_key=KEY, base_url=ADDRESSES.get(name), transport=transport)

    for calls in (1, 2):
        with contextlib.suppress(ModelDown):
            asked.generate(request())
        assert transport.closed == calls
