"""The official SDKs, through our adapters, against a real model on this machine. Shapes only: it writes nonsense."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from connectors.ai.factory import make_embedder, make_text_model
from models.errors import AnswerRefused, AnswerTruncated, NoModel
from models.ports import TextModel
from tests.contract.ai.kit import Tagline, request
from tests.local_ai.language_model import CONTEXT_TOKENS, NAME
from tests.local_ai.vectors import EMBEDDER

PROVIDERS = ("openai", "openai-compatible", "anthropic", "anthropic-compatible", "google")
SLOW = 240.0
"""Seconds for one answer, on a machine that is busy with other tests."""


def local_model(provider: str, address: str, **changes: Any) -> TextModel:
    where = f"{address}/v1" if provider.startswith("openai") else address
    return make_text_model(provider, **{"model": NAME, "api_key": "any", "base_url": where, **changes})


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_answer_has_the_asked_shape_and_counted_tokens_and_no_price(provider: str, local_ai: str) -> None:
    answer = local_model(provider, local_ai).generate(request(deadline_seconds=SLOW))

    assert isinstance(answer.value, Tagline)
    assert len(answer.value.tagline) <= 60
    assert (answer.provider, answer.model) == (provider, NAME)
    assert answer.tokens.given is not None
    assert answer.tokens.made is not None
    assert 10 < answer.tokens.given < 500
    assert 0 < answer.tokens.made <= 120
    assert answer.cost_microusd is None
    assert 0 < answer.seconds < SLOW
    assert not answer.cache_hit


@pytest.mark.parametrize("provider", PROVIDERS)
def test_text_grows_from_its_beginning_while_it_is_written(provider: str, local_ai: str) -> None:
    told: list[str] = []

    answer = local_model(provider, local_ai).generate(request(deadline_seconds=SLOW), on_text=told.append)

    assert len(told) > 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(told))
    assert Tagline.model_validate_json(told[-1]) == answer.value
    assert answer.tokens.made


@pytest.mark.parametrize("provider", ["openai-compatible", "anthropic", "google"])
def test_an_answer_cut_off_at_its_limit_says_so(provider: str, local_ai: str) -> None:
    with pytest.raises(AnswerTruncated, match="cut off at its limit of tokens"):
        local_model(provider, local_ai).generate(request(max_tokens=4, deadline_seconds=SLOW))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_model_that_is_not_there_is_named(provider: str, local_ai: str) -> None:
    with pytest.raises(NoModel, match=rf"^{provider}/no-such-model: the provider has no such model \(HTTP 404"):
        local_model(provider, local_ai, model="no-such-model").generate(request())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_prompt_longer_than_the_context_is_refused(provider: str, local_ai: str) -> None:
    longer = request(prompt="word " * (3 * CONTEXT_TOKENS), deadline_seconds=SLOW)

    with pytest.raises(AnswerRefused, match="longer than the model can read; shorten it") as refused:
        local_model(provider, local_ai).generate(longer)
    assert refused.value.spent_microusd == 0


def test_a_model_without_schemas_is_told_the_shape_in_words(local_ai: str) -> None:
    class Free(BaseModel):
        words: str

    model = local_model("openai-compatible", local_ai, structured=False)
    asked = request(answer=Free, max_tokens=8, deadline_seconds=SLOW)

    # Unconstrained, so small a model writes no JSON within eight tokens: it is cut off, and no schema is enforced.
    with pytest.raises(AnswerTruncated):
        model.generate(asked)


def test_a_call_works_inside_a_running_event_loop_and_in_threads(local_ai: str) -> None:
    model = local_model("openai", local_ai)
    asked = request(deadline_seconds=SLOW)

    async def inside() -> Tagline:
        return model.generate(asked).value

    here = asyncio.run(inside())
    with ThreadPoolExecutor(2) as threads:
        there = [one.value for one in threads.map(lambda _: model.generate(asked), range(2))]

    assert all(isinstance(value, Tagline) for value in [here, *there])


def test_embeddings_have_a_row_a_text_and_length_one(local_ai: str) -> None:
    embedder = make_embedder("openai-compatible", model=EMBEDDER, base_url=f"{local_ai}/v1", dimension=384)
    texts = ["a quiet launch", "a loud launch", "tax law"] * 50

    vectors = embedder.documents(texts)

    assert vectors.shape == (150, embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[:3], vectors[-3:], atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert np.allclose(embedder.queries(texts[:1]), vectors[:1], atol=1e-3)
    assert embedder.documents([]).shape == (0, 384)
    assert embedder.documents([""]).shape == (1, 384)


def test_the_factory_imports_no_sdk() -> None:
    heavy = ("openai", "anthropic", "google.genai", "pydantic_ai", "genai_prices", "httpx2", "numpy")
    code = f"import sys, connectors.ai.factory; print([name for name in {heavy!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
