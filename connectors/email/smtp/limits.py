"""What goes out by plain SMTP. A server's own size limit is read from its EHLO answer, where it tells one."""

from __future__ import annotations

from datetime import timedelta

from connectors.email.mailing import MailLimits

LIMITS = MailLimits(
    subject=998,
    subject_source="RFC 5322 section 2.1.1",
    name=998,
    html=1024 * 1024,
    html_source="own bound; mail programs clip long before",
    required=("recipients", "from_email"),
    any_of=(("unsubscribe_url", "unsubscribe_mailto"),),
)
RECIPIENTS = 500
"""Own bound: each recipient is one message with its result kept; larger lists belong to a mail service."""
ROUNDS = 3
"""How often recipients that were put off (4xx) are tried, in as many attempts."""
ROUND_WAIT = timedelta(minutes=10)
"""How long to wait between rounds: greylisting lets a second attempt in after five minutes or so (RFC 6647)."""
RECONNECTS = 3
"""Connections that may break in a row before an attempt gives up."""
