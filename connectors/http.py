"""The one HTTP client for vendors' interfaces.

Every call says what it does (`Effect`), and from that follows what may be retried: a read or a staging step is repeated
after any failure; a commit, the call that makes something public, only where it is proven that nothing happened (the
connection was never made, or the vendor answered with a refusal). Everything else about a commit is `OutcomeUnknown`.

A vendor's `Classifier` turns each answer into a `Refusal` or None; it sees every status, because vendors put limits into
HTTP 400 and errors into HTTP 200.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import lru_cache
from json import JSONDecodeError
from json import loads as parse_json
from random import Random
from typing import Any
from urllib.parse import urlsplit

import httpx
import pybreaker
from opentelemetry import trace
from pyrate_limiter import Limiter, Rate

from models.domain.connection import Vendor
from models.errors import (
    AuthExpired,
    OutcomeUnknown,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Transient,
    VendorError,
)

MAX_BYTES = 32 * 1024 * 1024
ATTEMPTS = 4
PATIENCE_SECONDS = 60.0
"""The longest wait for a limit inside one call; beyond it the call raises `RateLimited` with the time to come back."""
TIMEOUT = httpx.Timeout(connect=5.0, write=60.0, read=30.0, pool=5.0)
BREAK_AFTER = 8
BREAK_SECONDS = 30.0

_tracer = trace.get_tracer("fabric.connectors")
_jitter = Random()
_SECRET = re.compile(
    r"(?i)((?:access_token|refresh_token|client_secret|api[-_]?key|code|code_verifier|appsecret_proof|password|fb_exchange_token)"
    r"[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+|(bearer|basic|oauth)\s+[A-Za-z0-9._~+/=|-]{8,}|SG\.[\w-]{8,}\.[\w-]{8,}"
)


class Effect(StrEnum):
    READ = "read"
    STAGE = "stage"
    """Prepares something that nobody sees (an upload, a container); doing it twice does no harm."""
    COMMIT = "commit"
    """Makes something public, sends, or deletes."""


@dataclass(frozen=True)
class Answer:
    """A whole answer. `now` is the server's own clock (its Date header), to which its reset times refer."""

    status: int
    headers: httpx.Headers
    content: bytes
    now: datetime
    url: str

    def json(self) -> Any:
        """The decoded body. Raises `ValueError` for anything that is not JSON."""
        return parse_json(self.content)

    def document(self) -> dict[str, Any]:
        """The body as a JSON object, `{}` when it is anything else: for classifiers, which must read every answer."""
        try:
            found = self.json()
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Refusal:
    """A classifier's judgement of one answer: the kind of error and what to tell a person."""

    kind: type[VendorError]
    cause: str
    next_step: str
    code: str | None = None
    until: datetime | None = None
    existing_id: str | None = None


@dataclass(frozen=True)
class Limit:
    """What a vendor says is left of one allowance. `reset_at` is None when it does not say."""

    name: str
    remaining: float
    total: float | None = None
    reset_at: datetime | None = None

    def __str__(self) -> str:
        of = f" of {self.total:,.0f}" if self.total is not None else ""
        until = f" until {self.reset_at:%H:%M} UTC" if self.reset_at else ""
        return f"{self.remaining:,.0f}{of} left{until}"


Classifier = Callable[[Answer], Refusal | None]
LimitReader = Callable[[Answer], Sequence[Limit]]


def no_limits(_: Answer) -> Sequence[Limit]:
    """For vendors that publish no limit headers."""
    return ()


def redact(text: str) -> str:
    """The text without tokens, keys and passwords."""
    return _SECRET.sub(lambda m: f"{m.group(1) or ''}[redacted]", text)


