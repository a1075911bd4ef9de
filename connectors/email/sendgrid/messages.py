"""SendGrid's mail/send: one message to named recipients, in a batch that can be stopped while it waits.

mail/send has no key against repetition and nothing lists its messages but Email Activity, an add-on. Each message
carries a category of the outbox key, by which Email Activity finds it; without the add-on an unknown outcome stays
unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.email.mailing import ADDRESS, Mailing, mailing_of, problems, split_list
from connectors.email.sendgrid.limits import FARTHEST, MESSAGE, RECIPIENTS
from connectors.email.serverclock import ServerClock
from connectors.email.stages import instant
from connectors.http import Effect, VendorClient
from models.domain.publishing import Finding, OutgoingPost, Presence, Problem, Published
from models.errors import OutcomeUnknown, Rejected, Transient, VendorError
from models.ports import Phases

PREFIX = "batch:"


@dataclass(frozen=True)
class Activity:
    """One message of Email Activity. The recipient's address is left where it is."""

    message_id: str
    subject: str
    status: str
    opens: int | None
    clicks: int | None
    last_event_at: datetime | None


def activity_of(row: dict[str, Any]) -> Activity:
    """A row of `GET /v3/messages`, or the answer for one message, whose counts are its events."""
    return Activity(
        message_id=str(row.get("msg_id", "")), subject=str(row.get("subject", "")), status=str(row.get("status", "")),
        opens=row.get("opens_count"), clicks=row.get("clicks_count"), last_event_at=instant(row.get("last_event_time")),
    )  # fmt: skip


class Messages:
    def __init__(self, client: VendorClient, api: str, clock: ServerClock) -> None:
        self._client = client
        self._api = api
        self._clock = clock

    def validate(self, post: OutgoingPost) -> list[Problem]:
        found = problems(post, MESSAGE)
        people = split_list(post.options.get("recipients", ""))
        wrong = sum(1 for address in people if not ADDRESS.match(address))
        if wrong:
            found.append(Problem("recipients", f"{wrong} of {len(people)} recipients are no mail addresses."))
        if len(people) > RECIPIENTS:
            found.append(
                Problem(
                    "recipients", f"{len(people):,} of {RECIPIENTS:,} recipients of one call.", "Mail Send document"
                )
            )
        return found

    def publish(self, post: OutgoingPost, phases: Phases, *, at: datetime | None = None) -> Published:
        """Hands the message over for now or for `at`, once: a resumed attempt that had reached the call is not repeated."""
        wrong = self.validate(post)
        if wrong:
            raise self._client.error(Rejected, wrong[0].message.rstrip("."), "correct the draft", post=post.key)
        batch = self.batch_of(phases)
        if batch is None:
            made = self._client.json("POST", f"{self._api}/mail/batch", effect=Effect.STAGE, post=post.key)
            batch = made.get("batch_id") if isinstance(made, dict) else None
            if not isinstance(batch, str):
                raise self._client.error(Transient, "the answer lacks “batch_id”", "it is tried again", post=post.key)
            phases.finish("batch", id=batch)
        if at is not None and at > self._clock.now() + FARTHEST:
            raise self._client.error(
                Rejected, "mail/send can wait for 72 hours at most", "choose an earlier time or a list", post=post.key
            )
        mailing = mailing_of(post, unsubscribe=post.options.get("custom_unsubscribe_url"))
        phases.sending()
        answer = self._client.call(
            "POST", f"{self._api}/mail/send", effect=Effect.COMMIT, post=post.key,
            json=_request(mailing, post, batch, at),
        )  # fmt: skip
        if answer.status != 202:
            raise self._client.error(
                OutcomeUnknown, f"mail/send was answered with HTTP {answer.status} instead of 202",
                "look into SendGrid's Activity Feed; it is not sent again blindly", post=post.key,
            )  # fmt: skip
        return Published(PREFIX + batch, None, at or self._clock.now())

    def find(self, post: OutgoingPost, phases: Phases) -> Finding:
        """By Email Activity, where the account has it."""
        category = category_of(post)
        try:
            document = self._client.json(
                "GET", f"{self._api}/messages", effect=Effect.READ,
                params={"limit": "10", "query": f'(Contains(categories,"{category}"))'},
            )  # fmt: skip
        except VendorError as error:
            return Finding(Presence.UNCERTAIN, f"Email Activity could not be read: {error.cause}")
        rows = [activity_of(row) for row in document.get("messages") or []]
        batch = self.batch_of(phases)
        if rows:
            at = max((row.last_event_at for row in rows if row.last_event_at), default=None)
            named = PREFIX + batch if batch else rows[0].message_id
            return Finding(
                Presence.FOUND, f"Email Activity has messages of category {category}", Published(named, None, at)
            )
        if batch is None:
            return Finding(Presence.ABSENT, "no batch was made, so nothing can have been handed over")
        return Finding(Presence.UNCERTAIN, f"Email Activity has no message of category {category} yet")

    def cancel(self, campaign_id: str) -> None:
        """Stops what of the batch is still waiting; sure up to ten minutes before its time."""
        self._client.json(
            "POST", f"{self._api}/user/scheduled_sends", effect=Effect.COMMIT,
            json={"batch_id": campaign_id.removeprefix(PREFIX), "status": "cancel"},
        )  # fmt: skip

    def owns(self, campaign_id: str) -> bool:
        return campaign_id.startswith(PREFIX)

    def batch_of(self, phases: Phases) -> str | None:
        kept = phases.done("batch")
        return kept["id"] if kept else None


def category_of(post: OutgoingPost) -> str:
    return f"fabric-{post.key[:16]}"


def _request(mailing: Mailing, post: OutgoingPost, batch: str, at: datetime | None) -> dict[str, Any]:
    options = post.options
    request: dict[str, Any] = {
        "personalizations": [{"to": [{"email": address}]} for address in split_list(options["recipients"])],
        "from": {"email": mailing.from_email, **({"name": mailing.from_name} if mailing.from_name else {})},
        "reply_to": {"email": mailing.reply_to},
        "subject": mailing.subject,
        "content": [
            *([{"type": "text/plain", "value": mailing.text}] if mailing.text.strip() else []),
            {"type": "text/html", "value": mailing.html},
        ],
        "categories": ["fabric", category_of(post)],
        "batch_id": batch,
    }
    if options.get("suppression_group_id"):
        request["asm"] = {"group_id": int(options["suppression_group_id"])}
    else:
        request["headers"] = {
            "List-Unsubscribe": f"<{options['custom_unsubscribe_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    if at is not None:
        request["send_at"] = int(at.timestamp())
    return request
