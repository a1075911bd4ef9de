"""Generic SMTP: one message per recipient, with the server's word on each kept as it comes.

    connect and sign in → for each recipient: note that it is begun → hand the message over → note what became of it

A kill or a lost connection therefore costs at most one recipient's certainty: those noted are done, the one begun is
unknown, the rest was never tried, and a resumed publication sends to the rest only. SMTP has nothing to ask afterwards
and no metrics but what sending told.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from connectors.credentials import CredentialHolder
from connectors.email.mailing import ADDRESS, problems, split_list
from connectors.email.smtp.limits import LIMITS, RECIPIENTS, RECONNECTS, ROUND_WAIT, ROUNDS
from connectors.email.smtp.message import message_of, recipient_id, root_id
from connectors.email.smtp.session import Fate, Reply, Server, Session, server_of
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT
from models.domain.connection import Vendor
from models.domain.content import EntityType, Observation, ObservationState, Owner, Record
from models.domain.publishing import Finding, OutgoingPost, Presence, Problem, Published
from models.domain.social import Platform
from models.errors import OutcomeUnknown, Rejected, Transient, VendorError
from models.ports import Phases, Stream

INTENDED, BEGUN = "intended", "begun"
"""The first recipient of a pass is noted before the intent to send is committed, so a resumed publication may still send
to it; every later one is noted after, so its message may be out."""
_UNTOLD = (
    "emails_delivered", "opens", "machine_opens", "clicks", "unique_clicks", "unsubscribes", "spam_complaints",
)  # fmt: skip


def connector(
    account_id: str, account_name: str, holder: CredentialHolder, where: Endpoints, *,
    transport: httpx.BaseTransport | None = None, timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep, context: ssl.SSLContext | None = None,
) -> SmtpConnector:  # fmt: skip
    server = server_of(holder.credential, timeout=timeout.read or 30.0, context=context, sandbox=where.sandbox)
    return SmtpConnector(account_id, account_name, server, sleep)


@dataclass
class Deliveries:
    """What became of each recipient, by recipient id, as kept in the phases: `accepted 250 2.0.0`, `begun`, …"""

    marks: dict[str, str] = field(default_factory=dict)

    @classmethod
    def kept(cls, phases: Phases) -> Deliveries:
        return cls(dict(phases.done("recipients") or {}))

    def count(self, *states: str) -> int:
        return sum(1 for mark in self.marks.values() if mark.split(" ")[0] in states)

    @property
    def doubtful(self) -> int:
        """Recipients that may have the message and are not sent to again."""
        return self.count(BEGUN, Fate.UNKNOWN)

    def open(self, post: OutgoingPost, people: tuple[str, ...]) -> list[str]:
        """Addresses to which the message may still be sent: not begun, or put off."""
        marks = {address: self.marks.get(recipient_id(post, address), INTENDED) for address in people}
        return [address for address, mark in marks.items() if mark.split(" ")[0] in (INTENDED, Fate.DEFERRED)]


class SmtpConnector:
    vendor = Vendor.SMTP
    streams: tuple[Stream, ...] = ()
    visibility_lag = timedelta(0)

    def __init__(self, account_id: str, account_name: str, server: Server, sleep: Callable[[float], None]) -> None:
        self.account_id = account_id
        self.account_name = account_name
        self._server = server
        self._sleep = sleep
        self._told = ""

    def validate(self, post: OutgoingPost) -> list[Problem]:
        found = problems(post, LIMITS)
        people = split_list(post.options.get("recipients", ""))
        wrong = sum(1 for address in people if not ADDRESS.match(address) or not address.isascii())
        if wrong:
            found.append(Problem("recipients", f"{wrong} of {len(people)} recipients are no mail addresses."))
        if len(people) > RECIPIENTS:
            found.append(
                Problem("recipients", f"{len(people):,} of {RECIPIENTS} recipients: use a mail service.", "own bound")
            )
        leave = post.options.get("unsubscribe_url", "").strip()
        if leave and (not leave.startswith("https://") or any(sign in leave for sign in " <>,\r\n")):
            found.append(Problem("unsubscribe_url", "One-click unsubscribing needs an https address.", "RFC 8058"))
        write_to = post.options.get("unsubscribe_mailto", "").strip()
        if write_to and not ADDRESS.match(write_to):
            found.append(Problem("unsubscribe_mailto", "The option unsubscribe_mailto is not a mail address."))
        return found

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        """Sends to every recipient that has not been tried yet, or was put off.

        Raises `OutcomeUnknown` when a connection broke after a message was handed over (that recipient is not tried
        again), `Transient` with a time when recipients were put off, `Rejected` when all were refused.
        """
        wrong = self.validate(post)
        if wrong:
            raise self._error(Rejected, post, wrong[0].message.rstrip("."), "correct the draft and approve it again")
        people = split_list(post.options["recipients"])
        deliveries = Deliveries.kept(phases)
        doubtful_before = deliveries.doubtful
        waiting = deliveries.open(post, people)
        if waiting:
            self._deliver(post, phases, deliveries, waiting)
        self._told = _summary(deliveries, len(people))
        if deliveries.doubtful > doubtful_before:
            raise self._error(
                OutcomeUnknown, post, f"a connection broke after the message was handed over; {self._told}",
                f"look for Message-ID {root_id(post)} in the server's log; those recipients are not tried again",
            )  # fmt: skip
        self._another_round(post, phases, deliveries)
        if not deliveries.count(Fate.ACCEPTED) and not deliveries.doubtful:
            raise self._error(Rejected, post, f"no recipient was accepted; {self._told}", "check the addresses")
        return Published(root_id(post), None, datetime.now(UTC))

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        """By what was noted while sending: SMTP has no way to ask a server afterwards."""
        people = split_list(post.options.get("recipients", ""))
        deliveries = Deliveries.kept(phases)
        told = _summary(deliveries, len(people))
        if deliveries.doubtful or deliveries.count(INTENDED):
            return Finding(
                Presence.UNCERTAIN,
                f"{told}; a server cannot be asked: look for Message-ID {root_id(post)} in its log",
            )
        left = deliveries.open(post, people)
        if left:
            return Finding(Presence.ABSENT, f"{told}; {len(left)} were never handed over, and only those are sent to")
        return Finding(Presence.FOUND, told, Published(root_id(post)))

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        """Nothing: a mail server tells nothing afterwards. See `report`."""
        return iter(())

    def report(
        self, post: OutgoingPost, phases: Phases, *, sent_at: datetime, until: datetime
    ) -> Iterator[Observation]:
        """What sending told: messages handed over and refused; every other metric is unsupported."""
        deliveries = Deliveries.kept(phases)
        refused = deliveries.count(Fate.REFUSED)
        values: dict[str, float | None] = {
            "emails_sent": float(deliveries.count(Fate.ACCEPTED) + refused), "bounces": float(refused),
            **dict.fromkeys(_UNTOLD),
        }  # fmt: skip
        for metric, value in values.items():
            yield Observation(
                platform=Platform.EMAIL, account_id=self.account_id, account_name=self.account_name, owner=Owner.OWN,
                entity_type=EntityType.POST, entity_id=root_id(post), metric=metric, period_start=sent_at,
                period_end=until, value=value, observed_at=until,
                state=ObservationState.OBSERVED if value is not None else ObservationState.UNSUPPORTED,
            )  # fmt: skip

    def quota(self) -> Mapping[str, str]:
        """What the last publication told."""
        return {"last mail": self._told} if self._told else {}

    def _deliver(self, post: OutgoingPost, phases: Phases, deliveries: Deliveries, waiting: list[str]) -> None:
        """One pass over the waiting recipients. Each is noted as begun together with what became of the one before."""
        at = datetime.now(UTC)
        with Session(self._server, self.account_id) as session:
            for number, address in enumerate(waiting):
                name = recipient_id(post, address)
                content = message_of(post, address, at)
                deliveries.marks[name] = BEGUN if number else INTENDED
                phases.finish("recipients", **deliveries.marks)
                if number == 0:
                    phases.finish("rounds", tried=str(_rounds(phases)))  # before sending, so that it is kept
                    phases.sending()
                reply = self._handed_over(session, post, address, content)
                deliveries.marks[name] = str(reply or Reply(Fate.DEFERRED))
                if reply is None:
                    break
        phases.finish("recipients", **deliveries.marks)

    def _handed_over(self, session: Session, post: OutgoingPost, address: str, content: bytes) -> Reply | None:
        """The server's word on one recipient; None when connections keep breaking before it has the message."""
        for attempt in range(RECONNECTS):
            try:
                session.ready()
            except VendorError:
                self._sleep(float(2**attempt))
                continue
            reply = session.deliver(post.options["from_email"].strip(), address, content)
            if reply.fate is not Fate.BROKEN:
                return reply
        return None

    def _another_round(self, post: OutgoingPost, phases: Phases, deliveries: Deliveries) -> None:
        """Raises `Transient` while recipients are left: always for those never tried, a few rounds for those put off."""
        people = split_list(post.options["recipients"])
        left = deliveries.open(post, people)
        if not left:
            return
        rounds = _rounds(phases) + 1
        phases.finish("rounds", tried=str(rounds))
        untried = len(people) - len(deliveries.marks)
        if untried or rounds < ROUNDS:
            raise self._error(
                Transient, post, f"not every recipient could be tried yet; {self._told}",
                "the rest is tried again, and nobody gets the mail twice", until=datetime.now(UTC) + ROUND_WAIT,
            )  # fmt: skip

    def _error(
        self, kind: type[VendorError], post: OutgoingPost, cause: str, next_step: str, until: datetime | None = None
    ) -> VendorError:
        return kind(
            self.vendor.label, account=self.account_id, post=post.key, cause=cause, next_step=next_step, until=until
        )


def _rounds(phases: Phases) -> int:
    """How often the waiting recipients have been tried."""
    return int((phases.done("rounds") or {}).get("tried", "0"))


def _summary(deliveries: Deliveries, people: int) -> str:
    """In words, with the codes of refusals, e.g. `18 of 20 accepted, 1 refused (550 5.1.1), 1 unknown`."""
    parts = [f"{deliveries.count(Fate.ACCEPTED)} of {people} accepted"]
    for state, word in ((Fate.REFUSED, "refused"), (Fate.DEFERRED, "put off")):
        codes = sorted({mark.partition(" ")[2] for mark in deliveries.marks.values() if mark.startswith(state)} - {""})
        if deliveries.count(state):
            parts.append(f"{deliveries.count(state)} {word}" + (f" ({', '.join(codes)})" if codes else ""))
    if unknown := deliveries.count(INTENDED, BEGUN, Fate.UNKNOWN):
        parts.append(f"{unknown} unknown")
    return ", ".join(parts)
