"""The request that asks a model for one part of a strategy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from models.domain.ai import Task, TextRequest, Tier
from models.generation.prompt_files import prompt
from models.generation.writers.background import Background


def strategy_request(name: str, answer: type[Any], data: Sequence[str], background: Background) -> TextRequest[Any]:
    """With the prompt file `name` as instructions and the sections of `data`, then what people asked for, as the prompt."""
    file = prompt(name)
    return TextRequest(
        task=Task.STRATEGY,
        tier=Tier.PREMIUM,
        instructions=file.text,
        prompt="\n\n".join(data) + background.wishes(),
        answer=answer,
        prompt_version=file.version,
        max_tokens=1_500,
        deadline_seconds=120,
    )
