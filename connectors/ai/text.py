"""One text model of any provider, asked through pydantic-ai: what the adapters of the providers share."""

from __future__ import annotations

import asyncio
import contextvars
import importlib
import time
from collections.abc import AsyncIterable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

from connectors.ai import failures, prices
from models.domain.ai import ModelSpec, TextAnswer, TextRequest, Tokens
from models.errors import AnswerMalformed, AnswerRefused, AnswerTruncated, ModelError

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse, RetryFeedbackPart
    from pydantic_ai.models import Model, ModelRequestContext

A = TypeVar("A", bound=BaseModel)
T = TypeVar("T")
REPAIRS = 1
"""How often a model is shown why its answer was not valid and asked again, within the same deadline."""
PROBLEMS = 5
PROBLEM_CHARACTERS = 200
"""Of each of the problems it is shown: all of them, with the values, can be many times as long as the answer."""


@dataclass(frozen=True)
class HostedText:
    """A text model behind a provider's SDK.

    `connect` opens the model with clients of its own for one call of at most so many seconds, and closes them after. It
    holds the key, so it is kept out of the repr. `settings` are the provider's own, in pydantic-ai's names. `base_url` is
    where calls go when not to the provider itself.

    Every call runs in an event loop of its own, so it works in a thread with or without a running one; while one is
    running, the call (and with it `on_text`) happens in another thread, which has the caller's context.
    """

    spec: ModelSpec
    sdk: str
    """The module of pydantic-ai that imports the SDK: loaded before the clock of a call starts, for it takes seconds."""
    connect: Callable[[float], AbstractAsyncContextManager[Model]] = field(repr=False)
    settings: Mapping[str, object] = field(default_factory=dict)
    base_url: str | None = None

    def generate(self, request: TextRequest[A], on_text: Callable[[str], None] | None = None) -> TextAnswer[A]:
        """The answer, valid by its schema with all its limits, after one repair at most.

        Raises `ModelError`; one about an answer that came and could not be used says what it cost all the same.
        """
        importlib.import_module(self.sdk)
        started = time.monotonic()
        given: list[ModelResponse] = []
        try:
            with failures.translated(self.spec, request.deadline_seconds):
                value = alone(lambda: self._ask(request, on_text, given))
        except ModelError as failed:
            error = (
                failures.cut_off(self.spec) if isinstance(failed, AnswerMalformed) and _is_cut_off(given) else failed
            )
            error.spent_microusd = self._spent(failed, given)
            raise error from None
        return TextAnswer(
            value=value,
            provider=self.spec.provider,
            model=self.spec.name,
            tokens=_tokens(given),
            seconds=time.monotonic() - started,
            cost_microusd=self._cost(given),
        )

    async def _ask(
        self, request: TextRequest[A], on_text: Callable[[str], None] | None, given: list[ModelResponse]
    ) -> A:
        """Adds to `given` whatever the model answers, also what is then not valid."""
        from pydantic_ai import Agent, NativeOutput, PromptedOutput
        from pydantic_ai.capabilities import Hooks
        from pydantic_ai.settings import ModelSettings

        limit = min(request.max_tokens, self.spec.max_output_tokens or request.max_tokens)
        settings = cast(
            ModelSettings,
            {"max_tokens": limit, "thinking": False, "timeout": request.deadline_seconds, **self.settings},
        )
        shape = NativeOutput(request.answer, strict=True) if self.spec.structured else PromptedOutput(request.answer)
        async with asyncio.timeout(request.deadline_seconds), self.connect(request.deadline_seconds) as model:
            agent = Agent(
                model,
                output_type=shape,
                instructions=request.instructions,
                retries=REPAIRS,
                capabilities=[Hooks(before_model_request=_few_problems, after_model_request=_keeping(given))],
            )
            result = await agent.run(
                request.prompt,
                model_settings=settings,
                infer_name=False,
                event_stream_handler=_growing(on_text) if on_text else None,
            )
            return result.output

    def _spent(self, error: ModelError, given: Sequence[ModelResponse]) -> int | None:
        """What came before an error and was charged, with what the error itself says; None when one is not known."""
        if not given:
            return error.spent_microusd
        cost = self._cost(given)
        if isinstance(error, AnswerTruncated | AnswerRefused | AnswerMalformed) and error.spent_microusd is None:
            return cost
        return None if cost is None or error.spent_microusd is None else cost + error.spent_microusd

    def _cost(self, given: Sequence[ModelResponse]) -> int | None:
        """Of all answers together; None when one of them is unpriced, or when none came."""
        costs = [
            prices.cost_microusd(
                self.spec, _tokens([one]), written=one.usage.cache_write_tokens, base_url=self.base_url
            )
            for one in given
        ]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if known and len(known) == len(costs) else None


