"""The one HTTP client for vendors' interfaces.

Every call says what it does (`Effect`), and from that follows what may be retried: a read or a staging step is repeated
after any failure; a commit, the call that makes something public, only where it is proven that nothing happened (the
connection was never made, or the vendor answered with a refusal). Everything else about a commit is `OutcomeUnknown`.

A vendor's `Classifier` turns each answer into a `Refusal` or None; it sees every status, because vendors put limits into
HTTP 400 and errors into HTTP 200.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from json import JSONDecodeError
from random import Random
from typing import Any, Protocol

import httpx
import pybreaker
from opentelemetry import trace

from connectors.answers import Answer, Classifier, Limit, LimitReader, Refusal, by_status, no_limits, server_time
from connectors.circuits import BREAK_AFTER, BREAK_SECONDS, breaker, limiter
from connectors.redaction import redact, secrets_of
from models.errors import AuthExpired, OutcomeUnknown, RateLimited, Transient, VendorError

MAX_BYTES = 32 * 1024 * 1024
ATTEMPTS = 4
PATIENCE_SECONDS = 60.0
"""The longest wait for a limit inside one call; beyond it the call raises `RateLimited` with the time to come back."""
TIMEOUT = httpx.Timeout(connect=5.0, write=60.0, read=30.0, pool=5.0)
PACE_SECONDS = 1.0
"""How long to wait before asking again whether the account's own pace allows a call."""
CAUSE_LENGTH = 500
"""Characters of a vendor's words that an error repeats."""
_FIND_OUT = "the account is read to find out; it is not sent again blindly"

_tracer = trace.get_tracer("fabric.connectors")
_jitter = Random()


class Effect(StrEnum):
    READ = "read"
    STAGE = "stage"
    """Prepares something that nobody sees (an upload, a container); doing it twice does no harm."""
    COMMIT = "commit"
    """Makes something public, sends, or deletes."""


class Service(Protocol):
    """Whom a client calls, such as a `Vendor`: `value` in traces, paces and circuits, `label` in sentences."""

    @property
    def value(self) -> str: ...

    @property
    def label(self) -> str: ...


