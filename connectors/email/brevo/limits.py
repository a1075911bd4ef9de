"""What Brevo accepts."""

from __future__ import annotations

from datetime import timedelta

from connectors.email.mailing import MailLimits

LIMITS = MailLimits(
    subject=998,
    subject_source="RFC 5322 section 2.1.1; Brevo states no limit",
    name=100,
    html=1024 * 1024,
    html_source="Brevo API v3, create an email campaign: htmlContent",
    required=("list_id", "from_name", "from_email"),
)
PAGE = 100
"""Largest `limit` of the campaign list [unverified]."""
LONGEST_WINDOW = timedelta(days=700)
"""`startDate` and `endDate` may be two years apart at most. Source: Brevo API v3, get email campaigns."""
LISTED = timedelta(days=180)
"""The list's statistics cover events of the last six months; an older campaign is read by itself. Same source."""
