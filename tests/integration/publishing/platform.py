"""A platform that misbehaves, and workers that die: what publishing is tried against.

`Server` stands for the vendor: it publishes whatever it is told, twice if told twice, and keeps its own ledger. `SimConnector`
speaks to it as a connector does, through faults drawn from a seed. `Mortal` ends the process at instrumented steps.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from models.domain.assets import Asset
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.domain.content import Record
from models.domain.publishing import Finding, OutboxItem, OutgoingPost, Presence, Problem, Published
from models.domain.workspace import SYSTEM
from models.errors import AuthExpired, OutcomeUnknown, RateLimited, Transient
from models.ports import Phases, Stream
from models.services import connections, delivery, outbox
from models.store.database import Store
from models.store.unit_of_work import UnitOfWork

VISIBILITY = timedelta(minutes=2)


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


class OpenCipher:
    """Seals nothing: for tests that are not about secrets."""

    def seal(self, workspace_id: str, purpose: str, data: bytes) -> bytes:
        return data

    def open(self, workspace_id: str, purpose: str, sealed: bytes) -> bytes:
        return sealed


class NoFiles:
    """For posts without media."""

    def path(self, asset: Asset) -> Path:
        raise AssertionError("this post has no media")

    def url(self, asset: Asset) -> str | None:
        return None


@dataclass
class SimClock:
    """Time that moves when it is told to."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


@dataclass(frozen=True)
class Entry:
    """One publication in the server's ledger; the platform lists it from `visible_at` on."""

    id: str
    account: str
    text: str
    at: datetime
    visible_at: datetime


