"""Mailchimp Marketing 3.0: campaigns to a list, their schedule and their reports.

Machine opens are what the report's unique opens have more than `proxy_excluded_unique_opens` (Apple Mail Privacy
Protection and other proxies); where a report lacks the field, machine opens are unsupported. Delivered messages are not
told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx

from connectors.credentials import CredentialHolder
from connectors.email.campaign import CampaignConnector, total
from connectors.email.mailchimp.authorizer import basic
from connectors.email.mailchimp.errors import classify
from connectors.email.mailchimp.limits import LIMITS, PAGE, SCHEDULE_MINUTES
from connectors.email.mailing import Mailing
from connectors.email.stages import CampaignState, Stage, instant
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, Effect, VendorClient
from models.domain.connection import Vendor
from models.domain.content import Record
from models.domain.publishing import OutgoingPost
from models.errors import Rejected
from models.ports import Stream

_STAGES = {
    "save": Stage.DRAFT, "schedule": Stage.SCHEDULED, "sending": Stage.SENDING, "sent": Stage.SENT,
}  # fmt: skip
_FIELDS = "id,status,send_time,long_archive_url,settings.title"


def connector(
    account_id: str, account_name: str, holder: CredentialHolder, where: Endpoints, *,
    transport: httpx.BaseTransport | None = None, timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> MailchimpConnector:  # fmt: skip
    client = VendorClient(
        Vendor.MAILCHIMP, account_id, classify=classify, renew=holder.renew, transport=transport, timeout=timeout,
        sleep=sleep, authorize=lambda request: request.headers.update({"Authorization": basic(holder.token())}),
    )  # fmt: skip
    return MailchimpConnector(account_id, account_name, client, where["api"])


class MailchimpConnector(CampaignConnector):
    vendor = Vendor.MAILCHIMP
    streams = (Stream.POSTS,)
    limits = LIMITS
    unsubscribe = "*|UNSUB|*"

    def __init__(self, account_id: str, account_name: str, client: VendorClient, api: str) -> None:
        super().__init__(account_id, account_name, client)
        self._api = api

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        """Reports of campaigns sent in `[since, until)`. Every report is read as of now, so counters are lifetime ones."""
        if stream is not Stream.POSTS:
            return
        window = {"since_send_time": _iso(since - timedelta(seconds=1)), "before_send_time": _iso(until)}
        for row in self._pages("reports", window):
            sent_at = instant(row.get("send_time"))
            if sent_at is None or not since <= sent_at < until:
                continue
            campaign_id = str(self.need(row, "id"))
            yield self.record(
                campaign_id, title=row.get("subject_line"), body=self._text(campaign_id), url=None, sent_at=sent_at,
                until=until, payload=row,
            )  # fmt: skip
            yield from self.counters(
                campaign_id, metrics_of(row), sent_at=sent_at, until=until,
                unsupported=("emails_delivered", "machine_opens"),
            )  # fmt: skip

    def _create(self, mailing: Mailing, post: OutgoingPost) -> str:
        made = self.client.json(
            "POST", f"{self._api}/campaigns", effect=Effect.STAGE, post=post.key,
            json={
                "type": "regular",
                "recipients": {"list_id": mailing.lists[0]},
                "settings": {
                    "title": mailing.name, "subject_line": mailing.subject, "preview_text": mailing.preheader,
                    "from_name": mailing.from_name, "reply_to": mailing.reply_to,
                },
            },
        )  # fmt: skip
        return str(self.need(made, "id"))

    def _fill(self, campaign_id: str, mailing: Mailing, post: OutgoingPost) -> None:
        self.client.json(
            "PUT", f"{self._api}/campaigns/{campaign_id}/content", effect=Effect.STAGE, post=post.key,
            json={"html": mailing.html, "plain_text": mailing.text},
        )  # fmt: skip

    def _complaints(self, campaign_id: str, post: OutgoingPost) -> list[str]:
        told = self.client.json(
            "GET", f"{self._api}/campaigns/{campaign_id}/send-checklist", effect=Effect.READ, post=post.key
        )
        if told.get("is_ready") is True:
            return []
        against = [
            f"{item.get('heading')}: {item.get('details')}"
            for item in told.get("items", [])
            if item.get("type") == "error"
        ]
        return against or ["its checklist does not say why"]

    def _send(self, campaign_id: str, post: OutgoingPost) -> None:
        self._act(campaign_id, "send", post)

    def _schedule(self, campaign_id: str, post: OutgoingPost, at: datetime) -> None:
        if at.minute % SCHEDULE_MINUTES or at.second or at.microsecond:
            raise self.client.error(
                Rejected, f"Mailchimp schedules on quarter-hours and not at {at:%H:%M:%S}", "choose a quarter-hour",
                post=post.key,
            )  # fmt: skip
        self._act(campaign_id, "schedule", post, json={"schedule_time": _iso(at)})

    def _cancel(self, campaign_id: str) -> None:
        self._act(campaign_id, "unschedule", None)

    def _act(self, campaign_id: str, action: str, post: OutgoingPost | None, **request: Any) -> None:
        """An action that takes effect at once; the vendor's only word of success is 204."""
        key = post.key if post else None
        answer = self.client.call(
            "POST", f"{self._api}/campaigns/{campaign_id}/actions/{action}", effect=Effect.COMMIT, post=key, **request
        )
        if answer.status != 204:
            raise self.client.unreadable(
                Effect.COMMIT, f"{action} was answered with HTTP {answer.status} instead of 204", key
            )

    def _read(self, campaign_id: str) -> CampaignState | None:
        try:
            row = self.client.json(
                "GET", f"{self._api}/campaigns/{campaign_id}", effect=Effect.READ, params={"fields": _FIELDS}
            )
        except Rejected as refused:
            if refused.code == "Resource Not Found":
                return None
            raise
        return self._state(row)

    def _named(self, name: str, since: datetime) -> Iterator[CampaignState]:
        for row in self._pages("campaigns", {"since_create_time": _iso(since)}):
            if (row.get("settings") or {}).get("title") == name:
                yield self._state(row)

    def _state(self, row: dict[str, Any]) -> CampaignState:
        return CampaignState(
            id=str(self.need(row, "id")),
            stage=_STAGES.get(str(self.need(row, "status")), Stage.STOPPED),
            at=instant(row.get("send_time")),
            url=row.get("long_archive_url") or None,
        )

    def _pages(self, kind: str, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        def read(offset: int) -> list[dict[str, Any]]:
            asked = {**params, "count": PAGE, "offset": offset}
            return self.rows(self.client.json("GET", f"{self._api}/{kind}", effect=Effect.READ, params=asked), kind)

        return self.by_offset(read, PAGE)

    def _text(self, campaign_id: str) -> str | None:
        """The campaign's plain text; None when its content is not given (the report is kept all the same)."""
        try:
            content = self.client.json(
                "GET",
                f"{self._api}/campaigns/{campaign_id}/content",
                effect=Effect.READ,
                params={"fields": "plain_text"},
            )
        except Rejected:
            return None
        return content.get("plain_text") or None


def metrics_of(report: dict[str, Any]) -> dict[str, Any]:
    """A report's numbers by metric id; None for what it does not tell."""
    bounces, opens, clicks = report.get("bounces") or {}, report.get("opens") or {}, report.get("clicks") or {}
    unique, people = opens.get("unique_opens"), opens.get("proxy_excluded_unique_opens")
    return {
        "emails_sent": report.get("emails_sent"),
        "emails_delivered": None,
        "bounces": total(bounces.get("hard_bounces"), bounces.get("soft_bounces")),
        "opens": unique,
        "machine_opens": unique - people if isinstance(unique, int) and isinstance(people, int) else None,
        "clicks": clicks.get("clicks_total"),
        "unique_clicks": clicks.get("unique_subscriber_clicks"),
        "unsubscribes": report.get("unsubscribed"),
        "spam_complaints": report.get("abuse_reports"),
    }


def _iso(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()
