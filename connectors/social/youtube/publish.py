"""Publishing one video: session, parts, the part with the last byte, thumbnail, processing.

Nothing exists on the channel until the last byte has arrived, so the call that carries it is the one that is announced by
`phases.sending()`. Phases: `session` (its address and size), `video` (its id), `thumbnail`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.http import Effect
from connectors.social.youtube.channel import Channel
from connectors.social.youtube.find import listed, settled, watch_url
from connectors.social.youtube.limits import (
    described,
    privacy_of,
    tags_of,
    thumbnail_of,
    validate,
    video_of,
)
from connectors.social.youtube.upload import ATTEMPTS, Progress, ask, open_session, read_part, send
from connectors.social.youtube.videos import instant
from models.domain.publishing import Media, OutgoingPost, Presence, Published
from models.errors import Rejected, Transient, VendorError
from models.ports import Phases

_log = logging.getLogger(__name__)
POLLS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0)
"""Seconds before each look at the processing: a minute and a half in all; longer processing goes on without being watched."""


def publish(channel: Channel, post: OutgoingPost, phases: Phases, chunk: int) -> Published:
    """Publishes or takes up where an earlier attempt stopped. `chunk` is the size of a part in bytes, a multiple of 256 KiB.

    Raises `Rejected` when YouTube refuses the video, also after processing; another `VendorError` when nothing was made
    public; `OutcomeUnknown` when the last part was sent and no trustworthy answer came.
    """
    kept = phases.done("video")
    if kept is None:
        resource = _uploaded(channel, post, phases, chunk)
        kept = {"id": str(resource["id"]), "at": str((resource.get("snippet") or {}).get("publishedAt") or "")}
        phases.finish("video", **kept)
    video_id = kept["id"]
    _set_thumbnail(channel, post, phases, video_id)
    _processed(channel, post, video_id)
    published_at = instant(post.options.get("publish_at")) or instant(kept.get("at"))
    return Published(video_id, watch_url(video_id), published_at)


def request_body(post: OutgoingPost) -> dict[str, Any]:
    """The video resource of an insert."""
    snippet: dict[str, Any] = {"title": post.title.strip(), "description": described(post)}
    if tags := tags_of(post):
        snippet["tags"] = tags
    if category := post.options.get("category_id"):
        snippet["categoryId"] = category
    status: dict[str, Any] = {
        "privacyStatus": privacy_of(post),
        "selfDeclaredMadeForKids": post.options.get("made_for_kids") == "true",
    }
    if publish_at := instant(post.options.get("publish_at")):
        status["publishAt"] = publish_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"snippet": snippet, "status": status}


def _uploaded(channel: Channel, post: OutgoingPost, phases: Phases, chunk: int) -> Mapping[str, Any]:
    """The video's resource once its last byte has arrived."""
    if problems := validate(post):
        raise channel.client.error(
            Rejected, problems[0].message.rstrip("."), "change the post and approve it again", post=post.key
        )
    media = video_of(post)
    assert media is not None, "validate holds every post to one video"
    if kept := phases.done("session"):
        session, progress = kept["url"], ask(channel, kept["url"], media.size, post.key)
    else:
        session, progress = _opened(channel, post, phases, media), Progress()
    failures, lost, furthest, whole = 0, 0, 0, False
    while progress.resource is None:
        whole = whole or progress.received >= media.size
        if failures >= ATTEMPTS or lost >= ATTEMPTS:
            raise _given_up(channel, post, phases, whole=whole)
        if progress.gone:
            if whole:
                raise _given_up(channel, post, phases, whole=True)
            lost, furthest = lost + 1, 0
            if (found := _on_channel(channel, post, phases)) is not None:
                return found
            session, progress = _opened(channel, post, phases, media), Progress()
        start = progress.received
        if start + chunk < media.size:
            progress = _part(channel, session, post, media, start, chunk)
            failures = 0 if progress.received > furthest else failures + 1
            furthest = max(furthest, progress.received)
        elif start < media.size:
            progress = _last_part(channel, session, post, phases, media, start)
            failures += 1
        else:
            channel.sleep(1.0)
            try:
                progress, failures = ask(channel, session, media.size, post.key), failures + 1
            except VendorError as unread:
                raise _given_up(channel, post, phases, whole=True) from unread
    return _with_id(channel, post, progress.resource)


