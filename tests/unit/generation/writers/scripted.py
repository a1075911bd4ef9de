"""A text generator that answers from a script, for tests of what is made of answers; it keeps what it was asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from models.domain.ai import TextAnswer, TextRequest, Tokens
from models.errors import ModelDown, ModelError


class Scripted:
    """`answers` gives, for a request, the answer's fields; None stands for a model that is down, an error is raised."""

    def __init__(self, answers: Callable[[TextRequest[Any]], dict[str, Any] | ModelError | None]) -> None:
        self._answers = answers
        self.requests: list[TextRequest[Any]] = []

    def generate(self, request: TextRequest[Any], on_text: Callable[[str], None] | None = None) -> TextAnswer[Any]:
        self.requests.append(request)
        fields = self._answers(request)
        if isinstance(fields, ModelError):
            raise fields
        if fields is None:
            raise ModelDown("test/model", cause="it does not answer", next_step="try again later")
        value = request.answer.model_validate(fields)
        if on_text is not None:
            on_text(value.model_dump_json())
        return TextAnswer(value, "test", "model", Tokens(100, 50), 0.1, cost_microusd=7)


def statements(request: TextRequest[Any]) -> dict[str, str]:
    """What the request wants said, by key, in words that are not the rules'."""
    said = re.findall(
        r"^- ([stp]\d+): (?:“[^”]*” \([^)]*\); [^;]*; |[^;:“]{3,12}; )?(.*)$", request.prompt, re.MULTILINE
    )
    return {key: f"To begin with, {text[:1].lower()}{text[1:]}" for key, text in said}
