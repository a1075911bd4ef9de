"""Calls of media providers over HTTP: the project's own client, with its errors as `ModelError`.

Work that costs money is a COMMIT: it is repeated only where it is proven that nothing happened, and when its answer is
lost that is `AnswerLost`. What a provider says in words is not repeated in errors, for it may hold the text that it was
given; its code is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from connectors.addresses import is_loopback
from connectors.answers import Answer, Refusal, by_status, retry_after
from connectors.guard import LOCAL, PUBLIC, GuardedTransport
from connectors.http import Effect, VendorClient
from models.errors import (
    AnswerLost,
    AnswerMalformed,
    AnswerRefused,
    AuthExpired,
    ImportRefused,
    ModelBusy,
    ModelDown,
    ModelError,
    ModelKeyRefused,
    OutcomeUnknown,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Transient,
    VendorError,
)

MOST_BYTES = 256 * 1024**2
"""The largest file that is taken from a provider."""
PATIENCE_SECONDS = 5.0
"""The longest wait for a provider's limit inside a call; beyond it the call raises `ModelBusy` with the time."""
DOWNLOAD_SECONDS = 300.0
_CODE = re.compile(r"[A-Za-z0-9_.:/-]{1,80}")
_KINDS: tuple[tuple[type[VendorError], type[ModelError], str], ...] = (
    (OutcomeUnknown, AnswerLost, "look at the provider's own list of works before asking again, for it may be charged"),
    (AuthExpired, ModelKeyRefused, "check the provider's key"),
    (PermissionMissing, ModelKeyRefused, "check what the provider's key may use"),
    (QuotaExhausted, ModelKeyRefused, "add credit there or choose another provider"),
    (RateLimited, ModelBusy, "ask again then"),
    (Rejected, AnswerRefused, "change the request or choose another provider"),
    (Transient, ModelDown, "ask again later or choose another provider"),
)


@dataclass(frozen=True)
class MediaProvider:
    """Who is called; see `connectors.http.Service`."""

    value: str
    label: str


class MediaCalls:
    """Calls one provider for one model.

    `headers` prove the key. `code` finds the provider's own code in an error's document. `refused` are codes that mean
    that the content is declined, `spent` those that mean that the allowance is used up. `sleep` waits for limits and
    between polls.
    """

    def __init__(
        self,
        provider: MediaProvider,
        model: str,
        *,
        base_url: str,
        headers: Mapping[str, str],
        code: Callable[[dict[str, Any]], Any],
        refused: frozenset[str] = frozenset(),
        spent: frozenset[str] = frozenset(),
        seconds: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model
        self.sleep = sleep
        self._base = base_url.rstrip("/")
        self._provider = provider
        self._code, self._refused, self._spent = code, refused, spent
        self._policy = LOCAL if is_loopback(urlsplit(base_url).hostname or "") else PUBLIC

        def authorize(request: httpx.Request) -> None:
            request.headers.update(headers)

        self._client = VendorClient(
            provider, "of the key that is set", classify=self._classified, authorize=authorize, patience=PATIENCE_SECONDS,
            timeout=httpx.Timeout(connect=5.0, write=60.0, read=seconds, pool=5.0), sleep=sleep,
        )  # fmt: skip

    def json(self, method: str, path: str, *, effect: Effect, **request: Any) -> dict[str, Any]:
        """The answer's JSON object. Raises `ModelError`."""
        with self._translated():
            found = self._client.json(method, self._base + path, effect=effect, **request)
        if not isinstance(found, dict):
            raise self.unreadable(effect, "its answer is not a JSON object")
        return found

    def call(self, method: str, path: str, *, effect: Effect, **request: Any) -> Answer:
        """The whole answer. Raises `ModelError`."""
        with self._translated():
            return self._client.call(method, self._base + path, effect=effect, **request)

    def download(self, url: str) -> bytes:
        """A file that the provider points to, from public addresses only (loopback when the provider itself is there).

        The key is not sent along: such files lie with others, and their addresses prove themselves. Raises `ModelError`.
        """
        client = VendorClient(
            self._provider, "of the key that is set", classify=_fetched, authorize=lambda _: None, max_bytes=MOST_BYTES,
            transport=GuardedTransport(self._policy, deadline=time.monotonic() + DOWNLOAD_SECONDS), sleep=self.sleep,
        )  # fmt: skip
        try:
            with self._translated(made=True):
                return client.call("GET", url, effect=Effect.READ, authorized=False).content
        except AnswerRefused as error:
            raise AnswerMalformed(self.model, cause=error.cause, next_step="ask again") from None
        except (ImportRefused, ValueError):
            raise AnswerMalformed(
                self.model, cause="it pointed to an address that is not public", next_step="ask again"
            ) from None
        finally:
            client.close()

    def unreadable(self, effect: Effect, cause: str) -> ModelError:
        """The error for an answer that lacks what it must hold: the work is lost when it was paid for."""
        if effect is Effect.COMMIT:
            return AnswerLost(self.model, cause=cause, next_step=_KINDS[0][2])
        return AnswerMalformed(self.model, cause=cause, next_step="ask again or choose another provider")

    def _classified(self, answer: Answer) -> Refusal | None:
        if answer.status < 400:
            return None
        code = self._code_of(answer)
        said = f"HTTP {answer.status}" + (f" ({code})" if code else "")
        if code in self._refused:
            return Refusal(Rejected, f"the provider declines to make this ({code})", "change the request", code)
        if code in self._spent or answer.status == 402:
            return Refusal(QuotaExhausted, f"{said}: the allowance is used up", "raise the plan", code)
        if answer.status in (503, 529):
            return Refusal(RateLimited, f"{said}: it takes no work for now", "ask later", code, retry_after(answer))
        if answer.status in (400, 404, 409, 413, 415, 422):
            return Refusal(Rejected, f"{said}: it does not take the request", "change the request", code)
        return by_status(answer)

    def _code_of(self, answer: Answer) -> str | None:
        try:
            code = self._code(answer.document())
        except (KeyError, IndexError, TypeError, AttributeError):
            return None
        return code if isinstance(code, str) and _CODE.fullmatch(code) else None

    @contextmanager
    def _translated(self, made: bool = False) -> Iterator[None]:
        """`made` says that the work exists already, so that nobody knows what is charged when it is not got."""
        try:
            yield
        except VendorError as error:
            for kind, becomes, next_step in _KINDS:
                if isinstance(error, kind):
                    spent = None if made or becomes is AnswerLost else 0
                    raise becomes(
                        self.model, cause=error.cause, next_step=next_step, until=error.until, spent_microusd=spent
                    ) from None
            raise


def _fetched(answer: Answer) -> Refusal | None:
    """Of a file's address every refusal is one sentence: what stands there is nobody's error document."""
    if answer.status < 400:
        return None
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return Refusal(Transient, f"HTTP {answer.status} for the finished file", "ask again later")
    return Refusal(Rejected, f"HTTP {answer.status} for the finished file", "ask again")