def alone(start: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What a coroutine gives, run to its end in an event loop of its own, whether or not this thread has one running."""

    def run() -> T:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(start())

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(contextvars.copy_context().run, run).result()


async def _few_problems(ctx: Any, request_context: ModelRequestContext) -> ModelRequestContext:
    """Shows the model only the first problems of its answer, so that a repair costs at most what a budget counts with."""
    from pydantic_ai.messages import ModelRequest, RetryFeedbackPart

    last = request_context.messages[-1]
    if isinstance(last, ModelRequest) and any(isinstance(part, RetryFeedbackPart) for part in last.parts):
        parts = [
            replace(part, content=_problems(part)) if isinstance(part, RetryFeedbackPart) else part
            for part in last.parts
        ]
        return replace(request_context, messages=[*request_context.messages[:-1], replace(last, parts=parts)])
    return request_context


def _problems(part: RetryFeedbackPart) -> str:
    if isinstance(part.content, str):
        return part.content[: PROBLEMS * PROBLEM_CHARACTERS]
    told = (f"{'.'.join(map(str, one['loc'])) or 'the answer'}: {one['msg']}" for one in part.content[:PROBLEMS])
    return "\n".join(line[:PROBLEM_CHARACTERS] for line in told)


def _keeping(given: list[ModelResponse]) -> Callable[..., Coroutine[Any, Any, ModelResponse]]:
    """Keeps each answer as it comes, and ends the call at one that the model or a content filter declined."""
    from pydantic_ai.exceptions import ContentFilterError

    async def keep(ctx: Any, *, request_context: Any, response: ModelResponse) -> ModelResponse:
        given.append(response)
        if response.finish_reason == "content_filter":
            raise ContentFilterError("declined")
        return response

    return keep


def _growing(on_text: Callable[[str], None]) -> Callable[[Any, AsyncIterable[Any]], Coroutine[Any, Any, None]]:
    """Tells the text of each answer as it grows, always from its beginning; a repaired answer starts anew."""
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    async def listen(_: Any, events: AsyncIterable[Any]) -> None:
        parts: dict[int, str] = {}
        async for event in events:
            match event:
                case PartStartEvent(index=index, part=TextPart(content=text)):
                    parts[index] = text
                case PartDeltaEvent(index=index, delta=TextPartDelta(content_delta=text)):
                    parts[index] = parts.get(index, "") + text
                case _:
                    continue
            if text:
                try:
                    on_text("".join(parts[at] for at in sorted(parts)))
                except Exception as error:
                    raise failures.CallerFailed(error) from error

    return listen


def _is_cut_off(given: Sequence[ModelResponse]) -> bool:
    """Whether the last answer ended at its limit: pydantic-ai tells that only of a beginning of JSON."""
    return bool(given) and given[-1].finish_reason == "length"


def _tokens(given: Sequence[ModelResponse]) -> Tokens:
    """The sum over answers. pydantic-ai counts what was read from the cache as given, for every provider."""
    if not any(one.usage.input_tokens or one.usage.output_tokens for one in given):
        return Tokens()
    return Tokens(
        given=sum(one.usage.input_tokens for one in given),
        made=sum(one.usage.output_tokens for one in given),
        cached=sum(one.usage.cache_read_tokens for one in given),
    )
