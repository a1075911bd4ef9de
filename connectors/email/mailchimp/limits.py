"""What Mailchimp accepts."""

from __future__ import annotations

from connectors.email.mailing import MailLimits

LIMITS = MailLimits(
    subject=150,
    subject_source="Mailchimp help, character limits of campaign fields [unverified]",
    name=100,
    html=1024 * 1024,
    html_source="own bound; mail programs clip long before",
    required=("list_id", "from_name"),
    any_of=(("reply_to", "from_email"),),
)
SCHEDULE_MINUTES = 15
"""Schedules stand on quarter-hours, UTC [unverified]."""
PAGE = 1_000
"""Largest `count`. Source: Mailchimp Marketing API 3.0, pagination."""
