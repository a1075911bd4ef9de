"""What the `openai` client raises for pictures and recordings, as `ModelError`. Its texts are not kept: they repeat prompts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.ai import failures
from models.domain.ai import ModelSpec
from models.errors import AnswerLost, AnswerRefused, ModelDown, ModelError

_DECLINED = frozenset({"moderation_blocked", "content_policy_violation", "image_generation_user_error"})
_SPENT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


@contextmanager
def translated(spec: ModelSpec) -> Iterator[None]:
    """A failure after the request went out, or on the provider's side, is `AnswerLost`: the work may be on the bill."""
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        raise _of_status(spec, error) from None
    except openai.APITimeoutError as error:
        raise (_unreached(spec) if _before(error) else _lost(spec, "no answer came in time")) from None
    except openai.APIConnectionError as error:
        raise (_unreached(spec) if _before(error) else _lost(spec, "the connection ended without an answer")) from None
    except openai.APIError:
        raise _lost(spec, "its answer cannot be read") from None


def _of_status(spec: ModelSpec, error: Exception) -> ModelError:
    import openai

    assert isinstance(error, openai.APIStatusError)
    code, status = error.code, error.status_code
    if code in _DECLINED:
        return AnswerRefused(
            spec.id,
            cause=f"the provider declines to make this ({code})",
            next_step="change the request",
            spent_microusd=0,
        )
    if code in _SPENT:
        return failures.by_status(spec, 402, code=code)
    if status >= 500 and status not in (503, 529):
        return _lost(spec, f"the provider failed (HTTP {status})")
    wait = error.response.headers.get("retry-after", "")
    return failures.by_status(
        spec, 529 if status == 503 else status, code=code, retry_after=float(wait) if wait.isdigit() else None
    )


def _before(error: BaseException) -> bool:
    """Whether the connection was never made, so that nothing can have happened."""
    import httpx2

    cause = error.__cause__
    return isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)


def _unreached(spec: ModelSpec) -> ModelDown:
    return ModelDown(
        spec.id,
        cause="the provider cannot be reached",
        next_step="try again later or use another model",
        spent_microusd=0,
    )


def _lost(spec: ModelSpec, cause: str) -> AnswerLost:
    return AnswerLost(
        spec.id, cause=cause, next_step="look at the provider's usage before asking again, for it may be charged"
    )
