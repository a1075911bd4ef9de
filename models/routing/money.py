"""What a call may cost and is expected to cost, before it is made; and amounts in words."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from models.domain.ai import ModelSpec, TextRequest

OVERHEAD_TOKENS = 1_000
"""More than providers add around instructions, prompt and schema."""
CALLS = 2
"""How many calls one `generate` of a `TextModel` may make: an answer that is not valid is shown to the model once."""
BYTES_A_TOKEN = 4.0
"""UTF-8 bytes of English a token has on average; other languages have fewer, which the bound covers."""


def bound_tokens(request: TextRequest[Any]) -> int:
    """More tokens than the request can have: a token of a byte-level vocabulary stands for one byte at least."""
    return _bytes(request) + OVERHEAD_TOKENS


def expected_tokens(request: TextRequest[Any]) -> int:
    """About how many tokens the request has."""
    return math.ceil(_bytes(request) / BYTES_A_TOKEN)


def most_microusd(spec: ModelSpec, request: TextRequest[Any]) -> int | None:
    """The most that one `generate` can cost, in millionths of a US dollar; None when a price is not known.

    Each call after the first reads, beside the request, the answers that were not valid.
    """
    given = CALLS * bound_tokens(request) + request.max_tokens * (CALLS * (CALLS - 1) // 2)
    return _cost(spec, given, CALLS * request.max_tokens)


def expected_microusd(spec: ModelSpec, request: TextRequest[Any], made_share: float = 1.0) -> int | None:
    """What one call costs when the answer fills `made_share` of its limit; None when a price is not known."""
    return _cost(spec, expected_tokens(request), request.max_tokens * made_share)


def dollars(microusd: int) -> str:
    """`$1.50`, or as many decimals as a small amount needs to be told from nothing: `$0.0012`."""
    amount = microusd / 1_000_000
    return f"${amount:,.2f}" if amount == 0 or amount >= 0.1 else f"${amount:.6f}".rstrip("0")


def _bytes(request: TextRequest[Any]) -> int:
    return len(request.instructions.encode()) + len(request.prompt.encode()) + _schema_bytes(request.answer)  # type: ignore[arg-type]  # mypy takes a class for unhashable


@lru_cache(maxsize=64)
def _schema_bytes(answer: type[BaseModel]) -> int:
    return len(json.dumps(answer.model_json_schema(), ensure_ascii=False).encode())


def _cost(spec: ModelSpec, given: float, made: float) -> int | None:
    if spec.local:
        return 0
    if spec.usd_in is None or spec.usd_out is None:
        return None
    # A dollar a million tokens is a millionth of a dollar a token.
    return math.ceil(given * spec.usd_in + made * spec.usd_out)
