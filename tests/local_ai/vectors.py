"""The embeddings of the facade: those of the embedder that comes with FABRIC."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from connectors.ai.minilm.embedder import MiniLm

EMBEDDER = "all-minilm-l6-v2"


@cache
def _embedder() -> MiniLm:
    return MiniLm()


def embed(texts: Sequence[str]) -> np.ndarray:
    return _embedder().documents(texts)
