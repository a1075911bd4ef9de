"""The campaigns of one mail service of the sandbox: a drawn history, drafts, schedules and what was sent.

What was sent or scheduled survives a restart where the world keeps a journal.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from connectors.email.body import html_of
from connectors.sandbox import mail_audience
from connectors.sandbox.audience import ZONE
from connectors.sandbox.mail_audience import MailNumbers
from connectors.sandbox.phrases import TOPICS
from connectors.sandbox.world import BRAND, DAYS, Account, World
from models.domain.connection import Vendor

ACCOUNTS: dict[Vendor, Account] = {
    Vendor.MAILCHIMP: Account(Vendor.MAILCHIMP, "5a3c0de5a3c0de", BRAND, "samplebrand"),
    Vendor.BREVO: Account(Vendor.BREVO, "66f0c0ffee0000000000b4e0", BRAND, "hello@sample-brand.example"),
    Vendor.SENDGRID: Account(Vendor.SENDGRID, "180023", BRAND, "samplebrand"),
}
KEYS: dict[Vendor, str] = {
    Vendor.MAILCHIMP: "0123456789abcdef0123456789abcdef-us1",
    Vendor.BREVO: "xkeysib-sandbox0123456789-sandbox",
    Vendor.SENDGRID: "SG.sandboxkeyid0123456789.sandboxsecret0123456789",
    Vendor.SMTP: "sandbox-mail-password",
}
"""The keys that the sandbox accepts: these services have keys, not sign-ins. One in `world.tokens.revoked` is refused."""
LISTS: dict[Vendor, str] = {
    Vendor.MAILCHIMP: "a1b2c3d4e5",
    Vendor.BREVO: "2",
    Vendor.SENDGRID: "f2fe66a1-43f3-4e3a-87b1-c6a600d805f0",
}
CAMPAIGNS = 26
"""Campaigns of the drawn history: about one a week."""
SENDER = ("Sample Brand", "hello@sample-brand.example")


class Status(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENT = "sent"
    CANCELLED = "cancelled"


@dataclass
class Campaign:
    """One campaign. `at` is when it was or will be sent; `text` is what readers see."""

    id: str
    number: int
    name: str
    created_at: datetime
    status: Status = Status.DRAFT
    subject: str = ""
    preheader: str = ""
    from_name: str = SENDER[0]
    from_email: str = SENDER[1]
    reply_to: str = SENDER[1]
    html: str = ""
    text: str = ""
    lists: tuple[str, ...] = ()
    at: datetime | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class Campaigns:
    """All campaigns of one service, seen at the world's time: a schedule whose time has come is sent by looking."""

    def __init__(self, world: World, vendor: Vendor) -> None:
        self.world = world
        self.vendor = vendor
        self.account = ACCOUNTS[vendor]
        self.list_id = LISTS[vendor]
        self._by_id: dict[str, Campaign] = {}
        self._draw()
        for kept in world.objects(vendor, "campaign").values():
            self._by_id[kept["id"]] = _revived(kept)

    def all(self) -> list[Campaign]:
        """Every campaign, newest first by creation."""
        self._send_due()
        return sorted(self._by_id.values(), key=lambda campaign: campaign.created_at, reverse=True)

    def get(self, campaign_id: str) -> Campaign | None:
        self._send_due()
        return self._by_id.get(campaign_id)

    def sent(self, since: datetime | None = None, until: datetime | None = None) -> list[Campaign]:
        """Campaigns sent in `[since, until]`, newest first by sending."""
        found = [
            c for c in self.all()
            if c.status is Status.SENT and c.at and (since is None or c.at >= since) and (until is None or c.at <= until)
        ]  # fmt: skip
        return sorted(found, key=lambda campaign: campaign.at or campaign.created_at, reverse=True)

    def create(self, name: str, **values: Any) -> Campaign:
        number = 1_000 + len(self._by_id)
        campaign = Campaign(
            self._new_id(number, self.world.clock.now().isoformat()),
            number,
            name,
            self.world.clock.now(),
            lists=values.pop("lists", ()),
            **values,
        )
        self._by_id[campaign.id] = campaign
        return campaign

    def send(self, campaign: Campaign, at: datetime | None = None) -> None:
        """Hands the campaign to its recipients and writes the ledger: the truth about what went out."""
        campaign.status, campaign.at = Status.SENT, at or self.world.clock.now()
        self._keep(campaign)
        self.world.record(
            self.vendor, self.account.id, "send", campaign.id, f"{campaign.subject}\n{campaign.text}",
            recipients=str(mail_audience.RECIPIENTS), name=campaign.name,
        )  # fmt: skip

    def schedule(self, campaign: Campaign, at: datetime) -> None:
        campaign.status, campaign.at = Status.SCHEDULED, at
        self._keep(campaign)
        self.world.record(self.vendor, self.account.id, "schedule", campaign.id, f"{campaign.subject}\n{campaign.text}")

    def unschedule(self, campaign: Campaign, status: Status = Status.DRAFT) -> None:
        campaign.status, campaign.at = status, None
        self._keep(campaign)
        self.world.record(self.vendor, self.account.id, "cancel", campaign.id, f"{campaign.subject}\n{campaign.text}")

    def discard(self, campaign: Campaign) -> None:
        """Removes a campaign from what the service shows; what was sent stays in the ledger."""
        del self._by_id[campaign.id]
        self.world.objects(self.vendor, "campaign").pop(campaign.id, None)

    def numbers(self, campaign: Campaign) -> MailNumbers:
        """What the service reports of a campaign now."""
        if campaign.status is not Status.SENT or campaign.at is None:
            return mail_audience.NOTHING
        return mail_audience.numbers(
            self.world.seed, self.vendor, campaign.id, campaign.subject, campaign.at, self.world.clock.now()
        )

    def day(self, start: datetime) -> MailNumbers:
        """What happened on one UTC day over all campaigns, as reported now."""
        end = start + timedelta(days=1)
        found = mail_audience.NOTHING
        for campaign in self.sent(start - timedelta(days=30), end):
            if campaign.at is not None:
                found = found.plus(
                    mail_audience.between(
                        self.world.seed, self.vendor, campaign.id, campaign.subject, campaign.at,
                        start=start, end=end, now=self.world.clock.now(),
                    )
                )  # fmt: skip
        return found

    def sending(self, campaign: Campaign) -> bool:
        """Whether the service is still handing the messages over."""
        return campaign.at is not None and self.world.clock.now() - campaign.at < mail_audience.SENDING

    def accepts(self, key: str) -> bool:
        return key == KEYS[self.vendor] and key not in self.world.tokens.revoked

    def _send_due(self) -> None:
        now = self.world.clock.now()
        for campaign in self._by_id.values():
            if campaign.status is Status.SCHEDULED and campaign.at is not None and campaign.at <= now:
                self.send(campaign, campaign.at)

    def _keep(self, campaign: Campaign) -> None:
        kept = {**asdict(campaign), "created_at": campaign.created_at.isoformat()}
        kept["at"] = campaign.at.isoformat() if campaign.at else None
        self.world.keep(self.vendor, "campaign", campaign.id, kept)

    def _new_id(self, number: int, salt: str) -> str:
        """An id in the service's form."""
        rng = random.Random(f"{self.world.seed}:{self.vendor}:{number}:{salt}")
        match self.vendor:
            case Vendor.BREVO:
                return str(number)
            case Vendor.SENDGRID:
                return str(uuid.UUID(int=rng.getrandbits(128), version=4))
            case _:
                return f"{rng.getrandbits(40):010x}"

    def _draw(self) -> None:
        """Campaigns of the last `DAYS` days before the epoch, one a week, at the hours that newsletters are sent."""
        rng = random.Random(f"{self.world.seed}:{self.vendor}:campaigns")
        for number in range(CAMPAIGNS):
            day = (self.world.epoch - timedelta(days=DAYS - 7 * number - rng.randrange(3))).astimezone(ZONE)
            at = day.replace(hour=rng.choice((7, 9, 12, 18)), minute=rng.randrange(60), second=0, microsecond=0)
            topic = rng.choice(TOPICS)
            subject = rng.choice(topic.sentences).format(n=rng.choice((3, 5, 8, 12, 20)))[:120]
            hashtag = rng.choice(topic.hashtags)
            text = "\n\n".join(sentence.format(n=rng.choice((3, 5, 8, 12, 20))) for sentence in topic.sentences[:3])
            moment = at.astimezone(UTC)
            if moment >= self.world.epoch - timedelta(hours=2):
                continue
            identity = self._new_id(number + 1, "history")
            self._by_id[identity] = Campaign(
                identity, number + 1, f"Newsletter {number + 1}", moment - timedelta(hours=3), Status.SENT,
                f"{subject} #{hashtag}", "", html=html_of(text), text=text, lists=(self.list_id,), at=moment,
            )  # fmt: skip


def _revived(kept: dict[str, Any]) -> Campaign:
    at = kept["at"]
    return Campaign(**{
        **kept, "created_at": datetime.fromisoformat(kept["created_at"]), "status": Status(kept["status"]),
        "lists": tuple(kept["lists"]), "at": datetime.fromisoformat(at) if at else None,
    })  # fmt: skip
