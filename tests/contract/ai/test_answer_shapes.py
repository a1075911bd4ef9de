"""Every shape that FABRIC asks models for, as each provider is told it, and as a real model fills it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from connectors.ai.factory import make_text_model
from models.errors import AnswerMalformed, AnswerTruncated
from models.generation.profile_writing import ProfileAnswer
from models.generation.quarantine.schema import Reading
from models.generation.writers import answers as writers
from tests.contract.ai.kit import answer, model, request
from tests.local_ai.language_model import NAME

SHAPES: list[type[BaseModel]] = [
    writers.BriefsAnswer,
    writers.keyed(writers.BriefsAnswer, "briefs", "entry", ["e1", "e2"], least=2),
    writers.MailAnswer,
    writers.PillarsAnswer,
    writers.PostAnswer,
    writers.RolesAnswer,
    writers.SummaryAnswer,
    writers.TitledAnswer,
    ProfileAnswer,
    Reading,
]
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)


def wire_schema(name: str, shape: type[BaseModel]) -> dict[str, Any]:
    asked, provider = model(name, answer(name, "{}"))
    with pytest.raises(AnswerMalformed):
        asked.generate(request(answer=shape))
    body = provider.bodies()[0]
    return {
        "openai": lambda: body["text"]["format"],
        "openai-compatible": lambda: body["response_format"]["json_schema"],
        "anthropic": lambda: body["output_config"]["format"],
        "google": lambda: {"schema": body["generationConfig"]["responseJsonSchema"]},
    }[name]()  # type: ignore[no-any-return]


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object's schema inside a schema."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for inner in schema.values():
            yield from objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


@every_shape
@pytest.mark.parametrize("name", ["openai", "openai-compatible"])
def test_openai_is_held_to_the_shape(name: str, shape: type[BaseModel]) -> None:
    """Its strict mode wants every field required and no other allowed, and knows no defaults (guide to structured outputs)."""
    told = wire_schema(name, shape)

    assert told["strict"] is True
    found = list(objects(told["schema"]))
    assert found
    for one in found:
        assert one["additionalProperties"] is False
        assert set(one["required"]) == set(one["properties"])
    assert '"default"' not in json.dumps(told["schema"])


@every_shape
def test_anthropic_is_told_no_limit_that_it_refuses(shape: type[BaseModel]) -> None:
    """No lengths and no bounds, and no fields beyond those named (guide to structured outputs)."""
    told = wire_schema("anthropic", shape)["schema"]

    assert list(objects(told))
    for one in objects(told):
        assert one["additionalProperties"] is False
    refused = {"minLength", "maxLength", "minimum", "maximum", "multipleOf", "maxItems", "uniqueItems"}
    assert not {key for key in refused if f'"{key}":' in json.dumps(told)}


@every_shape
def test_google_is_told_the_shape(shape: type[BaseModel]) -> None:
    told = wire_schema("google", shape)["schema"]

    assert set(told["properties"]) == set(shape.model_fields)


@every_shape
def test_a_real_model_is_held_to_the_shape_as_far_as_it_gets(shape: type[BaseModel], local_ai: str) -> None:
    told: list[str] = []
    asked = make_text_model("openai-compatible", model=NAME, base_url=f"{local_ai}/v1")

    with contextlib.suppress(AnswerTruncated):
        asked.generate(request(answer=shape, max_tokens=40, deadline_seconds=240.0), on_text=told.append)

    first = next(iter(shape.model_fields))
    assert told[-1].replace(" ", "").replace("\n", "").startswith('{"' + first + '":')


@pytest.mark.parametrize("name", ["openai", "openai-compatible", "google"])
def test_a_model_is_told_the_keys_that_it_may_give(name: str) -> None:
    shape = writers.keyed(writers.RolesAnswer, "roles", "platform", ["p1", "p2"], least=2)
    told = json.dumps(wire_schema(name, shape))
    assert '"enum": ["p1", "p2"]' in told
    assert shape.model_validate({"roles": [{"platform": "p9", "role": "", "rationale": []}]}).roles[0].platform == "p9"
