"""SendGrid v3: single sends of Marketing Campaigns to lists, their schedule, their statistics, and the account by day.

A post whose options name `recipients` instead of a list goes through mail/send (see `messages`). Machine opens are told
by the Event Webhook only, so they are unsupported here. Days of the account's statistics are taken as UTC days.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from connectors.credentials import CredentialHolder
from connectors.email.body import text_of
from connectors.email.campaign import CampaignConnector
from connectors.email.mailing import Mailing, problems, split_list
from connectors.email.sendgrid.errors import classify, read_limits
from connectors.email.sendgrid.limits import CAMPAIGN, LIST_PAGE, LISTS, STATS_IDS, STATS_PAGE
from connectors.email.sendgrid.messages import Messages
from connectors.email.serverclock import ServerClock
from connectors.email.stages import CampaignState, Scheduled, Stage, instant
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, Effect, VendorClient
from connectors.paging import Trail
from connectors.readings import number
from models.domain.connection import Vendor
from models.domain.content import Record
from models.domain.publishing import Finding, OutgoingPost, Problem, Published
from models.errors import Rejected
from models.ports import Phases, Stream


def connector(
    account_id: str, account_name: str, holder: CredentialHolder, where: Endpoints, *,
    transport: httpx.BaseTransport | None = None, timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> SendGridConnector:  # fmt: skip
    clock = ServerClock(read_limits)
    client = VendorClient(
        Vendor.SENDGRID, account_id, classify=classify, read_limits=clock.read, renew=holder.renew, transport=transport,
        timeout=timeout, sleep=sleep,
        authorize=holder.bear,
    )  # fmt: skip
    return SendGridConnector(account_id, account_name, client, where["api"], clock)


class SendGridConnector(CampaignConnector):
    vendor = Vendor.SENDGRID
    streams = (Stream.ACCOUNT, Stream.POSTS)
    limits = CAMPAIGN
    unsubscribe = "{{{unsubscribe}}}"

    def __init__(self, account_id: str, account_name: str, client: VendorClient, api: str, clock: ServerClock) -> None:
        super().__init__(account_id, account_name, client)
        self._api = f"{api}/v3"
        self._sends = f"{api}/v3/marketing/singlesends"
        self._clock = clock
        self.messages = Messages(client, self._api, clock)

    def validate(self, post: OutgoingPost) -> list[Problem]:
        if post.options.get("recipients"):
            return self.messages.validate(post)
        found = problems(post, self.limits)
        for option in ("sender_id", "suppression_group_id"):
            if not post.options.get(option, "0").isdigit():
                found.append(Problem(option, f"SendGrid's {option} is a number.", "Single Sends document"))
        if len(split_list(post.options.get("list_id", ""))) > LISTS:
            found.append(Problem("list_id", f"A single send goes to {LISTS} lists at most.", "Single Sends document"))
        return found

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        if post.options.get("recipients"):
            return self.messages.publish(post, phases)
        return super().publish(post, phases)

    def schedule(self, post: OutgoingPost, phases: Phases, at: datetime) -> Scheduled:
        if post.options.get("recipients"):
            return Scheduled(self.messages.publish(post, phases, at=at).post_id, at)
        return super().schedule(post, phases, at)

    def cancel(self, campaign_id: str) -> None:
        if self.messages.owns(campaign_id):
            self.messages.cancel(campaign_id)
        else:
            super().cancel(campaign_id)

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        if post.options.get("recipients"):
            return self.messages.find(post, phases)
        return super().find_published(post, phases, since=since)

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        """POSTS: single sends sent in `[since, until)` with lifetime statistics. ACCOUNT: messages requested by day."""
        if stream is Stream.ACCOUNT:
            yield from self._days(since, until)
        elif stream is Stream.POSTS:
            sent = self._sent(since, until)
            while rows := list(islice(sent, STATS_IDS)):
                told = self._statistics([str(row["id"]) for row in rows])
                for row in rows:
                    yield from self._post(row, told.get(str(row["id"]), {}), until)

    def _post(self, row: dict[str, Any], numbers: dict[str, Any], until: datetime) -> Iterator[Record]:
        campaign_id, sent_at = str(row["id"]), instant(row.get("send_at"))
        whole = self.client.json("GET", f"{self._sends}/{campaign_id}", effect=Effect.READ)
        mail = whole.get("email_config") or {}
        yield self.record(
            campaign_id, title=mail.get("subject") or None,
            body=mail.get("plain_content") or text_of(mail.get("html_content") or "") or None, url=None, sent_at=sent_at,
            until=until, payload={**row, "stats": numbers}, tags=tuple(row.get("categories") or ()),
        )  # fmt: skip
        yield from self.counters(
            campaign_id, metrics_of(numbers), sent_at=sent_at, until=until, unsupported=("machine_opens",)
        )

    def _days(self, since: datetime, until: datetime) -> Iterator[Record]:
        """The UTC days that are over by `until`, from the one that `since` falls in."""
        last = until - timedelta(days=1)
        if last.date() < since.date():
            return
        rows = self.client.json(
            "GET", f"{self._api}/stats", effect=Effect.READ,
            params={"start_date": f"{since:%Y-%m-%d}", "end_date": f"{last:%Y-%m-%d}", "aggregated_by": "day"},
        )  # fmt: skip
        for row in rows if isinstance(rows, list) else self.need(rows, "days"):
            start = datetime.fromisoformat(str(self.need(row, "date"))).replace(tzinfo=UTC)
            end = start + timedelta(days=1)
            yield self.account(until).of_period("emails_requested", start, end, number(requested(row)))

    def _create(self, mailing: Mailing, post: OutgoingPost) -> str:
        options = post.options
        leave: dict[str, Any] = (
            {"suppression_group_id": int(options["suppression_group_id"])}
            if options.get("suppression_group_id")
            else {"custom_unsubscribe_url": options["custom_unsubscribe_url"]}
        )
        made = self.client.json(
            "POST", self._sends, effect=Effect.STAGE, post=post.key,
            json={
                "name": mailing.name,
                "send_to": {"list_ids": list(mailing.lists)},
                "email_config": {
                    "subject": mailing.subject, "html_content": mailing.html, "plain_content": mailing.text,
                    "generate_plain_content": not mailing.text.strip(), "editor": "code",
                    "sender_id": int(options.get("sender_id") or self._sender(mailing, post)), **leave,
                },
            },
        )  # fmt: skip
        return str(self.need(made, "id"))

    def _fill(self, campaign_id: str, mailing: Mailing, post: OutgoingPost) -> None:
        """The content went with the draft."""

    def _complaints(self, campaign_id: str, post: OutgoingPost) -> list[str]:
        return []

    def _send(self, campaign_id: str, post: OutgoingPost) -> None:
        self._plan(campaign_id, "now", post)

    def _schedule(self, campaign_id: str, post: OutgoingPost, at: datetime) -> None:
        self._plan(campaign_id, f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", post)

    def _cancel(self, campaign_id: str) -> None:
        self.client.json("DELETE", f"{self._sends}/{campaign_id}/schedule", effect=Effect.COMMIT)

    def _plan(self, campaign_id: str, moment: str, post: OutgoingPost) -> None:
        """Sends now or later; success is the word `scheduled`."""
        told = self.client.json(
            "PUT",
            f"{self._sends}/{campaign_id}/schedule",
            effect=Effect.COMMIT,
            post=post.key,
            json={"send_at": moment},
        )
        if not isinstance(told, dict) or told.get("status") not in ("scheduled", "triggered"):
            raise self.client.unreadable(
                Effect.COMMIT, f"single send {campaign_id} was answered without the status “scheduled”", post.key
            )

    def _sender(self, mailing: Mailing, post: OutgoingPost) -> int:
        """The id of the verified sender with the post's address."""
        found = self.client.json("GET", f"{self._api}/verified_senders", effect=Effect.READ, post=post.key)
        for sender in found.get("results", []):
            if str(sender.get("from_email", "")).lower() == mailing.from_email.lower() and sender.get("verified"):
                return int(sender["id"])
        raise self.client.error(
            Rejected, "the sender's address is not among SendGrid's verified senders",
            "verify it at SendGrid or choose another sender", post=post.key,
        )  # fmt: skip

    def _read(self, campaign_id: str) -> CampaignState | None:
        try:
            return self._state(self.client.json("GET", f"{self._sends}/{campaign_id}", effect=Effect.READ))
        except Rejected as refused:
            if refused.code == "404":
                return None
            raise

    def _named(self, name: str, since: datetime) -> Iterator[CampaignState]:
        for row in self._pages("POST", f"{self._sends}/search", "result", LIST_PAGE, json={"name": name}):
            made = instant(row.get("created_at"))
            if row.get("name") == name and (made is None or made >= since):
                yield self._state(row)

    def _state(self, row: dict[str, Any]) -> CampaignState:
        told, planned = str(self.need(row, "status")), instant(row.get("send_at"))
        stage = {"draft": Stage.DRAFT, "triggered": Stage.SENT}.get(told, Stage.STOPPED)
        if told == "scheduled":
            stage = Stage.SCHEDULED if self._clock.later(planned) else Stage.SENDING
        return CampaignState(str(self.need(row, "id")), stage, planned)

    def _sent(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        for row in self._pages("GET", self._sends, "result", LIST_PAGE):
            sent_at = instant(row.get("send_at"))
            if row.get("status") == "triggered" and sent_at is not None and since <= sent_at < until:
                yield row

    def _statistics(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        rows = self._pages(
            "GET", f"{self._api}/marketing/stats/singlesends", "results", STATS_PAGE, singlesend_ids=",".join(ids)
        )
        return {str(row.get("id")): row.get("stats") or {} for row in rows}

    def _pages(
        self, method: str, url: str, key: str, size: int, *, json: dict[str, Any] | None = None, **params: str
    ) -> Iterator[dict[str, Any]]:
        """All rows. The next page's token is taken out of the address that the answer names; only our own is called."""
        token, trail = "", Trail(self.client)
        while True:
            query = {**params, "page_size": str(size), **({"page_token": token} if token else {})}
            document = self.client.json(method, url, effect=Effect.READ, params=query, json=json)
            yield from self.rows(document, key)
            following = str((document.get("_metadata") or {}).get("next") or "")
            found = parse_qs(urlsplit(following).query).get("page_token", [""])[0]
            if not found:
                return
            trail.step(found)
            token = found


def metrics_of(numbers: dict[str, Any]) -> dict[str, Any]:
    """A single send's numbers by metric id; None for what is not told."""
    return {
        "emails_sent": numbers.get("requests"),
        "emails_delivered": numbers.get("delivered"),
        "bounces": numbers.get("bounces"),
        "opens": numbers.get("unique_opens"),
        "machine_opens": None,
        "clicks": numbers.get("clicks"),
        "unique_clicks": numbers.get("unique_clicks"),
        "unsubscribes": numbers.get("unsubscribes"),
        "spam_complaints": numbers.get("spam_reports"),
    }


def requested(day: dict[str, Any]) -> Any:
    """The messages requested on a day of the account's statistics, None when it is not told."""
    stats = day.get("stats") or [{}]
    return (stats[0].get("metrics") or {}).get("requests")
