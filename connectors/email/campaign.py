"""Publishing and finding a mail campaign at a service that keeps create and send apart.

    create a draft (repeatable) → set its content (repeatable) → ask the service's checklist → send (once)

The campaign's status is the proof: a resumed publication reads it first, and a campaign that is sent or being sent is
never sent again. A service refuses to send a campaign twice, so even two workers with one draft send it once.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.email.mailing import Mailing, MailLimits, campaign_name, mailing_of, problems
from connectors.email.stages import GONE, CampaignState, Scheduled, Stage, moment, published, verdict
from connectors.http import Effect, VendorClient
from connectors.paging import Trail
from connectors.readings import Account, number
from models.domain.connection import Vendor
from models.domain.content import ContentRecord, Observation, ObservationState, Record
from models.domain.publishing import Finding, OutgoingPost, Presence, Problem, Published
from models.domain.social import Platform
from models.errors import OutcomeUnknown, Rejected, VendorError
from models.ports import Phases, Stream


class CampaignConnector(ABC):
    """What the campaign services share; a subclass says how its service does each step."""

    vendor: Vendor
    streams: tuple[Stream, ...]
    visibility_lag = timedelta(minutes=2)
    limits: MailLimits
    unsubscribe: str | None
    """The service's placeholder of the unsubscribe link in HTML that is made here."""

    def __init__(self, account_id: str, account_name: str, client: VendorClient) -> None:
        self.account_id = account_id
        self.account_name = account_name
        self.client = client

    def validate(self, post: OutgoingPost) -> list[Problem]:
        return problems(post, self.limits)

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        """Sends the campaign now, to everyone on its lists."""
        state = self._prepared(post, phases)
        if state.stage in GONE:
            return published(state)
        if state.stage is Stage.SCHEDULED:
            raise self._stands(state, post, f"is already scheduled for {moment(state.at)}", "cancel the schedule first")
        phases.sending()
        try:
            self._send(state.id, post)
        except Rejected:
            now = self._state_after_refusal(state, post)
            if now is None or now.stage not in GONE:
                raise
            return published(now)
        return published(self._state_after_sending(state))

    def schedule(self, post: OutgoingPost, phases: Phases, at: datetime) -> Scheduled:
        """Lets the service send the campaign at an instant. A campaign that is scheduled already stays as it is."""
        state = self._prepared(post, phases)
        if state.stage in GONE:
            raise self._stands(state, post, "is already sent", "nothing is left to schedule")
        if state.stage is Stage.SCHEDULED:
            return Scheduled(state.id, state.at or at)
        phases.sending()
        self._schedule(state.id, post, at)
        return Scheduled(state.id, at)

    def cancel(self, campaign_id: str) -> None:
        """Takes back a schedule. Raises `Rejected` when the campaign is sent: a mail cannot be called back."""
        state = self._read(campaign_id)
        if state is None:
            raise self.client.error(Rejected, f"there is no campaign {campaign_id}", "look at the service's own list")
        if state.stage in GONE:
            raise self.client.error(
                Rejected, f"campaign {campaign_id} is already sent", "a mail that is out cannot be called back"
            )
        if state.stage is Stage.SCHEDULED:
            self._cancel(campaign_id)

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        """By the campaign that an earlier attempt made, else by the name that carries the outbox key."""
        try:
            kept = phases.done("campaign")
            if kept is not None:
                state = self._read(kept["id"])
                if state is None:
                    return Finding(
                        Presence.UNCERTAIN,
                        f"campaign {kept['id']} is gone from {self.vendor.label}: whether it was sent before is not told",
                    )
                return verdict([state], f"campaign {state.id}")
            name = campaign_name(post, self.limits.name)
            named = list(self._named(name, since))
        except VendorError as error:
            return Finding(Presence.UNCERTAIN, f"{self.vendor.label} could not be read: {error.cause}")
        return verdict(named, f"campaigns named “{name}” since {since:%Y-%m-%d %H:%M} UTC")

    def quota(self) -> Mapping[str, str]:
        return self.client.quota()

    @abstractmethod
    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]: ...

    @abstractmethod
    def _create(self, mailing: Mailing, post: OutgoingPost) -> str:
        """Makes a draft and gives its id."""

    @abstractmethod
    def _fill(self, campaign_id: str, mailing: Mailing, post: OutgoingPost) -> None:
        """Sets the content of a draft, where the service takes it apart from the draft."""

    @abstractmethod
    def _complaints(self, campaign_id: str, post: OutgoingPost) -> list[str]:
        """What the service's own checklist says against sending; empty when it is ready or has no checklist."""

    @abstractmethod
    def _send(self, campaign_id: str, post: OutgoingPost) -> None:
        """The irreversible call. Raises `Rejected` when refused, `OutcomeUnknown` when no trustworthy answer came."""

    @abstractmethod
    def _schedule(self, campaign_id: str, post: OutgoingPost, at: datetime) -> None: ...

    @abstractmethod
    def _cancel(self, campaign_id: str) -> None: ...

    @abstractmethod
    def _read(self, campaign_id: str) -> CampaignState | None:
        """The campaign as it is now, None when the service has none of that id."""

    @abstractmethod
    def _named(self, name: str, since: datetime) -> Iterator[CampaignState]:
        """Campaigns of exactly this name that were created since then, all pages."""

    def _prepared(self, post: OutgoingPost, phases: Phases) -> CampaignState:
        """The campaign of the post with its content, made as far as it is not yet; its state where it is beyond a draft."""
        wrong = self.validate(post)
        if wrong:
            raise self.client.error(
                Rejected, wrong[0].message.rstrip("."), "correct the draft and approve it again", post=post.key
            )
        mailing = mailing_of(post, unsubscribe=self.unsubscribe, longest_name=self.limits.name)
        kept = phases.done("campaign")
        state = self._read(kept["id"]) if kept is not None else None
        if state is not None and state.stage is Stage.STOPPED:
            raise self._stands(state, post, f"was paused, cancelled or archived at {self.vendor.label}", "decide there")
        if state is not None and state.stage is not Stage.DRAFT:
            return state
        fresh = state is None
        if state is None:
            state = CampaignState(self._create(mailing, post), Stage.DRAFT)
            phases.finish("campaign", id=state.id)
        filled = phases.done("content")
        if fresh or filled is None or filled.get("id") != state.id:
            self._fill(state.id, mailing, post)
            phases.finish("content", id=state.id)
        complaints = self._complaints(state.id, post)
        if complaints:
            raise self.client.error(
                Rejected, f"{self.vendor.label} finds the campaign not ready: {'; '.join(complaints)}",
                "correct it and approve it again", post=post.key,
            )  # fmt: skip
        return state

    def _state_after_refusal(self, state: CampaignState, post: OutgoingPost) -> CampaignState | None:
        """The campaign after the service refused to send it: another worker may have sent it."""
        try:
            return self._read(state.id)
        except VendorError as error:
            raise self.client.error(
                OutcomeUnknown, f"sending was refused and the campaign could not be read ({error.cause})",
                "the campaign is read again; it is not sent again blindly", post=post.key,
            ) from None  # fmt: skip

    def _state_after_sending(self, state: CampaignState) -> CampaignState:
        """The sent campaign with its time and address; without them when it cannot be read just now."""
        try:
            return self._read(state.id) or state
        except VendorError:
            return state

    def _stands(self, state: CampaignState, post: OutgoingPost, cause: str, next_step: str) -> VendorError:
        return self.client.error(
            Rejected, f"campaign {state.id} {cause}", next_step, post=post.key, existing_id=state.id
        )

    def need(self, document: Any, *path: str) -> Any:
        """A field that an answer must have. Raises `Transient` when it is not there, as after a change of format."""
        value = document
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if value is None:
            raise self.client.unreadable(Effect.READ, f"the answer lacks “{'.'.join(path)}”")
        return value

    def rows(self, document: Any, name: str) -> list[dict[str, Any]]:
        """A list that an answer must have. Raises `Transient` when it is none: it must not look empty."""
        found = self.need(document, name)
        if not isinstance(found, list):
            raise self.client.unreadable(Effect.READ, f"“{name}” in the answer is no list")
        return [row for row in found if isinstance(row, dict)]

    def by_offset(self, read: Callable[[int], list[dict[str, Any]]], size: int) -> Iterator[dict[str, Any]]:
        """All rows of a list that is read from an offset on, `size` at once."""
        offset, trail = 0, Trail(self.client)
        while True:
            found = read(offset)
            yield from found
            if len(found) < size:
                return
            trail.step(json.dumps(found, sort_keys=True))
            offset += size

    def account(self, until: datetime) -> Account:
        """Whose campaigns are read, as of when."""
        return Account(Platform.EMAIL, self.account_id, self.account_name, until)

    def record(
        self, entity_id: str, *, title: str | None, body: str | None, url: str | None, sent_at: datetime | None,
        until: datetime, payload: dict[str, Any], tags: tuple[str, ...] = (),
    ) -> ContentRecord:  # fmt: skip
        """A sent campaign as content."""
        return self.account(until).content(
            entity_id, "email", payload, published_at=sent_at, title=title, body=body, url=url, tags=tags
        )

    def counters(
        self, entity_id: str, values: Mapping[str, Any], *, sent_at: datetime | None, until: datetime,
        unsupported: tuple[str, ...] = (),
    ) -> Iterator[Observation]:  # fmt: skip
        """Lifetime counters of a campaign; `unsupported` are metrics that the service has no word for."""
        account = self.account(until)
        for metric, value in values.items():
            missing = ObservationState.UNSUPPORTED if metric in unsupported else ObservationState.UNAVAILABLE
            yield account.of_post(entity_id, metric, sent_at, number(value), missing)


def total(*values: Any) -> float | None:
    """The sum of an answer's counts, None when one of them is missing."""
    numbers = [found for value in values if (found := number(value)) is not None]
    return sum(numbers) if len(numbers) == len(values) else None
