"""A post as a mail: subject, preheader, sender, lists and bodies; and the limits that mail services set.

Limits are data with their source; [unverified] marks what no vendor document was read for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from connectors.email.body import html_of
from models.domain.publishing import MediaKind, OutgoingPost, Problem

ADDRESS = re.compile(r"^[^@\s<>(),;:\"\[\]\\]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)+$")
_NAME_KEY = 16


@dataclass(frozen=True)
class MailLimits:
    """What a mail service accepts. `required` are the options without which it cannot send; `name` and `subject` are
    characters, `html` bytes. `any_of` are options of which one is needed."""

    subject: int
    subject_source: str
    name: int
    html: int
    html_source: str
    required: tuple[str, ...]
    any_of: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Mailing:
    """One mail to lists. `name` is the campaign's name inside the service and carries the outbox key."""

    name: str
    subject: str
    preheader: str
    text: str
    html: str
    lists: tuple[str, ...]
    from_name: str
    from_email: str
    reply_to: str


def campaign_name(post: OutgoingPost, longest: int = 100) -> str:
    """The campaign's name: its subject and the outbox key's start, by which it is found again."""
    ending = f" [{post.key[:_NAME_KEY]}]"
    return f"{post.title.strip()[: longest - len(ending)]}{ending}"


def mailing_of(post: OutgoingPost, *, unsubscribe: str | None, longest_name: int = 100) -> Mailing:
    """The post as a mail; a link that the text lacks ends it. HTML comes from the option `html`, else it is made from the text with `unsubscribe`."""
    options = post.options
    images = tuple((media.url, media.alt_text) for media in post.media if media.url)
    text = post.text if not post.link or post.link in post.text else f"{post.text.rstrip()}\n\n{post.link}"
    html = options.get("html", "").strip() or html_of(
        text, preheader=options.get("preheader", ""), images=images, unsubscribe=unsubscribe
    )
    return Mailing(
        name=campaign_name(post, longest_name),
        subject=post.title.strip(),
        preheader=options.get("preheader", "").strip(),
        text=text,
        html=html,
        lists=split_list(options.get("list_id", "")),
        from_name=options.get("from_name", "").strip(),
        from_email=options.get("from_email", "").strip(),
        reply_to=options.get("reply_to", "").strip() or options.get("from_email", "").strip(),
    )


def split_list(text: str) -> tuple[str, ...]:
    """Values separated by commas, semicolons or line breaks, each once, in order."""
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", text) if part.strip()))


def problems(post: OutgoingPost, limits: MailLimits) -> list[Problem]:
    """Every reason why the mail could not go out through the service."""
    found: list[Problem] = []
    subject = post.title.strip()
    if not subject:
        found.append(Problem("title", "A mail needs a subject: begin the draft with a line “Subject: …”."))
    if "\n" in subject or "\r" in subject:
        found.append(Problem("title", "A subject is one line: remove the line break.", "RFC 5322 section 2.1"))
    if len(subject) > limits.subject:
        found.append(
            Problem("title", f"The subject has {len(subject)} of {limits.subject} characters.", limits.subject_source)
        )
    if not post.text.strip() and not post.options.get("html", "").strip():
        found.append(Problem("text", "The mail has no body."))
    size = len(mailing_of(post, unsubscribe=None).html.encode())
    if size >= limits.html:
        found.append(Problem("html", f"The HTML has {size:,} of {limits.html:,} bytes.", limits.html_source))
    for media in post.media:
        if media.kind not in (MediaKind.IMAGE, MediaKind.GIF):
            found.append(Problem("media", f"A mail shows pictures only, not a {media.kind}: link to it instead."))
        elif not media.url:
            found.append(Problem("media", "A picture in a mail needs a public address that mail programs can load."))
    for option in limits.required:
        if not post.options.get(option, "").strip():
            found.append(Problem(option, f"The option {option} is missing."))
    for choices in limits.any_of:
        if not any(post.options.get(option, "").strip() for option in choices):
            found.append(Problem(choices[0], f"One of the options {', '.join(choices)} is needed."))
    for option in ("from_email", "reply_to"):
        value = post.options.get(option, "").strip()
        if value and not ADDRESS.match(value):
            found.append(Problem(option, f"The option {option} is not a mail address."))
    if "\n" in post.options.get("from_name", ""):
        found.append(Problem("from_name", "The sender's name is one line."))
    return found


def without_addresses(text: str) -> str:
    """A vendor's message with mail addresses masked and markup read, fit for errors and logs."""
    return re.sub(r"[^\s@<>\"']+@[^\s@<>\"']+\.\w+", "[address]", unescape(text)).strip().rstrip(".")
