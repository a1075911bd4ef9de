"""Whether a post is among those that an account shows, where the platform has no better proof.

Vendors alter what they are given (Unicode form, spacing, addresses of links), so texts are compared as a reader sees them.
A post without a text has nothing that tells it from another one, so it is never taken for proof.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.domain.publishing import Finding, Presence, Published
from models.errors import VendorError

SKEW = timedelta(minutes=2)
"""How far this machine's clock may be ahead of a platform's."""
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Shown:
    """A post of the account: its text as a reader sees it, how many files it has, the link that its preview leads to."""

    published: Published
    text: str
    media: int
    link: str | None = None


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `link` is one that stands beside the text; it counts only where there is no text."""

    text: str
    media: int
    link: str | None = None

    @property
    def telling(self) -> bool:
        """Whether another post with the same content would be a copy and no coincidence."""
        return bool(plain(self.text)) or self.link is not None

    def is_shown_by(self, shown: Shown) -> bool:
        if plain(shown.text) != plain(self.text) or shown.media != self.media:
            return False
        return bool(plain(self.text)) or (shown.link or "").rstrip("/") == (self.link or "").rstrip("/")


def plain(text: str) -> str:
    """A text without differences of Unicode form and spacing."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def began(since: datetime) -> datetime:
    """Where to begin to look: whole seconds, as platforms tell no finer time."""
    return (since - SKEW).replace(microsecond=0)


def matches(shown: Iterable[Shown], wanted: Wanted, *, since: datetime | None = None) -> list[Published]:
    """The posts with this content, each once; `since` leaves older ones out, but none of unknown time."""
    begin = None if since is None else began(since)
    found: dict[str, Published] = {}
    for post in shown:
        at = post.published.published_at
        if (begin is None or at is None or at >= begin) and wanted.is_shown_by(post):
            found.setdefault(post.published.post_id, post.published)
    return list(found.values())


def look(shown: Iterable[Shown], wanted: Wanted, *, since: datetime) -> Finding:
    """The judgement over everything that the account shows since then. A failing read is uncertain, with its cause."""
    try:
        found = matches(shown, wanted, since=since)
    except VendorError as error:
        return Finding(Presence.UNCERTAIN, f"The account's posts could not be read: {error}")
    span = f"since {began(since):%Y-%m-%d %H:%M} UTC"
    if not found:
        return Finding(Presence.ABSENT, f"No post of the account {span} has this content")
    ids = ", ".join(one.post_id for one in found)
    if len(found) > 1:
        return Finding(Presence.UNCERTAIN, f"{len(found)} posts of the account {span} have this content: {ids}")
    if not wanted.telling:
        return Finding(Presence.UNCERTAIN, f"Post {ids} has as many files and no text either, which proves nothing")
    return Finding(Presence.FOUND, f"One post of the account {span} has this content: {ids}", found[0])
