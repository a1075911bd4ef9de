"""Publishing on X, and finding out whether it happened.

X takes no idempotency key and names no original when it refuses a duplicate, so the account's own timeline is the proof:
the same text as a reader sees it, with as many media.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from connectors.http import Effect
from connectors.social.matching import Shown, Wanted, began, look, matches
from connectors.social.x.client import Allowance, XClient
from connectors.social.x.collect import PAGE, rows_of, timeline
from connectors.social.x.errors import DUPLICATE, MEDIA_EXPIRED
from connectors.social.x.limits import full_text
from connectors.social.x.media import upload_all
from connectors.social.x.posts import address, comparable, media_count, moment, reader_text
from models.domain.publishing import Finding, OutgoingPost, Presence, Published
from models.errors import Rejected
from models.ports import Phases

DUPLICATE_PAGES = 3
"""How many pages of the newest posts are searched for the original of a refused duplicate; X does not say how far back it
compares (own bound)."""


def publish(client: XClient, account_id: str, post: OutgoingPost, phases: Phases) -> Published:
    """Uploads what is not uploaded yet, then posts. An expired upload is made anew: its refusal proves nothing was posted."""
    if kept := phases.done("post"):
        return _published(kept["id"], moment(kept.get("at")))
    media_ids = upload_all(client, post, phases)
    try:
        created = _create(client, post, media_ids, phases)
    except Rejected as refused:
        if refused.code == MEDIA_EXPIRED and post.media:
            created = _create(client, post, upload_all(client, post, phases, anew=True), phases)
        elif refused.code == DUPLICATE:
            return _original(client, account_id, post, refused)
        else:
            raise
    phases.finish("post", id=created)
    return _published(created)


def _create(client: XClient, post: OutgoingPost, media_ids: list[str], phases: Phases) -> str:
    body: dict[str, Any] = {"text": full_text(post)}
    if media_ids:
        body["media"] = {"media_ids": media_ids}
    if "reply_settings" in post.options:
        body["reply_settings"] = post.options["reply_settings"]
    phases.sending()
    answer = client.json(Allowance.POSTS, "POST", "/2/tweets", effect=Effect.COMMIT, post=post.key, json=body)
    data = answer.get("data")
    if not isinstance(data, dict) or not data.get("id"):
        raise client.unreadable(Effect.COMMIT, "X answered without the post's id", post.key)
    return str(data["id"])


def _original(client: XClient, account_id: str, post: OutgoingPost, refused: Rejected) -> Published:
    """The post that X says is there already. Raises the refusal when the account has none, or the reading's own error."""
    found = matches(_shown(islice(timeline(client, account_id), DUPLICATE_PAGES)), _wanted(post))
    if not found:
        raise client.error(
            Rejected, f"{refused.cause}, and none of the account's {DUPLICATE_PAGES * PAGE} newest posts is the same",
            "change the text", post=post.key, code=DUPLICATE,
        ) from refused  # fmt: skip
    return found[0]


def find_published(client: XClient, account_id: str, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
    """Whether the post is on the account since then."""
    if kept := phases.done("post"):
        return Finding(Presence.FOUND, "X had confirmed it with an id", _published(kept["id"]))
    pages = timeline(client, account_id, since=began(since))
    return look(_shown(pages), _wanted(post), since=since)


def _shown(pages: Iterable[Mapping[str, Any]]) -> Iterator[Shown]:
    """What a reader sees of the posts of a timeline, newest first."""
    for page in pages:
        for row in rows_of(page):
            published = _published(str(row["id"]), moment(row.get("created_at")))
            yield Shown(published, comparable(reader_text(row)), media_count(row))


def _wanted(post: OutgoingPost) -> Wanted:
    return Wanted(comparable(full_text(post)), len(post.media))


def _published(post_id: str, at: datetime | None = None) -> Published:
    return Published(post_id, address(post_id), at)
