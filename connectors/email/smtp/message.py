"""The message that one recipient gets.

Its Message-ID comes from the outbox key and the recipient, so that a person can find it in a server's log and a second
handing over would carry the same one. `List-Unsubscribe` and `List-Unsubscribe-Post` follow RFC 8058 (one click); the
sending server must sign both with DKIM for receivers to honour them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from connectors.email.mailing import Mailing, mailing_of
from models.domain.publishing import OutgoingPost

_KEY = 32


def recipient_id(post: OutgoingPost, address: str) -> str:
    """An opaque id of a recipient of this post: kept in place of the address, and told to the unsubscribe page."""
    return hashlib.sha256(f"{post.key}\n{address.lower()}".encode()).hexdigest()[:16]


def root_id(post: OutgoingPost) -> str:
    """What the Message-IDs of all recipients begin with; the post's id."""
    return f"fabric.{post.key[:_KEY]}"


def message_id(post: OutgoingPost, address: str) -> str:
    domain = post.options["from_email"].strip().rpartition("@")[2]
    return f"<{root_id(post)}.{recipient_id(post, address)}@{domain}>"


def message_of(post: OutgoingPost, address: str, at: datetime) -> bytes:
    """The whole message, headers and both bodies, for one recipient."""
    leave = post.options.get("unsubscribe_url", "").strip().replace("{id}", recipient_id(post, address))
    write_to = post.options.get("unsubscribe_mailto", "").strip()
    mailing = mailing_of(post, unsubscribe=leave or f"mailto:{write_to}?subject=unsubscribe")
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(mailing.from_email, mailing.from_name)
    message["To"] = _address(address, "")
    if mailing.reply_to != mailing.from_email:
        message["Reply-To"] = _address(mailing.reply_to, "")
    message["Subject"] = mailing.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(post, address)
    message["List-Unsubscribe"] = ", ".join(
        [*([f"<{leave}>"] if leave else []), *([f"<mailto:{write_to}?subject=unsubscribe>"] if write_to else [])]
    )
    if leave:
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _fill(message, mailing)
    return message.as_bytes()


def _fill(message: EmailMessage, mailing: Mailing) -> None:
    if mailing.text.strip():
        message.set_content(mailing.text)
        message.add_alternative(mailing.html, subtype="html")
    else:
        message.set_content(mailing.html, subtype="html")


def _address(address: str, name: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(display_name=name, username=user, domain=domain)
