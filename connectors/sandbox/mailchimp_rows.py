"""Campaigns and their reports as the sandbox's Mailchimp shows them, by the vendor's own schemas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.sandbox import mail_audience
from connectors.sandbox.mail_campaigns import Campaign, Campaigns, Status

_STATUS = {Status.DRAFT: "save", Status.SCHEDULED: "schedule", Status.CANCELLED: "canceled"}


class Rows:
    def __init__(self, campaigns: Campaigns) -> None:
        self._campaigns = campaigns

    def status(self, campaign: Campaign) -> str:
        if campaign.status is Status.SENT:
            return "sending" if self._campaigns.sending(campaign) else "sent"
        return _STATUS[campaign.status]

    def campaign(self, campaign: Campaign) -> dict[str, Any]:
        sent = campaign.status is Status.SENT
        numbers = self._campaigns.numbers(campaign)
        return {
            "id": campaign.id, "web_id": campaign.number, "type": "regular", "create_time": _iso(campaign.created_at),
            "archive_url": f"http://eepurl.com/{campaign.id}", "long_archive_url": f"https://mailchi.mp/{campaign.id}",
            "status": self.status(campaign), "emails_sent": numbers.sent, "send_time": _iso(campaign.at) if campaign.at else "",
            "content_type": "html", "needs_block_refresh": False, "resendable": False,
            "recipients": {
                "list_id": campaign.lists[0] if campaign.lists else "", "list_is_active": True,
                "list_name": mail_audience.LIST_NAME if campaign.lists else "", "segment_text": "",
                "recipient_count": mail_audience.RECIPIENTS if campaign.lists else 0,
            },
            "settings": {
                "subject_line": campaign.subject, "preview_text": campaign.preheader, "title": campaign.name,
                "from_name": campaign.from_name, "reply_to": campaign.reply_to, "auto_footer": False,
                "authenticate": True, "inline_css": False, "drag_and_drop": False, "timewarp": False,
            },
            "tracking": {"opens": True, "html_clicks": True, "text_clicks": True},
            **({"report_summary": {
                "opens": numbers.opens_total, "unique_opens": numbers.opens,
                "open_rate": _rate(numbers.opens, numbers.delivered), "clicks": numbers.clicks_total,
                "subscriber_clicks": numbers.unique_clicks, "click_rate": _rate(numbers.unique_clicks, numbers.delivered),
            }} if sent else {}),
            "delivery_status": {"enabled": False},
        }  # fmt: skip

    def report(self, campaign: Campaign) -> dict[str, Any]:
        numbers = self._campaigns.numbers(campaign)
        at = _iso(campaign.at) if campaign.at else ""
        return {
            "id": campaign.id, "campaign_title": campaign.name, "type": "regular",
            "list_id": campaign.lists[0] if campaign.lists else "", "list_is_active": True,
            "list_name": mail_audience.LIST_NAME, "subject_line": campaign.subject, "preview_text": campaign.preheader,
            "emails_sent": numbers.sent, "abuse_reports": numbers.complaints, "unsubscribed": numbers.unsubscribes,
            "send_time": at,
            "bounces": {
                "hard_bounces": numbers.hard_bounces, "soft_bounces": numbers.soft_bounces, "syntax_errors": 0,
            },
            "forwards": {"forwards_count": 0, "forwards_opens": 0},
            "opens": {
                "opens_total": numbers.opens_total, "unique_opens": numbers.opens,
                "open_rate": _rate(numbers.opens, numbers.delivered), "last_open": at,
                "proxy_excluded_opens": numbers.opens_total - numbers.automatic,
                "proxy_excluded_unique_opens": numbers.human_opens,
                "proxy_excluded_open_rate": _rate(numbers.human_opens, numbers.delivered),
            },
            "clicks": {
                "clicks_total": numbers.clicks_total, "unique_clicks": numbers.unique_clicks,
                "unique_subscriber_clicks": numbers.unique_clicks,
                "click_rate": _rate(numbers.unique_clicks, numbers.delivered), "last_click": at,
            },
            "list_stats": {"sub_rate": 0.0, "unsub_rate": 0.0, "open_rate": 34.2, "click_rate": 3.1},
            "delivery_status": {"enabled": False},
        }  # fmt: skip


def _iso(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