class _Redacting(logging.Filter):
    """Keeps tokens in query strings out of httpx's own log lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True


for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).addFilter(_Redacting())


@lru_cache(maxsize=1024)
def _limiter(vendor: str, account: str, rates: tuple[tuple[int, float], ...]) -> Limiter | None:
    """One limiter per account and process; `rates` are (calls, seconds)."""
    return Limiter([Rate(calls, int(seconds * 1000)) for calls, seconds in rates]) if rates else None


@lru_cache(maxsize=256)
def breaker(vendor: str, host: str) -> pybreaker.CircuitBreaker:
    """One circuit per vendor and host: after `BREAK_AFTER` failed calls in a row it refuses at once for a while.

    The call that trips it still raises its own error: a commit of unknown outcome must not look like one never sent.
    """
    return pybreaker.CircuitBreaker(
        fail_max=BREAK_AFTER, reset_timeout=BREAK_SECONDS, name=f"{vendor} {host}", throw_new_error_on_trip=False
    )


class VendorClient:
    """Calls one vendor for one account.

    `authorize` adds the credential to a request; `renew`, called once after `AuthExpired`, returns True when there is a
    new credential. `rates` are (calls, seconds) that the account keeps to by itself. `sleep` waits for limits and between
    retries; tests and the sandbox give their own.
    """

    def __init__(
        self,
        vendor: Vendor,
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
        self._limiter = _limiter(vendor.value, account, tuple((int(c), float(s)) for c, s in rates))
        self._attempts = attempts
        self._patience = patience
        self._sleep = sleep
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
        return kind(self.vendor.label, account=self.account, cause=redact(cause), next_step=next_step, **more)

    def _once(
        self, method: str, url: str, effect: Effect, post: str | None, authorized: bool, request: dict[str, Any]
    ) -> Answer:
        host = urlsplit(url).netloc
        circuit = breaker(self.vendor.value, host)
        self._hold_back(post)
        with _tracer.start_as_current_span(
            f"{self.vendor.value} {method}",
            kind=trace.SpanKind.CLIENT,
            attributes={
                "http.request.method": method,
                "server.address": urlsplit(url).hostname or "",
                "url.path": urlsplit(url).path,
                "fabric.vendor": self.vendor.value,
                "fabric.account": self.account,
                "fabric.effect": effect.value,
            },
        ) as span:
            try:
                answer = circuit.call(self._send, method, url, effect, post, authorized, request)
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
                if answer.status >= 400 or answer.status in (301, 302, 303, 307):
                    refusal = _by_status(answer)
                else:
                    return answer
            span.set_attribute("error.type", refusal.kind.__name__)
            raise self._raised(refusal, effect, post)

    def _hold_back(self, post: str | None) -> None:
        """Waits for the account's own pace, and for an allowance that the vendor said is used up."""
        if self._limiter is not None:
            self._limiter.try_acquire(self.account)
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

    def _send(
        self, method: str, url: str, effect: Effect, post: str | None, authorized: bool, request: dict[str, Any]
    ) -> Answer:
        """Sends and reads the whole body, bounded. Transport failures become `Transient` or `OutcomeUnknown`."""
        built = self._http.build_request(method, url, **request)
        if authorized:
            self._authorize(built)
        self.calls += 1
        try:
            response = self._http.send(built, stream=True)
            try:
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > MAX_BYTES:
                        raise self._broken(effect, post, f"the answer was larger than {MAX_BYTES // 1024**2} MiB")
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise self.error(
                Transient, f"no connection ({_words(error)})", "check the network; it is tried again", post=post
            ) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._broken(
                effect, post, f"the connection failed after the request was sent ({_words(error)})"
            ) from None
        answer = Answer(
            response.status_code, response.headers, bytes(content), _server_time(response.headers), str(built.url)
        )
        if answer.status >= 500:
            refusal = self._classify(answer) or _by_status(answer)
            if refusal.kind is Transient:
                raise self._raised(refusal, effect, post)
        return answer

    def _raised(self, refusal: Refusal, effect: Effect, post: str | None) -> VendorError:
        kind, next_step = refusal.kind, refusal.next_step
        if kind is Transient and effect is Effect.COMMIT:
            kind, next_step = OutcomeUnknown, "the account is read to find out; it is not sent again blindly"
        return self.error(
            kind, refusal.cause, next_step, post=post, code=refusal.code, until=refusal.until,
            existing_id=refusal.existing_id,
        )  # fmt: skip

    def _broken(self, effect: Effect, post: str | None, cause: str) -> VendorError:
        """A failure after the request went out: harmless for reads and staging, unknown for a commit."""
        if effect is Effect.COMMIT:
            return self.error(
                OutcomeUnknown, cause, "the account is read to find out; it is not sent again blindly", post=post
            )
        return self.error(Transient, cause, "it is tried again", post=post)


def retry_after(answer: Answer) -> datetime | None:
    """The instant of a `Retry-After` header (seconds or HTTP date), by this machine's clock; None without one."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isdigit():
        return datetime.now(UTC) + timedelta(seconds=int(text))
    try:
        return local_time(parsedate_to_datetime(text), answer)
    except (ValueError, TypeError):
        return None


def local_time(moment: datetime, answer: Answer) -> datetime:
    """A server's instant by this machine's clock, corrected by how far the server's Date header is off."""
    return moment - answer.now + datetime.now(UTC)


def _by_status(answer: Answer) -> Refusal:
    """What any HTTP status means when the vendor says nothing more."""
    status = answer.status
    said = f"HTTP {status}"
    if status == 401:
        return Refusal(AuthExpired, f"{said}: the token is not accepted", "reconnect the account", str(status))
    if status == 429:
        return Refusal(
            RateLimited, f"{said}: too many calls", "it continues by itself then", str(status), retry_after(answer)
        )
    if status == 402:
        return Refusal(QuotaExhausted, f"{said}: the allowance is used up", "raise the plan or wait", str(status))
    if status == 408 or status >= 500:
        return Refusal(Transient, f"{said} without a reason", "it is tried again", str(status), retry_after(answer))
    if status == 403:
        return Refusal(PermissionMissing, f"{said}: not allowed", "check the account's rights and scopes", str(status))
    return Refusal(
        Rejected, f"{said} without a reason that could be read", "check the post and the account", str(status)
    )


def _seconds_until(until: datetime | None, attempt: int) -> float:
    if until is None:
        return min(30.0, float(2**attempt)) * _jitter.uniform(0.5, 1.0)
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) + _jitter.uniform(0.05, 0.5)


def _server_time(headers: httpx.Headers) -> datetime:
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return datetime.now(UTC)


def _words(error: Exception) -> str:
    return redact(str(error)) or type(error).__name__
