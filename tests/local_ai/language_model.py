"""A language model in this process, by llama.cpp: for tests only."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

from tests.local_ai.weights import SMALL, Weights

NAME = SMALL.name
CONTEXT_TOKENS = 8192


class Declined(Exception):
    """llama.cpp refuses the request: most often it is longer than the context."""


_served: list[Weights] = [SMALL]


def installed(weights: Weights = SMALL) -> bool:
    """Whether the runtime and the weights are there: the dependency groups `local-llm` and, for the larger, `larger-llm`."""
    return find_spec("xllamacpp") is not None and weights.installed()


def served() -> Weights:
    """The model of this process."""
    return _served[0]


@cache
def _server() -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(served().file())
    params.n_ctx = 2 * CONTEXT_TOKENS
    params.n_parallel = 2
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = served().threads
    params.ui = False
    params.offline = True
    params.verbosity = -1
    return xllamacpp.Server(params)


def load(weights: Weights) -> None:
    """Serves this model from here on, loaded now instead of at the first call. Once in a process."""
    _served[0] = weights
    _server()


def complete(body: dict[str, Any]) -> dict[str, Any]:
    """One chat completion, in OpenAI's shape. Blocks. Raises `Declined`."""
    answer: dict[str, Any] = _server().handle_chat_completions({**dict(served().sampling), **body, "stream": False})
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
            asked = {**dict(served().sampling), **body, "stream": True, "stream_options": {"include_usage": True}}
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
