"""Publishing on X, and finding out whether it happened.

X takes no idempotency key and names no original when it refuses a duplicate, so the account's own timeline is the proof:
the same text as a reader sees it, with as many media.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from connectors.http import Effect
from connectors.social.x.client import Allowance, XClient
from connectors.social.x.collect import PAGE, rows_of, timeline
from connectors.social.x.errors import DUPLICATE, MEDIA_EXPIRED
from connectors.social.x.limits import full_text
from connectors.social.x.media import upload_all
from connectors.social.x.posts import address, comparable, media_count, moment, reader_text
from models.domain.publishing import Finding, OutgoingPost, Presence, Published
from models.errors import OutcomeUnknown, Rejected, VendorError
from models.ports import Phases

DUPLICATE_PAGES = 3
"""How many pages of the newest posts are searched for the original of a refused duplicate; X does not say how far back it
compares (own bound)."""
_SKEW = timedelta(minutes=2)
"""How far this machine's clock may be ahead of X's."""


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
        raise client.error(
            OutcomeUnknown, "X answered without the post's id", "the account is read to find out; it is not sent again blindly",
            post=post.key,
        )  # fmt: skip
    return str(data["id"])


def _original(client: XClient, account_id: str, post: OutgoingPost, refused: Rejected) -> Published:
    """The post that X says is there already. Raises the refusal when the account has none, or the reading's own error."""
    matches = _matches(post, islice(timeline(client, account_id), DUPLICATE_PAGES))
    if not matches:
        raise client.error(
            Rejected, f"{refused.cause}, and none of the account's {DUPLICATE_PAGES * PAGE} newest posts is the same",
            "change the text", post=post.key, code=DUPLICATE,
        ) from refused  # fmt: skip
    return matches[0]


def find_published(client: XClient, account_id: str, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
    """Whether the post is on the account since then."""
    if kept := phases.done("post"):
        return Finding(Presence.FOUND, "X had confirmed it with an id", _published(kept["id"]))
    try:
        matches = _matches(post, timeline(client, account_id, since=since - _SKEW))
    except VendorError as error:
        return Finding(Presence.UNCERTAIN, f"The account's posts could not be read: {error}")
    if len(matches) > 1:
        ids = ", ".join(match.post_id for match in matches)
        return Finding(Presence.UNCERTAIN, f"{len(matches)} posts have the same text and number of media: {ids}.")
    if not matches:
        return Finding(Presence.ABSENT, f"No post since {since:%Y-%m-%d %H:%M} UTC has this text and number of media.")
    return Finding(Presence.FOUND, "One post on the account has the same text and number of media.", matches[0])


def _matches(post: OutgoingPost, pages: Iterable[Mapping[str, Any]]) -> list[Published]:
    """Posts with the same text and number of media, newest first."""
    wanted = comparable(full_text(post))
    return [
        _published(str(row["id"]), moment(row.get("created_at")))
        for page in pages
        for row in rows_of(page)
        if media_count(row) == len(post.media) and comparable(reader_text(row)) == wanted
    ]


def _published(post_id: str, at: datetime | None = None) -> Published:
    return Published(post_id, address(post_id), at)