def _opened(channel: Channel, post: OutgoingPost, phases: Phases, media: Media) -> str:
    session = open_session(channel, "videos", media, request_body(post), post.key, part="snippet,status")
    phases.finish("session", url=session.url, size=str(media.size), at=session.opened_at.isoformat())
    return session.url


def _part(channel: Channel, session: str, post: OutgoingPost, media: Media, start: int, size: int) -> Progress:
    """Sends a part that is not the last; after an interruption the session tells what arrived."""
    part = read_part(channel, media, start, size, post.key)
    try:
        progress = send(channel, session, media, start, part, effect=Effect.STAGE, post=post.key)
    except Transient as interrupted:
        _log.info("An upload was interrupted at byte %s and is taken up again: %s", start, interrupted)
        progress = None
    if progress is not None:
        return progress
    channel.sleep(0.5)
    return ask(channel, session, media.size, post.key)


def _last_part(
    channel: Channel, session: str, post: OutgoingPost, phases: Phases, media: Media, start: int
) -> Progress:
    part = read_part(channel, media, start, media.size - start, post.key)
    phases.sending()
    progress = send(channel, session, media, start, part, effect=Effect.COMMIT, post=post.key)
    if progress is None:
        raise channel.client.unreadable(
            Effect.COMMIT, "the answer to the last part of the video could not be understood", post.key
        )
    return progress


def _given_up(channel: Channel, post: OutgoingPost, phases: Phases, *, whole: bool) -> VendorError:
    """The error of an upload that does not come to its end; when every byte has arrived, the video may still appear."""
    if not whole:
        return channel.client.error(
            Transient, "the upload was interrupted again and again", "it goes on from there later", post=post.key
        )
    phases.sending()
    return channel.client.unreadable(Effect.COMMIT, "YouTube has every byte and names no video yet", post.key)


def _on_channel(channel: Channel, post: OutgoingPost, phases: Phases) -> Mapping[str, Any] | None:
    """What the ended session may have left on the channel; None when the channel surely does not have it."""
    kept = phases.done("session") or {}
    begun = instant(kept.get("at")) or datetime.now(UTC) - timedelta(days=1)
    finding = listed(channel, post, begun)
    if finding.presence is Presence.UNCERTAIN:
        phases.sending()
        raise channel.client.unreadable(
            Effect.COMMIT, f"the upload session ended, and what became of it is open: {finding.evidence}", post.key
        )
    if finding.published is None:
        return None
    at = finding.published.published_at
    return {"id": finding.published.post_id, "snippet": {"publishedAt": at.isoformat() if at else ""}}


def _with_id(channel: Channel, post: OutgoingPost, resource: Mapping[str, Any]) -> Mapping[str, Any]:
    if not resource.get("id"):
        raise channel.client.unreadable(Effect.COMMIT, "YouTube took the video and did not tell its id", post.key)
    return resource


def _set_thumbnail(channel: Channel, post: OutgoingPost, phases: Phases, video_id: str) -> None:
    """Sets the thumbnail where the post has one. The video is out already: a refusal is logged, and costs the thumbnail."""
    image = thumbnail_of(post)
    if image is None or phases.done("thumbnail") is not None:
        return
    try:
        part = read_part(channel, image, 0, image.size, post.key)
        session = open_session(channel, "thumbnails/set", image, None, post.key, videoId=video_id)
        answer = send(channel, session.url, image, 0, part, effect=Effect.STAGE, post=post.key)
        outcome = "set" if answer is not None and answer.resource is not None else "unclear"
    except VendorError as refused:
        outcome = "refused"
        _log.warning("The video %s went out without its thumbnail: %s", video_id, refused)
    phases.finish("thumbnail", outcome=outcome)


def _processed(channel: Channel, post: OutgoingPost, video_id: str) -> None:
    """Looks at the processing for a while. Raises `Rejected` when YouTube refuses the video; all else leaves it published."""
    for seconds in POLLS:
        try:
            state, reason = settled(channel, video_id)
        except VendorError as unread:
            _log.warning("The processing of video %s could not be read: %s", video_id, unread)
            return
        if state in ("failed", "rejected"):
            raise channel.client.error(
                Rejected,
                f"YouTube {state} the video {video_id} in processing ({reason})",
                "change the video and approve it again; delete the refused one on the channel",
                post=post.key,
                code=reason,
            )
        if state != "uploaded":
            return
        channel.sleep(seconds)
