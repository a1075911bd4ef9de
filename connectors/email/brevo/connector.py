"""Brevo v3: e-mail campaigns, their schedule and their statistics.

Unique views hold opens of any kind and `appleMppOpens` those that Apple Mail made by itself. `clickers` is documented as
the number of all clicks and named like a number of people, so clicks are not taken from it: unsupported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx

from connectors.credentials import CredentialHolder
from connectors.email.body import text_of
from connectors.email.brevo.errors import classify, read_limits
from connectors.email.brevo.limits import LIMITS, LISTED, LONGEST_WINDOW, PAGE
from connectors.email.campaign import CampaignConnector, total
from connectors.email.mailing import Mailing, split_list
from connectors.email.serverclock import ServerClock
from connectors.email.stages import CampaignState, Stage, instant
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, Effect, VendorClient
from models.domain.connection import Vendor
from models.domain.content import Record
from models.domain.publishing import OutgoingPost, Problem
from models.errors import Rejected
from models.ports import Stream

_STAGES = {"draft": Stage.DRAFT, "sent": Stage.SENT, "in_process": Stage.SENDING, "in_review": Stage.SENDING}


def connector(
    account_id: str, account_name: str, holder: CredentialHolder, where: Endpoints, *,
    transport: httpx.BaseTransport | None = None, timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> BrevoConnector:  # fmt: skip
    clock = ServerClock(read_limits)
    client = VendorClient(
        Vendor.BREVO, account_id, classify=classify, read_limits=clock.read, renew=holder.renew, transport=transport,
        timeout=timeout, sleep=sleep, authorize=lambda request: request.headers.update({"api-key": holder.token()}),
    )  # fmt: skip
    return BrevoConnector(account_id, account_name, client, where["api"], clock)


class BrevoConnector(CampaignConnector):
    vendor = Vendor.BREVO
    streams = (Stream.POSTS,)
    limits = LIMITS
    unsubscribe = "{{ unsubscribe }}"

    def __init__(self, account_id: str, account_name: str, client: VendorClient, api: str, clock: ServerClock) -> None:
        super().__init__(account_id, account_name, client)
        self._campaigns = f"{api}/emailCampaigns"
        self._clock = clock

    def validate(self, post: OutgoingPost) -> list[Problem]:
        found = super().validate(post)
        if not all(number.isdigit() for number in split_list(post.options.get("list_id", ""))):
            found.append(Problem("list_id", "Brevo's lists have numbers as ids.", "Brevo API v3, recipients.listIds"))
        return found

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        """Campaigns sent in `[since, until)` with their lifetime statistics as of now."""
        if stream is not Stream.POSTS:
            return
        for row in self._sent(since, until):
            sent_at = instant(row.get("sentDate"))
            if sent_at is None or not since <= sent_at < until:
                continue
            campaign_id = str(self.need(row, "id"))
            if self._clock.now() - sent_at > LISTED:
                row = self._get(campaign_id, statistics="globalStats")
            yield self.record(
                campaign_id, title=row.get("subject"), body=text_of(row.get("htmlContent") or "") or None,
                url=row.get("shareLink") or None, sent_at=sent_at, until=until,
                payload={name: value for name, value in row.items() if name != "htmlContent"},
                tags=tuple(filter(None, [row.get("tag")])),
            )  # fmt: skip
            yield from self.counters(
                campaign_id, metrics_of(row), sent_at=sent_at, until=until, unsupported=("clicks",)
            )

    def _create(self, mailing: Mailing, post: OutgoingPost) -> str:
        made = self.client.json(
            "POST", self._campaigns, effect=Effect.STAGE, post=post.key,
            json={
                "name": mailing.name, "subject": mailing.subject, "htmlContent": mailing.html,
                "sender": {"name": mailing.from_name, "email": mailing.from_email}, "replyTo": mailing.reply_to,
                "recipients": {"listIds": [int(number) for number in mailing.lists]},
                **({"previewText": mailing.preheader} if mailing.preheader else {}),
            },
        )  # fmt: skip
        return str(self.need(made, "id"))

    def _fill(self, campaign_id: str, mailing: Mailing, post: OutgoingPost) -> None:
        """The content went with the draft."""

    def _complaints(self, campaign_id: str, post: OutgoingPost) -> list[str]:
        return []

    def _send(self, campaign_id: str, post: OutgoingPost) -> None:
        self._act("POST", f"{campaign_id}/sendNow", post.key)

    def _schedule(self, campaign_id: str, post: OutgoingPost, at: datetime) -> None:
        self._act("PUT", campaign_id, post.key, json={"scheduledAt": _iso(at)})

    def _cancel(self, campaign_id: str) -> None:
        self._act("PUT", f"{campaign_id}/status", None, json={"status": "suspended"})

    def _act(self, method: str, path: str, key: str | None, **request: Any) -> None:
        """A call that takes effect at once; the vendor's only word of success is 204."""
        answer = self.client.call(method, f"{self._campaigns}/{path}", effect=Effect.COMMIT, post=key, **request)
        if answer.status != 204:
            raise self.client.unreadable(
                Effect.COMMIT, f"campaign {path} was answered with HTTP {answer.status} instead of 204", key
            )

    def _read(self, campaign_id: str) -> CampaignState | None:
        try:
            return self._state(self._get(campaign_id))
        except Rejected as refused:
            if refused.code == "document_not_found":
                return None
            raise

    def _named(self, name: str, since: datetime) -> Iterator[CampaignState]:
        """Newest first, until a campaign that is older than `since`."""
        for row in self._pages({"excludeHtmlContent": "true", "sort": "desc"}):
            made = instant(row.get("createdAt"))
            if made is not None and made < since:
                return
            if row.get("name") == name:
                yield self._state(row)

    def _state(self, row: dict[str, Any]) -> CampaignState:
        told = str(self.need(row, "status"))
        planned, sent = instant(row.get("scheduledAt")), instant(row.get("sentDate"))
        stage = _STAGES.get(told, Stage.STOPPED)
        if told == "queued":
            stage = Stage.SCHEDULED if self._clock.later(planned) else Stage.SENDING
        elif told == "archive" and sent is not None:
            stage = Stage.SENT
        return CampaignState(str(self.need(row, "id")), stage, sent or planned, row.get("shareLink") or None)

    def _get(self, campaign_id: str, **params: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.json(
            "GET", f"{self._campaigns}/{campaign_id}", effect=Effect.READ, params=params
        )
        return found

    def _sent(self, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        """Campaigns sent in the window, asked for in parts that the vendor allows and never beyond its own time."""
        start = since
        while start < until:
            end = min(until, start + LONGEST_WINDOW)
            limited = max(start, min(end, self._clock.now()))
            yield from self._pages({
                "status": "sent", "statistics": "globalStats", "startDate": _iso(start), "endDate": _iso(limited),
            })  # fmt: skip
            start = end

    def _pages(self, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        def read(offset: int) -> list[dict[str, Any]]:
            asked = {**params, "limit": PAGE, "offset": offset}
            document = self.client.json("GET", self._campaigns, effect=Effect.READ, params=asked)
            if isinstance(document, dict) and document.get("campaigns") is None:
                total = document.get("count")
                if isinstance(total, int) and offset >= total:
                    return []  # Brevo leaves an empty list out
            return self.rows(document, "campaigns")

        return self.by_offset(read, PAGE)


def metrics_of(campaign: dict[str, Any]) -> dict[str, Any]:
    """A campaign's numbers by metric id; None for what it does not tell."""
    numbers = (campaign.get("statistics") or {}).get("globalStats") or {}
    return {
        "emails_sent": numbers.get("sent"),
        "emails_delivered": numbers.get("delivered"),
        "bounces": total(numbers.get("hardBounces"), numbers.get("softBounces")),
        "opens": numbers.get("uniqueViews"),
        "machine_opens": numbers.get("appleMppOpens"),
        "clicks": None,
        "unique_clicks": numbers.get("uniqueClicks"),
        "unsubscribes": numbers.get("unsubscriptions"),
        "spam_complaints": numbers.get("complaints"),
    }


def _iso(at: datetime) -> str:
    moment = at.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
