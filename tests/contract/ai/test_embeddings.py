"""Embeddings over a provider's endpoint: batches, shapes and what goes wrong. The SDK is real, the wire is scripted."""

from __future__ import annotations

import json
import traceback
from typing import Any

import httpx2
import numpy as np
import pytest

from connectors.ai.factory import make_embedder
from connectors.ai.openai.embeddings import BATCH_BYTES, BATCH_TEXTS, HostedEmbedder
from models.domain.ai import Modality, ModelSpec, Tier, Tokens
from models.errors import AnswerMalformed, InvalidInput, ModelBusy, ModelDown, ModelError, ModelKeyRefused, NoModel
from tests.contract.ai.kit import KEY, PROMPT, Provider, Reply, error


def embedder(*replies: Reply, **changes: Any) -> tuple[HostedEmbedder, Provider]:
    provider = Provider(replies)
    settings = {"model": "own", "api_key": KEY, "base_url": "http://models.test/v1", "dimension": 3, **changes}
    return make_embedder("openai-compatible", transport=provider.transport, **settings), provider


def vectors(request: httpx2.Request) -> httpx2.Response:
    """A vector of length 5 for each text, told in the reverse order."""
    texts = json.loads(request.content)["input"]
    rows = [
        {"object": "embedding", "index": at, "embedding": [3.0, 4.0, 0.0] if len(text) % 2 else [0.0, 0.0, 5.0]}
        for at, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return httpx2.Response(200, json={"object": "list", "model": "own", "data": rows[::-1], "usage": usage})


def given(rows: Any) -> httpx2.Response:
    data = [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(rows)]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return httpx2.Response(200, json={"object": "list", "model": "own", "data": data, "usage": usage})


def test_rows_are_in_the_order_of_the_texts_and_of_length_one() -> None:
    made, _ = embedder(vectors)

    rows = made.documents(["a", "bb", "ccc"])

    assert rows.dtype == np.float32
    assert np.allclose(rows, [[0.6, 0.8, 0], [0, 0, 1], [0.6, 0.8, 0]])
    assert (made.model_id, made.dimension) == ("openai-compatible/own@3", 3)


def test_batches_hold_so_many_texts_and_bytes_and_lose_none() -> None:
    made, provider = embedder(vectors)
    texts = ["x"] * (BATCH_TEXTS + 1) + ["é" * (BATCH_BYTES // 2), "yy", "z" * (2 * BATCH_BYTES)]

    rows = made.documents(texts)

    sent = [body["input"] for body in provider.bodies()]
    assert [text for batch in sent for text in batch] == texts
    assert max(len(batch) for batch in sent) == BATCH_TEXTS
    assert all(len(batch) == 1 or sum(len(text.encode()) for text in batch) <= BATCH_BYTES for batch in sent)
    assert rows.shape == (len(texts), 3)


def test_a_call_says_what_it_counted_and_cost() -> None:
    priced = ModelSpec("openai-compatible", "own", Modality.EMBEDDING, Tier.STANDARD, usd_in=3.0)
    made, _ = embedder(vectors, spec=priced)
    unpriced, _ = embedder(vectors)

    assert [made.embed(batch).cost_microusd for batch in made.batches(["a"])] == [3]
    assert (unpriced.embed(["a"]).tokens, unpriced.embed(["a"]).cost_microusd) == (Tokens(given=1), None)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (error("openai", 401, "invalid_api_key"), ModelKeyRefused),
        (error("openai", 404, "model_not_found"), NoModel),
        (error("openai", 429, "rate_limit_exceeded", {"retry-after": "7"}), ModelBusy),
        (error("openai", 500), ModelDown),
        (httpx2.ConnectError(f"no route for {KEY}"), ModelDown),
        (httpx2.ReadTimeout("slow"), ModelDown),
        (httpx2.Response(200, text="<html>"), AnswerMalformed),
        (httpx2.Response(200, text="{nope", headers={"content-type": "application/json"}), AnswerMalformed),
        (httpx2.Response(200, json={}), AnswerMalformed),
        (httpx2.Response(200, json=[1]), AnswerMalformed),
        (given([[1.0, 0.0, 0.0]]), AnswerMalformed),
        (given([[1.0, 0.0], [0.0, 1.0]]), AnswerMalformed),
        (given([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]), AnswerMalformed),
        (given([["a", 0.0, 0.0], [0.0, 1.0, 0.0]]), AnswerMalformed),
        (given([[1e39, 0.0, 0.0], [0.0, 1.0, 0.0]]), AnswerMalformed),
    ],
)
def test_what_goes_wrong_is_an_error_of_ours(reply: Reply, expected: type[ModelError]) -> None:
    made, provider = embedder(reply)

    with pytest.raises(ModelError) as raised:
        made.documents([PROMPT, "another"])

    assert type(raised.value) is expected
    assert len(provider.asked) == 1
    shown = str(raised.value) + repr(made) + "".join(traceback.format_exception(raised.value))
    assert KEY not in shown
    assert PROMPT not in shown
    assert ("cannot be reached" in str(raised.value)) == isinstance(reply, httpx2.ConnectError)
    assert (raised.value.until is not None) == (expected is ModelBusy)


def test_openais_vectors_are_whole_unless_shortened() -> None:
    provider = Provider([given([[1.0] * 256])])
    whole = make_embedder("openai", model="text-embedding-3-small", api_key=KEY)
    short = make_embedder(
        "openai", model="text-embedding-3-small", api_key=KEY, dimension=256, transport=provider.transport
    )

    assert isinstance(whole, HostedEmbedder)
    assert whole.dimension == 1536
    assert whole.model_id != short.model_id
    assert short.documents(["a"]).shape == (1, 256)
    assert provider.bodies()[0]["dimensions"] == 256
    assert str(provider.asked[0].url) == "https://api.openai.com/v1/embeddings"


def test_what_cannot_be_built_says_why() -> None:
    with pytest.raises(InvalidInput, match="anthropic gives no embeddings here"):
        make_embedder("anthropic", model="m", api_key=KEY)
    with pytest.raises(InvalidInput, match="openai/new-one: the length of its vectors is not known: set the dimension"):
        make_embedder("openai", model="new-one", api_key=KEY)
    with pytest.raises(InvalidInput, match="9999 is no length that its vectors can have: set one from 1 to 1536"):
        make_embedder("openai", model="text-embedding-3-small", api_key=KEY, dimension=9999)
    with pytest.raises(NoModel, match="no key is set"):
        make_embedder("openai", model="text-embedding-3-small")
