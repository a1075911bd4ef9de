"""What providers, their SDKs and pydantic-ai raise, as FABRIC's own `ModelError`. It is translated here and nowhere else.

Providers repeat keys and prompts in their error texts, so nothing of such a text is kept: a message names the model, the
HTTP status and the provider's own error code where it is a plain word.

An error says that nothing was charged (`spent_microusd` 0) where the provider answered with an error status of its own, or
no connection came about; providers bill answers only. After a gateway's time-out or a broken answer it is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from models.domain.ai import ModelSpec
from models.errors import (
    AnswerMalformed,
    AnswerRefused,
    AnswerTruncated,
    ModelBusy,
    ModelDown,
    ModelError,
    ModelKeyRefused,
    NoModel,
)

if TYPE_CHECKING:
    from pydantic_ai.exceptions import ModelAPIError

_CODE = re.compile(r"[a-z][a-zA-Z_]{2,60}|[A-Z][A-Z_]{2,60}")
_GATEWAY = (408, 502, 504)
"""Said by what stands in front of a model, which may go on answering."""
_BEFORE_SENDING = ("pool", "connect")
_LONGEST_WAIT = timedelta(days=1)
_AGAIN = "try again later or use another model"


class CallerFailed(Exception):
    """What `on_text` raised, carried through pydantic-ai as what it is."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        super().__init__()


@contextmanager
def translated(spec: ModelSpec, seconds: float) -> Iterator[None]:
    """Raises whatever a call of pydantic-ai raises as a `ModelError`, without its text and its chain.

    `seconds` is the deadline of the call. pydantic-ai reads answers without checking them first, so that a body of some
    other shape ends in an error of Python's own. What `on_text` raises passes as it is.
    """
    from pydantic_ai.exceptions import AgentRunError

    try:
        yield
    except TimeoutError:
        raise overdue(spec, seconds) from None
    except AgentRunError as error:
        raise of(spec, error) from None
    except CallerFailed as error:
        raise error.error from None
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError):
        raise _malformed(spec) from None


def overdue(spec: ModelSpec, seconds: float) -> ModelDown:
    return ModelDown(spec.id, cause=f"no answer came within {seconds:g} seconds", next_step=_AGAIN)


def cut_off(spec: ModelSpec) -> AnswerTruncated:
    return AnswerTruncated(
        spec.id, cause="the answer was cut off at its limit of tokens", next_step="allow more tokens or ask for less"
    )


def of(spec: ModelSpec, error: Exception) -> ModelError:
    """The `ModelError` for what pydantic-ai raised."""
    from pydantic_ai import exceptions as raised

    match error:
        case raised.OutputTokenLimitExceeded() | raised.IncompleteToolCall():
            return cut_off(spec)
        case raised.ContentFilterError():
            return AnswerRefused(
                spec.id,
                cause="the model or its content filter declines to answer",
                next_step="change the request or use another model",
            )
        case raised.ModelAPIError():
            return _of_api(spec, error)
        case raised.UnexpectedModelBehavior():
            return _malformed(spec)
        case _:
            return ModelDown(spec.id, cause=f"the call ended with {type(error).__name__}", next_step=_AGAIN)


def by_status(
    spec: ModelSpec,
    status: int | None,
    *,
    code: str | None = None,
    retry_after: float | None = None,
    sent: bool = True,
) -> ModelError:
    """The `ModelError` for an HTTP status that no finer rule covers; no status means that no answer came.

    `retry_after` is in seconds, `code` the provider's own word for the error. `sent` is False where it is certain that the
    provider never had the request.
    """
    if status is None:
        error: ModelError = _without_answer(spec, sent)
    else:
        error = _by_status(spec, status, _said(status, code), _until(retry_after))
    unbilled = not sent if status is None else status not in _GATEWAY
    error.spent_microusd = 0 if unbilled else None
    return error


