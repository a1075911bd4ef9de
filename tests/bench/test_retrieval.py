"""The benchmark of retrieval in small: it says everything it promises, and search finds most articles by their titles."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.domain.retrieval import Document, Source
from models.errors import InvalidInput
from orchestration.bench.retrieval import pairs_of, without_title


@pytest.fixture(scope="module")
def told(shared_data: Path, new_installation: Callable[[str], Any]) -> Any:
    folders = [str(shared_data / "blogs" / name) for name in ("18f", "dvc", "ember")]
    return new_installation("retrieval").json(
        "bench", "retrieval", *folders, "--pairs", "20", "--among", "30", "--whole", "--chunks", "3000"
    )


def test_one_object_says_it_all(told: Any) -> None:
    assert told["recall"].keys() == told["size"]["query_ms"].keys() == {"hybrid", "vector", "text"}
    assert (told["documents"], told["pairs"], told["size"]["chunks"]) == (30, 20, 3_000)
    assert told["chunks"] >= 30
    assert told["model"] == "all-MiniLM-L6-v2-onnx-int8"
    assert min(told["embedding"].values()) > 0
    assert all(0 < times["p50"] <= times["p95"] for times in told["size"]["query_ms"].values())
    assert told["machine"]["lancedb"]


def test_most_articles_are_found_by_their_titles(told: Any) -> None:
    assert told["recall"]["vector"]["at_10"] >= 0.8
    assert told["recall"]["hybrid"]["at_10"] >= 0.8
    for shares in told["recall"].values():
        assert 0 <= shares["at_1"] <= shares["mrr"] <= shares["at_10"] <= 1


def test_copies_are_told_from_texts_that_are_alike(told: Any) -> None:
    chosen = next(row for row in told["copies"]["bounds"] if (row["similar"], row["shared"]) == (0.8, 0.25))
    assert min(chosen["caught"].values()) >= 0.9
    assert chosen["falsely"] <= 0.05


def test_no_word_of_the_title_stays() -> None:
    document = Document(
        Source.OWN,
        "web",
        "a",
        "A",
        "1",
        "The U.S. budget, in 12 steps",
        "Our Budget (in U.S. dollars) THE step, steps: 12 of it",
    )
    text = without_title(document).text
    assert re.findall(r"\w+", text) == ["Our", "dollars", "step", "of", "it"]
    assert without_title(document).title == ""


def test_too_few_articles_are_refused() -> None:
    with pytest.raises(InvalidInput, match="give more folders"):
        pairs_of([], 10)
