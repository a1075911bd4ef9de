"""Whether a post is out: by TikTok's publish id where there is one, else by what the creator's list shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from connectors.social.matching import Shown, Wanted, began, look
from connectors.social.tiktok.api import Api
from connectors.social.tiktok.limits import PUBLIC, is_photo_post
from connectors.social.tiktok.publication import (
    COMPLETE,
    FAILED,
    LOOKS_BACK,
    awaited,
    lacks_bytes,
    published,
)
from connectors.social.tiktok.publish import PHASE, caption, pulled
from connectors.social.tiktok.videos import listed
from models.domain.publishing import Finding, OutgoingPost, Presence, Published
from models.errors import Rejected, VendorError
from models.ports import Phases


def find_published(
    api: Api, post: OutgoingPost, phases: Phases, since: datetime, sleep: Callable[[float], None]
) -> Finding:
    """See `models.ports.Connector.find_published`."""
    kept = phases.done(PHASE)
    try:
        if kept is not None:
            return _by_status(api, post, kept, sleep)
    except Rejected:
        pass  # TikTok no longer knows the publish id: the list below is what is left to look at.
    except VendorError as error:
        return Finding(Presence.UNCERTAIN, f"TikTok could not be asked what became of the post: {error}")
    return _by_list(api, post, since)


def _by_status(api: Api, post: OutgoingPost, kept: Mapping[str, str], sleep: Callable[[float], None]) -> Finding:
    publish_id, privacy = kept["publish_id"], kept["privacy"]
    size = 0 if pulled(post) else post.media[0].size
    status = awaited(api, publish_id, size, privacy, sleep, post=post.key, looks=LOOKS_BACK)
    if status.state == FAILED:
        return Finding(Presence.ABSENT, f"TikTok says that publication {publish_id} failed ({status.reason})")
    if lacks_bytes(status, size):
        return Finding(
            Presence.ABSENT, f"{status.uploaded:,} of {size:,} bytes arrived, and nothing is published before the last"
        )
    if status.state == COMPLETE and status.settled(privacy):
        return Finding(
            Presence.FOUND, f"TikTok says that publication {publish_id} is complete", published(api, status, publish_id)
        )
    return Finding(Presence.UNCERTAIN, f"TikTok says {status.state} and names no post: it may still be moderated")


def _by_list(api: Api, post: OutgoingPost, since: datetime) -> Finding:
    """Compares captions. A list proves presence; absence it does not, as moderation may take hours."""
    if post.options.get("privacy", PUBLIC) != PUBLIC:
        return Finding(Presence.UNCERTAIN, "TikTok lists public posts only, and this one is not")
    kind = "photo" if is_photo_post(post) else "video"
    shown = (
        Shown(Published(video.id, video.url, video.published_at), video.text, 1)
        for page in listed(api, began(since))
        for video in page
        if video.id and video.published_at is not None and video.kind == kind
    )
    finding = look(shown, Wanted(caption(post), 1), since=since)
    if finding.presence is not Presence.ABSENT:
        return finding
    return Finding(
        Presence.UNCERTAIN,
        "the list does not show it, and TikTok gave no publish id that could prove that it will not: look at the account",
    )