def _without_answer(spec: ModelSpec, sent: bool) -> ModelDown:
    if sent:
        return ModelDown(spec.id, cause="the answer broke off or cannot be read", next_step=_AGAIN)
    return ModelDown(
        spec.id,
        cause="the provider cannot be reached",
        next_step="check the network and the base URL, or try again later",
    )


def _by_status(spec: ModelSpec, status: int, said: str, until: datetime | None) -> ModelError:
    if status in (401, 403):
        return ModelKeyRefused(
            spec.id, cause=f"the provider does not accept the key{said}", next_step="check the key in the settings"
        )
    if status == 402:
        return _used_up(spec, said)
    if status == 404:
        return NoModel(
            spec.id,
            cause=f"the provider has no such model{said}",
            next_step="check the model's name and the base URL in the settings",
        )
    if status in (429, 529):
        return ModelBusy(spec.id, cause=f"too many calls for now{said}", next_step=_AGAIN, until=until)
    if status >= 500 or status in (408, 409):
        return ModelDown(spec.id, cause=f"the provider failed{said}", next_step=_AGAIN, until=until)
    if status >= 400:
        return AnswerRefused(
            spec.id,
            cause=f"the provider rejects the request{said}",
            next_step="change the request or use another model",
        )
    return ModelDown(
        spec.id, cause=f"the address answers with no model{said}", next_step="check the base URL in the settings"
    )


def _of_api(spec: ModelSpec, error: ModelAPIError) -> ModelError:
    """By pydantic-ai's category, which it reads from the provider's error code; else by the HTTP status."""
    from pydantic_ai import exceptions as raised

    status = error.status_code if isinstance(error, raised.ModelHTTPError) else None
    code = error.provider_error_code or error.provider_error_type
    said = _said(status, code)
    match error:
        case raised.ModelQuotaExceededError():
            found: ModelError = _used_up(spec, said)
        case raised.ModelContextWindowExceededError():
            found = AnswerRefused(
                spec.id,
                cause="the request is longer than the model can read",
                next_step="shorten it or use a model with more context",
                spent_microusd=0,
            )
        case raised.ModelTimeoutError(phase=phase):
            found = ModelDown(
                spec.id,
                cause="the call timed out",
                next_step=_AGAIN,
                spent_microusd=0 if phase in _BEFORE_SENDING else None,
            )
        case raised.ModelConnectionError(phase=phase):
            found = by_status(spec, None, sent=phase not in _BEFORE_SENDING)
        case raised.ModelAuthenticationError():
            found = by_status(spec, status or 401, code=code)
        case raised.ModelNotFoundError():
            found = by_status(spec, status or 404, code=code)
        case raised.ModelRequestRejectedError():
            found = by_status(spec, status or 400, code=code)
        case raised.ModelRateLimitError():
            found = by_status(spec, status or 429, code=code, retry_after=error.retry_after)
        case raised.ModelOverloadedError():
            found = by_status(spec, 529, code=code, retry_after=error.retry_after)
        case _:
            found = by_status(spec, status, code=code, retry_after=error.retry_after)
    if error.in_stream:
        found.spent_microusd = None
    return found


def _malformed(spec: ModelSpec) -> AnswerMalformed:
    return AnswerMalformed(spec.id, cause="the answer does not have the asked shape", next_step="use another model")


def _used_up(spec: ModelSpec, said: str) -> ModelKeyRefused:
    return ModelKeyRefused(
        spec.id,
        cause=f"the account behind the key has used up its credit or quota{said}",
        next_step="add credit at the provider or set another key",
        spent_microusd=0,
    )


def _said(status: int | None, code: str | None) -> str:
    parts = ([f"HTTP {status}"] if status else []) + ([code] if code and _CODE.fullmatch(code) else [])
    return f" ({', '.join(parts)})" if parts else ""


def _until(retry_after: float | None) -> datetime | None:
    if retry_after is None or retry_after < 0:
        return None
    return datetime.now(UTC) + min(timedelta(seconds=min(retry_after, 1e6)), _LONGEST_WAIT)