@dataclass
class Server:
    """The vendor's side. It knows no idempotency key: each commit of a container is a publication."""

    clock: SimClock
    ledger: list[Entry] = field(default_factory=list)
    containers: dict[str, str] = field(default_factory=dict)
    by_account: dict[str, list[Entry]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def stage(self, text: str) -> str:
        with self._lock:
            container = f"c{len(self.containers)}"
            self.containers[container] = text
        return container

    def commit(
        self, account: str, container: str, *, late: timedelta = timedelta(0), shown: timedelta = timedelta(0)
    ) -> Entry:
        """Publishes, `late` after now, listed `shown` after that."""
        at = self.clock() + late
        with self._lock:
            entry = Entry(f"p{len(self.ledger)}", account, self.containers[container], at, at + shown)
            self.ledger.append(entry)
            self.by_account.setdefault(account, []).append(entry)
        return entry

    def listed(self, account: str, since: datetime) -> list[Entry]:
        return [e for e in self.by_account.get(account, []) if since <= e.at and e.visible_at <= self.clock()]

    def counts(self) -> Counter[tuple[str, str]]:
        return Counter((entry.account, entry.text) for entry in self.ledger)


@dataclass
class Faults:
    """How often what goes wrong, as shares of calls."""

    drop_request: float = 0.0
    drop_answer: float = 0.0
    delay: float = 0.0
    error_after_commit: float = 0.0
    too_many: float = 0.0
    stage_fails: float = 0.0
    expired: float = 0.0
    crash: float = 0.0
    unreadable: float = 0.0


HARSH = Faults(
    drop_request=0.06, drop_answer=0.06, delay=0.04, error_after_commit=0.05, too_many=0.06, stage_fails=0.04, expired=0.01,
    crash=0.02, unreadable=0.1,
)  # fmt: skip


class SimConnector:
    """Implements `models.ports.Connector` over a `Server`; `step` is called at every instrumented point."""

    vendor = Vendor.FACEBOOK
    streams: tuple[Stream, ...] = ()
    visibility_lag = VISIBILITY

    def __init__(
        self,
        server: Server,
        faults: Faults | None = None,
        *,
        seed: int = 0,
        step: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._server = server
        self._faults = faults or Faults()
        self._random = random.Random(seed)
        self._step = step
        self.commits = 0
        self.resumed = 0

    def validate(self, post: OutgoingPost) -> list[Problem]:
        return [Problem("text", "The text is too long: shorten it.")] if len(post.text) > 5_000 else []

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        container = phases.done("container")
        if container is not None:
            self.resumed += 1
        else:
            self._step("before staging")
            if self._strikes(self._faults.stage_fails):
                raise Transient(
                    "facebook", account=post.account_id, cause="no connection", next_step="it is tried again"
                )
            phases.finish("container", id=self._server.stage(post.text))
            container = phases.done("container")
            assert container is not None
        if self._strikes(self._faults.expired):
            raise AuthExpired(
                "facebook", account=post.account_id, cause="the token ran out", next_step="reconnect the account"
            )
        self._step("before sending")
        phases.sending()
        self._step("after sending")
        published = self._commit(post, container["id"])
        self._step("after the answer")
        return published

    def _commit(self, post: OutgoingPost, container: str) -> Published:
        faults, account = self._faults, post.account_id
        self.commits += 1
        unknown = OutcomeUnknown("facebook", account=account, cause="no answer came", next_step="it is being found out")
        if self._strikes(faults.too_many):
            until = self._server.clock() + timedelta(seconds=self._random.randint(1, 600))
            raise RateLimited(
                "facebook", account=account, cause="too many calls", next_step="it is sent later", until=until
            )
        if self._strikes(faults.drop_request):
            raise unknown
        late = timedelta(seconds=self._random.randint(1, 60)) if self._strikes(faults.delay) else timedelta(0)
        entry = self._server.commit(
            account, container, late=late, shown=timedelta(seconds=self._random.randint(0, 60))
        )  # fmt: skip
        self._step("inside the call")
        if late or self._strikes(faults.drop_answer) or self._strikes(faults.error_after_commit):
            raise unknown
        if self._strikes(faults.crash):
            raise ValueError("an answer that the connector did not expect")
        return Published(entry.id, f"https://platform.example/{entry.id}", entry.at)

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        self._step("before looking")
        if self._strikes(self._faults.unreadable):
            return Finding(Presence.UNCERTAIN, "The account could not be read.")
        found = [entry for entry in self._server.listed(post.account_id, since) if entry.text == post.text]
        if len(found) > 1:
            return Finding(Presence.UNCERTAIN, f"{len(found)} posts match.")
        if found:
            return Finding(Presence.FOUND, "The account lists it.", Published(found[0].id, None, found[0].at))
        return Finding(Presence.ABSENT, "The account was read and does not list it.")

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        raise AssertionError("nothing is collected here")

    def quota(self) -> Mapping[str, str]:
        return {}

    def _strikes(self, share: float) -> bool:
        return self._random.random() < share


class Mortal:
    """Ends the process at instrumented steps: before and after every commit of the store, and inside the connector."""

    def __init__(self, store: Store, share: float, seed: int = 0, *, at: int | None = None) -> None:
        self._store = store
        self._share = share
        self._random = random.Random(seed)
        self._at = at
        self.deaths: Counter[str] = Counter()
        self.steps = 0

    def step(self, name: str) -> None:
        self.steps += 1
        if self.steps == self._at or self._random.random() < self._share:
            self.deaths[name] += 1
            raise Killed(name)

    @contextmanager
    def unit_of_work(self) -> Iterator[UnitOfWork]:
        with self._store.unit_of_work() as uow:
            commit = uow.commit

            def mortal_commit() -> None:
                self.step("before a commit")
                commit()
                self.step("after a commit")

            uow.commit = mortal_commit  # type: ignore[method-assign]
            yield uow


def post_of(uow: UnitOfWork, item: OutboxItem) -> OutgoingPost:
    return outbox.outgoing(uow, SYSTEM, item.key, files=NoFiles())


def connect(store: Store, workspace_id: str, account: str, now: datetime, vendor: Vendor = Vendor.FACEBOOK) -> str:
    """Connects an account and gives the connection's id."""
    with store.unit_of_work() as uow:
        linked = ConnectedAccount(account, account.title(), Credential(f"token-{account}", "refresh-1"))
        return connections.connect_account(
            uow, SYSTEM, workspace_id, vendor, linked, cipher=OpenCipher(), sandbox=True, now=now
        ).id


def work(open_uow: Callable[[], UnitOfWork], connector: SimConnector, clock: SimClock, *, worker: str = "w-1") -> int:
    """One round of a worker: recover, resolve, send what is due. Gives how many items it touched."""
    touched = 0
    with open_uow() as uow:
        touched += len(outbox.recover(uow, SYSTEM, now=clock()))
    with open_uow() as uow:
        waiting = outbox.unresolved(uow, SYSTEM, now=clock())
    for item in waiting:
        delivery.resolve(open_uow, item, connector, post_of=post_of, now=clock, worker=worker)
        touched += 1
    while True:
        with open_uow() as uow:
            claimed = outbox.claim_next(uow, SYSTEM, worker=worker, now=clock())
        if claimed is None:
            return touched
        delivery.deliver(open_uow, claimed, connector, post_of=post_of, now=clock, worker=worker)
        touched += 1
