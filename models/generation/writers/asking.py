"""One question to a model, asked a second time with what was wrong with the first answer, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from pydantic import BaseModel

from models.domain.ai import TextAnswer, TextRequest
from models.errors import AnswerMalformed, AnswerRefused, AnswerTruncated, ModelError
from models.ports import TextGenerator

A = TypeVar("A", bound=BaseModel)
V = TypeVar("V")

OnText = Callable[[str], None]
"""Receives what a model has written so far, each time from its beginning."""


@dataclass(frozen=True)
class Verdict(Generic[V]):
    """What an answer is worth: what of it can be used (None for nothing), and in words what is wrong with the rest."""

    value: V | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked(Generic[V]):
    """`value` is None where the model gave nothing that can be used; `problems` then says why. `answers` are the calls made.

    `unreached`: no model said anything, not even something unusable, so that asking again later may give an answer.
    """

    value: V | None
    requests: tuple[TextRequest[BaseModel], ...] = ()
    answers: tuple[TextAnswer[BaseModel], ...] = ()
    problems: tuple[str, ...] = field(default=())
    unreached: bool = False


def ask(
    generator: TextGenerator,
    request: TextRequest[A],
    judge: Callable[[A], Verdict[V]],
    on_text: OnText | None = None,
) -> Asked[V]:
    """Asks, judges, and where something is wrong asks once more with the problems; the better of the two answers counts.

    A model that fails is no error here: the caller has rules to fall back on, and the problem says what happened.
    """
    requests: list[TextRequest[BaseModel]] = []
    answers: list[TextAnswer[BaseModel]] = []
    best: Verdict[V] = Verdict(None)
    current, unreached = request, False
    for _ in range(2):
        try:
            answer = generator.generate(current, on_text)
        except ModelError as error:
            best = replace(best, problems=(*best.problems, str(error)))
            unreached = not answers and not isinstance(error, AnswerRefused | AnswerTruncated | AnswerMalformed)
            break
        requests.append(_untyped(current))
        answers.append(_untyped_answer(answer))
        verdict = judge(answer.value)
        if not verdict.problems:
            return Asked(verdict.value, tuple(requests), tuple(answers))
        if best.value is None or (verdict.value is not None and len(verdict.problems) < len(best.problems)):
            best = verdict
        current = again(request, answer.value, verdict.problems)
    return Asked(best.value, tuple(requests), tuple(answers), best.problems, unreached)


def again(request: TextRequest[A], answer: BaseModel, problems: Sequence[str]) -> TextRequest[A]:
    """The request with the last answer and what was wrong with it."""
    wrong = "\n".join(f"- {problem}" for problem in problems)
    return replace(
        request,
        prompt=f"{request.prompt}\n\n# Your last answer\n{answer.model_dump_json()}\n\n# What was wrong with it\n{wrong}\n\n"
        "Answer again in full, without these faults.",
    )


def _untyped(request: TextRequest[A]) -> TextRequest[BaseModel]:
    return TextRequest(
        request.task, request.tier, request.instructions, request.prompt, request.answer, request.prompt_version,
        request.max_tokens, request.deadline_seconds,
    )  # fmt: skip


def _untyped_answer(answer: TextAnswer[A]) -> TextAnswer[BaseModel]:
    return TextAnswer(
        answer.value, answer.provider, answer.model, answer.tokens, answer.seconds, answer.cost_microusd,
        answer.cache_hit,
    )  # fmt: skip
