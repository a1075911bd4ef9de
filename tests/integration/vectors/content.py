"""Small content of a made-up boatyard, and an embedder that counts what it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.ai.minilm.embedder import MiniLm
from models.domain.retrieval import Document, Source

if TYPE_CHECKING:
    import numpy as np

MODEL = MiniLm()
"""Loaded once for all tests."""


class Counting:
    """The real model, remembering every text that it embedded as a document."""

    dimension = MODEL.dimension

    def __init__(self, model_id: str = MODEL.model_id) -> None:
        self.model_id = model_id
        self.asked: list[str] = []

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return MODEL.documents(texts)

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        return MODEL.queries(texts)


def post(number: str, text: str, *, source: Source = Source.OWN, platform: str = "x", title: str = "", family: str = "",
         account: str = "Harbour") -> Document:  # fmt: skip
    return Document(
        source, platform, account.lower(), account, number, title, text, f"https://example.org/{number}",
        datetime(2026, 11, 1, 9, 30, tzinfo=UTC), family,
    )  # fmt: skip


CONTENT = [
    post("1", "How we steam oak planks for the hull of a new boat"),
    post("2", "Mackerel on charcoal: our yard's grill evening", platform="instagram"),
    post("3", "Reading the clouds before a sailing trip", title="Weather notes"),
    post("4", "Autumn sale: all life jackets at half price", source=Source.COMPETITOR, account='Rival\'s "Boats"'),
    post("5", "Show how a keel is laid, step by step", source=Source.BRIEF, platform="", family="5"),
    post("6", "A keel is laid in three steps. Here is the first.", source=Source.DRAFT, family="5"),
]
