"""How each model fares lately: how fast it answers, how often its answer is usable, and whether to leave it alone for now.

Time is given with every call, as a UTC instant, so that a simulation has its own. Safe to share between threads.

A model that fails repeatedly is left alone (its circuit is open), twice as long each time. After that one call probes it: if
it is answered, the model is back; if not, it is left alone again. A limit that a provider told (`until`) holds to the instant.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FAILURES_TO_OPEN = 2
OPEN_FIRST = timedelta(seconds=15)
OPEN_LONGEST = timedelta(minutes=5)
KEY_REFUSED = timedelta(minutes=10)
"""How long a provider that does not take the key is left alone: keys are changed by people."""
PROBE_LEASE = timedelta(minutes=2)
"""A probe that has not come back by then is forgotten, and another may go."""
LATENCY_WEIGHT = 0.2
"""Of the newest call in the mean latency: a slow model is noticed within a few calls."""
SHARE_WEIGHT = 0.02
"""Of the newest call in the shares, which decide by cost: one bad answer must not make a model look a quarter dearer."""
HALF_LIFE = timedelta(minutes=10)
"""What was measured loses half its weight against `nothing is known` in this time."""


@dataclass(frozen=True)
class Measured:
    """One call of the past: did it give an answer, and how many seconds did it take."""

    model_id: str
    at: datetime
    seconds: float
    answered: bool


@dataclass
class _State:
    latency: float | None = None
    measured_at: datetime | None = None
    usable: float = 1.0
    failures: int = 0
    open_until: datetime | None = None
    told_until: datetime | None = None
    key_refused: bool = False
    opened: int = 0
    probing_until: datetime | None = None


@dataclass(frozen=True)
class Condition:
    """A model at one instant.

    `seconds` is the expected time of a call, None while not known. `usable` is the share of its answers that could be used.
    `until` is when it may be called again, None for now;
    `told` says that its provider said so itself, `key_refused` that it did not take the key. `probe` says that the next call finds out whether it is back.
    """

    seconds: float | None = None
    usable: float = 1.0
    until: datetime | None = None
    told: bool = False
    key_refused: bool = False
    probe: bool = False


@dataclass
class Health:
    """The conditions of all models that were called, by `ModelSpec.id`."""

    _states: dict[str, _State] = field(default_factory=dict)
    _made: dict[str, float] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def learn(self, calls: Iterable[Measured]) -> None:
        """Takes in calls of other processes, oldest first, so that a new process does not begin with nothing."""
        for call in calls:
            if call.answered:
                self.answered(call.model_id, call.seconds, at=call.at)
            else:
                self.failed(call.model_id, at=call.at)

    def condition(self, model_id: str, *, now: datetime) -> Condition:
        with self._lock:
            state = self._states.get(model_id)
            if state is None:
                return Condition()
            until, told = state.open_until, False
            if state.told_until is not None and state.told_until > now:
                until, told = state.told_until, True
            closed = until is None
            waiting = state.probing_until if not told and not closed and until is not None and until <= now else None
            if waiting is not None and waiting > now:
                until = waiting
            return Condition(
                seconds=_faded(state, now),
                usable=state.usable,
                until=until if until is not None and until > now else None,
                told=told,
                key_refused=told and state.key_refused,
                probe=not closed,
            )

    def begun(self, model_id: str, *, now: datetime) -> None:
        """A call begins. While a model is on probation no other call goes to it."""
        with self._of(model_id) as state:
            if state.open_until is not None:
                state.probing_until = now + PROBE_LEASE

    def answered(self, model_id: str, seconds: float, *, at: datetime) -> None:
        """It gave an answer that could be used."""
        with self._of(model_id) as state:
            _measure(state, seconds, at)
            state.usable += SHARE_WEIGHT * (1 - state.usable)
            self._close(state)

    def made_share(self, task: str) -> float:
        """How much of their limit of tokens the answers to a task fill, whoever gave them; 1 while not known."""
        with self._lock:
            return self._made.get(task, 1.0)

    def made(self, task: str, share: float) -> None:
        """An answer to the task filled this share of its limit."""
        with self._lock:
            old = self._made.get(task)
            self._made[task] = share if old is None else old + SHARE_WEIGHT * (share - old)

    def unusable(self, model_id: str, seconds: float, *, at: datetime) -> None:
        """It answered, but with something that cannot be used: the provider is up, the answer costs another call."""
        with self._of(model_id) as state:
            _measure(state, seconds, at)
            state.usable -= SHARE_WEIGHT * state.usable
            self._close(state)

    def failed(self, model_id: str, *, at: datetime) -> None:
        """Not reachable, timed out, or failed on its side."""
        with self._of(model_id) as state:
            state.failures += 1
            state.probing_until = None
            if state.failures >= FAILURES_TO_OPEN or state.open_until is not None:
                state.opened += 1
                pause = min(OPEN_FIRST * 2 ** min(state.opened - 1, 10), OPEN_LONGEST)
                state.open_until = at + pause

    def busy(self, model_id: str, until: datetime | None, *, at: datetime) -> None:
        """Too many calls for now; without an `until` it counts as a failure."""
        if until is None:
            self.failed(model_id, at=at)
            return
        with self._of(model_id) as state:
            state.told_until, state.key_refused, state.probing_until = until, False, None

    def key_refused(self, model_id: str, *, at: datetime) -> None:
        with self._of(model_id) as state:
            state.told_until, state.key_refused, state.probing_until = at + KEY_REFUSED, True, None

    @staticmethod
    def _close(state: _State) -> None:
        state.failures = state.opened = 0
        state.open_until = state.told_until = state.probing_until = None

    def _of(self, model_id: str) -> _Held:
        return _Held(self._lock, lambda: self._states.setdefault(model_id, _State()))


@dataclass(frozen=True)
class _Held:
    """A state under the lock."""

    lock: threading.RLock
    state: Callable[[], _State]

    def __enter__(self) -> _State:
        self.lock.acquire()
        return self.state()

    def __exit__(self, *_error: object) -> None:
        self.lock.release()


def _measure(state: _State, seconds: float, at: datetime) -> None:
    known = _faded(state, at)
    state.latency = seconds if known is None else known + LATENCY_WEIGHT * (seconds - known)
    state.measured_at = at


def _faded(state: _State, now: datetime) -> float | None:
    """The mean latency, nearer to nothing the older it is, so that a model that once was slow is tried again."""
    if state.latency is None or state.measured_at is None:
        return None
    age = max(now - state.measured_at, timedelta(0))
    return float(state.latency * 0.5 ** (age / HALF_LIFE))