class VendorClient:
    """Calls one vendor for one account.

    `authorize` adds the credential to a request; `renew`, called once after `AuthExpired`, returns True when there is a
    new credential. `rates` are (calls, seconds) that the account keeps to by itself. `sleep` waits for limits and between
    retries; tests and the sandbox give their own. An answer of more than `max_bytes` is broken off.
    """

    def __init__(
        self,
        vendor: Service,
        account: str,
        *,
        classify: Classifier,
        authorize: Callable[[httpx.Request], None],
        renew: Callable[[], bool] = lambda: False,
        read_limits: LimitReader = no_limits,
        rates: Sequence[tuple[int, float]] = (),
        headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        attempts: int = ATTEMPTS,
        max_bytes: int = MAX_BYTES,
        patience: float = PATIENCE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.vendor = vendor
        self.account = account
        self.limits: dict[str, Limit] = {}
        self.calls = 0
        self._classify = classify
        self._authorize = authorize
        self._renew = renew
        self._read_limits = read_limits
        self._limiter = limiter(vendor.value, account, tuple((int(c), float(s)) for c, s in rates))
        self._attempts = attempts
        self._max_bytes = max_bytes
        self._patience = patience
        self._sleep = sleep
        self._secrets: tuple[str, ...] = ()
        self._http = httpx.Client(
            headers={"User-Agent": "fabric/0.1", **(headers or {})},
            timeout=timeout,
            transport=transport,
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def call(
        self,
        method: str,
        url: str,
        *,
        effect: Effect,
        post: str | None = None,
        authorized: bool = True,
        **request: Any,
    ) -> Answer:
        """One call, with the retries that its effect allows. `request` goes to `httpx.Client.build_request`.

        Returns the first answer that the classifier finds no fault with. Raises a `VendorError`.
        """
        renewed = False
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._once(method, url, effect, post, authorized, request)
            except AuthExpired:
                if renewed or not authorized or not self._renew():
                    raise
                renewed = True
            except RateLimited as limited:
                wait = _seconds_until(limited.until, attempt)
                if attempt >= self._attempts or wait > self._patience:
                    raise
                self._sleep(wait)
            except Transient:
                if attempt >= self._attempts:
                    raise
                self._sleep(min(8.0, 0.25 * 2**attempt) * _jitter.uniform(0.5, 1.0))

    def json(self, method: str, url: str, *, effect: Effect, post: str | None = None, **request: Any) -> Any:
        """Like `call`, with the decoded JSON body; an unreadable body is retried like a failed read."""
        attempt = 0
        while True:
            attempt += 1
            answer = self.call(method, url, effect=effect, post=post, **request)
            try:
                return answer.json()
            except (JSONDecodeError, UnicodeDecodeError) as error:
                problem = self._broken(effect, post, f"the answer was not valid JSON ({error})")
                if effect is Effect.COMMIT or attempt >= self._attempts:
                    raise problem from None
                self._sleep(0.25 * attempt)

    def quota(self) -> dict[str, str]:
        """The limits last told, in words."""
        return {name: str(limit) for name, limit in self.limits.items()}

    def error(self, kind: type[VendorError], cause: str, next_step: str, **more: Any) -> VendorError:
        """An error of this account, for conditions that a connector finds out by itself."""
        return kind(self.vendor.label, account=self.account, cause=self._shown(cause), next_step=next_step, **more)

    def unreadable(self, effect: Effect, cause: str, post: str | None = None) -> VendorError:
        """The error for an answer that lacks what it must hold: unknown after a commit, else as if it had not come."""
        return self._broken(effect, post, cause)

    def _shown(self, cause: str) -> str:
        """A cause fit for errors and logs: one line of bounded length without what the last call proved itself with."""
        for secret in self._secrets:
            cause = cause.replace(secret, "[redacted]")
        return redact(" ".join(cause.split()))[:CAUSE_LENGTH]

    def _once(
        self, method: str, url: str, effect: Effect, post: str | None, authorized: bool, request: dict[str, Any]
    ) -> Answer:
        self._hold_back(post)
        # Outside the circuit, which lets one call in at a time: a renewal calls the vendor by itself.
        try:
            built = self._http.build_request(method, url, **request)
        except httpx.InvalidURL:
            raise self.error(Transient, "it gave an address that is none", "it is tried again", post=post) from None
        if authorized:
            self._authorize(built)
        self._secrets = secrets_of(built, request)
        host = built.url.netloc.decode()
        circuit = breaker(self.vendor.value, host)
        with _tracer.start_as_current_span(
            f"{self.vendor.value} {method}",
            kind=trace.SpanKind.CLIENT,
            attributes={
                "http.request.method": method,
                "server.address": built.url.host,
                "url.path": built.url.path,
                "fabric.vendor": self.vendor.value,
                "fabric.account": self.account,
                "fabric.effect": effect.value,
            },
        ) as span:
            try:
                answer = circuit.call(self._send, built, effect, post)
            except pybreaker.CircuitBreakerError:
                until = datetime.now(UTC) + timedelta(seconds=BREAK_SECONDS)
                raise self.error(
                    Transient,
                    f"{host} failed {BREAK_AFTER} times in a row, so it is left alone for a while",
                    "it is tried again by itself",
                    post=post,
                    until=until,
                ) from None
            span.set_attribute("http.response.status_code", answer.status)
            for limit in self._read_limits(answer):
                self.limits[limit.name] = limit
            refusal = self._classify(answer)
            if refusal is None:
                if answer.status in (301, 302, 303, 307):
                    raise self._broken(effect, post, f"it was answered with HTTP {answer.status}, another address")
                if answer.status < 400:
                    return answer
                refusal = by_status(answer)
            span.set_attribute("error.type", refusal.kind.__name__)
            raise self._raised(refusal, effect, post)

    def _hold_back(self, post: str | None) -> None:
        """Waits for the account's own pace, and for an allowance that the vendor said is used up."""
        waited = 0.0
        while self._limiter is not None and not self._limiter.try_acquire(self.account, blocking=False):
            if waited >= self._patience:
                raise self.error(
                    RateLimited, "its own pace leaves no call for now", "it continues by itself then", post=post,
                    until=datetime.now(UTC) + timedelta(seconds=self._patience),
                )  # fmt: skip
            self._sleep(PACE_SECONDS)
            waited += PACE_SECONDS
        now = datetime.now(UTC)
        for limit in self.limits.values():
            if limit.remaining <= 0 and limit.reset_at is not None and limit.reset_at > now:
                wait = (limit.reset_at - now).total_seconds()
                if wait > self._patience:
                    raise self.error(
                        RateLimited,
                        f"its allowance “{limit.name}” is used up",
                        "it continues by itself then",
                        post=post,
                        until=limit.reset_at,
                    )
                self._sleep(wait)

    def _send(self, built: httpx.Request, effect: Effect, post: str | None) -> Answer:
        """Sends and reads the whole body, bounded. Transport failures become `Transient` or `OutcomeUnknown`."""
        self.calls += 1
        try:
            response = self._http.send(built, stream=True)
            try:
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > self._max_bytes:
                        raise self._broken(effect, post, f"the answer was larger than {self._max_bytes // 1024**2} MiB")
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise self.error(
                Transient, f"no connection ({_words(error)})", "check the network; it is tried again", post=post
            ) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._broken(
                effect, post, f"the connection failed after the request was sent ({_words(error)})"
            ) from None
        answer = Answer(
            response.status_code, response.headers, bytes(content), server_time(response.headers), str(built.url)
        )
        if answer.status >= 500:
            refusal = self._classify(answer) or by_status(answer)
            if refusal.kind is Transient:
                raise self._raised(refusal, effect, post)
        return answer

    def _raised(self, refusal: Refusal, effect: Effect, post: str | None) -> VendorError:
        kind, next_step = refusal.kind, refusal.next_step
        if kind is Transient and effect is Effect.COMMIT:
            kind, next_step = OutcomeUnknown, _FIND_OUT
        return self.error(
            kind, refusal.cause, next_step, post=post, code=refusal.code, until=refusal.until,
            existing_id=refusal.existing_id,
        )  # fmt: skip

    def _broken(self, effect: Effect, post: str | None, cause: str) -> VendorError:
        """A failure after the request went out: harmless for reads and staging, unknown for a commit."""
        if effect is Effect.COMMIT:
            return self.error(OutcomeUnknown, cause, _FIND_OUT, post=post)
        return self.error(Transient, cause, "it is tried again", post=post)


def _seconds_until(until: datetime | None, attempt: int) -> float:
    if until is None:
        return min(30.0, float(2**attempt)) * _jitter.uniform(0.5, 1.0)
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) + _jitter.uniform(0.05, 0.5)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
