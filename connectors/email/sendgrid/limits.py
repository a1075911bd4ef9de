"""What SendGrid accepts. Source of all numbers: its OpenAPI documents of Single Sends, their statistics and Mail Send."""

from __future__ import annotations

from datetime import timedelta

from connectors.email.mailing import MailLimits

CAMPAIGN = MailLimits(
    subject=998,
    subject_source="RFC 2822 section 2.1.1, as the Mail Send document refers to",
    name=100,
    html=1024 * 1024,
    html_source="own bound; mail programs clip long before",
    required=("list_id",),
    any_of=(("sender_id", "from_email"), ("suppression_group_id", "custom_unsubscribe_url")),
)
MESSAGE = MailLimits(
    subject=998,
    subject_source=CAMPAIGN.subject_source,
    name=100,
    html=1024 * 1024,
    html_source=CAMPAIGN.html_source,
    required=("recipients", "from_email"),
    any_of=(("suppression_group_id", "custom_unsubscribe_url"),),
)
LISTS = 50
RECIPIENTS = 1_000
"""Personalizations of one mail/send call."""
FARTHEST = timedelta(hours=72)
"""How far ahead mail/send may be scheduled."""
LIST_PAGE = 50
STATS_IDS = 25
"""Largest number of `singlesend_ids` of one call."""
STATS_PAGE = 50
"""Largest `page_size` of statistics."""
